"""`order add` as a process: what is sent, what is said, and that nothing is ever sent twice."""

import json
import re
from typing import Any

import pytest
from breadth import thinned

from .program import Program
from .trader import (
    ORDER_ID,
    OTHER_ID,
    TOKEN,
    Plan,
    Trader,
    cut,
    placed,
    placed_and_answered,
    refused,
    silent,
    then,
)

ADD = ("order", "add", "buy", "0.01", "BTC/USD", "--price", "67310.0", "--json", "--yes")


def test_an_order_is_placed_with_its_digits(program: Program) -> None:
    with Trader() as trader:
        ended = trader.run(program, *ADD, "--tif", "gtc", "--post-only")
    assert (ended.status, ended.err) == (0, "")
    (text,) = trader.texts
    assert '"order_qty":0.01,' in text
    assert '"limit_price":67310.0,' in text
    params = trader.requests[0]["params"]
    assert re.fullmatch("[0-9a-f]{32}", params.pop("cl_ord_id"))
    assert re.fullmatch(r"2\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", params.pop("deadline"))
    assert params == {
        "order_type": "limit", "side": "buy", "order_qty": "0.01", "symbol": "BTC/USD",
        "limit_price": "67310.0", "time_in_force": "gtc", "post_only": True, "token": TOKEN,
    }  # fmt: skip
    result = json.loads(ended.out, parse_float=str)
    assert (result["outcome"], result["order_id"], result["via"]) == ("placed", ORDER_ID, "ws")
    assert result["limit_price"] == "67310.0"
    assert "looked_up" not in result


def test_every_parameter_reaches_the_wire(program: Program) -> None:
    words = (
        "order", "add", "sell", "0.5", "btcusd", "-t", "trailing-stop-limit", "--price", "-5.0",
        "--price-type", "quote", "--trigger-price", "1.0", "--trigger-price-type", "pct",
        "--trigger-reference", "index", "--tif", "gtd", "--expire-time", "2026-12-01T01:00:00+01:00",
        "--effective-time", "2026-11-30", "--userref", "7", "--reduce-only", "--margin",
        "--fee-preference", "base", "--stp-type", "cancel_both", "--sender-sub-id", "desk-1",
        "--close-type", "stop-loss-limit", "--close-price", "50000.0", "--close-price-type", "static",
        "--close-trigger-price", "51000.0", "--close-trigger-price-type", "static", "--validate", "--json",
    )  # fmt: skip
    with Trader(lambda trader, peer, request: trader.answer(peer, request, {"order_id": ""})) as trader:
        ended = trader.run(program, *words)
    assert (ended.status, ended.err) == (0, "")
    params = trader.requests[0]["params"]
    del params["deadline"]
    assert params == {
        "order_type": "trailing-stop-limit", "side": "sell", "order_qty": "0.5", "symbol": "BTC/USD",
        "limit_price": "-5.0", "limit_price_type": "quote",
        "triggers": {"reference": "index", "price": "1.0", "price_type": "pct"},
        "time_in_force": "gtd", "expire_time": "2026-12-01T00:00:00Z",
        "effective_time": "2026-11-30T00:00:00Z", "order_userref": 7, "reduce_only": True, "margin": True,
        "fee_preference": "base", "stp_type": "cancel_both",
        "conditional": {
            "order_type": "stop-loss-limit", "limit_price": "50000.0", "limit_price_type": "static",
            "trigger_price": "51000.0", "trigger_price_type": "static",
        },
        "sender_sub_id": "desk-1", "validate": True, "token": TOKEN,
    }  # fmt: skip
    assert json.loads(ended.out)["outcome"] == "valid"


def test_a_rehearsal_shows_the_frame_and_needs_no_network(program: Program) -> None:
    ended = program.run(*ADD, "--dry-run", "--cl-ord-id", "mine", "--no-check")
    frame = json.loads(ended.out, parse_float=str)
    assert (ended.status, ended.err) == (0, "")
    assert frame["params"]["token"] == "***"
    assert (frame["params"]["limit_price"], frame["params"]["cl_ord_id"]) == ("67310.0", "mine")
    assert list(frame) == ["method", "params", "req_id"]


