"""API v1's private data: objects by id, partial ones merged, under v2's names (notes v1 §7)."""

import json
from typing import Any

import pytest

from krakencli.protocol.messages import Garbage, Update
from krakencli.protocol.v1 import Codec

ORDER: dict[str, Any] = {
    "avg_price": "0.00000",
    "cost": "0.00000",
    "descr": {
        "close": None,
        "leverage": None,
        "order": "buy 1.50000000 SOL/USD @ limit 142.00000",
        "ordertype": "limit",
        "pair": "SOL/USD",
        "price": "142.00000",
        "price2": "0.00000",
        "type": "buy",
    },
    "expiretm": None,
    "fee": "0.00000",
    "limitprice": "0.00000",
    "misc": "",
    "oflags": "fciq",
    "opentm": "1750000661.985020",
    "refid": None,
    "starttm": None,
    "status": "pending",
    "stopprice": "0.00000",
    "timeinforce": "GTC",
    "userref": 0,
    "vol": "1.50000000",
    "vol_exec": "0.00000000",
}
WHOLE = {
    "order_id": "O1",
    "symbol": "SOL/USD",
    "order_qty": "1.50000000",
    "cum_qty": "0.00000000",
    "cum_cost": "0.00000",
    "avg_price": "0.00000",
    "time_in_force": "GTC",
    "exec_type": "pending_new",
    "side": "buy",
    "order_type": "limit",
    "order_userref": "0",
    "limit_price_type": "static",
    "limit_price": "142.00000",
    "order_status": "pending_new",
    "fee_ccy_pref": "fciq",
    "fees": [{"asset": "USD", "qty": "0.00000"}],
    "timestamp": "2025-06-15T15:17:41.985020Z",
}
TRADE = {
    "cost": "56.80000",
    "fee": "0.14200",
    "margin": "0.00000",
    "ordertxid": "OQ4XZD-7LMNA-KD3PWB",
    "ordertype": "limit",
    "pair": "XDG/XBT",
    "postxid": "TKH2SE-M7IF5-CFI7LT",
    "price": "142.00000",
    "time": "1750000668.062896",
    "type": "buy",
    "userref": 7,
    "vol": "0.40000000",
}


def told(
    codec: Codec, channel: str, sequence: int, *rows: dict[str, Any]
) -> tuple[str, list[dict[str, Any]]]:
    """Type and items of a frame, numbers as texts."""
    update = codec.decode(json.dumps([list(rows), channel, {"sequence": sequence}]).encode())
    assert isinstance(update, Update), update
    assert (update.channel, update.sequence) == (channel, sequence)
    return update.type, [json.loads(bytes(item), parse_float=str, parse_int=str) for item in update.data]


def order(change: dict[str, Any], news: dict[str, Any] | None = None) -> dict[str, Any]:
    """The item of ORDER with some fields changed."""
    merged = {**ORDER, **change, "descr": {**ORDER["descr"], **change.get("descr", {})}}
    _, (item,) = told(Codec(), "openOrders", 2, {"O1": merged})
    return item


def test_an_order_has_the_names_of_v2() -> None:
    type_, (item,) = told(Codec(), "openOrders", 1, {"O1": ORDER})
    assert (type_, item) == ("snapshot", WHOLE)
    assert list(item) == list(WHOLE)


def test_partial_objects_are_merged_into_the_order_as_it_stands() -> None:
    codec = Codec()
    told(codec, "openOrders", 2, {"O1": ORDER})
    steps = [
        ({"status": "open", "userref": 0}, {"exec_type": "new", "order_status": "new"}),
        (
            {"vol_exec": "0.40000000", "cost": "56.80000", "fee": "0.14200", "avg_price": "142.00000"},
            {
                "exec_type": None,
                "order_status": "partially_filled",
                "cum_qty": "0.40000000",
                "cum_cost": "56.80000",
                "avg_price": "142.00000",
                "fees": [{"asset": "USD", "qty": "0.14200"}],
            },
        ),
        (
            {"descr": {"price": "141.00000"}, "amended": True, "amend_reason": "User requested"},
            {"exec_type": "amended", "limit_price": "141.00000", "reason": "User requested"},
        ),
        (
            {"lastupdated": "1750000690.300412", "status": "canceled", "cancel_reason": "User requested"},
            {
                "exec_type": "canceled",
                "order_status": "canceled",
                "timestamp": "2025-06-15T15:18:10.300412Z",
                "reason": "User requested",
            },
        ),
    ]
    due: dict[str, Any] = dict(WHOLE)
    for sequence, (news, changes) in enumerate(steps, 3):
        due = {**due, **changes}
        due.pop("reason", None) if "reason" not in changes else None
        _, (item,) = told(codec, "openOrders", sequence, {"O1": news})
        assert item.pop("amended", False) in (False, True)
        assert item == {name: value for name, value in due.items() if value is not None}


