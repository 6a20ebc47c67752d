#!/usr/bin/env python3
"""Times `status` over many mailboxes, as a table, as JSON and as metrics.

    cargo build --release && python3 benches/status.py [--runs 5] [PROGRAM]

One mailbox is made for real: requested, issued by the rehearsal CA, imported. The others are copies of its folder under
other names, whose files are links to the same content; every `mailbox.toml` is a file of its own. One in ten waits for
the desk. Prints a table in Markdown: medians, ranges, processor time of all threads.
"""

import argparse
import json
import os
import pathlib
import resource
import shutil
import statistics
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
COUNTS = (1_000, 2_000, 5_000, 10_000)
KINDS = {
    "table": ("status",),
    "`--json`": ("--json", "status"),
    "`--prometheus`": ("status", "--prometheus"),
}


class Bench:
    def __init__(self, program, folder):
        self.program, self.folder = program, folder
        # Neither the user's mailboxes nor the user's keyring has anything to do with it.
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "DBUS_SESSION_BUS_ADDRESS": "disabled:"}
        self.environment["MESH_KEY_PASSPHRASE"] = "correct horse battery"
        self.models = folder / "models/rehearsal"
        for mailbox in ("X26ABC1", "X26ABC2"):
            self.run("models", "--json", "request", mailbox, "--ods", "X26", "--env", "rehearsal", "--name", "A. Engineer")
        self.run("models", "--json", "sent", "X26ABC2")
        csr = self.models / "X26ABC1/credentials/0001/request.csr"
        self.run("models", "--json", "rehearse", "--issue", csr, "--to", folder / "reply.cer")
        self.run("models", "--json", "import", "X26ABC1", folder / "reply.cer")

    def run(self, home, *arguments):
        command = [self.program, "--home", self.folder / home, "--no-input", "-q", *arguments]
        done = subprocess.run(command, env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"{command}\n{done.stdout}{done.stderr}")
        return done.stdout

    def home(self, count):
        """A home of so many mailboxes."""
        home = self.folder / f"home-{count}"
        for number in range(count):
            model = "X26ABC2" if number % 10 == 0 else "X26ABC1"
            name = f"X26B{number:05}"
            folder = home / "rehearsal" / name
            shutil.copytree(self.models / model, folder, copy_function=os.link)
            record = (self.models / model / "mailbox.toml").read_text()
            (folder / "mailbox.toml").unlink()
            (folder / "mailbox.toml").write_text(record.replace(model, name))
        return home.name

    def timed(self, home, arguments):
        """Seconds of one process, by the clock and of processor."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        begin = time.perf_counter()
        output = self.run(home, *arguments)
        seconds = time.perf_counter() - begin
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return seconds, cpu, output


def complete(output, count):
    """Whether all mailboxes stand in the result."""
    if output.startswith("{"):
        return len(json.loads(output)["mailboxes"]) == count
    if output.startswith("#"):
        return output.count("\nx509_cert_not_after{") == count - (count + 9) // 10
    return output.count("\nX26B") == count


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program", nargs="?", default=ROOT / "target/release/mesh-onboard")
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(arguments.program, pathlib.Path(folder))
        homes = {count: bench.home(count) for count in COUNTS}
        print("| mailboxes | result | median | range | processor | for each mailbox |\n|---|---|---|---|---|---|")
        for count, home in homes.items():
            measured = {kind: [] for kind in KINDS}
            # In turns; the first is not counted.
            for turn in range(arguments.runs + 1):
                for kind, words in KINDS.items():
                    seconds, cpu, output = bench.timed(home, words)
                    if not complete(output, count):
                        raise SystemExit(f"{kind} of {count} mailboxes is not complete")
                    if turn:
                        measured[kind].append((seconds, cpu))
            for kind, times in measured.items():
                wall, cpu = zip(*times)
                middle = statistics.median(wall)
                spread = f"{min(wall):.2f}–{max(wall):.2f} s"
                each = f"{middle / count * 1e6:.0f} µs"
                print(f"| {count:,} | {kind} | {middle:.2f} s | {spread} | {statistics.median(cpu):.2f} s | {each} |")


main()
