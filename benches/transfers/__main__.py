"""Times transfers over mutual TLS on loopback: ours, the official Python client and curl in turns.

    tests/run --no-run && target/venv/bin/python benches/transfers [--runs 5] [--megabytes 300] [--large]

Each is a whole process, with its time, its CPU time (user and system) and its peak memory. The server
discards what it gets, or serves from memory; its work is in nobody's figures but it shares the processors.
Chunks are of 20 MB. `--large` sends and receives 5 GB as well, ours alone, for the memory (needs 10 GB of disk).
Prints tables in Markdown. Needs curl and openssl.
"""

import argparse
import filecmp
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import typing

HERE = pathlib.Path(__file__).resolve().parent
PROGRAM = HERE.parent.parent / "target/release/mesh-onboard"
PASSPHRASE = "correct horse battery"
SECRETS = {"MESH_MAILBOX_PASSWORD": "password", "MESH_SHARED_KEY": "TestKey", "MESH_KEY_PASSPHRASE": PASSPHRASE}


class Run(typing.NamedTuple):
    """What a process cost."""

    seconds: float
    cpu: float
    mebibytes: float


class Server:
    """A server process; with a file it serves that, else it discards what is sent."""

    def __init__(self, folder, *arguments):
        command = [sys.executable, HERE / "server.py", folder, *arguments]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.url = f"https://localhost:{int(self.process.stdout.readline())}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