def test_an_order_that_is_over_is_forgotten() -> None:
    codec = Codec()
    told(codec, "openOrders", 2, {"O1": ORDER})
    told(codec, "openOrders", 3, {"O1": {"status": "closed"}})
    _, (item,) = told(codec, "openOrders", 4, {"O1": {"vol_exec": "1.50000000"}})
    assert item == {"order_id": "O1", "cum_qty": "1.50000000"}


@pytest.mark.parametrize(
    ("change", "due"),
    [
        ({"descr": {"ordertype": "market", "price": "0"}}, {"limit_price": None, "limit_price_type": None}),
        (
            {"descr": {"ordertype": "stop-loss", "price": "130.5"}},
            {"triggers": {"price_type": "static", "price": "130.5"}, "limit_price": None},
        ),
        (
            {"descr": {"ordertype": "take-profit-limit", "price": "150", "price2": "149.9"}},
            {"triggers": {"price_type": "static", "price": "150"}, "limit_price": "149.9"},
        ),
        (
            {"descr": {"ordertype": "trailing-stop", "price": "+5.0000%"}, "stopprice": "134.9"},
            {"triggers": {"price_type": "pct", "price": "5.0000", "actual_price": "134.9"}},
        ),
        (
            {
                "descr": {"ordertype": "trailing-stop-limit", "price": "+5.0", "price2": "-1.5"},
                "misc": "touched",
            },
            {
                "triggers": {"price_type": "quote", "price": "5.0", "status": "triggered"},
                "limit_price_type": "quote",
                "limit_price": "-1.5",
            },
        ),
        ({"limitprice": "141.9"}, {"limit_price": "141.9"}),
        ({"cl_ord_id": "mine"}, {"cl_ord_id": "mine", "order_userref": None}),
        ({"oflags": "fcib,post,nompp"}, {"fee_ccy_pref": "fcib", "post_only": True, "no_mpp": True}),
        ({"oflags": "viqc"}, {"order_qty": None, "cash_order_qty": "1.50000000", "cum_qty": None}),
        ({"descr": {"leverage": "0.1"}}, {"margin": None}),
        ({"descr": {"leverage": "0:1"}}, {"margin": None}),
        (
            {"descr": {"ordertype": "stop-loss", "price": "130.5"}, "misc": "stopped,partial"},
            {"triggers": {"price_type": "static", "price": "130.5", "status": "triggered"}},
        ),
        ({"descr": {"leverage": "3:1"}, "misc": "liquidation"}, {"margin": True, "liquidated": True}),
        (
            {"expiretm": "0.000000", "starttm": "1750000662.000000"},
            {"expire_time": None, "effective_time": "2025-06-15T15:17:42.000000Z"},
        ),
        (
            {"display_volume": "0.5", "display_volume_remain": "0.1"},
            {"display_qty": "0.5", "display_qty_remain": "0.1"},
        ),
        (
            {"contingent": {"ordertype": "stop-loss-limit", "price": "120", "price2": "119"}},
            {
                "contingent": {
                    "order_type": "stop-loss-limit",
                    "trigger_price_type": "static",
                    "trigger_price": "120",
                    "limit_price_type": "static",
                    "limit_price": "119",
                }
            },
        ),
        ({"refid": "OPARENT", "ext_ord_id": "uuid"}, {"ord_ref_id": "OPARENT", "ext_ord_id": "uuid"}),
        ({"ratecount": "12.5"}, {"ratecount": "12.5"}),
        ({"ratecount": 3}, {"ratecount": "3"}),
        ({"status": "expired"}, {"exec_type": "expired", "order_status": "expired"}),
    ],
)  # fmt: skip
def test_every_kind_of_field(change: dict[str, Any], due: dict[str, Any]) -> None:
    item = order(change)
    assert {name: item.get(name) for name in due} == due


