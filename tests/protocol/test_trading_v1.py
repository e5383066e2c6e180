"""Orders in API v1's words: requests byte for byte, answers as v2 would have given them."""

import json
from pathlib import Path
from typing import Any

import pytest

from krakencli.protocol.trading import Answer, Id, Number, attribute
from krakencli.protocol.trading_v1 import EVENTS, TradingV1

TOKEN = "Zk3v0QmT8hXyR5uJw1LbN7cPaG2sEiDfK9oVxHtYqUe"
LIMIT = {
    "order_type": "limit",
    "side": "buy",
    "order_qty": Number("1.5"),
    "symbol": "SOL/USD",
    "limit_price": Number("142"),
}
V1 = TradingV1()


def fields(method: str, params: dict[str, Any], edited: str | None = None) -> dict[str, Any]:
    """The request without what every one has."""
    frame: dict[str, Any] = json.loads(TradingV1(edited).request(method, params, 7, "T"))
    assert (frame.pop("event"), frame.pop("reqid"), frame.pop("token")) == (EVENTS[method], 7, "T")
    return frame


def test_the_worked_examples_byte_for_byte() -> None:
    assert V1.request("add_order", LIMIT, 21, TOKEN) == (
        b'{"event":"addOrder","ordertype":"limit","pair":"SOL/USD","price":"142","reqid":21,'
        b'"token":"Zk3v0QmT8hXyR5uJw1LbN7cPaG2sEiDfK9oVxHtYqUe","type":"buy","volume":"1.5"}'
    )
    ids = {"order_id": ["OQ4XZG-3WWQA-7LLPTC", "OQ4XZH-AAAAA-BBBBBB"]}
    assert V1.request("cancel_order", ids, 25, TOKEN) == (
        b'{"event":"cancelOrder","reqid":25,"token":"Zk3v0QmT8hXyR5uJw1LbN7cPaG2sEiDfK9oVxHtYqUe",'
        b'"txid":["OQ4XZG-3WWQA-7LLPTC","OQ4XZH-AAAAA-BBBBBB"]}'
    )
    assert V1.ping(42) == b'{"event":"ping","reqid":42}'


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"symbol": "BTC/USD"}, {"pair": "XBT/USD"}),
        ({"symbol": "DOGE/BTC"}, {"pair": "XDG/XBT"}),
        ({"limit_price": Number("0.00000012")}, {"price": "0.00000012"}),
        ({"order_qty": Number("100.50")}, {"volume": "100.50"}),
        ({"cl_ord_id": "strat-0001"}, {"cl_ord_id": "strat-0001"}),
        ({"order_userref": 7}, {"userref": "7"}),
        ({"time_in_force": "ioc"}, {"timeinforce": "IOC"}),
        (
            {"time_in_force": "gtd", "expire_time": "2026-12-01T00:00:00Z"},
            {"timeinforce": "GTD", "expiretm": "1796083200"},
        ),
        ({"effective_time": "2026-11-30T00:00:00Z"}, {"starttm": "1795996800"}),
        ({"deadline": "2026-11-30T00:00:00.500Z"}, {"deadline": "2026-11-30T00:00:00.500Z"}),
        ({"post_only": True}, {"oflags": "post"}),
        ({"fee_preference": "base"}, {"oflags": "fcib"}),
        ({"post_only": True, "fee_preference": "quote"}, {"oflags": "post,fciq"}),
        ({"reduce_only": True}, {"reduce_only": True}),
        ({"margin": True}, {"margin": True}),
        ({"stp_type": "cancel_both"}, {"stp_type": "cancel_both"}),
        ({"sender_sub_id": "desk-1"}, {"sender_sub_id": "desk-1"}),
        ({"validate": True}, {"validate": "true"}),
        (
            {"conditional": {"order_type": "limit", "limit_price": Number("150.0")}},
            {"close[ordertype]": "limit", "close[price]": "150.0"},
        ),
        (
            {
                "conditional": {
                    "order_type": "stop-loss-limit",
                    "limit_price": Number("99"),
                    "trigger_price": Number("-1.5"),
                    "trigger_price_type": "pct",
                }
            },
            {"close[ordertype]": "stop-loss-limit", "close[price]": "-1.5%", "close[price2]": "99"},
        ),
    ],
)
def test_what_an_order_may_have_more(more: dict[str, Any], expected: dict[str, Any]) -> None:
    plain = {"ordertype": "limit", "pair": "SOL/USD", "price": "142", "type": "buy", "volume": "1.5"}
    assert fields("add_order", {**LIMIT, **more}) == {**plain, **expected}


