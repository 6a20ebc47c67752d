"""One transfer with the official Python client: URL FOLDER handshake | send FILE 0|1 | receive FILE."""

import sys
import warnings

from mesh_client import MeshClient

warnings.simplefilter("ignore")
url, folder, action, *rest = sys.argv[1:]
mailbox = "X26ABC2" if action == "receive" else "X26ABC1"
options = {"transparent_compress": rest[1] == "1", "max_chunk_size": 20_000_000} if action == "send" else {}
pair = (f"{folder}/client.pem", f"{folder}/client.key")
with MeshClient(url, mailbox, "password", shared_key=b"TestKey", cert=pair, verify=f"{folder}/root.pem", **options) as client:
    if action == "handshake":
        client.handshake()
    elif action == "send":
        with open(rest[0], "rb") as file:
            client.send_message("X26ABC2", file, workflow_id="TEST_WORKFLOW")
    else:
        message = client.retrieve_message("BENCH")
        with open(rest[0], "wb") as file:
            while block := message.read(65536):
                file.write(block)
