"""`order` and `deadman` with `--api v1`: v1's frames on the wire, the results of v2."""

import json
import re
from typing import Any

import pytest
from breadth import thinned

from .program import Program
from .server import Peer
from .test_order_cancel import MINE, answered, canceled, rows, with_orders
from .test_order_change import RESTING, amended, replaced
from .trader import (
    ORDER_ID,
    OTHER_ID,
    TOKEN,
    Plan,
    Request,
    Trader,
    cut,
    placed,
    placed_and_answered,
    refused,
    silent,
    then,
)
from .trader_v1 import TraderV1

V1 = ("--api", "v1", "--json")
ADD = ("order", "add", "buy", "0.0100", "XBT/USD", "--price", "67310.0", "--yes", *V1)
EDIT = ("order", "edit", ORDER_ID, "BTC/USD", "--qty", "0.020", "--yes", *V1)
AMEND = ("order", "amend", ORDER_ID, "--price", "67309.0", *V1)
CANCEL = ("order", "cancel", ORDER_ID, OTHER_ID, *V1)


def sent(trader: Trader) -> dict[str, Any]:
    """The only request, without what every one has."""
    (request,) = trader.requests
    return {name: one for name, one in request.items() if name not in ("deadline", "reqid", "token")}


def test_an_order_is_placed_with_its_digits(program: Program) -> None:
    with TraderV1() as trader:
        ended = trader.run(program, *ADD, "--tif", "ioc", "--fee-preference", "base", "-v")
    assert (ended.status, trader.methods) == (0, ["addOrder"])
    fields = sent(trader)
    assert re.fullmatch("[0-9a-f]{32}", fields.pop("cl_ord_id"))
    assert re.fullmatch(r"2\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", trader.requests[0]["deadline"])
    assert fields == {
        "event": "addOrder", "ordertype": "limit", "type": "buy", "volume": "0.0100", "pair": "XBT/USD",
        "price": "67310.0", "oflags": "fcib", "timeinforce": "IOC",
    }  # fmt: skip
    assert '"event":"addOrder"' in ended.err  # shown by -v, the token masked: the trader looks for it
    result = json.loads(ended.out, parse_float=str)
    assert (result["method"], result["outcome"], result["via"]) == ("add_order", "placed", "ws")
    assert (result["order_id"], result["symbol"], result["limit_price"]) == (ORDER_ID, "BTC/USD", "67310.0")


def fields_of(result: dict[str, Any]) -> dict[str, str]:
    """The names and types of a result."""
    return {name: type(value).__name__ for name, value in result.items()}


@pytest.mark.parametrize(
    ("words", "plan"),
    thinned(
        [
            (ADD, placed_and_answered),
            ((*ADD, "--cl-ord-id", "mine"), placed_and_answered),
            ((*ADD, "--userref", "7"), placed_and_answered),
            ((*ADD, "--validate"), answered({})),
            (AMEND, answered({"amend_id": "T", "order_id": ORDER_ID})),
            (EDIT, answered({"order_id": OTHER_ID, "original_order_id": ORDER_ID})),
            (("order", "cancel", ORDER_ID, *V1), answered({"order_id": ORDER_ID})),
            (("order", "cancel", "--userref", "7", *V1), answered({"order_id": ORDER_ID})),
            (("order", "cancel-all", "--yes", *V1), answered({"count": 3})),
            (
                ("order", "cancel-after", "60", "--yes", *V1),
                answered({"currentTime": "2026-06-15T09:37:09Z", "triggerTime": "2026-06-15T09:38:09Z"}),
            ),
            (
                ("order", "cancel-after", "0", "--yes", *V1),
                answered({"currentTime": "2026-06-15T09:37:40Z", "triggerTime": "0"}),
            ),
            (ADD, refused("EOrder:Insufficient funds")),
            (("order", "cancel-all", "--yes", *V1), refused("EGeneral:Permission denied")),
            (("order", "cancel-all", "--yes", *V1), refused("ESession:Invalid session")),
        ],
        7,
    ),
)
def test_both_protocols_tell_the_same(program: Program, words: tuple[str, ...], plan: Plan) -> None:
    """The same names and types of fields, the same values but for a name that was made."""
    ended = []
    for kind, api in ((TraderV1, "v1"), (Trader, "v2")):
        with kind(plan) as trader:
            trader.place(RESTING)
            ended.append(
                trader.run(
                    program,
                    *words[: words.index("--api")],
                    "--api",
                    api,
                    "--json",
                    *words[words.index("--api") + 3 :],
                )
            )
    one, other = (json.loads(each.out) for each in ended)
    assert [each.status for each in ended] == [ended[1].status] * 2
    assert fields_of(one) == fields_of(other)
    made = one.get("cl_ord_id", "") != "mine"
    assert {**one, "cl_ord_id": ""} == {**other, "cl_ord_id": ""} if made else one == other
    errors = [json.loads(each.error) if each.status else {} for each in ended]
    assert [each.get("error") for each in errors] == [errors[1].get("error")] * 2