@pytest.mark.parametrize(
    ("plan", "named", "outcome", "status"),
    thinned(
        [
            (then(placed, cut), (), "placed", 0),
            (placed, (), "placed", 0),
            (cut, (), "not_placed", 70),
            (silent, (), "not_placed", 70),
            (then(placed, cut), ("--userref", "7"), "placed", 0),
            (silent, ("--userref", "7"), "not_placed", 70),
            (placed, ("--cl-ord-id", "mine"), "placed", 0),
            (cut, ("--cl-ord-id", "mine"), "not_placed", 70),
        ],
        2,
    ),
)
def test_a_lost_answer_is_looked_up(
    program: Program, plan: Plan, named: tuple[str, ...], outcome: str, status: int
) -> None:
    with Trader(plan) as trader:
        ended = trader.lose(program, *ADD, *named)
    result = json.loads(ended.out)
    assert (ended.status, result["outcome"], result["looked_up"]) == (status, outcome, True)
    assert trader.methods == ["add_order"]
    assert trader.called("AddOrder") == []
    assert result.get("order_id") == (ORDER_ID if outcome == "placed" else None)
    if status:
        assert result["error"] in ("no answer within 5 s", "the connection was cut")
        error = json.loads(ended.err.splitlines()[-1])
        assert (error["error"], error["retryable"]) == ("remote", False)


def test_an_order_that_was_filled_meanwhile_is_found(program: Program) -> None:
    def filled(trader: Trader, _peer: Any, request: Any) -> None:
        trader.place(request["params"], vol_exec="0.01")
        trader.cancel(ORDER_ID, "closed")

    with Trader(filled) as trader:
        ended = trader.lose(program, *ADD)
    result = json.loads(ended.out)
    assert (result["outcome"], result["order_status"], result["cum_qty"]) == ("placed", "closed", "0.01")


def test_an_older_order_is_not_taken_for_it(program: Program) -> None:
    with Trader(silent) as trader:
        params = {"limit_price": "67310.0", "order_qty": "0.01", "order_userref": 7}
        trader.place(params, OTHER_ID, opentm=1.0)
        ended = trader.lose(program, *ADD, "--userref", "7")
    assert json.loads(ended.out)["outcome"] == "not_placed"


def test_two_that_may_be_it_leave_it_unknown(program: Program) -> None:
    def both(trader: Trader, _peer: Any, request: Any) -> None:
        trader.place(request["params"])
        trader.place(request["params"], OTHER_ID)

    with Trader(both) as trader:
        ended = trader.lose(program, *ADD, "--userref", "7")
    result = json.loads(ended.out)
    assert (ended.status, result["outcome"]) == (70, "unknown")
    assert ORDER_ID in result["error"]
    assert OTHER_ID in result["error"]


@pytest.mark.parametrize("why", ["REST refuses", "no key"])
def test_what_cannot_be_looked_up_is_unknown(program: Program, why: str) -> None:
    with Trader(placed) as trader:
        env = {}
        if why == "no key":
            env = {"KRAKEN_API_KEY": "", "KRAKEN_WS_TOKEN": TOKEN}
        trader.rest["OpenOrders"] = lambda _peer, _fields: {"error": ["EGeneral:Permission denied"]}
        ended = trader.lose(program, *ADD, env=env)
    result = json.loads(ended.out)
    assert (ended.status, result["outcome"]) == (70, "unknown")
    assert "cannot be looked up" in result["error"]
    assert result["cl_ord_id"] in json.loads(ended.err.splitlines()[-1])["message"]
    assert trader.methods == ["add_order"]


@pytest.mark.parametrize(
    ("error", "status", "advice"),
    thinned(
        [
            ("EOrder:Insufficient funds", 70, "balance"),
            ("EGeneral:Invalid arguments:volume minimum not met", 70, "qty_min"),
            ("EOrder:Rate limit exceeded", 70, "wait"),
            ("EGeneral:Permission denied", 77, "'Create & modify orders'"),
            ("EAPI:Invalid token", 77, "token"),
            ("Token(s) not found", 77, "token"),
            ("EService:Market in post_only mode", 70, "--post-only"),
            (f"EGeneral:Bad {TOKEN}", 70, ""),
        ],
        4,
    ),
)
def test_a_refusal_is_the_exchanges_own(program: Program, error: str, status: int, advice: str) -> None:
    with Trader(refused(error)) as trader:
        ended = trader.run(program, *ADD)
    assert (ended.status, json.loads(ended.out)["outcome"]) == (status, "not_placed")
    said = json.loads(ended.error)
    assert error.split(TOKEN, maxsplit=1)[0].strip() in said["message"]
    assert advice in said["suggestion"]
    assert trader.methods == ["add_order"]


