"""What a v1 subscribe or unsubscribe request asks for, or the words in which it is refused (protocol notes v1
§4 and §10).

Where the notes leave a case open: a pair is its wsname and nothing else (`BTC/USD` is not supported), a
field of another channel is an unsupported one, and only an interval of `null` is a missing one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from krakencli.sandbox.candles import INTERVALS
from krakencli.sandbox.refused import RefusedError

DEPTHS = (10, 25, 100, 500, 1000)
PUBLIC = ("ticker", "ohlc", "trade", "spread", "book")
PRIVATE = ("openOrders", "ownTrades")
EVERYTHING = "*"

_FIELDS = {
    "ticker": (),
    "ohlc": ("interval",),
    "trade": (),
    "spread": (),
    "book": ("depth",),
    EVERYTHING: ("depth", "interval", "token"),
    "openOrders": ("token", "ratecounter", "rebased"),
    "ownTrades": ("token", "snapshot", "consolidate_taker", "rebased"),
}
_PAIR = re.compile(r"[A-Za-z0-9.]+/[A-Za-z0-9.]+")

Request = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wish:
    """One public channel; `variant` is a book's depth or ohlc's interval, `""` where there is none."""

    channel: str
    variant: int | str = ""

    @property
    def name(self) -> str:
        """The channelName, such as `book-10`."""
        return f"{self.channel}-{self.variant}" if self.variant else self.channel

    def echo(self) -> dict[str, object]:
        """The `subscription` of an acknowledgement."""
        option = _FIELDS[self.channel]
        return {"name": self.channel, **({option[0]: self.variant} if option else {})}


NAMES = (
    *("book-10", "trade", "book-100", "book-25", "ticker", "spread", "book-500", "ohlc-1", "book-1000"),
    *(f"ohlc-{interval}" for interval in INTERVALS[1:]),
)
_BLOCK, _FIRST = 32, 336


def channel_id(place: int, wish: Wish) -> int:
    """The channelID for the pair at a `place` of the listing: one for each pair and channel. Those of the
    first pair are as they were recorded of XBT/USD.
    """
    return _FIRST + _BLOCK * place + NAMES.index(wish.name)


def read_subscription(request: Request) -> Request:
    """The `subscription` of a request. Raises RefusedError for one that is none."""
    subscription = request.get("subscription")
    if not isinstance(subscription, dict):
        raise RefusedError("Subscription field must be an object")
    return subscription


def check_fields(subscription: Request) -> None:
    """Raises RefusedError for a channel that there is not, or a field that it has not."""
    name = subscription.get("name")
    if not isinstance(name, str) or name not in _FIELDS:
        raise RefusedError("Subscription name invalid")
    if not {"name", *_FIELDS[name]}.issuperset(subscription):
        raise RefusedError("Subscription object unsupported field")


def read_pairs(request: Request) -> list[str]:
    """The pairs that a request names. Raises RefusedError."""
    if "pair" not in request:
        raise RefusedError("Pair(s) not found")
    pairs = request["pair"]
    if not isinstance(pairs, list) or not all(isinstance(pair, str) for pair in pairs):
        raise RefusedError("Pair field must be an array")
    if not pairs:
        raise RefusedError("Pair(s) not found")
    return pairs


def check_form(pair: str) -> None:
    """Raises RefusedError for what does not look like a pair."""
    if not _PAIR.fullmatch(pair):
        raise RefusedError(f"Currency pair not in ISO 4217-A3 format {pair}")


def read_wishes(subscription: Request) -> list[Wish]:
    """The public channels that a checked subscription names: one, or all of them. Raises RefusedError for a
    depth or an interval that cannot be.
    """
    name = subscription["name"]
    variants = {"book": _depth(subscription), "ohlc": _interval(subscription)}
    return [Wish(one, variants.get(one, "")) for one in (PUBLIC if name == EVERYTHING else (name,))]


def _depth(subscription: Request) -> int:
    depth = subscription.get("depth", DEPTHS[0])
    if type(depth) is not int:
        raise RefusedError("Subscription book depth must be an integer")
    if depth not in DEPTHS:
        raise RefusedError("Subscription depth not supported")
    return depth


def _interval(subscription: Request) -> int:
    interval = subscription.get("interval", INTERVALS[0])
    if interval is None:
        raise RefusedError("Subscription ohlc requires interval")
    if type(interval) is not int:
        raise RefusedError("Subscription ohlc interval must be an integer")
    if interval not in INTERVALS:
        raise RefusedError("Subscription ohlc interval not supported")
    return interval
