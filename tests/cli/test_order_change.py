"""`order amend` and `order edit` as processes: what is sent, lost answers both ways, refusals."""

import json
from typing import Any

import pytest
from breadth import thinned

from .program import Program
from .server import Peer
from .trader import ORDER_ID, OTHER_ID, TOKEN, Plan, Request, Trader, cut, refused, silent, then

AMEND = ("order", "amend", ORDER_ID, "--price", "67309.0", "--json")
EDIT = ("order", "edit", ORDER_ID, "BTC/USD", "--qty", "0.020", "--json", "--yes")
RESTING = {"limit_price": "67310.0", "order_qty": "0.01"}


def amended(trader: Trader, _peer: Peer, request: Request) -> None:
    params = request["params"]
    order = next(iter(trader.open.values()))
    order["vol"] = params.get("order_qty", order["vol"])
    order["descr"]["price"] = params.get("limit_price", order["descr"]["price"])


def replaced(trader: Trader, _peer: Peer, request: Request) -> None:
    params = request["params"]
    trader.cancel(params["order_id"])
    trader.place({**RESTING, **params}, OTHER_ID, refid=params["order_id"])


def nameless(trader: Trader, _peer: Peer, _request: Request) -> None:
    """The new order does not say which it replaced."""
    trader.open[OTHER_ID]["refid"] = None


def another(trader: Trader, _peer: Peer, request: Request) -> None:
    """One like it, by somebody else; and one that is not."""
    trader.place({**RESTING, **request["params"]}, "OTHER1-AAAAA-AAAAAA")
    trader.place({**RESTING, **request["params"], "side": "sell"}, "OTHER2-AAAAA-AAAAAA")


def answered(**result: Any) -> Plan:
    return lambda trader, peer, request: trader.answer(peer, request, result)


def test_amend_sends_what_changes(program: Program) -> None:
    words = (
        *AMEND, "--qty", "0.00500", "--display-qty", "0.001", "--trigger-price", "-150",
        "--trigger-price-type", "quote", "--price-type", "quote", "--post-only", "--symbol", "xbt/usd",
        "--no-check",
    )  # fmt: skip
    with Trader(answered(amend_id="TTW6PD-RC36L-ZZSWNU", order_id=ORDER_ID)) as trader:
        ended = trader.run(program, *words)
    assert (ended.status, ended.err) == (0, "")
    params = trader.requests[0]["params"]
    del params["deadline"]
    assert params == {
        "order_id": ORDER_ID, "order_qty": "0.00500", "limit_price": "67309.0", "limit_price_type": "quote",
        "display_qty": "0.001", "trigger_price": -150, "trigger_price_type": "quote", "post_only": True,
        "symbol": "BTC/USD", "token": TOKEN,
    }  # fmt: skip
    result = json.loads(ended.out)
    assert (result["outcome"], result["amend_id"]) == ("amended", "TTW6PD-RC36L-ZZSWNU")


def test_amend_by_a_name_of_ours(program: Program) -> None:
    with Trader(answered(amend_id="T", cl_ord_id="strat-0001")) as trader:
        ended = trader.run(program, "order", "amend", "strat-0001", "--qty", "0.5")
    assert (ended.status, trader.requests[0]["params"]["cl_ord_id"]) == (0, "strat-0001")


