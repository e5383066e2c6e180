"""Books that go wrong on purpose, through the whole program: seen at once, healed once, never printed.

The sandbox's log says what was really sent; the books of the tests of the sandbox, which share nothing with
the program's, are rebuilt from stdout.
"""

import json
from dataclasses import dataclass
from typing import Any

import pytest
from breadth import thinned
from sandbox.kit import WireBook, WireOrders

from krakencli.sandbox import Fault, Sandbox, Settings

from .faults import open_markets
from .program import Ended, Program

BTC, ETH = "BTC/USD", "ETH/USD"
CHANNELS = ("book", "level3")


class Orders(WireOrders):
    """The removal of an order that is gone already is harmless (protocol notes v2 §7.2)."""

    def _take(self, name: str, order: dict[str, str]) -> None:
        if order.get("event") != "delete" or order["order_id"] in self.at:
            super()._take(name, order)


@dataclass
class Run:
    """What the program printed, and what the sandbox says that it sent."""

    channel: str
    ended: Ended
    log: list[dict[str, Any]]

    def of(self, symbol: str) -> list[dict[str, Any]]:
        """Records and news of a symbol, in order."""
        return [record for record in self.ended.records if record.get("symbol") == symbol]

    def records(self, symbol: str) -> list[dict[str, Any]]:
        return [record for record in self.of(symbol) if record["channel"] == self.channel]

    def news(self, type_: str) -> list[dict[str, Any]]:
        return [
            record
            for record in self.ended.records
            if record["channel"] == "_feed" and record["type"] == type_
        ]

    @property
    def end(self) -> dict[str, Any]:
        (end,) = self.news("end")
        return end

    def figures(self, symbol: str) -> dict[str, Any]:
        (one,) = [one for one in self.end["subscriptions"] if one["symbol"] == symbol]
        return one

    def sent(self, symbol: str) -> list[str]:
        """The frames of a symbol's book that went out."""
        head, name = f'{{"channel":"{self.channel}","type":', f'"symbol":"{symbol}"'
        frames = [entry["frame"] for entry in self.log if entry["what"] == "send"]
        return [frame for frame in frames if frame.startswith(head) and name in frame]

    @property
    def faults(self) -> list[dict[str, Any]]:
        return [entry for entry in self.log if entry["what"] == "fault"]

    def asked(self) -> list[tuple[str, list[str]]]:
        """The program's requests for books, in order."""
        requests = [json.loads(entry["frame"]) for entry in self.log if entry["what"] == "receive"]
        return [
            (request["method"], request["params"]["symbol"])
            for request in requests
            if request.get("params", {}).get("channel") == self.channel
        ]


def run(program: Program, channel: str, *faults: Fault, more: tuple[str, ...] = (), count: int = 300) -> Run:
    settings = Settings(symbols=(BTC, ETH), rate=1200, keep_log=True, faults=faults)
    with Sandbox(settings) as exchange:
        url = exchange.addresses.rest
        open_markets(url)
        ended = program.run(
            channel, BTC, ETH, "--sandbox-url", url, "--events", "--json", "-n", str(count), *more
        )
        return Run(channel, ended, list(exchange.entries))


def assert_every_record_is_true(result: Run) -> None:
    for symbol in (BTC, ETH):
        book = WireBook(10) if result.channel == "book" else Orders(10)
        for record in result.records(symbol):
            data = {**record, "checksum": int(record["checksum"])}
            assert book.apply({"type": record["type"], "data": [data]}), record
        figures = result.figures(symbol)
        assert int(figures["verified"]) == int(figures["records"]) == len(result.records(symbol))
        assert figures["unverified"] == figures["padded"] == "0"


def assert_untouched(result: Run, symbol: str) -> None:
    """Everything that was sent of a symbol was printed, without a hole, from the beginning on."""
    sent = [json.loads(frame, parse_float=str, parse_int=str)["data"][0] for frame in result.sent(symbol)]
    printed = [
        {name: value for name, value in record.items() if name not in ("channel", "type")}
        for record in result.records(symbol)
    ]
    assert printed == sent[: len(printed)]
    assert len(printed) > 20
    assert result.figures(symbol)["failed"] == "0"


def proof(frame: str) -> tuple[str, str]:
    """Checksum and time of a message: the checksum alone comes again where a change is taken back."""
    (item,) = json.loads(frame, parse_int=str)["data"]
    return item["checksum"], item["timestamp"]


def checksum(frame: str) -> str:
    return str(json.loads(frame)["data"][0]["checksum"])


@pytest.mark.parametrize("channel", thinned(CHANNELS, 1))
@pytest.mark.parametrize(
    ("name", "on"),
    [
        ("drop_update", "update"),
        ("reorder_updates", "update"),
        ("wrong_digit", "update"),
        ("wrong_digit", "snapshot"),
        ("wrong_checksum", "update"),
        ("wrong_checksum", "snapshot"),
    ],
)
def test_a_lie_is_seen_on_the_very_frame_and_healed_by_one_subscription(
    program: Program, channel: Any, name: str, on: Any
) -> None:
    result = run(program, channel, Fault(name, BTC, channel, at=15 if on == "update" else 1, on=on))
    assert result.ended.status == 0
    (fault,) = result.faults
    (untrusted,) = result.news("untrusted")
    (resync,) = result.news("resync")
    shows = fault["sent"][0]
    assert (untrusted["symbol"], untrusted["reason"], untrusted["attempt"]) == (BTC, "checksum", "1")
    assert untrusted["expected"] == checksum(shows)
    assert untrusted["computed"] != untrusted["expected"]
    before = result.of(BTC).index(untrusted) - len(
        [r for r in result.of(BTC)[:2] if r["type"] == "subscribed"]
    )
    assert before == result.sent(BTC).index(shows)
    assert (resync["symbol"], resync["expected"], resync["attempts"]) == (BTC, untrusted["expected"], "1")
    assert 0 < float(resync["away"]) < 10
    assert result.asked() == [("subscribe", [BTC, ETH]), ("unsubscribe", [BTC]), ("subscribe", [BTC])]
    assert (result.figures(BTC)["failed"], result.figures(BTC)["resyncs"]) == ("1", "1")
    assert_every_record_is_true(result)
    assert_untouched(result, ETH)
    assert int(result.end["records"]) == 300
    said = result.ended.err.splitlines()
    assert said[0].startswith(
        f"kraken-stream: {BTC}: the book's checksum is {untrusted['computed']}, the exch"
    )
    assert said[1].startswith(f"kraken-stream: {BTC}: the book is verified again, after ")
    assert len(said) == 2