@pytest.mark.parametrize(
    ("order", "price", "price2"),
    [
        ({"order_type": "market"}, None, None),
        ({"order_type": "stop-loss", "triggers": {"price": Number("60000")}}, "60000", None),
        (
            {
                "order_type": "stop-loss-limit",
                "limit_price": Number("59000"),
                "triggers": {"price": Number("60000")},
            },
            "60000",
            "59000",
        ),
        (
            {"order_type": "take-profit", "triggers": {"price": Number("5"), "price_type": "pct"}},
            "+5%",
            None,
        ),
        (
            {"order_type": "stop-loss", "triggers": {"price": Number("-150"), "price_type": "quote"}},
            "-150",
            None,
        ),
        ({"order_type": "trailing-stop", "triggers": {"price": Number("100")}}, "+100", None),
        (
            {
                "order_type": "trailing-stop-limit",
                "limit_price": Number("-5.0"),
                "triggers": {"price": Number("1.0"), "price_type": "pct"},
            },
            "+1.0%",
            "-5.0",
        ),
        (
            {
                "order_type": "trailing-stop-limit",
                "limit_price": Number("5.0"),
                "triggers": {"price": Number("100")},
            },
            "+100",
            "+5.0",
        ),
    ],
)
def test_which_price_is_which(order: dict[str, Any], price: str | None, price2: str | None) -> None:
    sent = fields("add_order", {"side": "sell", "order_qty": Number("1"), "symbol": "BTC/USD", **order})
    assert (sent.get("price"), sent.get("price2")) == (price, price2)
    assert sent["ordertype"] == order["order_type"]


def test_money_is_a_volume_with_a_flag() -> None:
    order = {"order_type": "market", "side": "buy", "cash_order_qty": Number("100.50"), "symbol": "BTC/USD"}
    assert fields("add_order", order) == {
        "ordertype": "market", "type": "buy", "volume": "100.50", "oflags": "viqc", "pair": "XBT/USD",
    }  # fmt: skip


ORDER_ID = "OQ4XZD-7LMNA-KD3PWB"


@pytest.mark.parametrize(
    ("method", "params", "expected"),
    [
        (
            "amend_order",
            {
                "order_id": ORDER_ID,
                "order_qty": Number("0.50"),
                "limit_price": Number("141.0"),
                "display_qty": Number("0.1"),
                "trigger_price": Number("140"),
                "post_only": True,
                "symbol": "BTC/USD",
                "deadline": "2026-11-30T00:00:00.500Z",
            },
            {
                "txid": ORDER_ID,
                "volume": "0.50",
                "limit_price": "141.0",
                "display_volume": "0.1",
                "trigger_price": "140",
                "post_only": True,
                "pair": "XBT/USD",
                "deadline": "2026-11-30T00:00:00.500Z",
            },
        ),
        (
            "amend_order",
            {"cl_ord_id": "mine", "order_qty": Number("1")},
            {"cl_ord_id": "mine", "volume": "1"},
        ),
        (
            "cancel_order",
            {"order_id": [ORDER_ID], "order_userref": [7, -8]},
            {"txid": [ORDER_ID, "7", "-8"]},
        ),
        ("cancel_order", {"cl_ord_id": ["a", "b"]}, {"cl_ord_id": ["a", "b"]}),
        ("cancel_all", {}, {}),
        ("cancel_all_orders_after", {"timeout": 60}, {"timeout": 60}),
        ("cancel_all_orders_after", {"timeout": 0}, {"timeout": 0}),
    ],
)
def test_the_other_requests(method: str, params: dict[str, Any], expected: dict[str, Any]) -> None:
    assert fields(method, params) == expected