@pytest.mark.parametrize("name", [ORDER_ID, pytest.param("strat-0001", marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    ("plan", "outcome", "status"),
    [
        (then(amended, cut), "amended", 0),
        (amended, "amended", 0),
        (cut, "not_amended", 70),
        (silent, "not_amended", 70),
    ],
    ids=["amended, cut", "amended, silent", "cut", "silent"],
)
def test_an_amendment_whose_answer_is_lost(
    program: Program, name: str, plan: Plan, outcome: str, status: int
) -> None:
    with Trader(plan) as trader:
        trader.place({**RESTING, "cl_ord_id": "strat-0001"})
        ended = trader.lose(program, "order", "amend", name, *AMEND[3:])
    result = json.loads(ended.out)
    assert (ended.status, result["outcome"], result["looked_up"]) == (status, outcome, True)
    assert trader.methods == ["amend_order"]


def test_an_amendment_of_an_order_that_is_nowhere_is_unknown(program: Program) -> None:
    with Trader(silent) as trader:
        ended = trader.lose(program, *AMEND)
    assert (ended.status, json.loads(ended.out)["outcome"]) == (70, "unknown")


def test_what_cannot_be_compared_is_unknown(program: Program) -> None:
    with Trader(silent) as trader:
        trader.place(RESTING)
        words = ("order", "amend", ORDER_ID, "--trigger-price", "5", "--json")
        ended = trader.lose(program, *words)
    assert (ended.status, json.loads(ended.out)["outcome"]) == (70, "unknown")


def test_edit_sends_what_changes(program: Program) -> None:
    words = (
        *EDIT, "--price", "67311.0", "--trigger-price", "67000.0", "--trigger-reference", "index",
        "--trigger-price-type", "static", "--userref", "9", "--post-only", "--reduce-only",
        "--fee-preference", "quote", "--display-qty", "0.01",
    )  # fmt: skip
    with Trader(answered(order_id=OTHER_ID, original_order_id=ORDER_ID)) as trader:
        trader.place(RESTING)
        ended = trader.run(program, *words)
    assert (ended.status, ended.err) == (0, "")
    params = trader.requests[0]["params"]
    del params["deadline"]
    assert params == {
        "order_id": ORDER_ID, "symbol": "BTC/USD", "order_qty": "0.020", "limit_price": "67311.0",
        "display_qty": "0.01", "triggers": {"reference": "index", "price": "67000.0", "price_type": "static"},
        "order_userref": 9, "post_only": True, "reduce_only": True, "fee_preference": "quote",
        "token": TOKEN,
    }  # fmt: skip
    assert '"order_qty":0.020,' in trader.texts[0]
    result = json.loads(ended.out)
    assert (result["outcome"], result["order_id"], result["original_order_id"]) == (
        "placed",
        OTHER_ID,
        ORDER_ID,
    )


@pytest.mark.parametrize(
    ("plan", "outcome", "status"),
    thinned(
        [
            (then(replaced, cut), "placed", 0),
            (replaced, "placed", 0),
            (cut, "not_placed", 70),
            (silent, "not_placed", 70),
            (lambda trader, *_: trader.cancel(ORDER_ID), "unknown", 70),
            (lambda trader, *_: trader.cancel(ORDER_ID, "closed"), "not_placed", 70),
            (then(replaced, nameless), "placed", 0),
            (then(replaced, nameless, another), "unknown", 70),
        ],
        3,
    ),
    ids=["replaced, cut", "replaced, silent", "cut", "silent", "gone", "filled", "no refid", "two like it"],
)
def test_an_edit_whose_answer_is_lost(program: Program, plan: Plan, outcome: str, status: int) -> None:
    with Trader(plan) as trader:
        trader.place(RESTING)
        ended = trader.lose(program, *EDIT)
    result = json.loads(ended.out)
    assert (ended.status, result["outcome"]) == (status, outcome)
    assert result.get("order_id") == (OTHER_ID if outcome == "placed" else None)
    assert trader.methods == ["edit_order"]


@pytest.mark.parametrize("how", ["by its name", "by its id"])
def test_edit_points_to_amend(program: Program, how: str) -> None:
    with Trader() as trader:
        trader.place({**RESTING, "cl_ord_id": "strat-0001"})
        name = "strat-0001" if how == "by its name" else ORDER_ID
        ended = trader.run(program, "order", "edit", name, *EDIT[3:])
    said = json.loads(ended.error)
    assert (ended.status, trader.requests) == (2, [])
    assert f"order amend {name}" in said["suggestion"]


@pytest.mark.parametrize("words", [AMEND, EDIT])
def test_a_refused_change(program: Program, words: tuple[str, ...]) -> None:
    with Trader(refused("EOrder:Unknown order")) as trader:
        ended = trader.run(program, *words)
    assert ended.status == 70
    assert json.loads(ended.out)["outcome"].startswith("not_")
    assert "EOrder:Unknown order" in json.loads(ended.error)["message"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("order", "amend", ORDER_ID), "nothing to change"),
        (("order", "amend", ORDER_ID, "--qty", "1", "--price-type", "pct"), "without"),
        (("order", "amend", "two words", "--qty", "1"), "is not an order id"),
        (("order", "amend", ORDER_ID, "--price", "1.23", "--symbol", "BTC/USD"), "no multiple of 0.1"),
        (("order", "amend", ORDER_ID, "--qty", "0.00001", "--symbol", "BTC/USD"), "below 0.00005"),
        (("order", "edit", ORDER_ID, "BTC/USD", "--yes"), "nothing to change"),
        (("order", "edit", ORDER_ID, "BTC/USD", "--trigger-reference", "index", "--yes"), "need the price"),
        (("order", "edit", ORDER_ID, "BTC/USD", "--price", "1.23", "--yes"), "no multiple"),
        (("order", "edit", ORDER_ID, "BTC/USD", "--price", "1.2"), "asks before it sends"),
        (("order", "edit", ORDER_ID, "NOPE/USD", "--price", "1.2", "--yes"), "no pair is called"),
        (("order", "amende", ORDER_ID), "did you mean 'amend'"),
    ],
)
def test_mistakes(program: Program, words: tuple[str, ...], said: str) -> None:
    with Trader() as trader:
        ended = trader.run(program, *words)
    assert (ended.status, trader.requests) == (2, [])
    assert said in ended.error
