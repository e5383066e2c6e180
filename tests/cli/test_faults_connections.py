"""Connections that end, are refused or fall silent, and maintenance: through the whole program.

What was missed comes from the next connection's snapshot or from REST, once; what cannot come is a gap.
"""

import json

import pytest
from breadth import thinned

from krakencli.sandbox import Fault

from .faults import AGAIN, BEGIN, BTC, Record, assert_unbroken, run, trade_ids
from .program import Program

COUNT = ("-n", "150")


def test_a_cut_connection_is_replaced_at_once(program: Program) -> None:
    result = run(program, "trade", BTC, *COUNT, faults=[Fault("drop_connection", after=20)])
    assert result.ended.status == 0
    assert result.course == [*BEGIN, *AGAIN, "end"]
    assert result.delays == [0.0]
    assert [one["connection"] for one in result.news[:-1]] == ["1"] * 4 + ["2"] * 2
    assert [one["connection"] for one in result.delivered("drop_connection")] == [1]
    assert_unbroken(result)
    said = result.ended.err.splitlines()
    assert said[0].startswith("kraken-stream: connection lost: ")
    assert said[1:] == ["kraken-stream: connected again"]


def test_what_cannot_be_fetched_is_a_gap(program: Program) -> None:
    result = run(program, "ticker", BTC, "-n", "60", faults=[Fault("drop_connection", after=20)])
    assert result.ended.status == 0
    assert result.course == [*BEGIN, *AGAIN, "gap", "end"]
    (gap,), (lost,) = result.told("gap"), result.told("disconnected")
    assert (gap["subscription"], gap["symbol"]) == ("ticker", BTC)
    assert result.told("subscribed")[0]["time"] < gap["from"] <= lost["time"]
    assert gap["to"] == result.told("subscribed")[1]["time"]
    assert [record["type"] for record in result.records].count("snapshot") == 2
    assert len(result.delivered("drop_connection")) == 1


def test_strict_ends_at_such_a_gap(program: Program) -> None:
    fault = Fault("drop_connection", after=20)
    result = run(program, "ticker", BTC, "-n", "10000", "--strict", faults=[fault])
    assert result.ended.status == 65
    assert result.course == [*BEGIN, *AGAIN, "gap", "end"]
    assert json.loads(result.ended.err.splitlines()[-1])["error"] == result.news[-1]["reason"]
    assert len(result.delivered("drop_connection")) == 1


def test_the_pauses_grow_from_one_loss_to_the_next(program: Program) -> None:
    seen: list[str] = []

    def fifth(record: Record, _: object) -> bool:
        """Until trades come after the fifth subscription."""
        seen.append(record["type"])
        return seen.count("subscribed") == 5 and record["channel"] == "trade"

    fault = Fault("drop_connection", after=20, times=4)
    result = run(program, "trade", BTC, faults=[fault], unit=0.05, until=fifth)
    assert result.ended.status == 130
    assert result.course == [*BEGIN, *AGAIN * 4, "end"]
    for delay, least in zip(result.delays, (0.0, 1.0, 2.0, 5.0), strict=True):
        assert least <= delay <= least * 1.2
    assert [one["attempt"] for one in result.told("reconnecting")] == ["1", "2", "3", "4"]
    assert [one["connection"] for one in result.delivered("drop_connection")] == [1, 2, 3, 4]
    assert_unbroken(result)


@pytest.mark.parametrize(
    ("code", "reason", "least", "most", "unit"),
    thinned(
        [
            (1001, "CloudFlare WebSocket proxy restarting", 0.0, 0.0, 1.0),
            (1011, "", 0.0, 0.0, 1.0),
            (1012, "", 0.0, 0.0, 1.0),
            (1013, "Market data unavailable", 5.0, 6.0, 0.1),
        ],
        2,
    ),
)
def test_a_goodbye_is_followed_at_once_but_by_an_outage(
    program: Program, code: int, reason: str, least: float, most: float, unit: float
) -> None:
    fault = Fault("close", code=code, reason=reason, after=20)
    result = run(program, "trade", BTC, *COUNT, faults=[fault], unit=unit)
    assert result.ended.status == 0
    assert result.course == [*BEGIN, *AGAIN, "end"]
    (delay,) = result.delays
    assert least <= delay <= most
    (delivered,), (closed,) = result.delivered("close"), result.entries("close")
    assert (delivered["code"], delivered["reason"]) == (code, reason)
    assert closed["code"] == code
    (lost,) = result.told("disconnected")
    assert str(code) in lost["reason"]
    assert reason in lost["reason"]
    assert_unbroken(result)


@pytest.mark.parametrize(("status", "least"), [(503, 0.0), (429, 60.0)])
def test_a_refused_handshake_is_tried_again(program: Program, status: int, least: float) -> None:
    fault = Fault("refuse_handshake", status=status)
    result = run(program, "trade", BTC, "-n", "60", faults=[fault], unit=1.0 if least == 0 else 0.03)
    assert result.ended.status == 0
    assert result.course == ["reconnecting", *BEGIN, "end"]
    assert result.delays == [least]
    assert f"HTTP {status}" in result.told("reconnecting")[0]["reason"]
    assert [one["status"] for one in result.delivered("refuse_handshake")] == [status]
    assert_unbroken(result)


