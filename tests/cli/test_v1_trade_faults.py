"""Each fault of trades over API v1, whose trades have no ids: what was lost is found by comparing with REST.

The sandbox's own trades are the measure: REST tells them all, once the stream has ended.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import pytest
import requests
from breadth import thinned

from krakencli.sandbox import Fault, Sandbox, Settings

from .faults import BEGIN, BTC, ETH, Record, Run, Until, interrupted, news, open_markets
from .program import Program

UNIT = 0.1
COMMAND = ("trade", BTC, "--api", "v1", "--events", "--json")
AUDIT = ("--audit", "10s")
"""One second by the program's hurried clock."""
PATH = "/0/public/Trades"
AWAY = [
    Fault("drop_connection", after=60),
    *(Fault("drop_connection", connection=n, after=0) for n in (2, 3)),
]
"""A loss, and two attempts that come to nothing, while the market goes on."""
_SIDES, _TYPES = {"b": "buy", "s": "sell"}, {"l": "limit", "m": "market"}

Key = tuple[Decimal, Decimal, str, str]


@dataclass
class Judged:
    """A run, and all trades of its market."""

    run: Run
    made: list[tuple[int, Decimal, Key]]

    @property
    def missing(self) -> list[int]:
        """The ids of the trades between the first and the last printed one that it did not print."""
        return unprinted(self.run.trades(BTC), self.made)

    def lost(self, name: str) -> list[int]:
        """The trades that a fault touched."""
        return [number for entry in self.run.delivered(name) for number in entry["trade_ids"]]


def go(
    program: Program, *more: str, faults: Sequence[Fault], until: Until, rate: float = 1500, calm: int = 0
) -> Judged:
    """Run until this, and so many records more."""
    left = calm

    def over(record: Record, log: Sequence[Record]) -> bool:
        nonlocal left
        if left == calm and not until(record, log):
            return False
        left -= 1
        return left < 0

    settings = Settings(symbols=(BTC, ETH), rate=rate, keep_log=True, second=UNIT, faults=tuple(faults))
    with Sandbox(settings) as exchange:
        rest = exchange.addresses.rest
        open_markets(rest)
        running = program.hurried(UNIT, *COMMAND, "--sandbox-url", rest, *more)
        ended = interrupted(running, lambda record: over(record, exchange.entries))
        run = Run(ended, list(exchange.entries))
        return Judged(run, made(rest))


def made(rest: str) -> list[tuple[int, Decimal, Key]]:
    """Id, time and what else tells of each trade of the market, by REST, page after page."""
    found: dict[int, tuple[int, Decimal, Key]] = {}
    since = "0"
    while True:
        query = {"pair": "XBTUSD", "since": since}
        response = requests.get(f"{rest}{PATH}", params=query, timeout=30)
        if response.status_code != 200:  # a fault that is not used up
            continue
        answer = response.json(parse_float=Decimal)
        rows = answer["result"]["XXBTZUSD"]
        for price, qty, time, side, kind, _, number in rows:
            found[number] = number, time, (Decimal(price), Decimal(qty), _SIDES[side], _TYPES[kind])
        if len(rows) < 1000:
            return sorted(found.values())
        since = str(int(answer["result"]["last"]) - 1)


def unprinted(printed: Sequence[Record], trades: Sequence[tuple[int, Decimal, Key]]) -> list[int]:
    """The trades that did not come out; AssertionError for one that came out and was not made, or twice."""
    times = defaultdict[Key, list[Decimal]](list)
    for one in printed:
        micro = Decimal(round(datetime.fromisoformat(one["timestamp"]).timestamp() * 10**6)) / 10**6
        times[Decimal(one["price"]), Decimal(one["qty"]), one["side"], one["ord_type"]].append(micro)
    first = min(time for those in times.values() for time in those)
    last = max(time for those in times.values() for time in those)
    missing = []
    for number, time, key in trades:
        fits = [other for other in sorted(times[key]) if abs(other - time) <= Decimal("0.0000012")]
        if fits:
            times[key].remove(fits[0])
        elif first < time < last:
            missing.append(number)
    assert not any(times.values()), "printed and never made, or twice"
    return missing


def after(name: str, type_: str) -> Until:
    """Until news of this type, once a fault has been delivered."""
    told = news(type_)
    return lambda record, log: told(record, log) and any(one.get("name") == name for one in log)


