"""Faults of REST: late, behind, failing; and the history that it tells when nothing is wrong."""

from __future__ import annotations

import json
import math
import time
from typing import Any

import pytest

from krakencli.sandbox import Sandbox
from krakencli.sandbox.trades import Trade, TradeLog

from .kit import SECOND, Client, decode, make_exchange, play, result
from .sockets import SECOND_LENGTH, SYMBOL, call, delivered, faulty, post


def told(sandbox: Sandbox, **fields: Any) -> dict[str, Any]:
    (entry,) = delivered(sandbox)
    assert entry.items() >= fields.items()
    return entry


def rows(sandbox: Sandbox, pair: str = "S0001USD", **query: Any) -> list[Any]:
    document = call(sandbox, "Trades", pair=pair, **query).json()
    assert document["error"] == []
    return next(value for name, value in document["result"].items() if name != "last")


def test_an_answer_is_late() -> None:
    with faulty("rest_late:path=/0/public/Trades,seconds=8,at=2", rate=0) as sandbox:
        assert call(sandbox, "Time").status_code == 200
        in_time = rows(sandbox)
        began = time.monotonic()
        late = rows(sandbox)
        assert time.monotonic() - began >= 8 * SECOND_LENGTH
        assert late == in_time
        told(sandbox, name="rest_late", path="/0/public/Trades", status=200, seconds=8 * SECOND_LENGTH)


@pytest.mark.parametrize("status", [500, 502, 503])
def test_an_answer_is_a_page_of_the_edge(status: int) -> None:
    with faulty(f"rest_status:status={status},times=2,path=/0/public/Tr", rate=0) as sandbox:
        assert call(sandbox, "Time").json()["error"] == []
        for _ in range(2):
            answer = call(sandbox, "Trades", pair="S0001USD")
            assert answer.status_code == status
            assert answer.headers["Content-Type"].startswith("text/html")
            assert answer.text.startswith("<html>")
        assert rows(sandbox)
        entries = delivered(sandbox)
        assert [(entry["name"], entry["status"]) for entry in entries] == [("rest_status", status)] * 2
        assert entries[0]["query"] == {"pair": "S0001USD"}
        assert sum(entry["what"] == "rest" for entry in sandbox.entries) == 4


@pytest.mark.parametrize(
    "error", ["EService:Unavailable", "EAPI:Rate limit exceeded", "EGeneral:Too many requests"]
)
def test_an_answer_is_an_error(error: str) -> None:
    with faulty(f"rest_error:error={error}", rate=0) as sandbox:
        answer = call(sandbox, "Time")
        assert (answer.status_code, answer.json()) == (200, {"error": [error]})
        assert call(sandbox, "Time").json()["error"] == []
        assert json.loads(told(sandbox, name="rest_error")["answer"]) == {"error": [error]}


def test_throttled_until_a_time_that_is_computed() -> None:
    with faulty("rest_error:error=EService: Throttled: {time},seconds=60", rate=0, second=1) as sandbox:
        before = time.time()
        (error,) = call(sandbox, "Time").json()["error"]
        words, _, when = error.rpartition(" ")
        assert words == "EService: Throttled:"
        assert math.floor(before + 60) <= int(when) <= math.ceil(time.time() + 60)
        assert error in told(sandbox)["answer"]


def test_trades_as_if_the_newest_did_not_exist() -> None:
    with faulty(rate=0) as sandbox:
        full, other = rows(sandbox), rows(sandbox, "S0002USD")
        far, near = full[-30][2], full[-2][2] - 1e-6
        after_far, after_near = rows(sandbox, since=far), rows(sandbox, since=near)
        post(sandbox, name="rest_lag", symbol=SYMBOL, trades=7, times=3)
        assert rows(sandbox, "S0002USD") == other
        short = call(sandbox, "Trades", pair="S0001USD", count=10).json()["result"]
        lagging = next(value for name, value in short.items() if name != "last")
        assert lagging == full[-17:-7]
        assert abs(int(short["last"]) / SECOND - lagging[-1][2]) < 1e-6
        assert rows(sandbox, since=far) == after_far[:-7]
        assert rows(sandbox, since=near) == after_near[:-7]
        assert rows(sandbox, since=near) == after_near
        entries = delivered(sandbox)
        assert [(entry["name"], entry["symbol"]) for entry in entries] == [("rest_lag", SYMBOL)] * 3


