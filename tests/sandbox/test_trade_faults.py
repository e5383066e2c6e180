"""Faults of trades: what the socket does not say, says twice or says too late, REST has as it was."""

from __future__ import annotations

import json
from typing import Any

import pytest

from krakencli.sandbox import Fault, Settings
from krakencli.sandbox.exchange import Exchange
from krakencli.sandbox.faults.desk import FaultDesk
from krakencli.sandbox.log import Log

from .kit import START, Client, HandClock, decode, play, result
from .sockets import OTHER, SYMBOL, Socket, call, delivered, faulty, post


class Bench:
    """A client of two symbols' trades behind the faults."""

    def __init__(self, *faults: Fault, **settings: Any) -> None:
        self.log = Log(keep=True)
        given = Settings(start=START, symbols=("BTC/USD",), synthetic=2, faults=faults, **settings)
        self.exchange = Exchange(given, HandClock(), self.log)
        self.desk = FaultDesk(self.exchange)
        self.client = Client(self.exchange, through=self.desk.filter(1))
        self.client.take()

    def ask(self, method: str, *symbols: str) -> list[str]:
        params = {"channel": "trade", "symbol": list(symbols), "snapshot": True}
        return self.client.ask_text(json.dumps({"method": method, "params": params}))

    def frames(self, events: int) -> list[str]:
        """The snapshots and the updates of so many events, as they go out."""
        frames = self.ask("subscribe", SYMBOL, OTHER)[2:]
        for _ in play(self.exchange, events):
            frames += self.client.take()
        return frames

    @property
    def delivered(self) -> list[dict[str, Any]]:
        return [entry for entry in self.log.entries if entry["what"] == "fault"]

    def of_rest(self) -> list[int]:
        rows = result(self.exchange, "Trades", pair="S0001USD", count="1000")
        return [row[6] for row in next(iter(rows.values()))]


def ids(frames: list[str], symbol: str = SYMBOL) -> list[int]:
    trades = [trade for frame in frames for trade in decode(frame)["data"]]
    return [trade["trade_id"] for trade in trades if trade["symbol"] == symbol]


def truth(events: int) -> list[str]:
    """The same run without any fault."""
    return Bench().frames(events)


@pytest.mark.parametrize(("at", "times"), [(1, 1), (1, 4), (3, 5)])
def test_trades_are_lost_and_rest_has_them(at: int, times: int) -> None:
    bench = Bench(Fault("lose_trades", SYMBOL, at=at, times=times))
    frames, expected = bench.frames(800), truth(800)
    every = ids(expected)
    begin = len(ids(expected[:2])) + at - 1
    lost = every[begin : begin + times]
    assert ids(frames) == [one for one in every if one not in lost]
    assert ids(frames, OTHER) == ids(expected, OTHER)
    assert [one for entry in bench.delivered for one in entry["trade_ids"]] == lost
    assert set(lost) < set(bench.of_rest())
    rest = [frame for entry in bench.delivered for frame in entry["sent"]]
    assert set(frames) - set(rest) <= set(expected)


def test_of_a_frame_of_several_trades_the_others_come() -> None:
    expected = truth(800)
    several = next(frame for frame in expected[2:] if len(ids([frame])) > 2)
    place = ids(expected[2:]).index(ids([several])[0])
    bench = Bench(Fault("lose_trades", SYMBOL, at=place + 1))
    frames = bench.frames(800)
    (entry,) = bench.delivered
    assert entry["frame"] == several
    (sent,) = entry["sent"]
    assert sent in frames
    assert decode(sent)["data"] == decode(several)["data"][1:]


def test_a_frame_comes_twice() -> None:
    bench = Bench(Fault("duplicate_trades", SYMBOL, at=2, times=2))
    frames, expected = bench.frames(600), truth(600)
    entries = bench.delivered
    assert len(entries) == 2
    for entry in entries:
        assert frames.count(entry["frame"]) == 2
        assert entry["sent"] == [entry["frame"]] * 2
        place = frames.index(entry["frame"])
        assert frames.pop(place) == frames[place]
    assert frames == expected
    updates = [frame for frame in expected[2:] if ids([frame])]
    assert [entry["frame"] for entry in entries] == updates[1:3]


