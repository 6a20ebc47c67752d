"""Reads a mailbox as the functions of terraform-aws-mesh-client do, and shakes hands with MESH. Prints `ok`.

Arguments: the endpoint of AWS, the prefix, the mailbox, and which of the module's two readers:
  path   version 1: everything below /PREFIX-mesh/mesh, the address and MESH_VERIFY_SSL included
  names  version 2 and later: the five parameters by name; the address is the function's variable MESH_URL
As in the module, USE_SECRETS_MANAGER=true takes the two keys and the password out of Secrets Manager.
"""

import os
import ssl
import sys
import tempfile
from pathlib import Path

import boto3
from mesh_client import MeshClient

SECRET = ("MESH_CLIENT_KEY", "MESH_SHARED_KEY", "MAILBOX_PASSWORD")


def below(ssm, secrets, path):
    """One level of parameters, one page of them; and every secret whose name begins so."""
    found = ssm.get_parameters_by_path(Path=path, Recursive=False, WithDecryption=True)["Parameters"]
    values = {os.path.basename(one["Name"]): one["Value"] for one in found}
    for one in secrets.list_secrets()["SecretList"] if secrets else []:
        if one["Name"].startswith(path):
            values[os.path.basename(one["Name"])] = secrets.get_secret_value(SecretId=one["Name"])["SecretString"]
    return values


def by_path(ssm, secrets, base, mailbox):
    return below(ssm, secrets, base) | below(ssm, secrets, f"{base}/mailboxes/{mailbox}")


def by_names(ssm, secrets, base, mailbox):
    names = [f"{base}/{name}" for name in ("MESH_CA_CERT", "MESH_CLIENT_CERT", "MESH_CLIENT_KEY", "MESH_SHARED_KEY")]
    names.append(f"{base}/mailboxes/{mailbox}/MAILBOX_PASSWORD")
    hidden = [name for name in names if secrets and os.path.basename(name) in SECRET]
    plain = [name for name in names if name not in hidden]
    values = {one["Name"]: one["Value"] for one in ssm.get_parameters(Names=plain, WithDecryption=True)["Parameters"]}
    values |= {name: secrets.get_secret_value(SecretId=name)["SecretString"] for name in hidden}
    return {os.path.basename(name): value for name, value in values.items()} | {"MESH_URL": os.environ["MESH_URL"]}


def handshake(values, mailbox):
    with tempfile.TemporaryDirectory() as directory:

        def file(name):
            path = Path(directory, name)
            path.write_text(values[name], encoding="utf-8", newline="")
            return str(path)

        cert = (file("MESH_CLIENT_CERT"), file("MESH_CLIENT_KEY"))
        # A function has nobody to ask for a passphrase: an encrypted key fails here, where OpenSSL would prompt.
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_cert_chain(*cert, password="")
        verify = values.get("MESH_VERIFY_SSL", "True").lower() in ("yes", "true", "t", "y", "1")
        with MeshClient(
            values["MESH_URL"],
            mailbox,
            values["MAILBOX_PASSWORD"],
            shared_key=values["MESH_SHARED_KEY"].encode(),
            cert=cert,
            verify=file("MESH_CA_CERT") if verify else False,
            max_retries=0,
            timeout=30,
        ) as client:
            client.handshake()


def main(endpoint, prefix, mailbox, reader):
    ssm = boto3.client("ssm", endpoint_url=endpoint)
    kept_apart = os.environ.get("USE_SECRETS_MANAGER") == "true"
    secrets = boto3.client("secretsmanager", endpoint_url=endpoint) if kept_apart else None
    read = {"path": by_path, "names": by_names}[reader]
    try:
        handshake(read(ssm, secrets, f"/{prefix}-mesh/mesh", mailbox), mailbox)
    except KeyError as missing:
        sys.exit(f"there is no {missing.args[0]}")
    except Exception as error:
        sys.exit(f"{type(error).__name__}: {error}")
    print("ok")


if __name__ == "__main__":
    main(*sys.argv[1:])