@pytest.mark.parametrize(
    ("edited", "prices"),
    [
        (None, {"price": "142.0"}),
        ("limit", {"price": "142.0"}),
        ("stop-loss-limit", {"price2": "142.0"}),
    ],
)
def test_an_edit_calls_a_price_as_its_order_does(edited: str | None, prices: dict[str, str]) -> None:
    params = {
        "order_id": ORDER_ID,
        "symbol": "BTC/USD",
        "order_qty": Number("2.0"),
        "limit_price": Number("142.0"),
        "order_userref": 9,
        "post_only": True,
        "deadline": "2026-11-30T00:00:00.500Z",
        "validate": True,
    }
    assert fields("edit_order", params, edited) == {
        "orderid": ORDER_ID, "pair": "XBT/USD", "volume": "2.0", "newuserref": "9", "oflags": "post",
        "validate": "true", **prices,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("method", "frame", "number", "answer"),
    [
        (
            "add_order",
            '{"descr":"buy 1.50000000 SOLUSD @ limit 142.00","event":"addOrderStatus","reqid":21,'
            '"status":"ok","txid":"OQ4XZD-7LMNA-KD3PWB"}',
            21,
            Answer(success=True, result={"order_id": "OQ4XZD-7LMNA-KD3PWB"}),
        ),
        (
            "add_order",
            '{"errorMessage":"EOrder:Order minimum not met","event":"addOrderStatus","reqid":22,'
            '"status":"error"}',
            22,
            Answer(success=False, error="EOrder:Order minimum not met"),
        ),
        (
            "edit_order",
            '{"descr":"order edited price = 141.00","event":"editOrderStatus",'
            '"originaltxid":"OQ4XZD-7LMNA-KD3PWB","reqid":23,"status":"ok","txid":"OQ4XZG-3WWQA-7LLPTC"}',
            23,
            Answer(
                success=True,
                result={"order_id": "OQ4XZG-3WWQA-7LLPTC", "original_order_id": "OQ4XZD-7LMNA-KD3PWB"},
            ),
        ),
        (
            "amend_order",
            '{"amend_id":"TGS5AA-DP6E3-YO3KFN","event":"amendOrderStatus","reqid":24,"status":"ok",'
            '"txid":"OQ4XZG-3WWQA-7LLPTC"}',
            24,
            Answer(
                success=True, result={"order_id": "OQ4XZG-3WWQA-7LLPTC", "amend_id": "TGS5AA-DP6E3-YO3KFN"}
            ),
        ),
        (
            "amend_order",
            '{"amend_id":"T","cl_ord_id":"mine","event":"amendOrderStatus","reqid":24,"status":"ok"}',
            24,
            Answer(success=True, result={"amend_id": "T", "cl_ord_id": "mine"}),
        ),
        (
            "cancel_order",
            '{"event":"cancelOrderStatus","reqid":25,"status":"ok"}',
            25,
            Answer(success=True),
        ),
        (
            "cancel_order",
            '{"errorMessage":"EOrder:Unknown order","event":"cancelOrderStatus","reqid":25,"status":"error"}',
            25,
            Answer(success=False, error="EOrder:Unknown order"),
        ),
        (
            "cancel_all",
            '{"count":2,"event":"cancelAllStatus","reqid":26,"status":"ok"}',
            26,
            Answer(success=True, count=2),
        ),
        (
            "cancel_all_orders_after",
            '{"currentTime":"2026-06-15T09:37:09Z","event":"cancelAllOrdersAfterStatus","reqid":27,'
            '"status":"ok","triggerTime":"2026-06-15T09:38:09Z"}',
            27,
            Answer(
                success=True,
                result={"currentTime": "2026-06-15T09:37:09Z", "triggerTime": "2026-06-15T09:38:09Z"},
            ),
        ),
        (
            "cancel_all_orders_after",
            '{"currentTime":"2026-06-15T09:37:40Z","event":"cancelAllOrdersAfterStatus","reqid":28,'
            '"status":"ok","triggerTime":"0"}',
            28,
            Answer(success=True, result={"currentTime": "2026-06-15T09:37:40Z", "triggerTime": "0"}),
        ),
    ],
)
def test_the_answers_of_the_worked_examples(method: str, frame: str, number: int, answer: Answer) -> None:
    assert V1.read(frame.encode(), method, number) == answer
    assert V1.read(frame.encode(), method, number + 1) is None


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        ('{"errorMessage":"Malformed request","event":"error"}', "Malformed request"),
        ('{"errorMessage":"Exceeded msg rate","event":"error","reqid":7}', "Exceeded msg rate"),
        ('{"Error":"Exceeded msg rate"}', "Exceeded msg rate"),
        (
            '{"errorMessage":"Event(s) not found","event":"subscriptionStatus","reqid":7,"status":"error"}',
            "Event(s) not found",
        ),
        (
            '{"errorMessage":"Event(s) not found","event":"subscriptionStatus","status":"error"}',
            "Event(s) not found",
        ),
        ('{"errorMessage":"E","event":"addOrderStatus","reqid":"7","status":"error"}', "E"),
        ('{"event":"addOrderStatus","reqid":7}', "refused without a reason"),
    ],
)
def test_refusals_in_every_shape(frame: str, words: str) -> None:
    assert V1.read(frame.encode(), "add_order", 7) == Answer(success=False, error=words)