@pytest.mark.parametrize(
    ("words", "frame"),
    [
        (
            (*ADD, "--cl-ord-id", "mine", "--no-check"),
            {
                "cl_ord_id": "mine", "event": "addOrder", "ordertype": "limit", "pair": "XBT/USD",
                "price": "67310.0", "type": "buy", "volume": "0.0100",
            },
        ),
        (AMEND, {"event": "amendOrder", "limit_price": "67309.0", "txid": ORDER_ID}),
        (
            (*EDIT, "--no-check"),
            {"event": "editOrder", "orderid": ORDER_ID, "pair": "XBT/USD", "volume": "0.020"},
        ),
        (CANCEL, {"event": "cancelOrder", "txid": [ORDER_ID, OTHER_ID]}),
        (("order", "cancel-all", *V1), {"event": "cancelAll"}),
        (("order", "cancel-after", "60", *V1), {"event": "cancelAllOrdersAfter", "timeout": 60}),
    ],
)  # fmt: skip
def test_a_rehearsal_shows_the_frame(program: Program, words: tuple[str, ...], frame: dict[str, Any]) -> None:
    ended = program.run(*words, "--dry-run")
    shown = json.loads(ended.out)
    assert (ended.status, ended.err, ended.out.count("\n")) == (0, "", 1)
    assert (shown.pop("reqid"), shown.pop("token")) == (1, "***")
    assert ("deadline" in shown) is (frame["event"] in ("addOrder", "amendOrder"))
    shown.pop("deadline", None)
    assert shown == frame


@pytest.mark.parametrize(
    ("plan", "named", "outcome"),
    [
        (then(placed, cut), (), "placed"),
        (silent, (), "not_placed"),
        (placed, ("--userref", "7"), "placed"),
        (cut, ("--userref", "7"), "not_placed"),
    ],
)
def test_an_order_whose_answer_is_lost(
    program: Program, plan: Plan, named: tuple[str, ...], outcome: str
) -> None:
    with TraderV1(plan) as trader:
        ended = trader.lose(program, *ADD, *named)
    result = json.loads(ended.out)
    done = outcome == "placed"
    assert (result["outcome"], result["looked_up"], ended.status) == (outcome, True, 0 if done else 70)
    assert result.get("order_id") == (ORDER_ID if done else None)
    assert (trader.methods, trader.called("AddOrder")) == (["addOrder"], [])


