"""`order cancel`, `cancel-all`, `cancel-after` and `batch-cancel` as processes."""

import json
import time
from typing import Any

import pytest
from breadth import thinned

from .program import Program
from .server import Peer
from .trader import ORDER_ID, OTHER_ID, STAMPS, TOKEN, Plan, Request, Trader, cut, refused, silent, then

MINE = "strat-0001"


def canceled(*ids: str) -> Plan:
    """These, or all that are open."""

    def plan(trader: Trader, _peer: Peer, _request: Request) -> None:
        for order_id in ids or list(trader.open):
            trader.cancel(order_id)

    return plan


def answered(*results: dict[str, Any]) -> Plan:
    def plan(trader: Trader, peer: Peer, request: Request) -> None:
        for result in results:
            trader.answer(peer, request, result)

    return plan


def with_orders(trader: Trader) -> None:
    trader.place({"cl_ord_id": MINE}, ORDER_ID, opentm=1.0)
    trader.place({"order_userref": 7}, OTHER_ID, opentm=1.0)


def rows(out: str) -> dict[str, str]:
    """Outcome by name."""
    names = ("order_id", "cl_ord_id", "order_userref")
    return {
        str(next(row[name] for name in names if name in row)): row["outcome"]
        for row in json.loads(out)["orders"]
    }


def test_every_kind_of_name(program: Program) -> None:
    plan = answered({"cl_ord_id": MINE}, {"order_id": ORDER_ID}, {"order_userref": 7})
    with Trader(plan) as trader:
        ended = trader.run(program, "order", "cancel", ORDER_ID, MINE, ORDER_ID, "--userref", "7")
    assert (ended.status, ended.err) == (0, "")
    assert trader.requests[0]["params"] == {
        "order_id": [ORDER_ID], "cl_ord_id": [MINE], "order_userref": [7], "token": TOKEN,
    }  # fmt: skip
    assert rows(ended.out) == dict.fromkeys((ORDER_ID, MINE, "7"), "canceled")


def test_one_of_two_is_gone_already(program: Program) -> None:
    """The refusal has no name; what is left over is looked up, and was canceled before."""
    plan = then(answered({"order_id": OTHER_ID}), refused("EOrder:Unknown order"))
    with Trader(plan) as trader:
        with_orders(trader)
        trader.cancel(ORDER_ID)
        trader.cancel(OTHER_ID)
        ended = trader.run(program, "order", "cancel", ORDER_ID, OTHER_ID)
    assert (ended.status, json.loads(ended.out)["outcome"]) == (0, "canceled")


def test_a_filled_order_is_not_canceled(program: Program) -> None:
    with Trader(refused("EOrder:Unknown order")) as trader:
        with_orders(trader)
        trader.cancel(ORDER_ID, "closed")
        ended = trader.run(program, "order", "cancel", ORDER_ID, "--json")
    (row,) = json.loads(ended.out)["orders"]
    assert (ended.status, row["outcome"], row["order_status"]) == (70, "not_canceled", "closed")


def test_an_order_that_never_was(program: Program) -> None:
    with Trader(refused("EOrder:Unknown order")) as trader:
        ended = trader.run(program, "order", "cancel", ORDER_ID, "--json")
    assert (ended.status, json.loads(ended.out)["outcome"]) == (70, "not_canceled")
    assert "EOrder:Unknown order" in json.loads(ended.error)["message"]


@pytest.mark.parametrize("names", thinned([(ORDER_ID, OTHER_ID), (MINE,), ("--userref", "7")], 5))
@pytest.mark.parametrize(
    ("plan", "outcome", "status"),
    [
        (then(canceled(), cut), "canceled", 0),
        (canceled(), "canceled", 0),
        (cut, "not_canceled", 70),
        (silent, "not_canceled", 70),
    ],
    ids=["canceled, cut", "canceled, silent", "cut", "silent"],
)
def test_a_lost_answer(
    program: Program, names: tuple[str, ...], plan: Plan, outcome: str, status: int
) -> None:
    with Trader(plan) as trader:
        with_orders(trader)
        ended = trader.lose(program, "order", "cancel", *names, "--json")
    result = json.loads(ended.out)
    assert (ended.status, result["outcome"], result["looked_up"]) == (status, outcome, True)
    assert trader.methods == ["cancel_order"]


def test_an_answer_for_one_of_two(program: Program) -> None:
    with Trader(then(canceled(ORDER_ID), answered({"order_id": ORDER_ID}))) as trader:
        with_orders(trader)
        ended = trader.lose(program, "order", "cancel", ORDER_ID, OTHER_ID, "--json")
    assert ended.status == 70
    assert rows(ended.out) == {ORDER_ID: "canceled", OTHER_ID: "not_canceled"}


def test_a_userref_may_answer_more_than_once(program: Program) -> None:
    """How many orders share it is not known before; the second says no, a little later."""

    def later(_trader: Trader, _peer: Peer, _request: Request) -> None:
        time.sleep(0.2)

    plan = then(answered({"order_id": ORDER_ID}), later, refused("EOrder:Unknown order"))
    with Trader(plan) as trader:
        with_orders(trader)
        ended = trader.run(program, "order", "cancel", "--userref", "7", "--json")
    assert (ended.status, json.loads(ended.out)["outcome"]) == (70, "not_canceled")


