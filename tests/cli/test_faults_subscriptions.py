"""What goes wrong between a request and the data that should follow: through the whole program."""

import json
from collections.abc import Sequence

import pytest

from krakencli.sandbox import Fault

from .faults import AGAIN, BEGIN, BTC, ETH, Record, Run, Until, assert_unbroken, method, news, run
from .program import Program

SUBSCRIBE, RENEW = [(1, "subscribe")], [(1, "unsubscribe"), (1, "subscribe")]


@pytest.mark.parametrize(
    ("times", "remedies", "course", "asked"),
    [
        (1, ["subscribing again"], ["stall", "subscribed"], RENEW),
        (2, ["subscribing again", "connecting again"], ["stall", "subscribed", "stall", *AGAIN, "gap"],
         [*RENEW, (2, "subscribe")]),
    ],
)  # fmt: skip
def test_what_is_granted_and_does_not_come_is_asked_for_anew(
    program: Program, times: int, remedies: list[str], course: list[str], asked: list[tuple[int, str]]
) -> None:
    fault = Fault("no_delivery", BTC, "ticker", times=times)
    result = run(program, "ticker", BTC, "-n", "30", faults=[fault], unit=0.05)
    assert result.ended.status == 0
    assert result.course == [*BEGIN, *course, "end"]
    assert [one["remedy"] for one in result.told("stall")] == remedies
    assert result.asked() == [*SUBSCRIBE, *asked]
    assert len(result.delivered("no_delivery")) == times
    assert result.records[0]["type"] == "snapshot"


@pytest.mark.parametrize(
    ("after", "before", "request_"),
    [(2, ["connected", "subscribed", "stall"], "unsubscribe"), (1, ["connected"], "subscribe")],
)
def test_a_connection_of_nothing_but_heartbeats_is_given_up(
    program: Program, after: int, before: list[str], request_: str
) -> None:
    result = run(program, "ticker", BTC, "-n", "30", faults=[Fault("stall", after=after)], unit=0.05)
    assert result.ended.status == 0
    assert [kind for kind in result.course if kind != "gap"] == [*before, *AGAIN, "end"]
    assert ("gap" in result.course) is ("subscribed" in before)
    assert result.told("disconnected")[0]["reason"] == "requests are not answered"
    assert [one["heartbeats"] for one in result.delivered("stall")] == [True]
    asked = [one for number, one in result.asked() if number == 1]
    assert asked[-3:] == [request_] * 3
    assert result.records[0]["type"] == "snapshot"


def subscribes(result: Run) -> list[Record]:
    return [one for one in result.entries("receive") if method(one) == "subscribe"]


def after(name: str) -> Until:
    """Until a trade is printed that the sandbox sent after this fault."""

    def reached(record: Record, log: Sequence[Record]) -> bool:
        if "trade_id" not in record:
            return False
        since = next((place for place, entry in enumerate(log) if entry.get("name") == name), len(log))
        frames = [entry["frame"] for entry in log[since:] if entry["what"] == "send"]
        return any(f'"trade_id":{record["trade_id"]},' in frame for frame in frames)

    return reached


def test_a_lost_acknowledgement_is_asked_for(program: Program) -> None:
    result = run(program, "trade", BTC, faults=[Fault("lose_ack")], unit=0.05, until=news("subscribed"))
    assert result.ended.status == 130
    assert result.course == [*BEGIN, "end"]
    assert result.asked() == SUBSCRIBE * 2
    (opened,), (_, again) = result.entries("open"), subscribes(result)
    assert again["at"] - opened["at"] >= 7.95 * 0.05
    assert len(result.delivered("lose_ack")) == 1
    (answer,) = [one["frame"] for one in result.entries("send") if '"method":"subscribe"' in one["frame"]]
    assert "Already subscribed" in answer
    assert_unbroken(result)
    assert len(result.records) > 1


@pytest.mark.parametrize(("seconds", "requests"), [(3, 1), (16, 2)])
def test_a_late_acknowledgement_holds_nothing_up(program: Program, seconds: float, requests: int) -> None:
    fault = Fault("delay_ack", seconds=seconds)
    result = run(program, "trade", BTC, faults=[fault], unit=0.05, until=after("delay_ack"))
    assert result.ended.status == 130
    assert result.course == [*BEGIN, "end"]
    assert result.asked() == SUBSCRIBE * requests
    assert len(result.delivered("delay_ack")) == 1
    assert result.ended.records.index(result.told("subscribed")[0]) > 1
    assert_unbroken(result)


def test_a_symbol_that_is_refused_ends_the_stream(program: Program) -> None:
    result = run(program, "trade", BTC, ETH, faults=[Fault("refuse_symbol", BTC)])
    assert result.ended.status == 64
    (rejected,) = result.told("rejected")
    assert (rejected["symbol"], rejected["again"]) == (BTC, False)
    assert len(result.delivered("refuse_symbol")) == 1
    error = json.loads(result.ended.err)
    assert error["error"] == result.news[-1]["reason"] == "rejected"
    assert f"{BTC}: {rejected['reason']}" in error["message"]
    assert "--keep-going" in error["suggestion"]


def test_with_keep_going_the_others_are_streamed(program: Program) -> None:
    result = run(program, "trade", BTC, ETH, "--keep-going", "-n", "20", faults=[Fault("refuse_symbol", BTC)])
    assert result.ended.status == 0
    assert len(result.told("rejected")) == len(result.delivered("refuse_symbol")) == 1
    assert "going on with the others" in result.ended.err
    assert result.ids(BTC) == []
    assert len(result.ids(ETH)) == 20
    assert_unbroken(result, ETH)


def test_a_symbol_that_is_refused_later_is_asked_for_again(program: Program) -> None:
    faults = [Fault("drop_connection", after=20), Fault("refuse_symbol", BTC, connection=2)]
    result = run(program, "trade", BTC, "-n", "150", faults=faults, unit=0.03)
    assert result.ended.status == 0
    assert result.course == [*BEGIN, *AGAIN[:3], "rejected", "subscribed", "end"]
    assert result.told("rejected")[0]["again"] is True
    assert result.asked() == [(1, "subscribe"), (2, "subscribe"), (2, "subscribe")]
    (refused,), again = result.delivered("refuse_symbol"), subscribes(result)[-1]
    assert again["at"] - refused["at"] >= 29.5 * 0.03
    assert len(result.delivered("drop_connection")) == 1
    assert_unbroken(result)


@pytest.mark.parametrize("form", [1, 2, 3])
def test_too_many_requests_are_followed_by_a_pause(program: Program, form: int) -> None:
    result = run(program, "trade", BTC, "-n", "30", faults=[Fault("exceed_rate", form=form)], unit=0.1)
    assert result.ended.status == 0
    assert result.course == ["connected", "rejected", "subscribed", "end"]
    (rejected,) = result.told("rejected")
    assert rejected["reason"] == "Exceeded msg rate"
    assert "symbol" not in rejected
    assert result.asked() == SUBSCRIBE * 2
    (refused,), again = result.delivered("exceed_rate"), subscribes(result)[-1]
    assert again["at"] - refused["at"] >= 1.95 * 0.1
    assert_unbroken(result)