@pytest.mark.parametrize(
    ("words", "plan", "outcome", "event"),
    thinned(
        [
            (AMEND, then(amended, cut), "amended", "amendOrder"),
            (AMEND, cut, "not_amended", "amendOrder"),
            (EDIT, then(replaced, cut), "placed", "editOrder"),
            (EDIT, silent, "not_placed", "editOrder"),
            (CANCEL, then(canceled(), cut), "canceled", "cancelOrder"),
            (CANCEL, silent, "not_canceled", "cancelOrder"),
            (("order", "cancel-all", "--yes", *V1), then(canceled(), cut), "canceled", "cancelAll"),
            (("order", "cancel-all", "--yes", *V1), silent, "not_canceled", "cancelAll"),
        ],
        4,
    ),
)
def test_other_answers_that_are_lost(
    program: Program, words: tuple[str, ...], plan: Plan, outcome: str, event: str
) -> None:
    with TraderV1(plan) as trader:
        trader.place({**RESTING, "order_userref": 7}, opentm=1.0)
        if "cancel" in words[1]:
            trader.place({"order_userref": 7}, OTHER_ID, opentm=1.0)
        ended = trader.lose(program, *words)
    result = json.loads(ended.out)
    assert (result["outcome"], result["looked_up"]) == (outcome, True)
    assert ended.status == (70 if outcome.startswith("not_") else 0)
    assert trader.methods == [event]


def test_cancellations_by_every_kind_of_name(program: Program) -> None:
    """Two answers, and neither says to which of the names it belongs: both were done."""
    with TraderV1(then(canceled(), answered({}, {}))) as trader:
        with_orders(trader)
        ended = trader.run(program, *CANCEL)
    assert (ended.status, sent(trader)["txid"]) == (0, [ORDER_ID, OTHER_ID])
    assert rows(ended.out) == dict.fromkeys((ORDER_ID, OTHER_ID), "canceled")
    assert "looked_up" not in json.loads(ended.out)
    with TraderV1(then(canceled(), answered({}))) as trader:
        with_orders(trader)
        ended = trader.run(program, "order", "cancel", MINE, *V1)
    assert (ended.status, sent(trader)["cl_ord_id"]) == (0, [MINE])
    assert rows(ended.out) == {MINE: "canceled"}


def test_a_nameless_refusal_is_looked_up(program: Program) -> None:
    """One of two was filled: the answers do not say which, the orders on record do."""

    def plan(trader: Trader, peer: Peer, request: Request) -> None:
        trader.cancel(ORDER_ID)
        trader.answer(peer, request, {})
        trader.refuse(peer, request, "EOrder:Unknown order")

    with TraderV1(plan) as trader:
        with_orders(trader)
        trader.cancel(OTHER_ID, "closed")
        ended = trader.lose(program, *CANCEL)
    assert ended.status == 70
    assert rows(ended.out) == {ORDER_ID: "canceled", OTHER_ID: "not_canceled"}
    assert json.loads(ended.out)["looked_up"] is True


def test_an_edit_knows_which_price_is_meant(program: Program) -> None:
    """The limit price of a stop-loss-limit is its second one."""
    with TraderV1(answered({"order_id": OTHER_ID, "original_order_id": ORDER_ID})) as trader:
        trader.place({"order_type": "stop-loss-limit", "order_userref": 7})
        ended = trader.run(program, *EDIT, "--price", "67000.0", "--userref", "8", "--post-only")
    assert ended.status == 0
    assert sent(trader) == {
        "event": "editOrder", "orderid": ORDER_ID, "pair": "XBT/USD", "volume": "0.020",
        "price2": "67000.0", "newuserref": "8", "oflags": "post",
    }  # fmt: skip