def test_what_a_live_socket_lost_is_found_by_the_audit(program: Program) -> None:
    lost = Fault("lose_trades", BTC, at=10, times=4)
    judged = go(program, *AUDIT, "--strict", faults=[lost], until=after("lose_trades", "backfilled"))
    assert (judged.run.ended.status, judged.run.ended.err) == (130, "")
    assert len(judged.lost("lose_trades")) == 4
    assert judged.run.filled() == judged.lost("lose_trades")
    assert judged.missing == []
    assert judged.run.course == [*BEGIN, "end"]
    (filled,) = judged.run.told("backfilled")
    assert (filled["reason"], filled["count"]) == ("audit", "4")


def test_without_an_audit_nobody_sees_it(program: Program) -> None:
    """The reason for the option."""
    judged = go(
        program,
        faults=[Fault("lose_trades", BTC, at=10, times=4)],
        until=lambda _, log: any(one.get("name") == "lose_trades" for one in log),
        calm=40,
    )
    assert judged.missing == judged.lost("lose_trades")
    assert judged.run.course == [*BEGIN, "end"]


def test_a_frame_that_comes_twice_is_told(program: Program) -> None:
    twice = Fault("duplicate_trades", BTC, at=5)
    judged = go(program, *AUDIT, faults=[twice], until=after("duplicate_trades", "surplus"))
    with pytest.raises(AssertionError, match="printed and never made, or twice"):
        assert judged.missing
    (fault,), (surplus,) = judged.run.delivered("duplicate_trades"), judged.run.told("surplus")
    assert int(surplus["count"]) == len(fault["trade_ids"])
    assert judged.run.figures["surplus"] == surplus["count"]


def test_trades_that_change_places_are_all_there(program: Program) -> None:
    judged = go(
        program,
        *AUDIT,
        faults=[Fault("reorder_trades", BTC, at=5)],
        until=lambda _, log: any(one.get("name") == "reorder_trades" for one in log),
        calm=60,
    )
    assert judged.missing == judged.run.filled() == []
    assert judged.run.course == [*BEGIN, "end"]


@pytest.mark.parametrize("audit", [(), AUDIT])
def test_what_is_traded_while_the_connection_is_away_comes_in_its_place(
    program: Program, audit: tuple[str, ...]
) -> None:
    judged = go(program, *audit, faults=AWAY, until=after("drop_connection", "backfilled"), calm=100)
    assert len(judged.run.delivered("drop_connection")) == 3
    assert judged.missing == []
    assert judged.run.told("gap") == []
    assert judged.run.filled()
    times = [one["timestamp"] for one in judged.run.trades(BTC)]
    assert audit or times == sorted(times)


@pytest.mark.parametrize(
    "fault",
    thinned(
        [
            Fault("rest_late", path=PATH, seconds=2),
            Fault("rest_status", path=PATH, status=502, times=2),
            Fault("rest_error", path=PATH, error="EAPI:Rate limit exceeded"),
            Fault("rest_lag", BTC, trades=5, times=3),
        ],
        2,
    ),
    ids=lambda fault: fault.name,
)
def test_rest_is_waited_for(program: Program, fault: Fault) -> None:
    faults = [*AWAY, fault]
    patience = ("--fill-timeout", "30s")
    judged = go(program, *patience, faults=faults, until=after("drop_connection", "backfilled"), calm=100)
    assert judged.run.delivered(fault.name)
    assert judged.missing == []
    assert judged.run.told("gap") == []
    assert judged.run.filled()


def test_rest_that_never_answers_leaves_a_gap(program: Program) -> None:
    faults = [*AWAY, Fault("rest_status", path=PATH, status=502, times=99)]
    judged = go(program, faults=faults, until=news("gap"), calm=40)
    (gap,) = judged.run.told("gap")
    times = [one["timestamp"] for one in judged.run.trades(BTC)]
    assert gap["from"] in times
    assert gap["to"] in times
    assert judged.run.filled() == []
    assert any("502" in one["reason"] for one in judged.run.told("gap"))


def test_strict_ends_at_a_gap(program: Program) -> None:
    faults = [*AWAY, Fault("rest_status", path=PATH, status=502, times=99)]
    settings = Settings(symbols=(BTC, ETH), rate=1500, keep_log=True, second=UNIT, faults=tuple(faults))
    with Sandbox(settings) as exchange:
        open_markets(exchange.addresses.rest)
        options = ("--sandbox-url", exchange.addresses.rest, "--strict", "--audit", "10m")
        ended = program.hurried(UNIT, *COMMAND, *options).ended()
    assert ended.status == 65
    assert '"untrusted"' in ended.err.splitlines()[-1] or "was not heard" in ended.err


def test_a_subscription_that_the_exchange_ends_is_a_hole_too(program: Program) -> None:
    ended = Fault("end_subscription", BTC, "trade", at=20)
    judged = go(program, faults=[ended], until=news("backfilled"), calm=40)
    assert judged.run.delivered("end_subscription")
    assert judged.missing == []
