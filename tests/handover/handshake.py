"""Validates a mailbox at MESH with nothing but its environment, as an application of any kind is told; prints the status.

A value stands in NAME, or in a file that NAME_FILE names; certificate, key and CAs are paths.
"""

import hashlib
import hmac
import http.client
import os
import ssl
import uuid
from datetime import datetime, timezone
from urllib.parse import urlsplit


def told(name):
    if f"{name}_FILE" not in os.environ:
        return os.environ[name]
    with open(os.environ[f"{name}_FILE"], encoding="utf-8", newline="") as file:
        return file.read()


mailbox, nonce = told("MESH_MAILBOX_ID"), str(uuid.uuid4())
stamp = datetime.now(timezone.utc).strftime("%Y%m%d%H%M")
message = f"{mailbox}:{nonce}:1:{told('MESH_MAILBOX_PASSWORD')}:{stamp}"
proof = hmac.new(told("MESH_SHARED_KEY").encode(), message.encode(), hashlib.sha256).hexdigest()

tls = ssl.create_default_context(cafile=os.environ["MESH_CA_CERT"])
tls.load_cert_chain(os.environ["MESH_CLIENT_CERT"], os.environ["MESH_CLIENT_KEY"], password="")
server = urlsplit(told("MESH_URL"))
assert server.scheme == "https" and server.path == "", "an address without a path"
connection = http.client.HTTPSConnection(server.hostname, server.port, context=tls, timeout=30)
connection.request(
    "POST",
    f"/messageexchange/{mailbox}",
    headers={
        "Authorization": f"NHSMESH {mailbox}:{nonce}:1:{stamp}:{proof}",
        "mex-clientversion": "handshake==1",
        "mex-osname": "any",
        "mex-osversion": "1",
    },
)
print(connection.getresponse().status)
