"""How the faults read v2 (protocol notes v2 §4, §7, §8 and §11)."""

from __future__ import annotations

import json
import re

from krakencli.sandbox.faults.frame import BookFrame, Entry, Span
from krakencli.sandbox.faults.speech import About

_HEAD = re.compile(
    r'\{"channel":"(\w+)","type":"\w+",(?:"timestamp":"[^"]*",)?'
    r'"data":\[\{(?:"(?:checksum|timestamp)":[^,]*,)*"symbol":"([^"]+)"'
)
_PRIVATE = re.compile(r'\{"channel":"(executions|balances)","type"')
_TRADE = re.compile(r'\{"symbol":[^}]*"trade_id":(\d+)[^}]*\}')
_BOOK = re.compile(r'\{"channel":"(book|level3)","type":"(snapshot|update)","data":\[.*?"symbol":"([^"]+)"')
_CHECKSUM = re.compile(r'"checksum":(\d+)')
_ENTRY = re.compile(
    r'\{(?:"event":"(?P<event>\w+)",)?(?:"order_id":"(?P<order>[^"]+)",)?'
    r'"(?:limit_)?price":(?P<price>[\d.]+),"(?:order_)?qty":(?P<qty>[\d.]+)[^}]*\}'
)
_SIDES = re.compile(r'"bids":\[(?P<bids>[^\]]*)\],"asks":\[(?P<asks>[^\]]*)\]')


class V2Speech:
    """v2's frames."""

    def topic(self, text: str) -> About | None:
        """By the head of the frame."""
        private = _PRIVATE.match(text)
        if private:
            return private[1], ""
        match = _HEAD.match(text)
        return (match[1], match[2]) if match else None

    def is_update(self, text: str) -> bool:
        """It says so."""
        return '"type":"update"' in text[:60]

    def acknowledged(self, text: str) -> About | None:
        """A success of `subscribe`."""
        is_one = text.startswith('{"method":"subscribe"') and '"success":true' in text
        return _result(text) if is_one else None

    def ended(self, text: str) -> About | None:
        """A success of `unsubscribe`; a failure is answered as a subscribe."""
        return _result(text) if text.startswith('{"method":"unsubscribe"') else None

    def book(self, text: str) -> BookFrame | None:
        """Also level3."""
        match = _BOOK.match(text)
        return _Book(text, *match.groups()) if match else None

    def trades(self, text: str) -> list[str]:
        """The objects."""
        return [match[0] for match in _TRADE.finditer(text)]

    def trade_id(self, trade: str) -> int | None:
        """Of `trade_id`."""
        match = _TRADE.match(trade)
        return int(match[1]) if match else None

    def with_trades(self, text: str, trades: list[str]) -> str:
        """Nothing stands after them."""
        return f"{text[: text.index('[')]}[{','.join(trades)}]}}"

    def shows_life(self, text: str) -> bool:
        """By the head of the frame."""
        return text.startswith(('{"channel":"heartbeat"', '{"method":"pong"'))

    def huge(self, size: int) -> str:
        """In the shape of a channel's update."""
        frame = '{"channel":"sandbox_huge","type":"update","data":[{"filler":"%s"}]}'
        return frame % ("x" * (size - len(frame) + len("%s")))


class _Book(BookFrame):
    @property
    def checksum(self) -> int:
        begin, end = self.checksum_span()
        return int(self.text[begin:end])

    def checksum_span(self) -> Span:
        match = _CHECKSUM.search(self.text)
        if match is None:
            raise ValueError("a book frame without a checksum")
        return match.span(1)

    def entries(self) -> list[Entry]:
        """Bids before asks."""
        found = _SIDES.search(self.text)
        sides = [] if found is None else [(name, found.span(name)) for name in ("bids", "asks")]
        return [_entry(side, match) for side, span in sides for match in _ENTRY.finditer(self.text, *span)]

    def with_only(self, entry: Entry) -> str:
        kept = {name: entry.text if name == entry.side else "" for name in ("bids", "asks")}
        return _SIDES.sub(lambda _: f'"bids":[{kept["bids"]}],"asks":[{kept["asks"]}]', self.text)


def _entry(side: str, match: re.Match[str]) -> Entry:
    event, order, price, qty = match.group("event", "order", "price", "qty")
    gone = event == "delete" or (order is None and not qty.strip("0."))
    return Entry(side, order or price, int(price.replace(".", "")), qty, gone, match[0], match.span("qty"))


def _result(text: str) -> About:
    result = json.loads(text)["result"]
    return result["channel"], result.get("symbol", "")
