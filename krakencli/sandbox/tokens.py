"""The signature of a private REST call, and the nonce in it (protocol notes, REST §2)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from urllib.parse import parse_qs

LIFETIME = 900


def signature(secret: str, path: str, nonce: str, body: bytes) -> str:
    """The `API-Sign` of a request: HMAC-SHA512 over path and SHA256(nonce + body), in base64."""
    digest = hashlib.sha256(nonce.encode() + body).digest()
    code = hmac.new(base64.b64decode(secret), path.encode() + digest, hashlib.sha512)
    return base64.b64encode(code.digest()).decode()


def read_nonce(body: bytes, content_type: str) -> str | None:
    """The nonce of a form-encoded or JSON body as it was spelled; None if there is none."""
    try:
        if "json" in content_type:
            document = json.loads(body)
            nonce = document.get("nonce") if isinstance(document, dict) else None
            return str(nonce) if isinstance(nonce, int | str) else None
        return parse_qs(body.decode("ascii")).get("nonce", [None])[-1]
    except ValueError:
        return None
