"""What API v1 has no words for: refused before anything is sent (protocol notes v1 §8). Pure.

What a new field of v2 would mean to v1 is not guessed: only what its notes list is let through.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from krakencli.errors import UsageError
from krakencli.protocol.trading import Param

_BATCHES = ("batch_add", "batch_cancel")
_SUGGESTION = "leave it out, or use --api v2"


def check(method: str, params: Mapping[str, Param], deadline: float | None = None) -> None:
    """Raises UsageError, with --api v2 as the way out. `deadline` is the one that was asked for."""
    for message, suggestion in _refusals(method, params, deadline):
        raise UsageError(message, suggestion=suggestion)


def _refusals(method: str, params: Mapping[str, Any], deadline: float | None) -> Iterator[tuple[str, str]]:
    if method in _BATCHES:
        yield "API v1 has no batches", "use --api v2"
    if method == "add_order":
        yield from _adding(params)
    if method == "amend_order":
        yield from _amending(params)
    if method == "edit_order":
        yield from _editing(params, deadline)
    if method == "cancel_order" and "cl_ord_id" in params and len(params) > 1:
        yield (
            "API v1 cancels by the exchange's ids or by your cl_ord_ids, not by both at once",
            "cancel them by two commands, or use --api v2",
        )


def _adding(params: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if params["order_type"] == "iceberg" or "display_qty" in params:
        yield "API v1 places no iceberg orders", "use --api v2"
    if params.get("time_in_force") == "fok":
        yield "API v1 has no fok", "use --tif ioc, or --api v2"
    yield from _reference(params)


def _amending(params: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name in ("limit_price_type", "trigger_price_type"):
        if params.get(name, "static") != "static":
            yield "API v1 amends prices to prices, not to offsets", "write the price, or use --api v2"


def _editing(params: Mapping[str, Any], deadline: float | None) -> Iterator[tuple[str, str]]:
    for name, option in (("display_qty", "--display-qty"), ("reduce_only", "--reduce-only")):
        if name in params:
            yield f"API v1 edits orders without {option}", _SUGGESTION
    if deadline is not None:
        yield "API v1 edits orders without --deadline", _SUGGESTION
    yield from _reference(params)


def _reference(params: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if "reference" in params.get("triggers", {}):
        yield "API v1 has no --trigger-reference", _SUGGESTION
