"""Answers that are lost over API v1, at the embedded exchange: what became of the order is found out.

Each request is received once.
"""

import json
from typing import Any

import pytest

from krakencli.sandbox import Fault, Sandbox, Settings

from .program import Program, eventually
from .trader import LOST

FAR = "30000.0"
"""A price at which nothing trades."""
LOSSES = ("lose_answer", "cut_answer")


class Account:
    """The demo account of a sandbox in this process."""

    def __init__(self, program: Program, sandbox: Sandbox) -> None:
        self._program, self._sandbox = program, sandbox

    def run(self, *words: str, unit: float = 1.0) -> tuple[int, dict[str, Any]]:
        """The exit status and the result of a command of `order`, over v1."""
        more = ("--api", "v1", "--json", "--sandbox-url", self._sandbox.addresses.rest)
        ended = self._program.hurried(unit, "order", *words, *more).ended()
        return ended.status, json.loads(ended.out, parse_float=str)

    def lose(self, *words: str) -> tuple[int, str, dict[str, Any]]:
        """The same of a command whose answer is lost, and the outcome; it was looked up."""
        status, result = self.run(*words, *LOST, unit=0.1)
        assert result["looked_up"] is True
        assert [one["what"] for one in self._sandbox.entries].count("fault") == 1
        return status, result["outcome"], result

    def add(self, *words: str) -> str:
        status, result = self.run("add", "buy", "0.001", "BTC/USD", "--price", FAR, "--yes", *words)
        assert (status, result["outcome"]) == (0, "placed")
        order_id = result["order_id"]
        assert isinstance(order_id, str)
        return order_id

    def received(self, event: str) -> int:
        """How many of these requests came."""
        frames = [one["frame"] for one in self._sandbox.entries if one["what"] == "receive"]
        return sum(f'"event":"{event}"' in frame for frame in frames)

    @property
    def open(self) -> int:
        """How many orders are open, canceled now."""
        count = self.run("cancel-all", "--yes")[1]["count"]
        assert isinstance(count, int)
        return count


def sandbox(loss: str, method: str, at: int = 1) -> Sandbox:
    return Sandbox(Settings(seed=7, keep_log=True, faults=(Fault(loss, method=method, at=at),)))


@pytest.mark.parametrize(
    ("loss", "named"),
    [
        ("lose_answer", ()),
        ("cut_answer", ("--cl-ord-id", "mine")),
        ("cut_answer", ("--userref", "7")),
    ],
)
def test_an_order_is_there_once(program: Program, loss: str, named: tuple[str, ...]) -> None:
    with sandbox(loss, "add_order") as exchange:
        account = Account(program, exchange)
        words = ("add", "buy", "0.001", "BTC/USD", "--price", FAR, "--yes", *named)
        status, outcome, result = account.lose(*words)
        assert (status, outcome, result["order_status"]) == (0, "placed", "open")
        assert (account.received("addOrder"), account.open) == (1, 1)


@pytest.mark.parametrize("loss", LOSSES)
def test_a_refused_order_is_not_placed(program: Program, loss: str) -> None:
    """It is the refusal that is lost."""
    with sandbox(loss, "add_order") as exchange:
        account = Account(program, exchange)
        status, outcome, _ = account.lose("add", "buy", "5000", "BTC/USD", "--price", FAR, "--yes")
        assert (status, outcome) == (70, "not_placed")
        assert (account.received("addOrder"), account.open) == (1, 0)


@pytest.mark.parametrize(("qty", "status", "outcome"), [("0.002", 0, "amended"), ("5000", 70, "not_amended")])
def test_an_amendment(program: Program, qty: str, status: int, outcome: str) -> None:
    with sandbox("lose_answer", "amend_order") as exchange:
        account = Account(program, exchange)
        order = account.add()
        assert account.lose("amend", order, "--qty", qty)[:2] == (status, outcome)
        assert account.received("amendOrder") == 1


@pytest.mark.parametrize(("qty", "status", "outcome"), [("0.002", 0, "placed"), ("5000", 70, "not_placed")])
def test_an_edit(program: Program, qty: str, status: int, outcome: str) -> None:
    with sandbox("cut_answer", "edit_order") as exchange:
        account = Account(program, exchange)
        order = account.add("--userref", "7")
        told = account.lose("edit", order, "BTC/USD", "--qty", qty, "--yes")
        assert told[:2] == (status, outcome)
        assert (told[2].get("order_id") not in (None, order)) is (status == 0)
        assert account.received("editOrder") == 1


def test_cancellations_of_which_one_answer_is_lost(program: Program) -> None:
    """The other one does not say which order it is about."""
    with sandbox("lose_answer", "cancel_order", at=2) as exchange:
        account = Account(program, exchange)
        ids = [account.add(), account.add()]
        status, outcome, result = account.lose("cancel", *ids)
        assert (status, outcome) == (0, "canceled")
        assert [row["order_status"] for row in result["orders"]] == ["canceled", "canceled"]
        assert account.received("cancelOrder") == 1


def test_everything_canceled_and_nobody_told(program: Program) -> None:
    with sandbox("cut_answer", "cancel_all") as exchange:
        account = Account(program, exchange)
        account.add()
        assert account.lose("cancel-all", "--yes")[:2] == (0, "canceled")
        assert (account.received("cancelAll"), account.open) == (1, 0)


def test_a_token_that_ends_is_refused_and_nothing_placed(program: Program) -> None:
    with sandbox("expire_token", "add_order") as exchange:
        account = Account(program, exchange)
        words = ("add", "buy", "0.001", "BTC/USD", "--price", FAR, "--yes")
        status, result = account.run(*words)
        assert (status, result["outcome"]) == (77, "not_placed")
        assert (account.received("addOrder"), account.open) == (1, 0)


def test_deadman_lives_through_a_connection_that_is_cut(program: Program) -> None:
    with sandbox("cut_answer", "cancel_all_orders_after", at=2) as exchange:
        rest = exchange.addresses.rest
        words = ("deadman", "--timeout", "3s", "--api", "v1", "--sandbox-url", rest, "--", "sleep", "60")
        running = program.start(*words)
        running.says("connected again")
        eventually(lambda: Account(program, exchange).received("cancelAllOrdersAfter") >= 3, "a renewal")
        running.signal(15)
        ended = running.ended()
    assert ended.status == 143
    assert "connection lost" in ended.err
    assert "STAYS ARMED" in ended.err