def test_an_edit_that_cannot_know_it_is_not_sent(program: Program) -> None:
    """It would move the trigger of a stop; with both prices, or none, it is clear what is meant."""
    plan = answered({"order_id": OTHER_ID, "original_order_id": ORDER_ID})
    for more, status, sent_ones in (
        (("--price", "67000.0"), 2, 0),
        (("--price", "67000.0", "--trigger-price", "66000.0"), 0, 1),
        ((), 0, 1),
    ):
        with TraderV1(plan) as trader:
            trader.rest["QueryOrders"] = lambda *_: {"error": ["EGeneral:Permission denied"]}
            ended = trader.run(program, *EDIT, *more, "--no-check")
        assert (ended.status, len(trader.requests)) == (status, sent_ones)
        assert ("which price" in ended.err) is (status == 2)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((*ADD, "--tif", "fok"), "fok"),
        ((*AMEND, "--trigger-price", "5", "--trigger-price-type", "quote"), "offsets"),
        ((*EDIT, "--deadline", "2s"), "--deadline"),
        ((*EDIT, "--reduce-only"), "--reduce-only"),
        (("order", "cancel", ORDER_ID, MINE, *V1), "both at once"),
        (("order", "batch-cancel", ORDER_ID, OTHER_ID, *V1), "batches"),
        (("order", "batch-add", "BTC/USD", "--yes", *V1), "batches"),
    ],
)
@pytest.mark.parametrize("dry", [False, True], ids=["sent", "rehearsed"])
def test_what_v1_has_not_is_refused_before_anything_is_asked(
    program: Program, words: tuple[str, ...], said: str, dry: bool
) -> None:
    with TraderV1() as trader:
        ended = trader.run(program, *words, *(["--dry-run"] if dry else []))
    error = json.loads(ended.error)
    assert (ended.status, ended.out, trader.requests, trader.calls) == (2, "", [], [])
    assert said in error["message"]
    assert "--api v2" in error["suggestion"]


def test_rest_is_rest(program: Program) -> None:
    """What v1 has not, REST may have."""
    with TraderV1() as trader:
        trader.rest["AddOrder"] = lambda *_: {"txid": [ORDER_ID]}
        ended = trader.run(program, *ADD, "--via", "rest", "-t", "iceberg", "--display-qty", "0.005")
    assert (ended.status, trader.requests) == (0, [])
    (fields,) = trader.called("AddOrder")
    assert (fields["ordertype"], fields["displayvol"], fields["pair"]) == ("iceberg", "0.005", "XBTUSD")


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        ('{"errorMessage":"Malformed request","event":"error"}', "Malformed request"),
        ('{"Error":"Exceeded msg rate"}', "Exceeded msg rate"),
        (
            '{"errorMessage":"Event(s) not found","event":"subscriptionStatus","status":"error"}',
            "Event(s) not found",
        ),
        (
            '{"errorMessage":"Token is expired","event":"addOrderStatus","status":"error",'
            f'"token":"{TOKEN}"}}',
            "Token is expired",
        ),
    ],
)
def test_complaints_answer_the_request_under_way(program: Program, frame: str, said: str) -> None:
    def plan(_trader: Trader, peer: Peer, _request: Request) -> None:
        peer.send("no json", '{"event":"heartbeat"}', '{"event":"pong"}', '[0,1,"openOrders"]', frame)

    with TraderV1(plan) as trader:
        ended = trader.run(program, *ADD)
    error = json.loads(ended.error)
    assert (ended.status, json.loads(ended.out)["outcome"]) == (77 if "Token" in said else 70, "not_placed")
    assert said in error["message"]


def test_an_address_of_v2_is_named(program: Program) -> None:
    with Trader() as trader:
        ended = trader.run(program, *ADD)
    assert (ended.status, trader.requests) == (2, [])
    assert "is an address of API v2" in json.loads(ended.error)["message"]


def test_deadman_arms_renews_and_disarms(program: Program) -> None:
    plan = answered({"currentTime": "2026-06-15T09:37:09Z", "triggerTime": "2026-06-15T09:38:09Z"})
    with TraderV1(plan) as trader:
        words = ("deadman", "--timeout", "3s", "--api", "v1", "--", "sh", "-c", "echo out; sleep 1.3")
        ended = trader.run(program, *words)
    assert (ended.status, ended.out) == (0, "out\n")
    assert "2026-06-15T09:38:09Z" in ended.err
    assert [one["timeout"] for one in trader.requests] == [3, 3, 0]
    assert set(trader.methods) == {"cancelAllOrdersAfter"}
