"""Holds Kubernetes manifests against the published schemas, strictly and offline. Prints a line for each document.

Arguments: files of YAML, each with one document or more. Exit code 1 when one of them is refused.
"""

import base64
import binascii
import sys
from pathlib import Path

import kubernetes_validate
import yaml

VERSION = kubernetes_validate.latest_version().split("-")[0]


class OnlyOnce(yaml.SafeLoader):
    """YAML wants each key once. PyYAML keeps the last one and says nothing; kubectl refuses."""

    def construct_mapping(self, node, deep=False):
        names = [self.construct_object(key, deep=True) for key, _ in node.value]
        if twice := sorted({str(name) for name in names if names.count(name) > 1}):
            raise yaml.constructor.ConstructorError(None, None, f"key given twice: {', '.join(twice)}", node.start_mark)
        return super().construct_mapping(node, deep)


def fault(document):
    """What is wrong with it; None when nothing is."""
    if not isinstance(document, dict) or not {"apiVersion", "kind", "metadata"} <= document.keys():
        return "not an object of Kubernetes: apiVersion, kind and metadata are needed"
    try:
        kubernetes_validate.validate(document, VERSION, strict=True)
    except kubernetes_validate.ValidationError as error:
        # The message would quote the value, which may be a secret.
        where = ".".join(str(part) for part in error.path) or "top level"
        names = f": {error.message}" if error.validator == "additionalProperties" else ""
        return f"{where}: {error.validator}{names}"
    except kubernetes_validate.SchemaNotFoundError as error:
        return error.message
    # The schema says `format: byte`, which schema validators only note.
    if document["kind"] == "Secret":
        for name, value in (document.get("data") or {}).items():
            try:
                base64.b64decode(value, validate=True)
            except binascii.Error:
                return f"data.{name}: not base64"
    return None


def documents(file):
    """Name and fault of each document in a file; a file that does not parse counts as one."""
    try:
        found = [one for one in yaml.load_all(Path(file).read_text(encoding="utf-8"), OnlyOnce) if one is not None]
    except (OSError, UnicodeDecodeError) as error:
        return [("unreadable", type(error).__name__)]
    except yaml.YAMLError as error:
        # Not the error's own text: it quotes the line.
        mark = getattr(error, "problem_mark", None)
        return [("not YAML", f"{getattr(error, 'problem', 'refused')}, line {mark.line + 1 if mark else '?'}")]
    if not found:
        return [("empty", "no document")]
    names = [
        f"{one.get('kind')}/{(one.get('metadata') or {}).get('name')}" if isinstance(one, dict) else "not an object"
        for one in found
    ]
    return [(name, fault(one)) for name, one in zip(names, found)]


def main(files):
    refused = not files
    for file in files:
        for name, wrong in documents(file):
            refused |= wrong is not None
            print(f"{file}: {name}: {wrong or f'valid for Kubernetes {VERSION}'}")
    return int(refused)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
