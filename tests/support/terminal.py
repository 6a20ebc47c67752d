"""Runs a command in a pseudo-terminal, waits for words and types answers; prints what was seen as JSON.

Input on stdin: {"command": [...], "env": {...}, "talk": [[words, answer], ...]}, and if wanted
"size": [rows, columns], "quick": types as soon as the command waits for it, "watch": a folder whose files are
looked at before each answer and at the end.
"""

import fcntl
import hashlib
import json
import os
import pty
import select
import struct
import sys
import termios
import time

DEADLINE = 120
task = json.load(sys.stdin)
quick = task.get("quick") and os.path.exists("/proc/self/stat")
controller, terminal = pty.openpty()
if task.get("size"):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", *task["size"], 0, 0))
child = os.fork()
if child == 0:
    os.setsid()
    # The first terminal that a session leader opens becomes its controlling one, so that Ctrl-C is a signal.
    os.close(os.open(os.ttyname(terminal), os.O_RDWR))
    for descriptor in (0, 1, 2):
        os.dup2(terminal, descriptor)
    os.execvpe(task["command"][0], task["command"], task["env"])

screen, seen, end = b"", 0, time.monotonic() + DEADLINE


def read(patience=0.05):
    """Takes in what is printed; whether there was anything."""
    global screen
    if select.select([controller], [], [], patience)[0]:
        screen += os.read(controller, 65536)
        return True
    return False


def sleeps():
    """Whether the command waits for something, as it does at a question."""
    try:
        with open(f"/proc/{child}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] == "S"
    except OSError:
        return False


def settle():
    """A question turns the echo off just before or after it prints; typing waits for that, as people do."""
    if not quick:
        return time.sleep(0.2)
    calm = 0
    while calm < 3 and time.monotonic() < end:
        calm = calm + 1 if not read(0.004) and sleeps() else 0


def tree():
    """The files below the watched folder, each with its hash."""
    found = {}
    for folder, _, names in os.walk(task["watch"]):
        for path in (os.path.join(folder, name) for name in names):
            with open(path, "rb") as file:
                found[os.path.relpath(path, task["watch"])] = hashlib.sha256(file.read()).hexdigest()
    return found


trees = []
for words, answer in task["talk"]:
    while words.encode() not in screen[seen:]:
        if time.monotonic() > end:
            os.kill(child, 9)
            sys.exit(f"never saw {words!r} in {screen.decode()!r}")
        read()
    seen = screen.index(words.encode(), seen) + len(words.encode())
    settle()
    if task.get("watch"):
        trees.append(tree())
    os.write(controller, answer.encode())

status = None
while status is None and time.monotonic() < end:
    read(0.005 if quick else 0.05)
    ended, waited = os.waitpid(child, os.WNOHANG)
    if ended:
        status = os.waitstatus_to_exitcode(waited)
if status is None:
    os.kill(child, 9)
    sys.exit(f"it never ended: {screen.decode()!r}")
while read(0.005 if quick else 0.05):
    pass
if task.get("watch"):
    trees.append(tree())
echo = bool(termios.tcgetattr(terminal)[3] & termios.ECHO)
print(json.dumps({"status": status, "screen": screen.decode(), "echo": echo, "trees": trees}))
