"""Prints an Authorization header for one request of mailbox {{ mailbox | bare }} ({{ environment | bare }}), for curl --header @-

It serves once and within two hours.
"""

import hashlib
import hmac
import uuid
from datetime import datetime, timezone

MAILBOX = {{ mailbox }}
PASSWORD = {{ password }}
SHARED_KEY = {{ shared_key }}

nonce = str(uuid.uuid4())
time = datetime.now(timezone.utc).strftime("%Y%m%d%H%M")
message = f"{MAILBOX}:{nonce}:0:{PASSWORD}:{time}"
proof = hmac.new(SHARED_KEY.encode(), message.encode(), hashlib.sha256).hexdigest()
print(f"authorization: NHSMESH {MAILBOX}:{nonce}:0:{time}:{proof}")
