"""password FILE…: one line of JSON for each PEM file, as Python's cryptography reads it."""

import hashlib
import json
import sys

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from cryptography.x509 import load_pem_x509_certificates

for path in sys.argv[2:]:
    with open(path, "rb") as file:
        text = file.read()
    if b"PRIVATE KEY" in text:
        password = sys.argv[1].encode() if b"ENCRYPTED" in text else None
        public = load_pem_private_key(text, password).public_key()
        der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        print(json.dumps({"key": hashlib.sha256(der).hexdigest()}))
    else:
        found = [c.public_bytes(Encoding.DER) for c in load_pem_x509_certificates(text)]
        print(json.dumps({"certificates": [hashlib.sha256(der).hexdigest() for der in found]}))
