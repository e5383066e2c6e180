"""What a request over a socket is refused with, in either protocol."""

from __future__ import annotations


class RefusedError(Exception):
    """A request that is answered with an error; in v2 `fields` join the answer (symbol, channel, status)."""

    def __init__(self, error: str, **fields: str) -> None:
        super().__init__(error)
        self.error = error
        self.fields = fields
