"""What a client asks for, from its parameters: read, checked for sense, and turned into integers.

Parameters have v2's names (protocol notes v2 §12.1), decimals are Decimal or int; REST's are brought into
this form before (see `rest_orders`). What depends on the account and the market the desk checks.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, get_args

from krakencli.sandbox.book import Prevention
from krakencli.sandbox.decimals import decimal, units
from krakencli.sandbox.numbers import scaled
from krakencli.sandbox.pairs import Pair
from krakencli.sandbox.times import DAY, SECOND, read
from krakencli.sandbox.trading import amounts, refusal, triggers
from krakencli.sandbox.trading.order import KINDS, LIMITED, STOPS, Ask, Force
from krakencli.sandbox.trading.refusal import OrderRefusedError, invalid
from krakencli.sandbox.trading.triggers import price

Params = Mapping[str, Any]

_OWN_ID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9a-fA-F]{32}|[ -~]{1,18}")
_CLOSING = ("limit", *STOPS)
_MOST_SLICES = 15
_LATEST_EXPIRY = 31 * DAY
_SOONEST, _LATEST = SECOND // 2, 60 * SECOND


def read_ask(params: Params, pair: Pair, now: int) -> Ask:
    """Raises OrderRefusedError with the exchange's words."""
    if params.get("order_type") not in KINDS:
        raise invalid("ordertype")
    ask = replace(_read(params, pair, now), close=_close(params, pair, now))
    _check(ask)
    return ask


def _read(params: Params, pair: Pair, now: int) -> Ask:
    kind, side = params["order_type"], params.get("side")
    if side not in {"buy", "sell"}:
        raise invalid("side")
    _refuse_what_is_absent(params)
    qty, cash = _quantity(params, pair)
    return Ask(
        pair,
        side == "buy",
        kind,
        qty,
        _limit(params, pair, kind),
        triggers.trigger(params, pair, kind),
        triggers.reference(params),
        *_force(params, kind, now),
        display(params, kind, qty, pair),
        params.get("post_only", False),
        _prevention(params),
        *_names(params),
        params.get("fee_preference") == "base",
        cash,
        params.get("sender_sub_id"),
        triggers.offset(params, pair, kind),
        triggers.limit_offset(params, pair, kind),
    )


def _close(params: Params, pair: Pair, now: int) -> Ask | None:
    """The order that closes a fill, for the least quantity: which one it will be is not known yet."""
    given = params.get("conditional")
    if given is None:
        return None
    if given.get("order_type") not in _CLOSING:
        raise invalid("close")
    if "cl_ord_id" in params:
        raise invalid("cl_ord_id and close cannot be used together")
    closing = {
        "order_type": given["order_type"],
        "side": "sell" if params["side"] == "buy" else "buy",
        "order_qty": decimal(pair.qty_min, pair.qty_precision),
        **{name: given[name] for name in ("limit_price", "limit_price_type") if name in given},
        **{name: params[name] for name in ("stp_type", "fee_preference") if name in params},
    }
    if "trigger_price" in given:
        kind = given.get("trigger_price_type", "static")
        closing["triggers"] = {"price": given["trigger_price"], "price_type": kind}
    return _read(closing, pair, now)


def quantity(value: Decimal | int, pair: Pair) -> int:
    """A quantity in lots. Raises OrderRefusedError for one with too many digits, or too small."""
    lots = units(value, pair.qty_precision)
    if lots is None or lots < 0:
        raise invalid("volume")
    if lots < pair.qty_min:
        raise OrderRefusedError(refusal.TOO_SMALL)
    return lots


def check_cost(pair: Pair, ticks: int, lots: int) -> None:
    """Raises OrderRefusedError for an order that is worth too little."""
    if amounts.cost(pair, ticks, lots) < scaled(pair.cost_min, pair.cost_precision):
        raise OrderRefusedError(refusal.TOO_CHEAP)


