"""Pages, lags, refusals and holes of REST Trades, against a real server and a clock that only sleeps move."""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

import pytest

from krakencli.errors import RemoteError, StreamError
from krakencli.rest.backfill import PAGE, Calls, Missing, Pace, candles, trades
from krakencli.rest.client import Client

from .kit import Answer, Seen, Server, refused, result

START = 1_750_000_000
"""Seconds; trade n is made n milliseconds later unless a test says otherwise."""
AFTER = "2025-06-15T15:06:40.000000Z"


@dataclass
class Time:
    """Monotonic and wall clock in one; `slept` are the waits."""

    now: float = 0.0
    slept: list[float] = field(default_factory=list)

    def clock(self) -> float:
        return self.now

    def wall(self) -> float:
        return START + self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def nanoseconds(number: int) -> int:
    return START * 10**9 + number * 10**6


def in_bursts(number: int) -> int:
    """Ten trades share one time; a page ends inside such ten."""
    return START * 10**9 + (number + 5) // 10 * 10**6


class Exchange:
    """REST Trades of ids 1 to `newest`; a `hidden` one is not told of for so many calls."""

    def __init__(self, newest: int, when: Callable[[int], int] = nanoseconds) -> None:
        self.newest, self.when = newest, when
        self.hidden: dict[int, int] = {}
        self.calls: list[int | None] = []
        self.first: list[Answer] = []

    def __call__(self, seen: Seen) -> Answer:
        query = parse_qs(urlsplit(seen.path).query)
        since = int(query["since"][0]) if "since" in query else None
        self.calls.append(since)
        if self.first:
            return self.first.pop(0)
        ids = [n for n in range(1, self.newest + 1) if self.hidden.get(n, 0) < len(self.calls)]
        ids = ids[-PAGE:] if since is None else [n for n in ids if self.when(n) > since][:PAGE]
        last = self.when(ids[-1]) if ids else since
        rows = ",".join(map(self.row, ids))
        return Answer(f'{{"error":[],"result":{{"XXBTZUSD":[{rows}],"last":"{last}"}}}}'.encode())

    def row(self, number: int) -> str:
        seconds, rest = divmod(self.when(number), 10**9)
        return f'["64000.10000","0.00100000",{seconds}.{rest:09d},"b","l","",{number}]'


def ask(
    exchange: Exchange, first: int, last: int, time: Time, *, within: float = 30.0, after: str = AFTER
) -> list[int]:
    """The ids that were found."""
    missing = Missing("XXBTZUSD", "BTC/USD", first, last, after, 1, 8)
    with Server() as server, Client(server.base, delays=()) as client:
        server.reply = exchange
        found = trades(client, missing, within=within, clock=time.clock, sleep=time.sleep, wall=time.wall)
    assert [json.loads(item)["trade_id"] for item in found.values()] == list(found)
    return list(found)


def test_pages_are_asked_for_a_second_apart_until_the_last_id() -> None:
    exchange, time = Exchange(9_000), Time()
    assert ask(exchange, 101, 3_500, time) == list(range(101, 3_501))
    assert exchange.calls == [nanoseconds(0) - 2 * 10**9, *map(nanoseconds, (1_000, 2_000, 3_000))]
    assert time.slept == [1.0] * 3


def test_a_burst_over_the_end_of_a_page_is_asked_for_again_from_earlier_on() -> None:
    exchange, time = Exchange(2_500, in_bursts), Time()
    assert ask(exchange, 2, 2_400, time) == list(range(2, 2_401))
    assert len(exchange.calls) == 4
    assert exchange.calls[3] == exchange.when(1_000) - 10**6


def test_a_lagging_answer_is_asked_for_again() -> None:
    exchange, time = Exchange(40), Time()
    exchange.hidden = dict.fromkeys(range(30, 41), 2)
    assert ask(exchange, 20, 35, time) == list(range(20, 36))
    assert time.slept == [1.0, 1.0]
    assert exchange.calls[1:] == [nanoseconds(29) - 10**6] * 2


def test_a_hole_within_an_answer_is_asked_for_again_from_ever_earlier_on() -> None:
    exchange, time = Exchange(40), Time()
    exchange.hidden = {25: 3}
    assert ask(exchange, 20, 35, time) == list(range(20, 36))
    assert exchange.calls[1:] == [nanoseconds(24) - step * 10**6 for step in (1, 10, 100)]


def test_without_a_known_time_the_newest_page_is_asked_for() -> None:
    exchange = Exchange(1_500)
    assert ask(exchange, 1_400, 1_402, Time(), after="") == [1_400, 1_401, 1_402]
    assert exchange.calls == [None]


def test_what_was_found_in_time_is_returned_in_order() -> None:
    exchange, time = Exchange(40), Time()
    exchange.hidden = {25: 99}
    assert ask(exchange, 24, 27, time, within=5.0) == [24, 26, 27]
    assert time.now <= 5.0


@pytest.mark.parametrize(
    ("refusals", "waits"),
    [
        ([refused(f"EService: Throttled: {START + 7}")], [7.0]),
        ([refused("EService:Throttled:1")], [1.0]),
        ([refused("EAPI:Rate limit exceeded")] * 2, [5.0, 10.0]),
        ([refused("EGeneral:Too many requests")] * 3, [1.0, 2.0, 4.0]),
        ([Answer(b"<html>", 502), Answer(b"<html>", 503)], [1.0, 2.0]),
        ([Answer(drop=True)], [1.0]),
    ],
)
def test_a_refusal_is_waited_for_as_it_asks(refusals: list[Answer], waits: list[float]) -> None:
    exchange, time = Exchange(10), Time()
    exchange.first = list(refusals)
    assert ask(exchange, 3, 5, time) == [3, 4, 5]
    assert time.slept == waits


