"""Runs a command in a pseudo-terminal, waits for words and types answers; prints what was seen as JSON.

Input on stdin: {"command": [...], "env": {...}, "talk": [[words, answer], ...]}
"""

import json
import os
import pty
import select
import sys
import termios
import time

DEADLINE = 30
task = json.load(sys.stdin)
controller, terminal = pty.openpty()
child = os.fork()
if child == 0:
    os.setsid()
    # The first terminal that a session leader opens becomes its controlling one, so that Ctrl-C is a signal.
    os.close(os.open(os.ttyname(terminal), os.O_RDWR))
    for descriptor in (0, 1, 2):
        os.dup2(terminal, descriptor)
    os.execvpe(task["command"][0], task["command"], task["env"])

screen, seen, end = b"", 0, time.monotonic() + DEADLINE


def read():
    global screen
    if select.select([controller], [], [], 0.05)[0]:
        screen += os.read(controller, 65536)


for words, answer in task["talk"]:
    while words.encode() not in screen[seen:]:
        if time.monotonic() > end:
            os.kill(child, 9)
            sys.exit(f"never saw {words!r} in {screen.decode()!r}")
        read()
    seen = screen.index(words.encode(), seen) + len(words.encode())
    # A prompt turns the echo off just before or after it prints; typing waits for that, as people do.
    time.sleep(0.2)
    os.write(controller, answer.encode())

status = None
while status is None and time.monotonic() < end:
    read()
    ended, waited = os.waitpid(child, os.WNOHANG)
    if ended:
        status = os.waitstatus_to_exitcode(waited)
if status is None:
    os.kill(child, 9)
    sys.exit(f"it never ended: {screen.decode()!r}")
while select.select([controller], [], [], 0.05)[0]:
    read()
echo = bool(termios.tcgetattr(terminal)[3] & termios.ECHO)
print(json.dumps({"status": status, "screen": screen.decode(), "echo": echo}))
