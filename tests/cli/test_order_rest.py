"""`order ... --via rest`: the same requests in REST's words, each call made once, lost answers both ways."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from breadth import thinned

from .program import Program
from .server import Peer
from .trader import ORDER_ID, OTHER_ID, Trader

REST = ("--via", "rest", "--json")
ADD = ("order", "add", "buy", "0.0100", "BTC/USD", "--price", "67310.0", "--yes", *REST)
IDS: dict[str, Any] = {"txid": [ORDER_ID], "descr": {"order": "buy 0.01 XBTUSD @ limit 67310.0"}}


def sent(trader: Trader, method: str) -> dict[str, str]:
    """The fields of the only call of a method, what is never the same left out."""
    (fields,) = trader.called(method)
    assert trader.requests == []
    return {name: value for name, value in fields.items() if name not in ("nonce", "deadline")}


def test_a_limit_order(program: Program) -> None:
    with Trader() as trader:
        trader.rest["AddOrder"] = lambda *_: IDS
        ended = trader.run(program, *ADD, "--tif", "ioc", "--fee-preference", "base", "--cl-ord-id", "mine")
    assert (ended.status, ended.err) == (0, "")
    assert sent(trader, "AddOrder") == {
        "ordertype": "limit", "type": "buy", "volume": "0.0100", "pair": "XBTUSD", "price": "67310.0",
        "oflags": "fcib", "timeinforce": "IOC", "cl_ord_id": "mine",
    }  # fmt: skip
    result = json.loads(ended.out)
    assert (result["outcome"], result["order_id"], result["via"]) == ("placed", ORDER_ID, "rest")


@pytest.mark.parametrize(
    ("words", "fields"),
    thinned([
        (
            ("-t", "market", "--cash"),
            {"ordertype": "market", "volume": "100", "oflags": "viqc"},
        ),
        (
            (
                "-t", "stop-loss-limit", "--price", "59000", "--trigger-price", "60000",
                "--trigger-reference", "index",
            ),
            {"ordertype": "stop-loss-limit", "price": "60000", "price2": "59000", "trigger": "index"},
        ),
        (
            ("-t", "take-profit", "--trigger-price", "5", "--trigger-price-type", "pct"),
            {"ordertype": "take-profit", "price": "+5%"},
        ),
        (
            ("-t", "stop-loss", "--trigger-price", "-150", "--trigger-price-type", "quote"),
            {"ordertype": "stop-loss", "price": "-150"},
        ),
        (
            ("-t", "trailing-stop", "--trigger-price", "1.0", "--trigger-price-type", "pct"),
            {"ordertype": "trailing-stop", "price": "+1.0%"},
        ),
        (
            ("-t", "trailing-stop-limit", "--trigger-price", "100", "--price", "-5.0"),
            {"ordertype": "trailing-stop-limit", "price": "+100", "price2": "-5.0"},
        ),
        (
            ("-t", "iceberg", "--price", "60000", "--display-qty", "10", "--post-only"),
            {"ordertype": "iceberg", "price": "60000", "displayvol": "10", "oflags": "post"},
        ),
        (
            ("--price", "60000", "--tif", "gtd", "--expire-time", "2026-12-01T00:00:00Z", "--reduce-only"),
            {
                "ordertype": "limit", "price": "60000", "timeinforce": "GTD", "expiretm": "1796083200",
                "reduce_only": "true",
            },
        ),
        (
            (
                "--price", "60000", "--stp-type", "cancel_both", "--close-type", "stop-loss",
                "--close-trigger-price", "5",
            ),
            {
                "ordertype": "limit", "price": "60000", "stptype": "cancel-both",
                "close[ordertype]": "stop-loss", "close[price]": "5",
            },
        ),
    ], 4),
)  # fmt: skip
def test_other_orders(program: Program, words: tuple[str, ...], fields: dict[str, str]) -> None:
    with Trader() as trader:
        trader.rest["AddOrder"] = lambda *_: {"descr": {"order": ""}}
        more = ("--validate", "--userref", "7", "--no-check")
        ended = trader.run(program, "order", "add", "buy", "100", "BTC/USD", *words, *more, *REST)
    assert (ended.status, json.loads(ended.out)["outcome"]) == (0, "valid")
    shared = {"type": "buy", "volume": "100", "pair": "XBTUSD", "userref": "7", "validate": "true"}
    assert sent(trader, "AddOrder") == {**shared, **fields}


@pytest.mark.parametrize(
    ("words", "method", "result", "fields", "told"),
    [
        (
            ("amend", "mine", "--price", "5.0", "--qty", "0.10"),
            "AmendOrder",
            {"amend_id": "TTW6PD-RC36L-ZZSWNU"},
            {"cl_ord_id": "mine", "order_qty": "0.10", "limit_price": "5.0"},
            {"outcome": "amended", "amend_id": "TTW6PD-RC36L-ZZSWNU"},
        ),
        (
            ("edit", ORDER_ID, "BTC/USD", "--price", "5.0", "--yes"),
            "EditOrder",
            {"txid": OTHER_ID, "originaltxid": ORDER_ID, "status": "ok"},
            {"txid": ORDER_ID, "pair": "XBTUSD", "price": "5.0"},
            {"outcome": "placed", "order_id": OTHER_ID, "original_order_id": ORDER_ID},
        ),
        (("cancel", ORDER_ID), "CancelOrder", {"count": 1}, {"txid": ORDER_ID}, {"outcome": "canceled"}),
        (("cancel", "mine"), "CancelOrder", {"count": 1}, {"cl_ord_id": "mine"}, {"outcome": "canceled"}),
        (("cancel", "--userref", "7"), "CancelOrder", {"count": 2}, {"txid": "7"}, {"outcome": "canceled"}),
        (("cancel-all", "--yes"), "CancelAll", {"count": 4}, {}, {"outcome": "canceled", "count": 4}),
        (
            ("cancel-after", "60", "--yes"),
            "CancelAllOrdersAfter",
            {"currentTime": "2026-03-02T14:08:40Z", "triggerTime": "2026-03-02T14:09:40Z"},
            {"timeout": "60"},
            {"outcome": "armed", "triggerTime": "2026-03-02T14:09:40Z"},
        ),
    ],
)
def test_what_else_rest_has(
    program: Program,
    words: tuple[str, ...],
    method: str,
    result: dict[str, Any],
    fields: dict[str, str],
    told: dict[str, Any],
) -> None:
    with Trader() as trader:
        trader.rest[method] = lambda *_: result
        ended = trader.run(program, "order", *words, *REST)
    assert (ended.status, ended.err) == (0, "")
    assert sent(trader, method) == fields
    said = json.loads(ended.out)
    assert {name: said.get(name) for name in told} == told


def test_the_price_of_an_edited_stop_is_its_second(program: Program) -> None:
    with Trader() as trader:
        stop = {"order_type": "stop-loss-limit", "limit_price": "5", "triggers": {"price": "6"}}
        trader.place({**stop, "order_qty": "0.01"})
        trader.rest["EditOrder"] = lambda *_: {"txid": OTHER_ID, "originaltxid": ORDER_ID}
        words = ("order", "edit", ORDER_ID, "BTC/USD", "--price", "5.5", "--yes", *REST)
        ended = trader.run(program, *words)
    assert ended.status == 0
    assert sent(trader, "EditOrder") == {"txid": ORDER_ID, "pair": "XBTUSD", "price2": "5.5"}


def hang(peer: Peer, _fields: dict[str, str]) -> Any:
    peer.hang()


def fail(peer: Peer, _fields: dict[str, str]) -> Any:
    peer.answer(b"<html>no</html>", 502)
    peer.cut()


@pytest.mark.parametrize("how", [hang, fail])
@pytest.mark.parametrize(("done", "outcome", "status"), [(True, "placed", 0), (False, "not_placed", 70)])
def test_a_lost_answer_is_looked_up(
    program: Program, how: Callable[..., Any], done: bool, outcome: str, status: int
) -> None:
    with Trader() as trader:

        def add(peer: Peer, fields: dict[str, str]) -> Any:
            if done:
                params = {"cl_ord_id": fields["cl_ord_id"], "limit_price": "67310.0", "order_qty": "0.0100"}
                trader.place(params)
            return how(peer, fields)

        trader.rest["AddOrder"] = add
        ended = trader.lose(program, *ADD)
    assert (ended.status, json.loads(ended.out)["outcome"]) == (status, outcome)
    assert len(trader.called("AddOrder")) == 1


@pytest.mark.parametrize(
    ("words", "method", "outcome"),
    thinned(
        [
            (("cancel", ORDER_ID), "CancelOrder", "canceled"),
            (("cancel-all", "--yes"), "CancelAll", "canceled"),
            (("amend", ORDER_ID, "--qty", "0.5"), "AmendOrder", "amended"),
            (("edit", ORDER_ID, "BTC/USD", "--qty", "0.5", "--yes"), "EditOrder", "placed"),
        ],
        4,
    ),
)
@pytest.mark.parametrize("done", [True, False])
def test_other_lost_answers(
    program: Program, words: tuple[str, ...], method: str, outcome: str, done: bool
) -> None:
    with Trader() as trader:
        trader.place({"order_qty": "0.01", "limit_price": "5.0"}, opentm=1.0)

        def act(peer: Peer, fields: dict[str, str]) -> Any:
            if done and method == "AmendOrder":
                trader.open[ORDER_ID]["vol"] = fields["order_qty"]
            elif done:
                trader.cancel(ORDER_ID)
            if done and method == "EditOrder":
                trader.place({"order_qty": fields["volume"]}, OTHER_ID, refid=ORDER_ID)
            peer.cut()

        trader.rest[method] = act
        ended = trader.lose(program, "order", *words, *REST)
    assert json.loads(ended.out)["outcome"] == (outcome if done else f"not_{outcome}")
    assert ended.status == (0 if done else 70)
    assert len(trader.called(method)) == 1


@pytest.mark.parametrize(
    ("error", "status"),
    [("EOrder:Insufficient funds", 70), ("EAPI:Invalid key", 77), ("EOrder:Rate limit exceeded", 70)],
)
def test_a_refusal(program: Program, error: str, status: int) -> None:
    with Trader() as trader:
        trader.rest["AddOrder"] = lambda *_: {"error": [error]}
        ended = trader.run(program, *ADD)
    assert (ended.status, json.loads(ended.out)["outcome"]) == (status, "not_placed")
    assert error in json.loads(ended.error)["message"]
    assert len(trader.called("AddOrder")) == 1


def test_what_rest_lacks(program: Program) -> None:
    with Trader() as trader:
        ended = trader.run(program, *ADD, "--margin")
    assert (ended.status, trader.called("AddOrder")) == (2, [])
    assert "REST has no margin" in ended.error


def test_a_rehearsal(program: Program) -> None:
    ended = program.run(*ADD, "--dry-run", "--no-check", "-q", "--cl-ord-id", "mine")
    assert (ended.status, ended.err) == (0, "")
    shown = json.loads(ended.out)
    assert shown["rest"] == "/0/private/AddOrder"
    del shown["fields"]["deadline"]
    assert shown["fields"] == {
        "ordertype": "limit", "type": "buy", "volume": "0.0100", "pair": "BTCUSD", "price": "67310.0",
        "cl_ord_id": "mine",
    }  # fmt: skip


def test_nothing_is_sent_where_rest_cannot_be_reached(program: Program) -> None:
    with Trader() as trader:
        env = {"KRAKEN_SPOT_URL": "http://127.0.0.1:1"}
        ended = trader.run(program, "order", "cancel-all", "--yes", *REST, env=env)
    assert (ended.status, json.loads(ended.out)["outcome"]) == (69, "not_canceled")
