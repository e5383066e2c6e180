"""What the faults must understand of a protocol: what a frame is about, and how one is changed as text.

One speech for each protocol, `v2_speech` and `v1_speech`; symbols are v2's names in both. Requests are read
by those who answer them.
"""

from __future__ import annotations

from typing import Protocol

from krakencli.sandbox.faults.frame import BookFrame

About = tuple[str, str]
"""Channel and symbol; the symbol is empty for a channel that has none."""


class Speech(Protocol):
    """The frames of one protocol."""

    def topic(self, text: str) -> About | None:
        """What a frame tells of, a market or an account; None for any other frame."""

    def is_update(self, text: str) -> bool:
        """Whether a frame of a topic that has begun is news, and no snapshot."""

    def acknowledged(self, text: str) -> About | None:
        """What a frame says has been subscribed."""

    def ended(self, text: str) -> About | None:
        """What a frame says has been unsubscribed."""

    def book(self, text: str) -> BookFrame | None:
        """A frame of `book` or `level3`; None for any other."""

    def trades(self, text: str) -> list[str]:
        """The trades of a frame of `trade`, each as text."""

    def trade_id(self, trade: str) -> int | None:
        """The id in a trade's text; None where the protocol has none."""

    def with_trades(self, text: str, trades: list[str]) -> str:
        """A frame of `trade` with these trades only."""

    def shows_life(self, text: str) -> bool:
        """Whether a frame is a heartbeat or a pong."""

    def huge(self, size: int) -> str:
        """A valid frame of so many bytes, of a channel that nobody knows."""
