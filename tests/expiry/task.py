"""A task of the Windows Task Scheduler, as JSON: each element by its path, without the namespace."""

import json
import sys
import xml.etree.ElementTree as tree

SPACE = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"
found = {}


def walk(element, path):
    if not element.tag.startswith(SPACE):
        raise SystemExit(f"{element.tag} is of another namespace")
    path = path + "/" + element.tag.removeprefix(SPACE)
    found[path] = (element.text or "").strip()
    for child in element:
        walk(child, path)


with open(sys.argv[1], "rb") as file:
    text = file.read()
if text.startswith(b"<?xml"):
    # PowerShell hands the text over as UTF-16, which would contradict it.
    raise SystemExit("the file declares an encoding")
walk(tree.fromstring(text), "")
json.dump(found, sys.stdout)
