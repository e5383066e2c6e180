"""Frames that are no JSON, are cut, come in fragments or are huge: through the whole program.

What nobody can understand costs the connection, never a trade; what is merely unusual costs nothing.
"""

import json

import pytest

from krakencli.sandbox import Fault

from .faults import AGAIN, BEGIN, BTC, assert_unbroken, run, trade_ids
from .program import Program

COUNT = ("-n", "150")


@pytest.mark.parametrize("name", ["garbage", "truncated"])
def test_what_nobody_can_read_is_named_and_costs_the_connection(program: Program, name: str) -> None:
    result = run(program, "trade", BTC, *COUNT, faults=[Fault(name, after=20)])
    assert result.ended.status == 0
    assert result.course == [*BEGIN, *AGAIN, "end"]
    assert result.delays == [0.0]
    (fault,) = result.delivered(name)
    (lost,) = result.told("disconnected")
    assert lost["reason"].startswith("the server sent what is no message of Kraken's: ")
    assert fault["sent"][0][:80] in lost["reason"]
    assert lost["reason"] in result.ended.err
    assert_unbroken(result)


def test_the_trades_of_a_cut_frame_are_printed(program: Program) -> None:
    result = run(program, "trade", BTC, *COUNT, faults=[Fault("truncated", BTC, "trade", after=20)])
    assert result.ended.status == 0
    (fault,) = result.delivered("truncated")
    assert set(trade_ids(fault["frame"])) <= set(result.ids())
    assert_unbroken(result)


def test_who_never_says_a_valid_word_speaks_another_protocol(program: Program) -> None:
    result = run(program, "trade", BTC, faults=[Fault("garbage", times=10_000)], unit=0.1)
    assert result.ended.status == 76
    assert result.course == [
        *["connected", "disconnected", "reconnecting"] * 2,
        "connected",
        "disconnected",
        "end",
    ]
    assert len(result.delivered("garbage")) >= 3
    error = json.loads(result.ended.err.splitlines()[-1])
    assert error["error"] == result.news[-1]["reason"]
    assert "no message of Kraken's" in error["message"]


@pytest.mark.parametrize("channel", ["trade", "ticker"])
def test_before_the_first_subscription_nothing_can_be_missed(program: Program, channel: str) -> None:
    result = run(program, channel, BTC, "--strict", "-n", "10", faults=[Fault("garbage")])
    assert result.ended.status == 0
    assert result.course == ["connected", *AGAIN, "end"]
    assert [one["connection"] for one in result.delivered("garbage")] == [1]


@pytest.mark.parametrize(
    "fault", [Fault("fragmented", after=3, times=10_000), Fault("huge", after=20, times=2)]
)
def test_the_unusual_costs_nothing(program: Program, fault: Fault) -> None:
    result = run(program, "trade", BTC, *COUNT, faults=[fault])
    assert (result.ended.status, result.ended.err) == (0, "")
    assert result.course == [*BEGIN, "end"]
    assert len(result.delivered(fault.name)) >= 2
    assert_unbroken(result)
    assert result.filled() == []
