"""The private frames beside the exchange's: the same keys in the same order, the same kinds of values."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .kit import RECORDINGS
from .test_recorded_shapes import shape
from .traders import SYMBOL, Trader, quiet_exchange

# What a key has that only some accounts or orders have.
OPTIONAL = {"sender_sub_id", "margin", "margin_borrow", "liquidated"}


def frames(name: str) -> list[Any]:
    file = RECORDINGS / f"{name}.jsonl"
    if not file.exists():
        pytest.skip(f"no recordings at {RECORDINGS}")
    return [json.loads(json.loads(line)["frame"]) for line in file.read_text().splitlines()]


def kinds(frame: Any) -> Any:
    """The shape of the frame's last element, without what is optional."""
    last = {key: value for key, value in frame["data"][-1].items() if key not in OPTIONAL}
    return list(frame), shape(last)


@pytest.mark.parametrize("name", ["v2_executions_2024_A", "v2_balances_2024_A"])
def test_keys_and_kinds_are_the_recorded_ones(name: str) -> None:
    exchange = quiet_exchange()
    first = Trader(exchange)
    first.add(order_type="market", order_qty=0.0001)
    trader = Trader(exchange, 1)
    texts = [
        text
        for channel in ("executions", "balances")
        for text in trader.client.ask_text(
            json.dumps(
                {
                    "method": "subscribe",
                    "params": {"channel": channel, "token": trader.token, "snap_trades": True}
                    if channel == "executions"
                    else {"channel": channel, "token": trader.token},
                }
            )
        )
    ]
    for price in (60000.0, 90000.0):
        request = {
            "method": "add_order",
            "params": {
                "order_type": "limit",
                "side": "buy",
                "order_qty": 0.001,
                "limit_price": price,
                "symbol": SYMBOL,
                "token": trader.token,
            },
        }
        texts += trader.client.ask_text(json.dumps(request))
    ours = [frame for frame in map(json.loads, texts) if frame.get("data")]
    for expected in frames(name):
        wanted = {key: expected[key] for key in ("channel", "type")}
        event = expected["data"][0].get("exec_type")
        same = [
            frame
            for frame in ours
            if wanted.items() <= frame.items() and frame["data"][0].get("exec_type") == event
        ]
        assert same, expected
        assert kinds(expected) in [kinds(frame) for frame in same]


def test_answers_to_requests_are_the_recorded_ones() -> None:
    trader = Trader(quiet_exchange())
    order_id = trader.add(limit_price=60000.0)
    answers = [
        trader.do(
            "add_order", order_type="limit", side="buy", order_qty=0.01, symbol=SYMBOL, limit_price=60000.0
        ),
        trader.do("amend_order", order_id=order_id, order_qty=0.02),
        trader.do("amend_order", order_id=order_id, limit_price="1"),
        trader.do("edit_order", order_id=order_id, symbol=SYMBOL, order_qty=0.03),
    ]
    ours = [without_own_id(answer) for answer in answers]
    for expected in frames("v2_methods_2024_A"):
        if expected["method"] in {"amend_order", "edit_order"} or "result" in expected:
            assert without_own_id(expected) in ours


def without_own_id(answer: Any) -> Any:
    result = {key: value for key, value in answer.get("result", {}).items() if key != "cl_ord_id"}
    return shape({**answer, "result": result} if result else answer)