def test_a_lag_that_nobody_sees_is_not_delivered() -> None:
    with faulty("rest_lag:trades=3", rate=0) as sandbox:
        full = rows(sandbox, since=0, count=5)
        assert len(full) == 5
        assert call(sandbox, "Time").json()["error"] == []
        assert delivered(sandbox) == []
        rows(sandbox)
        told(sandbox, name="rest_lag")


def test_an_answer_is_wrong_in_one_way_only_and_may_be_late_besides() -> None:
    specs = ("rest_error:error=EService:Busy", "rest_status:status=502", "rest_late:seconds=2")
    with faulty(*specs, rate=0) as sandbox:
        assert call(sandbox, "Time").json() == {"error": ["EService:Busy"]}
        assert [entry["name"] for entry in delivered(sandbox)] == ["rest_error", "rest_late"]
        assert call(sandbox, "Time").status_code == 502
        assert call(sandbox, "Time").json()["error"] == []


def test_rest_and_socket_tell_of_the_same_trades_in_every_column() -> None:
    exchange = make_exchange(synthetic=1)
    client = Client(exchange)
    snapshot = client.subscribe_raw("trade", SYMBOL, snapshot=True)[-1]["data"]
    for _ in play(exchange, 4000):
        pass
    streamed = snapshot + [trade for frame in client.take() for trade in decode(frame)["data"]]
    paged: dict[int, list[Any]] = {}
    since = "0"
    while page := result(exchange, "Trades", pair="S0001USD", since=since, count="100"):
        found = next(value for name, value in page.items() if name != "last")
        paged |= {row[6]: row for row in found}
        since = page["last"]
        if len(found) < 100:
            break
    numbers = sorted(paged)
    wanted = [trade["trade_id"] for trade in streamed]
    assert wanted == list(range(wanted[0], wanted[0] + len(wanted)))
    assert len(wanted) > 150
    holes = set(range(numbers[0], numbers[-1] + 1)) - set(numbers)
    for trade in streamed:
        if trade["trade_id"] in holes:
            continue
        price, qty, when, side, kind, misc, _ = paged[trade["trade_id"]]
        assert (price.rstrip("0"), qty) == (trade["price"].rstrip("0"), trade["qty"])
        assert (side, kind, misc) == (trade["side"][0], trade["ord_type"][0], "")
        assert _microseconds(when) - _fraction(trade["timestamp"]) in {0, 1, -999_999}
    assert all(_shares_its_time(exchange.market(SYMBOL).trades, hole) for hole in holes)


def _microseconds(when: str) -> int:
    return int((when.partition(".")[2] + "0000000")[:7]) // 10


def _fraction(timestamp: str) -> int:
    return int(timestamp[-7:-1])


def _shares_its_time(log: TradeLog, trade_id: int) -> bool:
    """A page that ends inside a burst leaves its rest out: the cursor is a time."""
    trades = {trade.trade_id: trade for trade in log.last(1_000_000)}
    return trades[trade_id].time == trades[trade_id - 1].time


def test_a_market_remembers_a_hundred_thousand_trades() -> None:
    log = TradeLog(first_id=7)
    for number in range(250_000):
        log.add(time=number // 3, buy=True, market=False, price=1, qty=1)
    kept = log.last(1_000_000)
    assert len(kept) >= 100_000
    assert [trade.trade_id for trade in kept] == list(range(250_007 - len(kept), 250_007))
    pages: list[Trade] = []
    since = kept[0].time - 1
    while page := log.after(since, 1000):
        pages += page
        since = page[-1].time - 1 if len(page) == 1000 else page[-1].time
    assert {trade.trade_id for trade in pages} == {trade.trade_id for trade in kept}
