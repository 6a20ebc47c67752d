"""Connects mailbox {{ mailbox | bare }} ({{ environment | bare }}) with mesh-client (pip install mesh-client).

Load mesh.env into the environment first: set -a; . ./mesh.env; set +a; python3 connect.py
"""

import os

from mesh_client import MeshClient


def connect():
    """A client that is ready to be used in a `with` block."""
    return MeshClient(
        os.environ["MESH_URL"],
        os.environ["MESH_MAILBOX_ID"],
        os.environ["MESH_MAILBOX_PASSWORD"],
        shared_key=os.environ["MESH_CLIENT_SHARED_KEY"],
        cert=(os.environ["MESH_CLIENT_CERT"], os.environ["MESH_CLIENT_KEY"]),
        verify=os.environ["MESH_CA_BUNDLE"],
    )


if __name__ == "__main__":
    with connect() as client:
        client.handshake()
    print("MESH has answered")