def test_a_trade_has_the_names_of_v2() -> None:
    type_, (item,) = told(Codec(), "ownTrades", 2, {"T1": TRADE})
    due = {
        "order_id": "OQ4XZD-7LMNA-KD3PWB",
        "order_userref": "7",
        "exec_id": "T1",
        "exec_type": "trade",
        "symbol": "DOGE/BTC",
        "side": "buy",
        "last_qty": "0.40000000",
        "last_price": "142.00000",
        "cost": "56.80000",
        "order_type": "limit",
        "timestamp": "2025-06-15T15:17:48.062896Z",
        "fees": [{"asset": "BTC", "qty": "0.14200"}],
    }
    assert (type_, item) == ("update", due)
    assert list(item) == list(due)
    more = {"margin": "10.0", "margin_borrow": True, "cl_ord_id": "mine", "ext_exec_id": "uuid"}
    _, (item,) = told(Codec(), "ownTrades", 2, {"T1": {**TRADE, **more}})
    marks = ("margin", "margin_borrow", "cl_ord_id", "ext_exec_id", "order_userref")
    assert [item.get(name) for name in marks] == [True, True, "mine", "uuid", None]


@pytest.mark.parametrize("channel", ["openOrders", "ownTrades"])
def test_an_empty_snapshot_is_one(channel: str) -> None:
    assert told(Codec(), channel, 1) == ("snapshot", [])


@pytest.mark.parametrize(
    ("channel", "row"),
    [
        ("openOrders", {"O1": {"status": "riddle"}}),
        ("openOrders", {"O1": {**ORDER, "vol": "many"}}),
        ("openOrders", {"O1": {**ORDER, "opentm": "noon"}}),
        ("openOrders", {"O1": 7}),
        ("ownTrades", {"T1": {**TRADE, "price": "NaN"}}),
        ("ownTrades", {"T1": {"pair": "XBT/USD"}}),
        ("ownTrades", {"T1": None}),
    ],
)
def test_what_cannot_be_read_names_its_channel(channel: str, row: dict[str, Any]) -> None:
    message = Codec().decode(json.dumps([[row], channel, {"sequence": 2}]).encode())
    assert isinstance(message, Garbage)
    assert message.channel == channel


def test_other_frames_of_three_say_nothing() -> None:
    for text in (b'[[],"balances",{"sequence":1}]', b'[[],"openOrders",7]'):
        message = Codec().decode(text)
        assert isinstance(message, Update)
        assert message.data == []


def test_the_first_message_is_a_snapshot_unless_it_is_news() -> None:
    """Only news of trades have the client's own ids; orders always begin with what is open."""
    bare = {name: value for name, value in TRADE.items() if name not in ("userref", "cl_ord_id")}
    assert told(Codec(), "ownTrades", 1, {"T1": bare}, {"T2": bare})[0] == "snapshot"
    assert told(Codec(), "ownTrades", 1, {"T1": {**bare, "userref": 0}})[0] == "update"
    assert told(Codec(), "ownTrades", 1, {"T1": {**bare, "cl_ord_id": "mine"}})[0] == "update"
    assert told(Codec(), "openOrders", 1, {"O1": ORDER})[0] == "snapshot"


def test_a_new_subscription_begins_with_no_order() -> None:
    codec = Codec()
    told(codec, "openOrders", 1, {"O1": ORDER})
    assert told(codec, "openOrders", 1) == ("snapshot", [])
    _, (item,) = told(codec, "openOrders", 2, {"O1": {"vol_exec": "0.40000000"}})
    assert item == {"order_id": "O1", "cum_qty": "0.40000000"}


@pytest.mark.parametrize("channel", ["openOrders", "ownTrades"])
@pytest.mark.parametrize("label", [{}, {"sequence": "1"}, {"sequence": True}])
def test_a_message_that_does_not_count_is_none(channel: str, label: dict[str, Any]) -> None:
    message = Codec().decode(json.dumps([[], channel, label]).encode())
    assert isinstance(message, Garbage)
    assert message.channel == channel
