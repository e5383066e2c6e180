"""The signature of a private request (protocol notes REST §2). Values in, values out."""

import hmac
from base64 import b64decode, b64encode
from hashlib import sha256


def sign(secret: str, path: str, nonce: int, body: bytes) -> str:
    """`API-Sign` for a POST of exactly `body`, which holds the nonce, to `path` (`/0/private/Balance`).

    `secret` is the private key in base64. ValueError where it is not.
    """
    digest = sha256(str(nonce).encode() + body).digest()
    key = b64decode(secret, validate=True)
    return b64encode(hmac.digest(key, path.encode() + digest, "sha512")).decode()
