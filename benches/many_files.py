#!/usr/bin/env python3
"""Times `inspect` of folders of 100, 1,000 and 10,000 certificates, against one process for each file.

    tests/run --no-run && target/venv/bin/python benches/many_files.py [RUNS]

The certificates differ in name, serial number and dates and come from one sub CA of a root, as those of an
organisation do; both stand in the folder. `openssl x509` is started once for each file, as a script does it,
and so is `inspect`; as that takes long, for 100 of the files. Runs are taken in turns. Prints a table in
Markdown. Needs openssl, and `cryptography`, which tests/run puts into target/venv.
"""

import datetime
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = ROOT / "target/release/mesh-onboard"
COUNTS = (100, 1_000, 10_000)
ONE_EACH = 100
DAY = datetime.timedelta(days=1)


def name(common_name):
    return x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "nhs"), x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def signed(subject, public_key, issuer, issuer_key, days, extensions):
    now = datetime.datetime.now(datetime.timezone.utc)
    builder = x509.CertificateBuilder().subject_name(name(subject)).issuer_name(name(issuer)).public_key(public_key)
    builder = builder.serial_number(x509.random_serial_number()).not_valid_before(now - DAY).not_valid_after(now + days * DAY)
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    return builder.sign(issuer_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def make(folder, count):
    """Root, sub CA and leaves. One key serves all leaves: what is timed reads them and makes none."""
    root, sub, leaf = (rsa.generate_private_key(65537, 2048) for _ in range(3))
    ca = [(x509.BasicConstraints(True, None), True)]
    (folder / "root.pem").write_bytes(signed("bench-root", root.public_key(), "bench-root", root, 4000, ca))
    (folder / "sub.pem").write_bytes(signed("bench-sub", sub.public_key(), "bench-root", root, 3900, ca))
    usages = [
        (x509.BasicConstraints(False, None), False),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]), False),
        (x509.SubjectKeyIdentifier.from_public_key(leaf.public_key()), False),
        (x509.AuthorityKeyIdentifier.from_issuer_public_key(sub.public_key()), False),
    ]
    for number in range(count - 2):
        subject = f"x26{number:06}.x26.api.mesh-client.nhs.uk"
        pem = signed(subject, leaf.public_key(), "bench-sub", sub, 1000 + number % 100, usages)
        (folder / f"{number:06}.pem").write_bytes(pem)


def run(command):
    begin = time.perf_counter()
    subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return time.perf_counter() - begin


def folder_at_once(home, folder):
    return run([PROGRAM, "--home", home, "--json", "inspect", folder])


def one_process_each(command, folder):
    return sum(run([*command, file]) for file in sorted(folder.iterdir())[:ONE_EACH])


def row(what, seconds, count):
    median = statistics.median(seconds)
    spread = f"{min(seconds) * 1000:.0f}–{max(seconds) * 1000:.0f} ms"
    print(f"| {what} | {median * 1000:.0f} ms | {spread} | {median / count * 1e6:.0f} µs |")


def main():
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    if not PROGRAM.exists():
        sys.exit("the program is missing: cargo build --release")
    with tempfile.TemporaryDirectory() as place:
        place = pathlib.Path(place)
        home = place / "home"
        folders = {count: place / str(count) for count in COUNTS}
        for count, folder in folders.items():
            folder.mkdir()
            make(folder, count)
        openssl = "openssl x509 -noout -subject -issuer -serial -dates -fingerprint -sha256 -ext extendedKeyUsage -in".split()
        ours = [PROGRAM, "--home", home, "--json", "inspect"]
        cases = {
            **{f"`inspect` of {count:,} files": (lambda folder=folder: folder_at_once(home, folder), count) for count, folder in folders.items()},
            f"`inspect`, a process for each of {ONE_EACH} files": (lambda: one_process_each(ours, folders[COUNTS[0]]), ONE_EACH),
            f"`openssl x509`, a process for each of {ONE_EACH} files": (lambda: one_process_each(openssl, folders[COUNTS[0]]), ONE_EACH),
        }
        seconds = {case: [] for case in cases}
        for turn in range(runs + 1):
            for case, (timed, _) in cases.items() if turn % 2 else reversed(cases.items()):
                taken = timed()
                if turn > 0:
                    seconds[case].append(taken)
            print(f"\r{turn}/{runs}", end="", file=sys.stderr)
        print(file=sys.stderr)
        print(f"| median of {runs}, interleaved | median | range | for each file |")
        print("|---|---|---|---|")
        for case, (_, count) in cases.items():
            row(case, seconds[case], count)


if __name__ == "__main__":
    # Nothing of the user's own, such as a keyring or settings.
    os.environ.pop("MESH_ONBOARD_HOME", None)
    main()
