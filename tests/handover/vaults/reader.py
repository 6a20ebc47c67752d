"""Reads a mailbox as an application reads it out of a vault, and shakes hands with MESH. Prints `ok`.

Arguments, one of:
  pem STORE URL           Key Vault, the certificate imported as PEM: its secret is that PEM
  pfx STORE APP_SETTINGS  Key Vault, imported as PFX: App Service has put each reference's secret in its place
  kv SERVER PATH          HashiCorp Vault, by its API: the newest version of one secret of the mount `secret`
STORE is a folder with one file a secret, called like it.
"""

import base64
import json
import re
import ssl
import sys
import tempfile
import urllib.request
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, pkcs12
from mesh_client import MeshClient


def handshake(url, mailbox, password, shared_key, client, ca):
    """`client` is one PEM with key and chain, `ca` one with the authorities."""
    with tempfile.TemporaryDirectory() as directory:
        files = {name: Path(directory, name) for name in ("client.pem", "ca.pem")}
        for name, text in (("client.pem", client), ("ca.pem", ca)):
            files[name].write_text(text, encoding="utf-8", newline="")
        with MeshClient(
            url,
            mailbox,
            password,
            shared_key=shared_key.encode(),
            cert=(str(files["client.pem"]),),
            verify=str(files["ca.pem"]),
            max_retries=0,
            timeout=30,
        ) as mesh:
            mesh.handshake()
    print("ok")


def pem(store, url):
    def secret(name):
        return Path(store, f"mesh-x26abc1{name}").read_text(encoding="utf-8")

    handshake(url, "X26ABC1", secret("-password"), secret("-shared-key"), secret(""), secret("-ca"))


def resolved(store, value):
    """App Service: a value that is a reference is replaced by the secret of that name."""
    reference = re.fullmatch(r"@Microsoft\.KeyVault\(VaultName=mesh-dev;SecretName=([0-9A-Za-z-]+)\)", value)
    return Path(store, reference[1]).read_text(encoding="utf-8") if reference else value


def pfx(store, app_settings):
    settings = json.loads(Path(app_settings).read_text(encoding="utf-8"))
    values = {one["name"].removeprefix("MeshConfiguration__"): resolved(store, one["value"]) for one in settings}
    # As the loader does: base64 on one line, and the password that is set, which is empty.
    bundle = base64.b64decode(values["ClientSigningCertificate"], validate=True)
    loaded = pkcs12.load_pkcs12(bundle, values["ClientSigningCertificatePassword"].encode())
    key = loaded.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    chain = [loaded.cert, *loaded.additional_certs]
    client = key + b"".join(one.certificate.public_bytes(Encoding.PEM) for one in chain)
    arrays = [values[f"Tls{kind}Certificates__0"] for kind in ("Root", "Intermediate")]
    ca = "".join(ssl.DER_cert_to_PEM_cert(base64.b64decode(one, validate=True)) for one in arrays)
    assert int(values["MaxChunkSizeInMegabytes"]) > 0 and all(values[f"Mex{one}"] for one in ("ClientVersion", "OSName", "OSVersion"))
    handshake(values["Url"], values["MailboxId"], values["Password"], values["SharedKey"], client.decode(), ca)


def kv(server, path):
    request = urllib.request.Request(f"{server}/v1/secret/data/{path}", headers={"X-Vault-Token": "root"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        fields = json.load(answer)["data"]["data"]
    client = fields["client_key"] + fields["client_certificate"]
    login = (fields["mailbox_password"], fields["shared_key"])
    handshake(fields["url"], fields["mailbox_id"], *login, client, fields["ca_bundle"])


if __name__ == "__main__":
    {"pem": pem, "pfx": pfx, "kv": kv}[sys.argv[1]](*sys.argv[2:])
