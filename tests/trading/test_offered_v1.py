"""What API v1 has no words for is refused, and nothing else is."""

from typing import Any

import pytest

from krakencli.errors import UsageError
from krakencli.trading.offered_v1 import check

LIMIT = {"order_type": "limit", "side": "buy", "order_qty": "1", "symbol": "BTC/USD", "limit_price": "1.0"}
STOP = {"order_type": "stop-loss", "side": "buy", "order_qty": "1", "symbol": "BTC/USD"}
ORDER_ID = "O5ORI4-WNTKR-CHOYU2"


@pytest.mark.parametrize(
    ("method", "params", "said"),
    [
        ("add_order", {**LIMIT, "time_in_force": "fok"}, "no fok"),
        ("add_order", {**LIMIT, "order_type": "iceberg"}, "iceberg"),
        ("add_order", {**LIMIT, "display_qty": "0.1"}, "iceberg"),
        ("add_order", {**STOP, "triggers": {"price": "5", "reference": "index"}}, "--trigger-reference"),
        ("amend_order", {"order_id": ORDER_ID, "limit_price": "5", "limit_price_type": "pct"}, "offsets"),
        (
            "amend_order",
            {"order_id": ORDER_ID, "trigger_price": "5", "trigger_price_type": "quote"},
            "offsets",
        ),
        ("edit_order", {"display_qty": "1"}, "--display-qty"),
        ("edit_order", {"order_qty": "1", "reduce_only": True}, "--reduce-only"),
        ("edit_order", {"triggers": {"price": "5", "reference": "last"}}, "--trigger-reference"),
        ("cancel_order", {"order_id": [ORDER_ID], "cl_ord_id": ["mine"]}, "both at once"),
        ("cancel_order", {"cl_ord_id": ["mine"], "order_userref": [7]}, "both at once"),
        ("batch_add", {}, "batches"),
        ("batch_cancel", {}, "batches"),
    ],
)
def test_what_it_has_not(method: str, params: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError) as caught:
        check(method, params)
    assert said in caught.value.message
    assert "--api v2" in caught.value.suggestion


def test_edits_have_no_deadline() -> None:
    with pytest.raises(UsageError, match="--deadline"):
        check("edit_order", {"order_qty": "1"}, deadline=5.0)
    check("add_order", LIMIT, deadline=5.0)


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("add_order", {**LIMIT, "time_in_force": "ioc", "post_only": True, "margin": True}),
        ("add_order", {**STOP, "triggers": {"price": "5", "price_type": "pct"}}),
        ("amend_order", {"order_id": ORDER_ID, "display_qty": "0.1", "limit_price_type": "static"}),
        ("edit_order", {"order_qty": "1", "post_only": True, "triggers": {"price": "5"}}),
        ("cancel_order", {"order_id": [ORDER_ID], "order_userref": [7]}),
        ("cancel_order", {"cl_ord_id": ["mine", "other"]}),
        ("cancel_all", {}),
        ("cancel_all_orders_after", {"timeout": 0}),
    ],
)
def test_what_it_has(method: str, params: dict[str, Any]) -> None:
    check(method, params)
