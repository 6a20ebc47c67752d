#!/usr/bin/env python3
"""Times whole processes: `request` against `openssl req`, and the classic procedure against ours.

    cargo build --release && python3 benches/onboarding.py [RUNS]

Runs are interleaved, so that a noisy machine is noisy for both. What is compared is what a person types:
process start, key generation, encryption, and the files on disk. The CA that answers in between is
counted on neither side. Needs openssl and keytool; prints a table in Markdown.
"""

import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = ROOT / "target/release/mesh-onboard"
PASSPHRASE = "correct horse battery"
MAILBOX = "X26ABC1"
COMMON_NAME = f"{MAILBOX}.X26.api.mesh-client.nhs.uk"


def run(command, cwd, environment):
    """Runs one process and returns its seconds."""
    begin = time.perf_counter()
    done = subprocess.run(command, cwd=cwd, env=environment, stdin=subprocess.DEVNULL, capture_output=True)
    seconds = time.perf_counter() - begin
    if done.returncode != 0:
        sys.exit(f"{command}\n{done.stdout.decode()}{done.stderr.decode()}")
    return seconds


class Authority:
    """Root and sub CA of openssl's making."""

    def __init__(self, folder, environment):
        self.folder = folder
        self.environment = environment
        self.root, self.sub = folder / "root.pem", folder / "sub.pem"
        (folder / "ca.ext").write_text("basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n")
        (folder / "leaf.ext").write_text(
            "basicConstraints=CA:FALSE\nkeyUsage=digitalSignature,keyEncipherment\nextendedKeyUsage=serverAuth,clientAuth\n"
        )
        for name in ("root", "sub"):
            self.openssl(f"req -new -newkey rsa:2048 -nodes -keyout {name}.key -out {name}.csr -subj /CN=bench-{name}")
        self.openssl("x509 -req -in root.csr -signkey root.key -days 3650 -extfile ca.ext -out root.pem")
        self.openssl("x509 -req -in sub.csr -CA root.pem -CAkey root.key -CAcreateserial -days 1825 -extfile ca.ext -out sub.pem")

    def openssl(self, line):
        run(["openssl", *line.split()], self.folder, self.environment)

    def sign(self, csr, to):
        self.openssl(f"x509 -req -in {csr} -CA sub.pem -CAkey sub.key -CAcreateserial -days 1095 -extfile leaf.ext -out {to}")


def request(folder, environment):
    command = [PROGRAM, "--home", folder / "home", "--json", "--no-input", "request", MAILBOX]
    return run([*command, "--ods", "X26", "--env", "sandbox"], folder, environment)


def openssl_request(folder, environment):
    """2,048 iterations of PBKDF2, which is what `openssl req` uses and does not let one change."""
    command = "openssl req -new -newkey rsa:2048 -keyout key.pem -out request.csr -passout env:MESH_KEY_PASSPHRASE -subj"
    return run([*command.split(), f"/CN={COMMON_NAME}"], folder, environment)


def ours(folder, environment, authority):
    seconds = request(folder, environment)
    csr = folder / f"home/sandbox/{MAILBOX}/credentials/0001/request.csr"
    authority.sign(csr, folder / "reply.pem")
    command = [PROGRAM, "--home", folder / "home", "--json", "--no-input", "import", MAILBOX, "reply.pem"]
    return seconds + run([*command, "--ca", authority.root, "--ca", authority.sub], folder, environment)


def classic(folder, environment, authority):
    """The procedure of two public guides: keytool three times, openssl twice, base64."""
    keytool = f"-storepass:env MESH_KEY_PASSPHRASE -keystore {MAILBOX}.keystore"
    before = [
        ["keytool", *f"-genkeypair -alias meshclient -keyalg RSA -keysize 2048 {keytool} -dname CN={COMMON_NAME}".split()],
        ["keytool", *f"-certreq -alias meshclient {keytool} -file {MAILBOX}.csr".split()],
    ]
    seconds = sum(run(command, folder, environment) for command in before)
    authority.sign(folder / f"{MAILBOX}.csr", folder / f"{MAILBOX}.crt")
    after = [
        f"keytool -importkeystore -srckeystore {MAILBOX}.keystore -srcstorepass:env MESH_KEY_PASSPHRASE"
        f" -destkeystore {MAILBOX}.p12 -deststoretype PKCS12 -deststorepass:env MESH_KEY_PASSPHRASE",
        f"openssl pkcs12 -in {MAILBOX}.p12 -passin env:MESH_KEY_PASSPHRASE -nodes -nocerts -out {MAILBOX}-private-key.pem",
        f"openssl pkcs12 -in {MAILBOX}.crt -inkey {MAILBOX}-private-key.pem -export -out {MAILBOX}.pfx"
        " -passout env:MESH_KEY_PASSPHRASE",
        f"base64 -w 0 {MAILBOX}.pfx",
    ]
    return seconds + sum(run(command.split(), folder, environment) for command in after)


def compare(runs, folder, cases):
    """Seconds of each case, its runs taken in turns and in changing order; the first of each is thrown away."""
    seconds = {name: [] for name, _ in cases}
    for turn in range(runs + 1):
        for name, case in cases if turn % 2 else reversed(cases):
            place = pathlib.Path(tempfile.mkdtemp(dir=folder))
            taken = case(place)
            shutil.rmtree(place)
            if turn > 0:
                seconds[name].append(taken)
        print(f"\r{turn}/{runs}", end="", file=sys.stderr)
    print(file=sys.stderr)
    return seconds


def rows(seconds):
    last = statistics.median(list(seconds.values())[-1])
    for name, taken in seconds.items():
        median = statistics.median(taken)
        spread = f"{min(taken) * 1000:.0f}–{max(taken) * 1000:.0f} ms"
        print(f"| {name} | {median * 1000:.0f} ms | {spread} | {last / median:.2f} |")


def main():
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    for tool in ("openssl", "keytool"):
        if shutil.which(tool) is None:
            sys.exit(f"{tool} is missing: tests/run installs it")
    if not PROGRAM.exists():
        sys.exit("the program is missing: cargo build --release")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        environment = {"PATH": os.environ["PATH"], "HOME": name, "MESH_KEY_PASSPHRASE": PASSPHRASE}
        (folder / "ca").mkdir()
        authority = Authority(folder / "ca", environment)
        one = [
            ("`mesh-onboard request`, 600,000 iterations", lambda place: request(place, environment)),
            ("`openssl req -newkey rsa:2048`, 2,048 iterations", lambda place: openssl_request(place, environment)),
        ]
        all_ = [
            ("`request` + `import`", lambda place: ours(place, environment, authority)),
            ("classic: keytool ×3, openssl ×2, base64", lambda place: classic(place, environment, authority)),
        ]
        print(f"| median of {runs}, interleaved | median | range | the other takes … times as long |")
        print("|---|---|---|---|")
        for cases in (one, all_):
            rows(compare(runs, folder, cases))


if __name__ == "__main__":
    main()
