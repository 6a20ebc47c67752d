"""Makes keys, certificates and messages for the benchmark of transfers: FOLDER MEGABYTES."""

import datetime
import ipaddress
import pathlib
import random
import sys

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID


def name(common_name):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def signed(subject, key, issuer, issuer_key, extensions):
    now = datetime.datetime.now(datetime.timezone.utc)
    builder = x509.CertificateBuilder().subject_name(name(subject)).issuer_name(name(issuer))
    builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now - datetime.timedelta(days=1))
    builder = builder.not_valid_after(now + datetime.timedelta(days=30))
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    return builder.sign(issuer_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def certificates(folder):
    """`root.pem`; `server.pem` and `client.pem` with their sub CA; their keys."""
    root, sub, server, client = (rsa.generate_private_key(65537, 2048) for _ in range(4))
    ca = [(x509.BasicConstraints(True, None), True)]
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    usage = lambda purpose: (x509.ExtendedKeyUsage([purpose]), False)
    sub_pem = signed("bench sub", sub, "bench root", root, ca)
    server_pem = signed("localhost", server, "bench sub", sub, [usage(ExtendedKeyUsageOID.SERVER_AUTH), (names, False)])
    client_name = "x26abc1.x26.api.mesh-client.nhs.uk"
    client_pem = signed(client_name, client, "bench sub", sub, [usage(ExtendedKeyUsageOID.CLIENT_AUTH)])
    (folder / "root.pem").write_bytes(signed("bench root", root, "bench root", root, ca))
    (folder / "server.pem").write_bytes(server_pem + sub_pem)
    (folder / "client.pem").write_bytes(client_pem + sub_pem)
    plain = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "server.key").write_bytes(server.private_bytes(*plain))
    (folder / "client.key").write_bytes(client.private_bytes(*plain))


def messages(folder, size):
    """`random.bin`, which nothing compresses, and `text.csv`, lines with little in common; the same bytes each time."""
    source = random.Random(1)
    with open(folder / "random.bin", "wb") as file:
        for _ in range(size // 1_000_000):
            file.write(source.randbytes(1_000_000))
    source, line, left = random.Random(2), 0, size
    words = ["GP", "PATHOLOGY", "DISCHARGE", "X26", "RESULT", "NORMAL", "REVIEWED", "ACCEPTED"]
    with open(folder / "text.csv", "wb") as file:
        while left:
            rows = []
            for line in range(line, line + 5000):
                day, minute = line % 28 + 1, line % 60
                pair = f"{source.choice(words)},{source.choice(words)}"
                rows.append(f"{line},2026-11-{day:02}T09:{minute:02}:00Z,{pair},TEST_WORKFLOW,a line of the record,{line % 97},OK\n")
            line += 1
            block = "".join(rows).encode()[:left]
            file.write(block)
            left -= len(block)


certificates(pathlib.Path(sys.argv[1]))
messages(pathlib.Path(sys.argv[1]), int(sys.argv[2]) * 1_000_000)
