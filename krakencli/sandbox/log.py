"""The sandbox's log: one record for each thing it did, received or sent, so that a test can see what really
happened.

A record is a flat object: `n` (counts from 1), `at` (seconds since the start), `what`, then its own fields:
`listening` (addresses), `open` (connection, path, remote), `receive` and `send` (connection, frame; null for
one that was not text), `close` (connection, code: the server ends it), `gone` (connection, code: it has
ended), `rest` (method, path, query, error), `behind` (seconds that the market had to be put off), and
`fault`, when one has really been delivered (fault: its number, name, symbol and channel if it has any), and
`private` for each private request that came in (api: `rest` or `ws`, method, account: its number, or null for
a stranger, params, and over rest error, over ws req_id). Tokens and one-time passwords are masked everywhere.

What else a `fault` tells depends on where it acts. At a connection: connection, frame (the one it touched, or
the request, or null), sent (what went out for it), and for some trade_ids, code, reason, heartbeats, size. A
refused symbol: connection, refused (the channel). A handshake: path, remote, status. REST: path, query,
status, seconds, answer (its beginning). The engine: system (its new state).
"""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any, TextIO

_TOKEN = re.compile(r'("(?:token|otp)"\s*:\s*")[^"]*')


def masked(value: object) -> object:
    """A field as it may be told: tokens in it are not."""
    if isinstance(value, str):
        return _TOKEN.sub(r"\1***", value) if '"token"' in value or '"otp"' in value else value
    return [masked(one) for one in value] if isinstance(value, list) else value


class Log:
    """Writes records to a stream or a file, keeps them in a list, or does neither at next to no cost."""

    def __init__(self, target: TextIO | Path | None = None, keep: bool = False) -> None:
        """Raises OSError when the file cannot be written."""
        self._owned = target.open("w", encoding="utf-8") if isinstance(target, Path) else None
        self._stream = self._owned or (None if isinstance(target, Path) else target)
        self._keep = keep
        self._began = time.monotonic()
        self._count = 0
        self.active = keep or self._stream is not None
        self.entries: list[dict[str, Any]] = []

    def write(self, what: str, **fields: object) -> None:
        """Records one thing; callers with costly fields ask `active` first."""
        if not self.active:
            return
        self._count += 1
        record = {"n": self._count, "at": round(time.monotonic() - self._began, 6), "what": what}
        record |= {name: masked(value) for name, value in fields.items()}
        if self._keep:
            self.entries.append(record)
        if self._stream is not None:
            self._stream.write(json.dumps(record, separators=(",", ":")) + "\n")

    def flush(self) -> None:
        """Hands what was written on to the system."""
        if self._stream is not None:
            self._stream.flush()

    def close(self) -> None:
        """Flushes, and closes the file that the log opened itself."""
        self.flush()
        if self._owned is not None:
            self._owned.close()
            self._stream = None
            self.active = self._keep
