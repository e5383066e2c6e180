"""What every conversation with one connected client offers, whichever protocol it speaks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

Refuses = Callable[[str, str], bool]
"""Whether a subscription of a channel and a symbol is refused although the symbol is listed."""


def refuses_none(_channel: str, _symbol: str) -> bool:
    """What an exchange without faults refuses."""
    return False


class Session(Protocol):
    """One connection's conversation, without the connection: text in, text out through a callable it was
    given.

    `now` is in seconds of a clock that never jumps; it only measures silence and heartbeats.
    """

    def greet(self) -> None:
        """Sends what the exchange says first. Called once."""

    def receive(self, text: str | None, now: float) -> None:
        """Takes one message; None stands for one that was not text."""

    def work(self) -> bool:
        """Does one piece of postponed work, such as a snapshot; False when nothing was left to do."""

    def tick(self, now: float) -> int | None:
        """Lets time pass: sends a heartbeat that is due and the news of another engine state; says with
        which code to close, or None.
        """

    def dismiss(self, channel: str, symbol: str) -> None:
        """Ends the subscriptions of a channel and a symbol (v2's name) unasked, and says so."""

    def end(self) -> None:
        """The connection is gone. Nothing may be sent any more."""
