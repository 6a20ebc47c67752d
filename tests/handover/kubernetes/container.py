"""Puts Secrets where a container of a Deployment finds them, as a kubelet does.

Arguments: the file with the Secrets, the file with the Deployment, a folder in the place of the container's root.
Prints the container's environment as JSON.
"""

import base64
import json
import sys
from pathlib import Path

import yaml

secrets_file, deployment_file, root = sys.argv[1:]
secrets = {one["metadata"]["name"]: one for one in yaml.safe_load_all(Path(secrets_file).read_text(encoding="utf-8"))}
deployment = yaml.safe_load(Path(deployment_file).read_text(encoding="utf-8"))
namespaces = {one["metadata"].get("namespace") for one in [*secrets.values(), deployment]}
assert len(namespaces) == 1, "a Pod sees the Secrets of its own namespace alone"


def values(name):
    return {key: base64.b64decode(value, validate=True) for key, value in secrets[name]["data"].items()}


pod = deployment["spec"]["template"]["spec"]
(container,) = pod["containers"]
environment = {}
for source in container["envFrom"]:
    environment |= {key: value.decode() for key, value in values(source["secretRef"]["name"]).items()}
environment |= {one["name"]: one["value"] for one in container["env"]}
volumes = {one["name"]: one["secret"] for one in pod["volumes"]}
for mount in container["volumeMounts"]:
    folder = Path(root + mount["mountPath"])
    folder.mkdir(parents=True)
    for key, value in values(volumes[mount["name"]]["secretName"]).items():
        (folder / key).write_bytes(value)
assert pod["securityContext"]["fsGroup"] and volumes["mesh"]["defaultMode"] == 0o440
print(json.dumps(environment))