def display(params: Params, kind: str, qty: int, pair: Pair) -> int:
    """The visible lots of an iceberg, 0 for any other order."""
    value = params.get("display_qty")
    if kind != "iceberg":
        if value is not None:
            raise invalid("display_qty")
        return 0
    if value is None:
        raise invalid("display_qty")
    lots = units(value, pair.qty_precision)
    if lots is None or not 0 < lots <= qty or lots * _MOST_SLICES < qty:
        raise invalid("display_qty")
    return lots


def check_deadline(params: Params, now: int) -> None:
    """Raises OrderRefusedError for a request that comes too late, or has no sensible deadline."""
    if "deadline" not in params:
        return
    moment = read(params["deadline"]) if isinstance(params["deadline"], str) else None
    if moment is None or moment > now + _LATEST:
        raise invalid("deadline")
    if moment <= now:
        raise OrderRefusedError(refusal.DEADLINE)
    if moment < now + _SOONEST:
        raise invalid("deadline")


def own_id(value: object) -> str:
    """A client's own id. Raises OrderRefusedError for one that has none of the three forms."""
    if not isinstance(value, str) or _OWN_ID.fullmatch(value) is None:
        raise invalid("cl_ord_id")
    return value


def _refuse_what_is_absent(params: Params) -> None:
    """What the exchange has and the sandbox has not."""
    if params.get("margin"):
        raise OrderRefusedError("EOrder:Margin allowance exceeded")
    if params.get("reduce_only"):
        raise OrderRefusedError("EOrder:Reduce only:No position exists")
    if "effective_time" in params:
        raise invalid("starttm")


def _quantity(params: Params, pair: Pair) -> tuple[int, int | None]:
    """Lots, or what is to be spent (at the pair's cost precision)."""
    cash = params.get("cash_order_qty")
    if cash is None:
        if "order_qty" not in params:
            raise invalid("volume")
        return quantity(params["order_qty"], pair), None
    spent = units(cash, pair.cost_precision)
    if spent is None or spent <= 0 or (params.get("order_type"), params.get("side")) != ("market", "buy"):
        raise invalid("cash_order_qty")
    return 0, spent


def _limit(params: Params, pair: Pair, kind: str) -> int | None:
    given = params.get("limit_price")
    if kind not in LIMITED:
        if given is not None or params.get("post_only"):
            raise invalid("price" if given is not None else "post_only")
        return None
    if given is None:
        raise invalid("price")
    if triggers.limit_offset(params, pair, kind) is not None:
        return None
    if params.get("limit_price_type", "static") != "static":
        raise invalid("limit_price_type")
    return price(given, pair)


def _force(params: Params, kind: str, now: int) -> tuple[Force, int | None]:
    given = params.get("time_in_force", "gtc")
    forces: dict[str, Force] = {name: name for name in get_args(Force)}
    force = forces.get(given.lower() if isinstance(given, str) else "")
    if force is None or (force == "fok" and kind != "limit"):
        raise invalid("timeinforce")
    if force == "ioc" and (kind == "iceberg" or params.get("post_only")):
        raise invalid("timeinforce")
    if force != "gtd":
        if "expire_time" in params:
            raise invalid("expiretm")
        return force, None
    moment = read(params["expire_time"]) if isinstance(params.get("expire_time"), str) else None
    if moment is None or not now < moment <= now + _LATEST_EXPIRY:
        raise invalid("expiretm")
    return force, moment


def _prevention(params: Params) -> Prevention:
    kinds: dict[object, Prevention] = {name: name for name in get_args(Prevention)}
    given = params.get("stp_type", "cancel_newest")
    if given not in kinds:
        raise invalid("stp_type")
    return kinds[given]


def _names(params: Params) -> tuple[str | None, int | None]:
    """The client's own id or its tag; there cannot be both."""
    name, tag = params.get("cl_ord_id"), params.get("order_userref")
    if name is not None and tag is not None:
        raise invalid("cl_ord_id and order_userref cannot be used together")
    return (None if name is None else own_id(name)), tag


def _check(ask: Ask) -> None:
    """The value of an order whose price is known."""
    known = ask.limit or ask.trigger
    if known is not None:
        check_cost(ask.pair, known, ask.qty)
