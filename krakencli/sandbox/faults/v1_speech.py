"""How the faults read v1 (protocol notes v1 §2 to §7)."""

from __future__ import annotations

import json
import re
from zlib import crc32

from krakencli.sandbox.book import CHECKED_LEVELS
from krakencli.sandbox.faults.frame import BookFrame, Entry, Span
from krakencli.sandbox.faults.speech import About
from krakencli.sandbox.pairs import Listing, Pair
from krakencli.sandbox.v1_text import price_unit

_TAIL = re.compile(r',"(ticker|trade|spread|book-\d+|ohlc-\d+)","([^"]+)"\]$')
_PRIVATE = re.compile(r'\],"(openOrders|ownTrades)",\{"sequence":\d+\}\]$')
_LONGEST_TAIL = 60
_STATUS = '"event":"subscriptionStatus"'
_TRADE = re.compile(r'\["[^\]]*\]')
_CHECKSUM = re.compile(r',"c":"(\d+)"')
_SIDE = re.compile(r'"(?P<name>as|bs|a|b)":\[(?P<levels>(?:\[[^\]]*\],?)*)\]')
_LEVEL = re.compile(r'\["(?P<price>[\d.]+)","(?P<qty>[\d.]+)","[\d.]+"(?:,"r")?\]')


class V1Speech:
    """v1's frames; wsnames are looked up in the listing."""

    def __init__(self, listing: Listing) -> None:
        self._listing = listing

    def topic(self, text: str) -> About | None:
        """By the end of the frame; a depth or an interval is no part of the channel."""
        start = max(0, len(text) - _LONGEST_TAIL)
        private = _PRIVATE.search(text, start)
        if private:
            return private[1], ""
        found = _TAIL.search(text, start) if text.startswith("[") else None
        return (_channel(found[1]), self._symbol(found[2])) if found else None

    def is_update(self, text: str) -> bool:
        """Of a frame that is not the first of its topic: only books say it themselves."""
        return '"as":[' not in text[:60] and not text.endswith('{"sequence":1}]')

    def acknowledged(self, text: str) -> About | None:
        """A subscriptionStatus `subscribed`."""
        return self._said(text, "subscribed")

    def ended(self, text: str) -> About | None:
        """A subscriptionStatus `unsubscribed`."""
        return self._said(text, "unsubscribed")

    def book(self, text: str) -> BookFrame | None:
        """Of any depth."""
        found = _TAIL.search(text, max(0, len(text) - _LONGEST_TAIL))
        pair = self._listing.find(found[2]) if found else None
        if found is None or pair is None or _channel(found[1]) != "book":
            return None
        return _Book(text, found[1], "update" if self.is_update(text) else "snapshot", pair)

    def trades(self, text: str) -> list[str]:
        """The rows."""
        return [match[0] for match in _TRADE.finditer(text)]

    def trade_id(self, trade: str) -> int | None:  # noqa: ARG002 - the interface of a speech
        """There is none (§5.3)."""
        return None

    def with_trades(self, text: str, trades: list[str]) -> str:
        """Between the channelID and the names."""
        return f"{text[: text.index('[', 1)]}[{','.join(trades)}]{text[text.rindex(']]') + 2 :]}"

    def shows_life(self, text: str) -> bool:
        """By the head of the frame."""
        return text.startswith(('{"event":"heartbeat"', '{"event":"pong"'))

    def huge(self, size: int) -> str:
        """In the shape of a public channel's data."""
        frame = '[0,{"filler":"%s"},"sandbox_huge","XBT/USD"]'
        return frame % ("x" * (size - len(frame) + len("%s")))

    def _said(self, text: str, status: str) -> About | None:
        if not text.startswith("{") or _STATUS not in text or f'"status":"{status}"' not in text:
            return None
        frame = json.loads(text)
        return _channel(frame["channelName"]), self._symbol(frame["pair"]) if "pair" in frame else ""

    def _symbol(self, wsname: str) -> str:
        pair = self._listing.find(wsname)
        return pair.symbol if pair else wsname


class _Book(BookFrame):
    def __init__(self, text: str, channel: str, kind: str, pair: Pair) -> None:
        super().__init__(text, channel, kind, pair.symbol)
        self._unit = price_unit(pair)

    @property
    def checksum(self) -> int:
        """A snapshot does not tell its own: it is reckoned from the digits (§6)."""
        span = self.checksum_span()
        if span is not None:
            return int(self.text[slice(*span)])
        entries = self.entries()
        best = [
            entry
            for side in ("asks", "bids")
            for entry in [one for one in entries if one.side == side][:CHECKED_LEVELS]
        ]
        return crc32("".join([_digits(entry.name) + _digits(entry.qty) for entry in best]).encode())

    def checksum_span(self) -> Span | None:
        match = _CHECKSUM.search(self.text)
        return match.span(1) if match else None

    def entries(self) -> list[Entry]:
        """Asks before bids."""
        return [
            self._entry("asks" if side["name"][0] == "a" else "bids", match)
            for side in _SIDE.finditer(self.text)
            for match in _LEVEL.finditer(self.text, *side.span("levels"))
        ]

    def with_only(self, entry: Entry) -> str:
        """The other side has no object of its own then."""
        checksum = _CHECKSUM.search(self.text)
        payload = f'{{"{entry.side[0]}":[{entry.text}]{checksum[0] if checksum else ""}}}'
        return f"{self.text[: self.text.index('{')]}{payload}{self.text[self.text.rindex('}') + 1 :]}"

    def _entry(self, side: str, match: re.Match[str]) -> Entry:
        price, qty = match["price"], match["qty"]
        ticks = int(price.replace(".", "")) // self._unit
        return Entry(side, price, ticks, qty, not qty.strip("0."), match[0], match.span("qty"))


def _digits(number: str) -> str:
    return number.replace(".", "").lstrip("0")


def _channel(name: str) -> str:
    return name.partition("-")[0]