def test_a_doubtful_refusal_is_looked_up(program: Program) -> None:
    with Trader(then(placed, refused("EGeneral:Internal error"))) as trader:
        ended = trader.lose(program, *ADD)
    assert (ended.status, json.loads(ended.out)["outcome"]) == (0, "placed")
    assert trader.methods == ["add_order"]


def test_nothing_is_sent_where_no_connection_can_be_had(program: Program) -> None:
    with Trader() as trader:
        ended = trader.lose(program, *ADD, env={"KRAKEN_WS_AUTH_URL": "ws://127.0.0.1:1/v2"})
    result = json.loads(ended.out)
    assert (ended.status, result["outcome"]) == (69, "not_placed")
    assert "nothing was sent" in result["error"]


def test_nothing_is_sent_without_a_token(program: Program) -> None:
    with Trader() as trader:
        trader.rest["GetWebSocketsToken"] = lambda *_: {"error": ["EGeneral:Permission denied"]}
        ended = trader.run(program, *ADD)
    result = json.loads(ended.out)
    assert (ended.status, result["outcome"], trader.requests) == (77, "not_placed", [])
    assert "nothing was sent" in result["error"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("--price", "67310.05"), "no multiple of 0.1"),
        (("--price", "1e5"), "no plain decimal"),
        (("--type", "market"), "no limit price"),
        (("--tif", "gtd"), "--expire-time"),
        (("--cl-ord-id", "a", "--userref", "1"), "exclude one another"),
        (("--deadline", "500ms"), "from 1s to 60s"),
        (("--display-qty", "1"), "iceberg"),
    ],
)
def test_a_mistake_is_one_line_and_nothing_is_sent(
    program: Program, change: tuple[str, ...], words: str
) -> None:
    with Trader() as trader:
        ended = trader.run(program, *ADD, *change)
    said = json.loads(ended.error)
    assert ended.status == 2
    assert words in said["message"] + said["suggestion"]
    assert trader.requests == []
    assert trader.called("GetWebSocketsToken") == []


def test_no_check_leaves_it_to_the_exchange(program: Program) -> None:
    with Trader() as trader:
        ended = trader.run(program, *ADD, "--price", "67310.05", "--no-check")
    assert ended.status == 0
    assert '"limit_price":67310.05,' in trader.texts[0]
    assert trader.called("AssetPairs") == []


def test_a_script_must_say_yes(program: Program) -> None:
    with Trader() as trader:
        ended = trader.run(program, *(word for word in ADD if word != "--yes"))
    assert ended.status == 2
    assert "--yes" in json.loads(ended.error)["suggestion"]
    assert trader.calls == []


def test_keys_are_missing(program: Program) -> None:
    with Trader() as trader:
        ended = trader.run(program, *ADD, env={"KRAKEN_API_KEY": ""})
    assert ended.status == 78
    assert trader.requests == []


def test_market_orders_may_be_given_in_money(program: Program) -> None:
    with Trader() as trader:
        words = ("order", "add", "buy", "100.50", "BTC/USD", "--type", "market", "--cash", "--yes")
        ended = trader.run(program, *words)
    assert ended.status == 0
    assert '"cash_order_qty":100.50,' in trader.texts[0]


def test_garbage_before_the_answer_changes_nothing(program: Program) -> None:
    def plan(trader: Trader, peer: Any, request: Any) -> None:
        peer.send("no json", '{"channel":"heartbeat"}', '{"method":"add_order","req_id":99,"success":true}')
        placed_and_answered(trader, peer, request)

    with Trader(plan) as trader:
        ended = trader.run(program, *ADD)
    assert (ended.status, json.loads(ended.out)["order_id"]) == (0, ORDER_ID)