@pytest.mark.parametrize(
    "refusal",
    [
        refused(f"EService: Throttled: {START + 31}"),
        refused("EQuery:Unknown asset pair"),
        Answer(b"<html>", 429),
    ],
)
def test_a_refusal_that_outlasts_the_deadline_is_raised_at_once(refusal: Answer) -> None:
    exchange, time = Exchange(10), Time()
    exchange.first = [refusal]
    with pytest.raises(StreamError):
        ask(exchange, 3, 5, time)
    assert (time.slept, len(exchange.calls)) == ([], 1)


def test_what_was_found_before_a_refusal_is_not_lost() -> None:
    exchange, time = Exchange(4), Time()

    def reply(seen: Seen) -> Answer:
        return exchange(seen) if not exchange.calls else refused("EGeneral:Unknown method")

    missing = Missing("XXBTZUSD", "BTC/USD", 3, 6, AFTER)
    with Server() as server, Client(server.base, delays=()) as client:
        server.reply = reply
        found = trades(client, missing, within=9.0, clock=time.clock, sleep=time.sleep)
    assert list(found) == [3, 4]


def test_a_stop_ends_it_between_two_calls() -> None:
    exchange, time, stop = Exchange(10), Time(), threading.Event()

    def sleep(seconds: float) -> None:
        time.sleep(seconds)
        stop.set()

    missing = Missing("XXBTZUSD", "BTC/USD", 9, 20, AFTER)
    with Server() as server, Client(server.base, delays=()) as client:
        server.reply = exchange
        found = trades(client, missing, within=99.0, clock=time.clock, sleep=sleep, stop=stop)
    assert (list(found), len(exchange.calls)) == ([9, 10], 1)


def test_backfills_that_share_a_pace_keep_their_distance() -> None:
    exchange, time, pace = Exchange(10), Time(), Pace()
    missing = Missing("XXBTZUSD", "BTC/USD", 3, 4, AFTER)
    with Server() as server, Client(server.base, delays=()) as client:
        server.reply = exchange
        for _ in range(3):
            trades(client, missing, within=9.0, clock=time.clock, sleep=time.sleep, unit=0.5, pace=pace)
    assert time.slept == [0.5, 0.5]


@pytest.mark.parametrize(
    "answer",
    [
        result([]),
        result({"last": "1"}),
        result({"X": [], "Y": [], "last": "1"}),
        result({"X": [["1.0", "1.0", 1.0, "b", "l", ""]], "last": "1"}),
        result({"X": [["1.0", "1.0", 1.0, "b", "l", "", "7"]], "last": "1"}),
        result({"X": [["1.0", "1.0", 1.0, "q", "l", "", 7]], "last": "1"}),
        result({"X": [['1,"x":1', "1.0", 1.0, "b", "l", "", 7]], "last": "1"}),
        result({"X": [["1.0", "1.0", "soon", "b", "l", "", 7]], "last": "1"}),
        result({"X": [["1.0", "1.0", 1e300, "b", "l", "", 7]], "last": "1"}),
    ],
)
def test_a_shape_that_is_not_known_is_an_error(answer: Answer) -> None:
    exchange = Exchange(10)
    exchange.first = [answer]
    with pytest.raises(RemoteError, match="not known"):
        ask(exchange, 3, 5, Time())


CANDLES = (
    b'{"error":[],"result":{"XXBTZUSD":['
    b'[1750000020,"30095.0","30100.1","30090.2","30100.1","30096.4","3.20177000",14],'
    b'[1750000080,"30100.1","30100.1","30100.1","30100.1","0.0","0.00000000",0],'
    b'[1750000140,"30100.1","30100.1","30100.1","30100.1","30100.1","0.10000000",1],'
    b'[1750000200,"30100.1","30100.1","30100.1","30100.1","30100.1","0.20000000",1]],"last":1750000140}}'
)


def test_finished_candles_have_the_fields_of_v2() -> None:
    time = Time()
    with Server(refused("EGeneral:Too many requests"), Answer(CANDLES)) as server:
        with Client(server.base, delays=()) as client:
            calls = Calls(client, 10.0, time.clock, time.sleep)
            found = candles(calls, "XXBTZUSD", "BTC/USD", 1, 1_749_999_960, (1, 8))
        assert "pair=XXBTZUSD&interval=1&since=1749999960" in server.seen[1].path
    assert found == [
        b'{"symbol":"BTC/USD","open":30095.0,"high":30100.1,"low":30090.2,"close":30100.1,"trades":14,'
        b'"volume":3.20177000,"vwap":30096.4,"interval_begin":"2025-06-15T15:07:00.000000000Z","interval":1}',
        b'{"symbol":"BTC/USD","open":30100.1,"high":30100.1,"low":30100.1,"close":30100.1,"trades":1,'
        b'"volume":0.10000000,"vwap":30100.1,"interval_begin":"2025-06-15T15:09:00.000000000Z","interval":1}',
    ]
    assert time.slept == [1.0]
