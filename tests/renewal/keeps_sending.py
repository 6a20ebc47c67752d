"""The official Python client with one set of files, which sends again and again until its input ends.

Arguments: a JSON object with url, certificate, key, passphrase, ca. Prints a line for each message: "sent", or what went
wrong. Every third message goes by a new session, and so by a new TLS handshake.
"""

import json
import select
import sys

from mesh_client import MeshClient

settings = json.loads(sys.argv[1])


def client():
    return MeshClient(
        settings["url"],
        "X26ABC1",
        "password",
        shared_key="TestKey",
        cert=(settings["certificate"], settings["key"], settings["passphrase"]),
        verify=settings["ca"],
        max_retries=0,
        timeout=30,
    )


def ended():
    readable, _, _ = select.select([sys.stdin], [], [], 0)
    return bool(readable)


number = 0
while not ended():
    with client() as mesh:
        for _ in range(3):
            number += 1
            try:
                mesh.send_message("X26ABC2", b"message %d" % number, workflow_id="TEST_WORKFLOW")
                print("sent", flush=True)
            except Exception as error:  # whatever it is, it counts
                print(f"failed: {error!r}", flush=True)
