"""Trades that the socket loses, repeats or swaps, and a REST that is late, behind or failing meanwhile.

A hole holds its symbol back until it is filled or given up, so that no test here depends on who is faster.
"""

import json

import pytest
from breadth import thinned

from krakencli.sandbox import Fault

from .faults import BEGIN, BTC, Run, assert_unbroken, news, run
from .program import Program

COUNT = ("-n", "150")
LOST = Fault("lose_trades", BTC, at=10, times=4)
PATH = "/0/public/Trades"
FILLED, GIVEN_UP = news("backfilled"), news("gap")


def lost(result: Run) -> list[int]:
    return [number for entry in result.delivered("lose_trades") for number in entry["trade_ids"]]


def assert_filled(result: Run) -> None:
    """What was lost, and nothing else, came from REST, in its place, and that was told."""
    assert result.ended.status == 130
    assert len(lost(result)) == 4
    assert result.filled() == lost(result)
    (filled,) = result.told("backfilled")
    assert [filled[name] for name in ("first_id", "last_id", "count")] == [
        str(lost(result)[0]), str(lost(result)[-1]), "4"
    ]  # fmt: skip
    assert result.course == [*BEGIN, "end"]
    figures = {name: result.figures[name] for name in ("backfilled", "missing", "gaps")}
    assert figures == {"backfilled": "4", "missing": "0", "gaps": "0"}
    assert_unbroken(result)


def assert_given_up(result: Run) -> None:
    """What was lost is missing, alone, and that was told."""
    (gap,) = result.told("gap")
    holes = list(range(int(gap["first_id"]), int(gap["last_id"]) + 1))
    ids = result.ids()
    assert holes == lost(result)
    assert [number for number in range(ids[0], ids[-1] + 1) if number not in ids] == holes
    assert ids == sorted(set(ids))
    assert result.filled() == []
    assert result.figures["missing"] == "4"


def waits(result: Run, name: str) -> list[float]:
    """Seconds from each failure of REST to the next call of Trades."""
    return [
        next(call["at"] for call in result.calls() if call["n"] > fault["n"]) - fault["at"]
        for fault in result.delivered(name)
    ]


def test_lost_trades_come_from_rest(program: Program) -> None:
    result = run(program, "trade", BTC, faults=[LOST], until=FILLED)
    assert_filled(result)
    assert result.ended.err == ""


def test_trades_that_come_twice_are_printed_once(program: Program) -> None:
    result = run(program, "trade", BTC, *COUNT, faults=[Fault("duplicate_trades", BTC, at=5, times=3)])
    assert (result.ended.status, result.ended.err) == (0, "")
    assert result.course == [*BEGIN, "end"]
    twice = [number for entry in result.delivered("duplicate_trades") for number in entry["trade_ids"]]
    assert len(result.delivered("duplicate_trades")) == 3
    assert result.figures["duplicates"] == str(len(twice))
    assert set(twice) <= set(result.ids())
    assert_unbroken(result)


def test_trades_that_change_places_wait_for_one_another(program: Program) -> None:
    result = run(program, "trade", BTC, *COUNT, faults=[Fault("reorder_trades", BTC, at=5)])
    assert (result.ended.status, result.ended.err) == (0, "")
    assert result.course == [*BEGIN, "end"]
    (fault,) = result.delivered("reorder_trades")
    assert set(fault["trade_ids"]) <= set(result.ids())
    assert result.calls() == result.filled() == []
    assert_unbroken(result)


def test_a_late_answer_is_waited_for(program: Program) -> None:
    late = Fault("rest_late", path=PATH, seconds=0.5)
    result = run(program, "trade", BTC, faults=[LOST, late], until=FILLED)
    assert len(result.delivered("rest_late")) == 1
    assert_filled(result)


def test_an_answer_that_is_too_late_is_not(program: Program) -> None:
    late = Fault("rest_late", path=PATH, seconds=600)
    result = run(program, "trade", BTC, faults=[LOST, late], until=GIVEN_UP, unit=0.1)
    assert result.ended.status == 130
    assert len(result.delivered("rest_late")) == 1
    assert_given_up(result)


@pytest.mark.parametrize("status", thinned([500, 502, 503], 1))
def test_a_page_of_html_is_no_answer(program: Program, status: int) -> None:
    fails = Fault("rest_status", path=PATH, status=status, times=2)
    result = run(program, "trade", BTC, faults=[LOST, fails], until=FILLED, unit=0.1)
    assert [(one["status"], one["answer"][:6]) for one in result.delivered("rest_status")] == [
        (status, "<html>")
    ] * 2
    first, second = waits(result, "rest_status")
    assert first >= 0.95 * 0.1
    assert second >= 1.95 * 0.1
    assert_filled(result)


def test_rest_that_never_answers_leaves_a_gap(program: Program) -> None:
    fails = Fault("rest_status", path=PATH, times=99)
    result = run(program, "trade", BTC, faults=[LOST, fails], until=GIVEN_UP, unit=0.1)
    assert result.ended.status == 130
    assert result.delivered("rest_status")
    assert_given_up(result)


def test_strict_ends_at_a_gap(program: Program) -> None:
    fails = Fault("rest_status", path=PATH, times=99)
    result = run(program, "trade", BTC, "--strict", faults=[LOST, fails], unit=0.1)
    assert result.ended.status == 65
    assert result.delivered("rest_status")
    assert max(result.ids()) < lost(result)[0]
    assert json.loads(result.ended.err.splitlines()[-1])["error"] == result.news[-1]["reason"]


def test_throttled_names_the_moment_to_wait_for(program: Program) -> None:
    throttled = Fault("rest_error", path=PATH, error="EService: Throttled: {time}", seconds=7)
    faults, patience = [LOST, throttled], ("--fill-timeout", "30s")
    result = run(program, "trade", BTC, *patience, faults=faults, until=FILLED, unit=0.1)
    (fault,) = result.delivered("rest_error")
    assert "Throttled: 1" in fault["answer"]
    (pause,) = waits(result, "rest_error")
    assert pause >= 6.95 * 0.1
    assert_filled(result)


def test_the_rate_limit_is_waited_for(program: Program) -> None:
    refuses = Fault("rest_error", path=PATH, error="EAPI:Rate limit exceeded")
    faults, patience = [LOST, refuses], ("--fill-timeout", "30s")
    result = run(program, "trade", BTC, *patience, faults=faults, until=FILLED, unit=0.1)
    assert len(result.delivered("rest_error")) == 1
    (pause,) = waits(result, "rest_error")
    assert pause >= 4.95 * 0.1
    assert_filled(result)


def test_what_rest_does_not_have_yet_is_asked_for_again(program: Program) -> None:
    behind = Fault("rest_lag", BTC, trades=5000)
    result = run(program, "trade", BTC, faults=[LOST, behind], until=FILLED, unit=0.2)
    assert len(result.delivered("rest_lag")) == 1
    assert len(result.calls()) >= 2
    assert_filled(result)