@pytest.mark.parametrize(
    "frame",
    [
        '{"event":"pong","reqid":7}',
        '{"event":"heartbeat"}',
        '{"connectionID":13688620010177543517,"event":"systemStatus","status":"online","version":"1.9.1"}',
        '[[{"O":{"status":"open"}}],"openOrders",{"sequence":3}]',
        '{"event":"cancelOrderStatus","status":"ok"}',
        '{"errorMessage":"E","event":"error","reqid":8}',
        '{"channel":"heartbeat"}',
        "no json",
        "[" * 100_000,
    ],
)
def test_frames_that_answer_something_else(frame: str) -> None:
    assert V1.read(frame.encode(), "add_order", 7) is None


def frames(path: Path) -> list[bytes]:
    """The frames of a recording that are an order's status."""
    texts = [json.loads(line)["frame"] for line in path.read_text(encoding="utf-8").splitlines()]
    return [text.encode() for text in texts if "OrderStatus" in text]


def test_a_number_outweighs_an_event() -> None:
    """Kraken's schema calls the answer of cancelOrder after that of cancelAll."""
    frame = b'{"event":"cancelAllStatus","reqid":7,"status":"ok"}'
    assert V1.read(frame, "cancel_order", 7) == Answer(success=True)
    assert V1.read(frame, "cancel_order", 8) is None


def test_recorded_answers(recordings: Path) -> None:
    """None of these carried a number: they answer the only request that was under way."""
    placed, canceled = frames(recordings / "v1_orders_20211205.jsonl")
    assert V1.read(placed, "add_order", 1) == Answer(success=True, result={"order_id": "OBKJWD-7BDTZ-Z6ADET"})
    assert V1.read(canceled, "cancel_order", 1) == Answer(success=True)
    assert V1.read(canceled, "add_order", 1) is None
    levered, refused = frames(recordings / "v1_samples_misc_open.jsonl")
    assert V1.read(levered, "add_order", 1) == Answer(
        success=True, result={"order_id": "OPOUJF-BWKCL-FG5DQL"}
    )
    words = "Reqid field must be a positive integer less than 18446744073709551616"
    assert V1.read(refused, "add_order", 1) == Answer(success=False, error=words)


A, B, SEVEN = Id("order_id", "OAAAAA-AAAAA-AAAAAA"), Id("cl_ord_id", "mine"), Id("order_userref", 7)
YES, NO = Answer(success=True), Answer(success=False, error="EOrder:Unknown order")


@pytest.mark.parametrize(
    ("asked", "answers", "done"),
    [
        ([A], [YES], [True]),
        ([A, B], [YES, YES], [True, True]),
        ([A, B], [NO, NO], [False, False]),
        ([A, B], [YES, NO], [None, None]),
        ([A, B], [YES], [None, None]),
        ([A], [NO], [False]),
        ([SEVEN], [YES, YES, YES], [True]),
        ([A, SEVEN], [YES, YES], [None, None]),
    ],
)
def test_which_order_a_nameless_answer_is_about(
    asked: list[Id], answers: list[Answer], done: list[bool | None]
) -> None:
    """Both answers to the last may be of the userref, which several orders share."""
    assert [fate.done for fate in attribute(asked, answers)] == done