class Bench:
    def __init__(self, folder, runs):
        self.folder, self.runs = folder, runs
        self.out = folder / "received"
        # Neither the user's mailboxes nor the user's keyring has anything to do with it.
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "DBUS_SESSION_BUS_ADDRESS": "disabled:", **SECRETS}

    def measure(self, command):
        self.out.unlink(missing_ok=True)
        begin = time.perf_counter()
        process = subprocess.Popen(command, env=self.environment, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        said = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begin
        process.stdout.close()
        if status:
            sys.exit(f"{command} failed:\n{said.decode()}")
        return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)

    def in_turns(self, title, commands, received=None):
        """Runs each command once unmeasured, then all of them in turns; prints a row for each."""
        found = {who: [] for who in commands}
        for number in range(self.runs + 1):
            for who, command in commands.items():
                run = self.measure(command)
                if received and who != "curl" and not filecmp.cmp(self.out, received, shallow=False):
                    sys.exit(f"{who} received something else")
                if number:
                    found[who].append(run)
        for who, runs in found.items():
            seconds, cpu, memory = ([getattr(run, field) for run in runs] for field in ("seconds", "cpu", "mebibytes"))
            spread = f"{min(seconds):.2f}–{max(seconds):.2f}"
            ratio = [ours.seconds / other.seconds for ours, other in zip(found["mesh-onboard"], runs)]
            cost = [ours.cpu / other.cpu for ours, other in zip(found["mesh-onboard"], runs)]
            compared = "" if who == "mesh-onboard" else f"{statistics.median(ratio):.2f} | {statistics.median(cost):.2f}"
            print(
                f"| {title} | {who} | {statistics.median(seconds):.2f} s | {spread} s | {statistics.median(cpu):.2f} s "
                f"| {statistics.median(memory):.0f} MiB | {compared or ' | '} |",
                flush=True,
            )

    def ours(self, command, url, mailbox, *rest, key="client.key"):
        pair = ["--cert", "client.pem", "--key", key, "--ca", "root.pem", "--url", url]
        return [PROGRAM, "--no-input", command, mailbox, *rest, *pair]

    def python(self, url, *rest):
        return [sys.executable, HERE / "python_client.py", url, ".", *rest]

    def curl(self, *rest):
        return ["curl", "-sS", "--fail", "--cert", "client.pem", "--key", "client.key", "--cacert", "root.pem", *rest]

    def sending(self, url, file, compress):
        choice = "always" if compress else "auto"
        rest = [file, "--to", "X26ABC2", "--workflow", "TEST_WORKFLOW", "--chunk-size", "20000000", "--compress", choice]
        return self.ours("send", url, "X26ABC1", *rest)

    def receiving(self, url):
        return self.ours("receive", url, "X26ABC2", "BENCH", "--file", self.out)

    def on_the_wire(self, command):
        """How many bytes a send puts on the wire."""
        with Server(self.folder) as server:
            self.measure(command(server.url))
            statistics_of = subprocess.run(self.curl(f"{server.url}/stats"), cwd=self.folder, capture_output=True, check=True)
            return json.loads(statistics_of.stdout)["sent"]

    def all(self):
        print("| | | median | range | CPU | peak memory | ours takes … of its time | … of its CPU |")
        print("|---|---|---|---|---|---|---|---|")
        random, text = self.folder / "random.bin", self.folder / "text.csv"
        with Server(self.folder) as server:
            commands = {
                "mesh-onboard": self.sending(server.url, text, True),
                "mesh-client": self.python(server.url, "send", text, "1"),
            }
            self.in_turns("send text, compressed", commands)
            commands = {
                "mesh-onboard": self.sending(server.url, random, False),
                "mesh-client": self.python(server.url, "send", random, "0"),
                "curl": self.curl("-X", "POST", "-T", random, "-o", "/dev/null", f"{server.url}/messageexchange/X26ABC1/outbox"),
            }
            self.in_turns("send random", commands)
            commands = {
                "mesh-onboard": self.ours("validate", server.url, "X26ABC1"),
                "mesh-client": self.python(server.url, "handshake"),
                "curl": self.curl("-X", "POST", "-o", "/dev/null", f"{server.url}/messageexchange/X26ABC1"),
            }
            self.in_turns("handshake, plain key", commands)
            commands["mesh-onboard"] = self.ours("validate", server.url, "X26ABC1", key="encrypted.key")
            del commands["curl"]
            self.in_turns("handshake, our key encrypted", commands)
        for title, file, arguments in (("receive random", random, []), ("receive text, gzip", text, ["--gzip"])):
            chunks = -(-file.stat().st_size // 20_000_000)
            with Server(self.folder, "--serve", file, *arguments) as server:
                path = f"{server.url}/messageexchange/X26ABC2/inbox/BENCH/[1-{chunks}]"
                commands = {
                    "mesh-onboard": self.receiving(server.url),
                    "mesh-client": self.python(server.url, "receive", self.out),
                    "curl": self.curl("--compressed", path, "-o", "/dev/null") if arguments else self.curl(path, "-o", "received-#1"),
                }
                self.in_turns(title, commands, received=file)
        print()
        ours = self.on_the_wire(lambda url: self.sending(url, text, True))
        theirs = self.on_the_wire(lambda url: self.python(url, "send", text, "1"))
        print(f"On the wire: {ours:,} bytes of ours, {theirs:,} of mesh-client, {ours / theirs - 1:+.2%}.")

    def large(self):
        """5 GB, for the memory."""
        random, large = self.folder / "random.bin", self.folder / "large.bin"
        times = 5_000_000_000 // random.stat().st_size
        size = times * random.stat().st_size
        print(f"\n| {size / 1e9:.1f} GB, once | time | CPU | peak memory |\n|---|---|---|---|")
        with Server(self.folder) as server:
            for content, compress in ((random, False), (self.folder / "text.csv", True)):
                with open(large, "wb") as file:
                    for _ in range(times):
                        with open(content, "rb") as source:
                            shutil.copyfileobj(source, file)
                run = self.measure(self.sending(server.url, large, compress))
                title = "send text, compressed" if compress else "send random"
                print(f"| {title} | {run.seconds:.1f} s | {run.cpu:.1f} s | {run.mebibytes:.0f} MiB |", flush=True)
        large.unlink()
        with Server(self.folder, "--serve", random, "--times", str(times)) as server:
            run = self.measure(self.receiving(server.url))
            print(f"| receive random | {run.seconds:.1f} s | {run.cpu:.1f} s | {run.mebibytes:.0f} MiB |")
            if self.out.stat().st_size != size:
                sys.exit("something else was received")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--megabytes", type=int, default=300)
    parser.add_argument("--large", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="transfers-") as folder:
        folder = pathlib.Path(folder)
        # In a process of its own: a child's peak memory includes what its parent held when it was started.
        subprocess.run([sys.executable, HERE / "data.py", folder, str(arguments.megabytes)], check=True)
        encrypt = ["openssl", "pkcs8", "-topk8", "-in", "client.key", "-out", "encrypted.key", "-v2", "aes-256-cbc"]
        encrypt += ["-v2prf", "hmacWithSHA256", "-iter", "600000", "-passout", f"pass:{PASSPHRASE}"]
        subprocess.run(encrypt, cwd=folder, check=True)
        bench = Bench(folder, arguments.runs)
        bench.all()
        if arguments.large:
            bench.large()


main()