@pytest.mark.parametrize("channel", CHANNELS)
def test_an_update_without_a_snapshot_is_refused_and_healed(program: Program, channel: Any) -> None:
    result = run(program, channel, Fault("missing_snapshot", BTC, channel))
    assert len(result.faults) == 1
    (untrusted,) = result.news("untrusted")
    assert untrusted["reason"] == "no snapshot"
    assert "expected" not in untrusted
    assert [record["type"] for record in result.records(BTC)][:2] == ["snapshot", "update"]
    assert result.asked()[1:] == [("unsubscribe", [BTC]), ("subscribe", [BTC])]
    assert_every_record_is_true(result)
    assert_untouched(result, ETH)


@pytest.mark.parametrize("channel", thinned(CHANNELS, 1))
@pytest.mark.parametrize("name", ["empty_side", "short_book", "remove_twice"])
def test_a_true_state_that_looks_odd_is_no_failure(program: Program, channel: Any, name: str) -> None:
    result = run(
        program, channel, Fault(name, BTC, channel, at=10, times=1 if name == "remove_twice" else 20)
    )
    assert result.faults
    assert result.news("untrusted") == []
    assert result.ended.err == ""
    assert len(result.asked()) == 1
    assert_every_record_is_true(result)
    assert_untouched(result, BTC)
    assert_untouched(result, ETH)


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_book_that_will_not_heal_ends_with_65(program: Program, channel: Any) -> None:
    fault = Fault("wrong_checksum", BTC, channel, times=1000, on="snapshot")
    result = run(program, channel, fault, more=("--max-resyncs", "2"), count=100_000)
    assert result.ended.status == 65
    assert len(result.faults) == 3
    *tried, hopeless = result.news("untrusted")
    assert [one["attempt"] for one in tried] == ["1", "2"]
    assert (hopeless["attempts"], hopeless["dropped"], hopeless["going_on"]) == ("2", True, False)
    assert result.records(BTC) == []
    error = json.loads(result.ended.err.splitlines()[-1])
    assert error["error"] == result.end["reason"] == "untrusted"
    assert error["message"].startswith(
        f"the book of {BTC} cannot be trusted after 2 new snapshots: checksum "
    )
    assert result.end["message"] == error["message"]
    assert_every_record_is_true(result)


def test_with_keep_going_it_is_dropped_and_the_others_go_on(program: Program) -> None:
    fault = Fault("wrong_checksum", BTC, times=1000, on="snapshot")
    result = run(program, "book", fault, more=("--max-resyncs", "0", "--keep-going"))
    assert result.ended.status == 0
    (untrusted,) = result.news("untrusted")
    assert untrusted["dropped"] is True
    assert result.asked()[-1] == ("unsubscribe", [BTC])
    assert result.records(BTC) == []
    assert len(result.records(ETH)) == 300
    assert_untouched(result, ETH)
    assert "going on with the others" in result.ended.err


def test_without_verification_nothing_is_noticed_and_it_says_so(program: Program) -> None:
    fault = Fault("wrong_checksum", BTC, at=5, times=10)
    result = run(program, "book", fault, more=("--no-verify",))
    assert result.ended.status == 0
    assert len(result.faults) == 10
    assert result.news("untrusted") == []
    assert result.ended.err == "kraken-stream: --no-verify: checksums are not looked at\n"
    assert len(result.asked()) == 1


def test_resnapshot_renews_a_book_that_is_well(program: Program) -> None:
    result = run(program, "book", more=("--resnapshot", "150ms", "--duration", "3s"), count=100_000)
    assert result.ended.status == 0
    renewed = int(result.figures(ETH)["renewed"])
    assert renewed >= 2
    snapshots = [record for record in result.records(ETH) if record["type"] == "snapshot"]
    assert renewed <= len(snapshots) <= renewed + 1
    assert result.news("untrusted") == result.news("resync") == []
    assert result.ended.err == ""
    assert_every_record_is_true(result)


@pytest.mark.parametrize(("channel", "emit"), [("book", "top"), ("book", "book"), ("level3", "queue")])
def test_what_is_made_of_a_book_waits_for_its_truth_too(program: Program, channel: Any, emit: str) -> None:
    fault = Fault("wrong_digit", BTC, channel, at=15)
    result = run(program, channel, fault, more=("--emit", emit), count=120)
    (untrusted,) = result.news("untrusted")
    assert result.news("resync")
    position = result.of(BTC).index(untrusted)
    before = [record for record in result.of(BTC)[:position] if record["channel"] == channel]
    shows = result.faults[0]["sent"][0]
    printed = [(record["checksum"], record["timestamp"]) for record in before]
    assert proof(shows) not in printed
    assert printed[-1] in map(proof, result.sent(BTC)[: result.sent(BTC).index(shows)])
