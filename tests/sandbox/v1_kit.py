"""What the tests of the sandbox's v1 side share: a client on a conversation, and a book kept from wire text
as the protocol notes tell a client to (v1 §5.5 and §6), with nothing of the sandbox's own code.
"""

from __future__ import annotations

import json
import zlib
from typing import Any

from krakencli.sandbox.v1 import V1Session

from .kit import Talker


class V1Client(Talker):
    """One that speaks v1."""

    speaks = V1Session

    def subscribe(self, name: str, *pairs: str, **options: Any) -> list[Any]:
        """Subscribes pairs and returns the decoded frames."""
        return self.ask(event="subscribe", pair=list(pairs), subscription={"name": name, **options})

    def unsubscribe(self, name: str, *pairs: str, **options: Any) -> list[Any]:
        """The reverse."""
        return self.ask(event="unsubscribe", pair=list(pairs), subscription={"name": name, **options})

    def decoded(self) -> list[Any]:
        """The same, decoded."""
        return [json.loads(frame) for frame in self.take()]


def is_data(frame: Any) -> bool:
    """Whether a decoded frame is data of a public channel."""
    return isinstance(frame, list) and isinstance(frame[0], int)


def digits(number: str) -> str:
    """A number as the checksum wants it."""
    return number.replace(".", "").lstrip("0")


class V1Book:
    """A book of one depth. Numbers are kept as they were sent."""

    def __init__(self, depth: int) -> None:
        self.depth = depth
        self.asks: dict[int, tuple[str, str, str]] = {}
        self.bids: dict[int, tuple[str, str, str]] = {}

    def apply(self, frame: list[Any]) -> bool:
        """Takes one decoded frame; says whether the checksum holds, which a snapshot does not have."""
        payloads = frame[1:-2]
        if "as" in payloads[0]:
            self.asks, self.bids = {}, {}
            self._set(self.asks, payloads[0]["as"])
            self._set(self.bids, payloads[0]["bs"])
            return len(payloads) == 1 and set(payloads[0]) == {"as", "bs"}
        for payload in payloads:
            self._set(self.asks, payload.get("a", []))
            self._set(self.bids, payload.get("b", []))
        self._cut()
        return all("c" not in one for one in payloads[:-1]) and payloads[-1]["c"] == str(self.checksum())

    def checksum(self) -> int:
        rows = self.top("asks", 10) + self.top("bids", 10)
        return zlib.crc32("".join(digits(price) + digits(qty) for price, qty, _ in rows).encode())

    def top(self, side: str, count: int) -> list[tuple[str, str, str]]:
        """The best levels as `(price, volume, time)`."""
        levels = self.asks if side == "asks" else self.bids
        return [levels[key] for key in sorted(levels, reverse=side == "bids")[:count]]

    def _set(self, side: dict[int, tuple[str, str, str]], rows: list[list[str]]) -> None:
        for price, qty, stamp, *mark in rows:
            assert mark in ([], ["r"])
            key = int(price.replace(".", ""))
            if digits(qty):
                side[key] = (price, qty, stamp)
            else:
                side.pop(key, None)

    def _cut(self) -> None:
        for side, reverse in ((self.asks, False), (self.bids, True)):
            for key in sorted(side, reverse=reverse)[self.depth :]:
                del side[key]