@pytest.mark.parametrize(
    ("plan", "outcome", "status"),
    [
        (then(canceled(), answered({"count": 2})), "canceled", 0),
        (then(canceled(), cut), "canceled", 0),
        (canceled(), "canceled", 0),
        (cut, "not_canceled", 70),
        (silent, "not_canceled", 70),
    ],
    ids=["answered", "canceled, cut", "canceled, silent", "cut", "silent"],
)
def test_cancel_all(program: Program, plan: Plan, outcome: str, status: int) -> None:
    with Trader(plan) as trader:
        with_orders(trader)
        ended = trader.lose(program, "order", "cancel-all", "--yes", "--json")
    result = json.loads(ended.out)
    assert (ended.status, result["outcome"]) == (status, outcome)
    assert trader.methods == ["cancel_all"]
    assert trader.requests[0]["params"] == {"token": TOKEN}
    if outcome == "not_canceled":
        assert sorted(result["open_orders"]) == sorted((ORDER_ID, OTHER_ID))


@pytest.mark.parametrize(("seconds", "outcome"), [("60", "armed"), ("0", "disarmed")])
def test_cancel_after(program: Program, seconds: str, outcome: str) -> None:
    times = {"currentTime": "2026-03-02T14:08:40Z", "triggerTime": "2026-03-02T14:09:40Z"}
    with Trader(answered(times)) as trader:
        ended = trader.run(program, "order", "cancel-after", seconds, "--yes", "--json")
    result = json.loads(ended.out)
    assert (ended.status, result["outcome"], result["triggerTime"]) == (0, outcome, times["triggerTime"])
    assert trader.requests[0]["params"] == {"timeout": int(seconds), "token": TOKEN}


@pytest.mark.parametrize("plan", [cut, silent])
def test_a_timer_that_cannot_be_looked_up_is_unknown(program: Program, plan: Plan) -> None:
    with Trader(plan) as trader:
        ended = trader.lose(program, "order", "cancel-after", "60", "--yes", "--json")
    assert (ended.status, json.loads(ended.out)["outcome"]) == (70, "unknown")
    assert "repeating it does no harm" in json.loads(ended.error.splitlines()[-1])["suggestion"]
    assert trader.methods == ["cancel_all_orders_after"]


def counted(number: int, form: str) -> Plan:
    def plan(_trader: Trader, peer: Peer, request: Request) -> None:
        count = f'"orders_cancelled":{number}' if form == "recorded" else f'"result":{{"count":{number}}}'
        peer.send(f'{{"method":"batch_cancel",{count},"req_id":{request["req_id"]},"success":true,{STAMPS}}}')

    return plan


@pytest.mark.parametrize("form", ["recorded", "documented"])
def test_batch_cancel(program: Program, form: str) -> None:
    with Trader(counted(3, form)) as trader:
        ended = trader.run(program, "order", "batch-cancel", ORDER_ID, MINE, "--userref", "7", "--json")
    assert ended.status == 0
    assert trader.requests[0]["params"] == {"orders": [ORDER_ID, "7"], "cl_ord_id": [MINE], "token": TOKEN}
    result = json.loads(ended.out)
    assert (result["outcome"], result["count"]) == ("canceled", 3)


def test_a_batch_that_hit_fewer_says_which(program: Program) -> None:
    with Trader(then(canceled(ORDER_ID), counted(1, "recorded"))) as trader:
        with_orders(trader)
        ended = trader.run(program, "order", "batch-cancel", ORDER_ID, OTHER_ID, "--json")
    assert ended.status == 70
    assert rows(ended.out) == {ORDER_ID: "canceled", OTHER_ID: "not_canceled"}


@pytest.mark.parametrize(
    ("plan", "outcome", "status"),
    [(then(canceled(), cut), "canceled", 0), (canceled(), "canceled", 0), (cut, "not_canceled", 70)],
    ids=["canceled, cut", "canceled, silent", "cut"],
)
def test_a_batch_whose_answer_is_lost(program: Program, plan: Plan, outcome: str, status: int) -> None:
    with Trader(plan) as trader:
        with_orders(trader)
        words = ("order", "batch-cancel", ORDER_ID, "--userref", "7", "--json")
        ended = trader.lose(program, *words)
    assert (ended.status, json.loads(ended.out)["outcome"]) == (status, outcome)
    assert trader.methods == ["batch_cancel"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("cancel",), "no order is named"),
        (("cancel", "two words"), "is not an order id"),
        (("cancel", ORDER_ID, OTHER_ID, "--via", "rest"), "one order at a time"),
        (("cancel-all",), "asks before it sends"),
        (("cancel-after", "60"), "asks before it sends"),
        (("cancel-after", "86400", "--yes"), "86400"),
        (("batch-cancel", ORDER_ID), "2 to 50"),
        (("batch-cancel", *(f"name-{number}" for number in range(51))), "2 to 50"),
    ],
)
def test_mistakes(program: Program, words: tuple[str, ...], said: str) -> None:
    with Trader() as trader:
        ended = trader.run(program, "order", *words)
    assert (ended.status, trader.requests) == (2, [])
    assert said in ended.error


def test_rehearsals(program: Program) -> None:
    for words, params in (
        (("cancel", ORDER_ID), {"order_id": [ORDER_ID]}),
        (("cancel-all",), {}),
        (("cancel-after", "60"), {"timeout": 60}),
        (("batch-cancel", ORDER_ID, OTHER_ID), {"orders": [ORDER_ID, OTHER_ID]}),
    ):
        ended = program.run("order", *words, "--dry-run")
        assert ended.status == 0
        assert json.loads(ended.out)["params"] == {**params, "token": "***"}