@pytest.mark.parametrize(("status", "tries"), [(503, 3), (403, 1)])
def test_a_connection_that_never_was_is_given_up(program: Program, status: int, tries: int) -> None:
    result = run(program, "trade", BTC, faults=[Fault("refuse_handshake", status=status, times=9)], unit=0.1)
    assert result.ended.status == 69
    assert result.course == ["reconnecting"] * (tries - 1) + ["end"]
    assert len(result.delivered("refuse_handshake")) == tries
    error = json.loads(result.ended.err)
    assert error["error"] == result.news[-1]["reason"]
    assert f"HTTP {status}" in error["message"]


def test_who_is_banned_in_the_middle_waits_a_minute(program: Program) -> None:
    faults = [Fault("drop_connection", after=20), Fault("refuse_handshake", status=403, at=2)]
    result = run(program, "trade", BTC, *COUNT, faults=faults, unit=0.03)
    assert result.ended.status == 0
    assert result.course == [*BEGIN, "disconnected", "reconnecting", "reconnecting", *BEGIN, "end"]
    assert result.delays == [0.0, 60.0]
    assert len(result.delivered("drop_connection")) == len(result.delivered("refuse_handshake")) == 1
    assert_unbroken(result)


def test_who_is_banned_again_waits_ten_minutes(program: Program) -> None:
    faults = [Fault("drop_connection", after=20), Fault("refuse_handshake", status=429, at=2, times=2)]
    result = run(
        program, "trade", BTC, faults=faults, unit=0.03, until=lambda one, _: one.get("attempt") == "3"
    )
    assert result.ended.status == 130
    assert result.delays == [0.0, 60.0, 600.0]
    assert len(result.delivered("refuse_handshake")) == 2


def test_maintenance_is_streamed_stage_by_stage(program: Program) -> None:
    result = run(program, "status", "-n", "5", faults=[Fault("system", after=1, seconds=2)], unit=0.1)
    stages = ["maintenance", "cancel_only", "post_only", "online"]
    assert (result.ended.status, result.ended.err) == (0, "")
    assert [record["system"] for record in result.records] == ["online", *stages]
    assert [one["system"] for one in result.delivered("system")] == stages
    assert result.course == ["connected", "end"]


def test_a_loss_during_maintenance_is_waited_for(program: Program) -> None:
    faults = [Fault("system", after=5, seconds=100_000), Fault("drop_connection", after=150)]
    result = run(program, "trade", BTC, "-n", "500", faults=faults, unit=0.05)
    assert result.ended.status == 0
    assert result.course == [*BEGIN, *AGAIN, "end"]
    assert 5.0 <= result.delays[0] <= 6.0
    assert [one["system"] for one in result.delivered("system")] == ["maintenance"]
    assert len(result.delivered("drop_connection")) == 1
    assert_unbroken(result)


def test_silence_is_answered_by_a_ping_and_then_by_another_connection(program: Program) -> None:
    unit = 0.05
    result = run(
        program, "trade", BTC, *COUNT, faults=[Fault("stall", after=20, heartbeats=False)], unit=unit
    )
    assert result.ended.status == 0
    assert result.course == [*BEGIN, *AGAIN, "end"]
    assert result.delays == [0.0]
    assert result.told("disconnected")[0]["reason"] == "silent for too long"
    assert [one["heartbeats"] for one in result.delivered("stall")] == [False]
    assert result.asked() == [(1, "subscribe"), (2, "subscribe")]
    last = [one["at"] for one in result.entries("send") if one["connection"] == 1][-1]
    pinged = result.pings()[0]["at"]
    again = [one["at"] for one in result.entries("open")][1]
    assert pinged - last >= 9.5 * unit
    assert again - last >= 19.5 * unit
    assert_unbroken(result)
    assert result.filled()


def test_a_connection_that_is_only_slow_is_kept(program: Program) -> None:
    fault = Fault("stall", after=20, heartbeats=False, seconds=11)
    result = run(program, "trade", BTC, *COUNT, faults=[fault], unit=0.1)
    assert result.ended.status == 0
    assert result.course == [*BEGIN, "end"]
    assert len(result.delivered("stall")) == 1
    assert result.asked() == [(1, "subscribe")]
    assert len(result.pings()) >= 1
    assert_unbroken(result)
    assert result.filled() == []


def test_heartbeats_keep_a_quiet_connection(program: Program) -> None:
    fault = Fault("stall", after=20, seconds=21)
    result = run(program, "trade", BTC, *COUNT, faults=[fault], unit=0.1)
    assert result.ended.status == 0
    assert result.course == [*BEGIN, "end"]
    assert [one["heartbeats"] for one in result.delivered("stall")] == [True]
    held = [one["frame"] for one in result.entries("send") if one["n"] > result.delivered("stall")[0]["n"]]
    before, after, *_ = [place for place, frame in enumerate(held) if trade_ids(frame)]
    assert after - before > 5
    assert_unbroken(result)
    assert result.filled() == []
