#!/usr/bin/env python3
"""Times `check` where the server is far away: against `validate`, and many mailboxes side by side.

    cargo build --release && python3 benches/check.py [--runs 10] [--mailboxes 200]

The rehearsal MESH stands behind a relay that holds every byte back for 100 ms, each way, and a new connection for the
200 ms that its SYN and the answer would take. So a sequential round trip costs 200 ms, and the difference between two
times says how many more one of them makes. Every mailbox has a key of its own, protected as `request` does it, which
costs about 70 ms of processor each; `--offline` shows that part apart. Prints a table in Markdown.
"""

import argparse
import asyncio
import json
import os
import pathlib
import statistics
import subprocess
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = ROOT / "target/release/mesh-onboard"
DELAY = 0.1
SECRETS = {
    "MESH_MAILBOX_PASSWORD": "password",
    "MESH_SHARED_KEY": "TestKey",
    "MESH_KEY_PASSPHRASE": "correct horse battery",
}


class Relay:
    """Passes bytes on to a port of this machine, `DELAY` later."""

    def __init__(self, port):
        self.port, self.connections = port, 0
        self.loop = asyncio.new_event_loop()
        listening = threading.Event()

        async def serve():
            server = await asyncio.start_server(self.connected, "127.0.0.1", 0, backlog=1024)
            self.url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            listening.set()
            await server.serve_forever()

        threading.Thread(target=self.loop.run_until_complete, args=(serve(),), daemon=True).start()
        listening.wait()

    async def connected(self, reader, writer):
        self.connections += 1
        # SYN there, SYN-ACK back: the kernel has answered already.
        opened = self.loop.time() + 2 * DELAY
        server = await asyncio.open_connection("127.0.0.1", self.port)
        await asyncio.gather(self.passing(reader, server[1], opened), self.passing(server[0], writer, 0))

    async def passing(self, reader, writer, opened):
        try:
            while data := await reader.read(1 << 16):
                at = max(self.loop.time(), opened) + DELAY
                self.loop.call_at(at, writer.write, data)
            await asyncio.sleep(DELAY)
            writer.close()
        except OSError:
            writer.close()


class Bench:
    def __init__(self, folder, count):
        self.folder, self.home = folder, folder / "home"
        # Neither the user's mailboxes nor the user's keyring has anything to do with it.
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "DBUS_SESSION_BUS_ADDRESS": "disabled:"}
        self.environment |= SECRETS
        self.mailboxes = [f"X26B{number:03}" for number in range(count)]
        config = folder / "rehearsal.toml"
        tables = [f'[[mailboxes]]\nid = "{name}"\nods = "X26"\npassword = "password"\n' for name in self.mailboxes]
        config.write_text('shared_key = "TestKey"\n' + "".join(tables))
        serve = [PROGRAM, "--json", "rehearse", "--serve", "--config", config, "--keep", self.home]
        self.server = subprocess.Popen(serve, env=self.environment, stdout=subprocess.PIPE, text=True)
        settings = json.loads(self.server.stdout.readline())
        self.direct = settings["url"]
        for mailbox in settings["mailboxes"]:
            self.run("adopt", mailbox["mailbox"], "--env", "rehearsal", "--key", mailbox["key"], "--cert", mailbox["certificate"])
        self.relay = Relay(int(self.direct.rsplit(":", 1)[1]))

    def run(self, *arguments):
        """Seconds of one process."""
        command = [PROGRAM, "--home", self.home, "--json", "--no-input", *arguments]
        begin = time.perf_counter()
        done = subprocess.run(command, env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        seconds = time.perf_counter() - begin
        if done.returncode != 0:
            raise SystemExit(f"{command}\n{done.stdout}{done.stderr}")
        if "verdict" in (answer := json.loads(done.stdout)) and answer["verdict"] != "pass":
            raise SystemExit(done.stdout)
        return seconds

    def one(self, runs):
        kinds = {name: [] for name in ("validate", "check")}
        near = {name: [] for name in kinds}
        connections = {}
        for turn in range(runs + 1):
            for name in kinds:
                before = self.relay.connections
                far = self.run(name, self.mailboxes[0], "--url", self.relay.url)
                connections[name] = self.relay.connections - before
                direct = self.run(name, self.mailboxes[0], "--url", self.direct)
                # The first is not counted.
                if turn:
                    kinds[name].append(far)
                    near[name].append(direct)
        print("| | median | range | without the delay | connections | sequential round trips |\n|---|---|---|---|---|---|")
        for name, times in kinds.items():
            trips = (statistics.median(times) - statistics.median(near[name])) / (2 * DELAY)
            print(f"| `{name}` | {spread(times)} | {statistics.median(near[name]):.2f} s | {connections[name]} | {trips:.1f} |")

    def many(self, runs):
        url = ("--url", self.relay.url)
        together = [self.run("check", "--all", *url) for _ in range(runs)]
        offline = [self.run("check", "--all", "--offline") for _ in range(runs)]
        begin = time.perf_counter()
        for mailbox in self.mailboxes:
            self.run("check", mailbox, *url)
        each = time.perf_counter() - begin
        begin = time.perf_counter()
        for mailbox in self.mailboxes:
            self.run("check", mailbox, "--offline")
        each_offline = time.perf_counter() - begin
        count = len(self.mailboxes)
        print(f"\n| {count} mailboxes | time | range |\n|---|---|---|")
        print(f"| `check --all` | {spread(together)} |")
        print(f"| `check --all --offline`: the keys, without network | {spread(offline)} |")
        print(f"| `check`, one after the other, once | {each:.1f} s | |")
        print(f"| `check --offline`, one after the other, once | {each_offline:.1f} s | |")
        whole = statistics.median(together)
        print(f"\nShare: {whole / each:.3f}; key decryption apart: "
              f"{(whole - statistics.median(offline)) / (each - each_offline):.3f}")


def spread(times):
    return f"{statistics.median(times):.2f} s | {min(times):.2f}–{max(times):.2f} s"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--mailboxes", type=int, default=200)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(pathlib.Path(folder), arguments.mailboxes)
        try:
            bench.one(arguments.runs)
            bench.many(max(3, arguments.runs // 3))
        finally:
            bench.server.terminate()
            bench.server.wait()


main()
