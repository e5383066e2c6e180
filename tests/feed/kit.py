"""A feed on a clock moved by hand, over links that a test plays itself: the test begins at the socket."""

from collections.abc import Iterable
from typing import Any

from krakencli.clock import Clock
from krakencli.feed import Feed, Output, RawFrame, Speech
from krakencli.model import Host, News, Subscription
from krakencli.protocol.messages import Update
from krakencli.transport.inbox import Inbox
from krakencli.transport.link import Arrival, Batch, Closed, Opened

GREETING = b'{"channel":"status","type":"update","data":[{"system":"online"}]}'
TRADE = Subscription("trade", "BTC/USD")


class HandLink:
    """Stands where a link does; the test says what it hears."""

    url = "wss://exchange.test/v2"

    def __init__(self, inbox: Inbox[Arrival]) -> None:
        self.inbox = inbox
        self.sent: list[bytes] = []
        self.closed = False

    def start(self) -> None:
        """Nothing to connect."""

    def send(self, frame: bytes) -> None:
        self.sent.append(frame)

    def close(self, wait: float = 0.0) -> None:
        self.closed = True


class Desk:
    """A feed, its links in order, and what it gave."""

    def __init__(self, *wanted: Subscription, unit: float = 1.0, **options: Any) -> None:
        self.now = 1000.0
        self.inbox: Inbox[Arrival] = Inbox()
        self.links: list[HandLink] = []
        self.started_at: list[float] = []
        self.slept = 0.0
        clock = Clock(lambda: self.now, lambda: self.now + self.slept, unit)
        speech = Speech(**{name: options.pop(name) for name in ("keep_frames", "trace") if name in options})
        made = {"clock": clock, "speech": speech, **options}
        self.feed = Feed(wanted, self._connect, self.inbox, **made)  # type: ignore[arg-type]
        self.feed.start()

    def _connect(self, host: Host, inbox: Inbox[Arrival]) -> HandLink:
        self.links.append(HandLink(inbox))
        self.started_at.append(self.now)
        return self.links[-1]

    @property
    def link(self) -> HandLink:
        return self.links[-1]

    def put(self, arrival: Any) -> list[Output]:
        self.inbox.put(arrival, 1)
        return self.feed.poll(0)

    def open(self, *frames: bytes, link: int = -1) -> list[Output]:
        """A link, the newest if none is named, opens and brings these frames."""
        found = self.put(Opened(self.links[link]))  # type: ignore[arg-type]
        return found + (self.hear(*frames, link=link) if frames else [])

    def open_with(self, token: str) -> list[Output]:
        """The newest link opens with a token that it has fetched."""
        return self.put(Opened(self.link, token))  # type: ignore[arg-type]

    def hear(self, *frames: bytes, link: int = -1) -> list[Output]:
        return self.put(Batch(self.links[link], list(frames)))  # type: ignore[arg-type]

    def lose(self, reason: str = "cut", *, opened: bool = True, link: int = -1, **more: Any) -> list[Output]:
        return self.put(Closed(self.links[link], reason, opened, **more))  # type: ignore[arg-type]

    def wait(self, seconds: float, step: float = 0.25) -> list[Output]:
        """Let time pass in steps, as the pipeline does."""
        found: list[Output] = []
        end = self.now + seconds
        while self.now < end:
            self.now = min(end, self.now + step)
            found += self.feed.poll(0)
        return found

    def wait_for_link(self, limit: float = 700.0) -> float:
        """Seconds until the feed tries again."""
        count, began = len(self.links), self.now
        while len(self.links) == count:
            assert self.now - began < limit, "no new attempt"
            self.wait(0.05, 0.05)
        return self.now - began

    def grant(self, subscription: Subscription = TRADE) -> list[Output]:
        return self.hear(granted(len(self.requests), subscription))

    @property
    def requests(self) -> list[bytes]:
        return [frame for frame in self.link.sent if b"subscribe" in frame]


def granted(number: int, subscription: Subscription = TRADE) -> bytes:
    return (
        f'{{"method":"subscribe","req_id":{number},"result":{{"channel":"{subscription.wire}",'
        f'"symbol":"{subscription.symbol}"}},"success":true}}'
    ).encode()


def refused(number: int, subscription: Subscription = TRADE, error: str = "no") -> bytes:
    return (
        f'{{"error":"{error}","method":"subscribe","req_id":{number},"success":false,'
        f'"symbol":"{subscription.symbol}"}}'
    ).encode()


def trade(number: int = 1, channel: str = "trade") -> bytes:
    item = f'{{"symbol":"BTC/USD","trade_id":{number}}}'
    return f'{{"channel":"{channel}","type":"update","data":[{item}]}}'.encode()


def news(output: Iterable[Output]) -> list[str]:
    return [one.type for one in output if isinstance(one, News)]


def fields(output: Iterable[Output], type_: str) -> dict[str, Any]:
    """The fields of the only news of a type."""
    (one,) = (one for one in output if isinstance(one, News) and one.type == type_)
    return one.fields


def data(output: Iterable[Output]) -> list[bytes]:
    return [
        bytes(item)
        for one in output
        if isinstance(one, Update)
        for item in one.data
        if one.channel != "status"
    ]


def frames(output: Iterable[Output]) -> list[tuple[bytes, bool]]:
    return [(one.frame, one.is_data) for one in output if isinstance(one, RawFrame)]
