"""Signed REST calls and the WebSocket tokens that they earn (protocol notes, REST §2 and §3)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from urllib.parse import parse_qs

from krakencli.sandbox.times import SECOND

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


class TokenDesk:
    """Checks the signatures of one key and remembers the tokens given out for it."""

    def __init__(self, api_key: str, api_secret: str) -> None:
        self._key = api_key
        self._secret = api_secret
        self._last_nonce = 0
        self._issued: dict[str, int] = {}

    def refusal(self, path: str, headers: Mapping[str, str], body: bytes) -> str | None:
        """Why a private call is refused, in the exchange's words; None for one that may proceed.

        The nonce of an accepted call is spent. Key, signature and nonce are looked at in this order, so that
        only the key's owner can spend one.
        """
        if not hmac.compare_digest(headers.get("API-Key", "").encode(), self._key.encode()):
            return "EAPI:Invalid key"
        nonce = read_nonce(body, headers.get("Content-Type", ""))
        given = headers.get("API-Sign", "").encode()
        if not hmac.compare_digest(given, signature(self._secret, path, nonce or "", body).encode()):
            return "EAPI:Invalid signature"
        if (
            nonce is None
            or not (nonce.isascii() and nonce.isdigit())
            or not self._last_nonce < int(nonce) < 2**64
        ):
            return "EAPI:Invalid nonce"
        self._last_nonce = int(nonce)
        return None

    def issue(self, now: int) -> str:
        """A fresh token of 43 characters, good for `LIFETIME` seconds from `now` (nanoseconds)."""
        token = base64.b64encode(secrets.token_bytes(32)).decode().rstrip("=")
        self._issued[token] = now
        return token

    def valid(self, token: object, now: int) -> bool:
        """Whether `token` was given out here less than `LIFETIME` seconds before `now`."""
        issued = self._issued.get(token) if isinstance(token, str) else None
        return issued is not None and now - issued < LIFETIME * SECOND
