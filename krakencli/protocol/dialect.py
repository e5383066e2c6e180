"""What a codec does for a conversation: the seam behind which API v1 and v2 differ. Sans I/O.

Whichever is spoken, `Session` sees the same messages: subscriptions by their v2 symbols, items shaped as v2
shapes them (design §4). The module `v2` is a dialect by itself; `v1.Codec` remembers what its connection was
granted, and so each connection has its own.
"""

from collections.abc import Sequence
from typing import Literal, Protocol

from krakencli.model import Subscription
from krakencli.protocol.messages import Garbage, Response, Update

Method = Literal["subscribe", "unsubscribe"]


class Dialect(Protocol):
    """Frames to messages, requests to text."""

    def decode_update(self, frame: bytes, /) -> Update:
        """A frame of data, which is the common case; one of UNREADABLE where `decode` must look."""

    def decode(self, frame: bytes, /) -> Update | Response | Garbage:
        """What one text frame says. Never raises."""

    def subscribe(
        self,
        method: Method,
        subscriptions: Sequence[Subscription],
        req_id: int,
        token: str | None = None,
        /,
    ) -> bytes:
        """The request for subscriptions that differ in their symbol only."""

    def ping(self, req_id: int, /) -> bytes:
        """A request that the server answers and nothing else follows from."""