def test_two_frames_change_places() -> None:
    bench = Bench(Fault("reorder_trades", SYMBOL, at=3))
    frames, expected = bench.frames(600), truth(600)
    (entry,) = bench.delivered
    updates = [frame for frame in expected[2:] if ids([frame])]
    swapped = [*updates[:2], updates[3], updates[2], *updates[4:]]
    assert [frame for frame in frames[2:] if ids([frame])] == swapped
    assert (entry["frame"], entry["sent"]) == (updates[2], [updates[3], updates[2]])
    assert [frame for frame in frames if ids([frame], OTHER)] == [
        frame for frame in expected if ids([frame], OTHER)
    ]
    assert sorted(ids(frames)) == ids(expected)


def test_what_is_held_comes_before_the_end_of_the_subscription() -> None:
    bench = Bench(Fault("reorder_trades", SYMBOL))
    bench.ask("subscribe", SYMBOL)
    log = bench.exchange.market(SYMBOL).trades
    (before,) = log.last(1)
    while log.last(1)[0] == before:
        next(play(bench.exchange, 1))
    assert bench.client.take() == []
    held, ended = bench.ask("unsubscribe", SYMBOL)
    assert ids([held])[0] == before.trade_id + 1
    assert decode(ended)["method"] == "unsubscribe"
    assert bench.delivered == []


@pytest.mark.parametrize("name", ["lose_trades", "duplicate_trades", "reorder_trades"])
def test_the_first_frame_of_a_subscription_and_every_snapshot_are_left_alone(name: str) -> None:
    frames = truth(800)
    snapshot, first, second = [frame for frame in frames if ids([frame])][:3]
    bench = Bench(Fault(name, SYMBOL, times=500))
    passed = bench.desk.filter(2)
    assert passed(first) == [first]
    assert passed(snapshot) == [snapshot]
    assert bench.delivered == []
    assert passed(second) != [second]


def test_another_connection_has_its_own_count() -> None:
    bench = Bench(Fault("lose_trades", SYMBOL, times=2, connection=2))
    other = Client(bench.exchange, through=bench.desk.filter(2))
    other.subscribe("trade", SYMBOL, snapshot=True)
    frames = bench.frames(400)
    assert frames == truth(400)
    assert [entry["connection"] for entry in bench.delivered for _ in entry["trade_ids"]] == [2, 2]
    assert ids(other.take()) == ids(frames[2:])[2:]


def test_two_connections_share_one_fault() -> None:
    bench = Bench(Fault("reorder_trades", SYMBOL))
    other = Client(bench.exchange, through=bench.desk.filter(2))
    other.subscribe("trade", SYMBOL, snapshot=True)
    frames, expected = bench.frames(400), truth(400)
    (entry,) = bench.delivered
    right, seen = [frame for frame in expected[2:] if ids([frame])], other.take()
    assert entry["connection"] == 2
    assert seen == [right[1], right[0], *right[2:]]
    assert [frame for frame in frames[2:] if ids([frame])] == right


def test_two_runs_with_one_seed_are_hurt_alike() -> None:
    names = ("lose_trades", "reorder_trades", "duplicate_trades")
    runs = [Bench(*[Fault(name, SYMBOL, at=2, times=3) for name in names], seed=5) for _ in range(2)]
    first, second = (bench.frames(600) for bench in runs)
    assert first == second
    said = [[{**entry, "at": 0} for entry in bench.delivered] for bench in runs]
    assert said[0] == said[1]
    assert {entry["name"] for entry in said[0]} == set(names)


def test_trades_lost_on_a_real_socket_are_in_rest() -> None:
    with faulty() as sandbox, Socket(sandbox.addresses.ws_public) as client:
        client.subscribe("trade", SYMBOL, snapshot=True)
        seen = client.trades(SYMBOL, 60)
        post(sandbox, name="lose_trades", symbol=SYMBOL, times=4)
        while len(lost := [one for entry in delivered(sandbox) for one in entry["trade_ids"]]) < 4:
            seen += client.trades(SYMBOL, 1)
        while seen[-1] < lost[-1]:
            seen += client.trades(SYMBOL, 1)
        every = list(range(seen[0], seen[-1] + 1))
        assert [one for one in every if one not in seen] == lost
        rows = call(sandbox, "Trades", pair="S0001USD").json()["result"]
        assert set(lost) <= {row[6] for row in next(iter(rows.values()))}
