"""password FILE…: one line of JSON for each PKCS#12 file, as Python's cryptography reads it."""

import hashlib
import json
import sys

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, pkcs12

for path in sys.argv[2:]:
    with open(path, "rb") as file:
        opened = pkcs12.load_pkcs12(file.read(), sys.argv[1].encode())
    key = opened.key and opened.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    certificates = ([opened.cert] if opened.cert else []) + opened.additional_certs
    print(json.dumps({
        "key": key and hashlib.sha256(key).hexdigest(),
        "certificates": [hashlib.sha256(c.certificate.public_bytes(Encoding.DER)).hexdigest() for c in certificates],
    }))
