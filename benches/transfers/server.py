"""A MESH-shaped server over mutual TLS that costs as little as it can: it discards what is sent, or serves
one message, and authorises everybody. What a client needs is then the client's own.

    python3 server.py FOLDER [--serve FILE [--gzip] [--times N]]

FOLDER holds `root.pem`, `server.pem` and `server.key`. Prints its port once it listens; `GET /stats` tells
what was sent to it.
"""

import argparse
import gzip
import json
import pathlib
import re
import socket
import ssl
import threading

CHUNK = 20_000_000
OUTBOX = re.compile(r"/messageexchange/\w+/outbox(?:/(\w+)/(\d+))?$")
MESSAGE = re.compile(r"/messageexchange/(\w+)/inbox/BENCH(?:/(\d+))?$")


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--serve", type=pathlib.Path)
    parser.add_argument("--gzip", action="store_true")
    parser.add_argument("--times", type=int, default=1, help="the file, so many times over, is the message")
    return parser.parse_args()


class Server:
    def __init__(self, arguments):
        self.gzip, self.chunks = arguments.gzip, []
        if arguments.serve:
            content = arguments.serve.read_bytes()
            parts = [content[at : at + CHUNK] for at in range(0, len(content), CHUNK)]
            self.chunks = [gzip.compress(part, 6) for part in parts] if self.gzip else parts
            self.chunks *= arguments.times
        self.lock, self.sent = threading.Lock(), 0
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(arguments.folder / "server.pem", arguments.folder / "server.key")
        self.tls.load_verify_locations(arguments.folder / "root.pem")
        self.tls.verify_mode = ssl.CERT_REQUIRED

    def run(self):
        listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        print(listener.getsockname()[1], flush=True)
        while True:
            raw, _ = listener.accept()
            threading.Thread(target=self.connection, args=(raw,), daemon=True).start()

    def connection(self, raw):
        try:
            with self.tls.wrap_socket(raw, server_side=True) as stream:
                stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                with stream.makefile("rb", buffering=1 << 18) as reader:
                    while self.request(stream, reader):
                        pass
        except OSError:
            # A client that is gone is no failure of the server.
            pass

    def request(self, stream, reader):
        line = reader.readline()
        if not line:
            return False
        method, path, _ = line.decode().split(" ", 2)
        headers = {}
        while (line := reader.readline()) not in (b"\r\n", b""):
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip()
        if headers.get("expect", "").lower() == "100-continue":
            stream.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        if headers.get("transfer-encoding", "").lower() == "chunked":
            received = 0
            while length := int(reader.readline(), 16):
                received += self.discard(reader, length)
                reader.readline()
            reader.readline()
        else:
            received = self.discard(reader, int(headers.get("content-length", 0)))
        status, headers, body = self.answer(method, path, received)
        head = f"HTTP/1.1 {status} -\r\ncontent-length: {len(body)}\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        stream.sendall(head.encode() + b"\r\n")
        stream.sendall(body)
        return True

    def discard(self, reader, length):
        buffer, left = memoryview(bytearray(1 << 18)), length
        while left:
            read = reader.readinto1(buffer[: min(left, len(buffer))])
            if not read:
                raise ConnectionError
            left -= read
        return length

    def answer(self, method, path, received):
        json_type = {"content-type": "application/vnd.mesh.v2+json"}
        path = path.partition("?")[0]
        if path == "/stats":
            return 200, json_type, json.dumps({"sent": self.sent}).encode()
        if method == "POST" and OUTBOX.match(path):
            with self.lock:
                self.sent += received
            return 202, json_type, b'{"message_id":"BENCH"}'
        if method == "GET" and (found := MESSAGE.match(path)) and self.chunks:
            index = int(found[2] or 1)
            headers = {
                "content-type": "application/octet-stream",
                "mex-from": "X26ABC1",
                "mex-to": found[1],
                "mex-workflowid": "TEST_WORKFLOW",
                "mex-messagetype": "DATA",
                "mex-messageid": "BENCH",
                "mex-filename": "bench.dat",
                "mex-chunk-range": f"{index}:{len(self.chunks)}",
            }
            if self.gzip:
                headers["content-encoding"] = "gzip"
            return (206 if index < len(self.chunks) else 200), headers, self.chunks[index - 1]
        return 200, json_type, b""


Server(parse()).run()
