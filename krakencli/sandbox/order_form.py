"""An order in the older words, those that REST and v1 share, and what they are in v2's (protocol notes v1 §8,
REST §6).

A query holds text only. A price may be a distance: from the last trade, or with a trailing order from the
best price since; the limit of a trailing order is one from its trigger.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from krakencli.sandbox.decimals import decimal
from krakencli.sandbox.description import closing, describe, rest, terms
from krakencli.sandbox.exchange import Exchange
from krakencli.sandbox.pairs import Pair
from krakencli.sandbox.times import SECOND, micro
from krakencli.sandbox.trading.asks import read_ask
from krakencli.sandbox.trading.offset import Offset
from krakencli.sandbox.trading.order import STOPS, TRAILING, UserOrder
from krakencli.sandbox.trading.refusal import invalid

Query = Mapping[str, str]
Params = dict[str, Any]

_TEXTS = {
    "type": "side",
    "ordertype": "order_type",
    "timeinforce": "time_in_force",
    "cl_ord_id": "cl_ord_id",
    "deadline": "deadline",
    "sender_sub_id": "sender_sub_id",
}
_FLAGS = {"post": "post_only", "nompp": "no_mpp"}


def adding(exchange: Exchange, pair: Pair, query: Query) -> Params:
    """The parameters of a new order in v2's names and types. Raises OrderRefusedError."""
    return _order(exchange, pair, query, query.get("ordertype", ""), query.get("type") == "buy")


def editing(exchange: Exchange, pair: Pair, query: Query, old: UserOrder | None) -> Params:
    """The same of what is to be put in the place of an order, whose type decides what a price is."""
    kind, buy = (old.ask.kind, old.ask.buy) if old else ("", True)
    return _order(exchange, pair, query, kind, buy)


def amending(query: Query, names: Mapping[str, str]) -> Params:
    """What is to be another in an order; `names` are v2's for decimals."""
    params: Params = {name: _decimal(query, older) for older, name in names.items() if query.get(older)}
    params |= {"deadline": query["deadline"]} if "deadline" in query else {}
    params |= {"post_only": is_true(query, "post_only")} if "post_only" in query else {}
    return params


def words(exchange: Exchange, pair: Pair, params: Params, order: UserOrder | None) -> dict[str, str]:
    """What was asked for, `order` and perhaps `close`: of an order, or of parameters only checked."""
    ask = order.ask if order else read_ask(params, pair, exchange.now())
    told = describe(order, rest(pair)) if order else terms(ask, ask.qty, ask.limit, ask.trigger, rest(pair))
    close = {} if ask.close is None else {"close": closing(ask.close, rest(pair)).words}
    return {"order": told.words, **close}


def is_true(query: Query, name: str, default: bool = False) -> bool:
    """A flag, in the spellings that forms and JSON bodies have."""
    return query.get(name, str(default)).lower() in {"true", "1"}


def _order(exchange: Exchange, pair: Pair, query: Query, kind: str, buy: bool) -> Params:
    params: Params = {"symbol": pair.symbol}
    params |= {name: query[older] for older, name in _TEXTS.items() if query.get(older)}
    prices = _Prices(exchange.market(pair.symbol).last_price, pair, kind, buy)
    params |= prices.stop(query) if kind in STOPS else prices.limit(query, "price")
    params |= {
        name: _decimal(query, older)
        for older, name in (("volume", "order_qty"), ("displayvol", "display_qty"))
        if query.get(older)
    }
    if query.get("userref"):
        params["order_userref"] = _integer(query, "userref")
    if query.get("stptype"):
        params["stp_type"] = query["stptype"].replace("-", "_")
    params |= _closing(query, _Prices(prices.last, pair, query.get("close[ordertype]", ""), not buy))
    return params | _flags(query, params) | _times(exchange, query)


def _closing(query: Query, prices: _Prices) -> Params:
    """What is to close each fill; a limit at a distance is one from the last trade of now."""
    given = {part: query[f"close[{part}]"] for part in ("price", "price2") if query.get(f"close[{part}]")}
    if not prices.kind:
        if given:
            raise invalid("close")
        return {}
    found = prices.stop(given) if prices.kind in STOPS else prices.limit(given, "price")
    stop = found.pop("triggers", {})
    trigger = {f"trigger_{name}": stop[name] for name in ("price", "price_type") if name in stop}
    return {"conditional": {"order_type": prices.kind, **found, **trigger}}


class _Prices:
    """How prices are read of an order of one type and side; `last` is the last trade's."""

    def __init__(self, last: int, pair: Pair, kind: str, buy: bool) -> None:
        self.last = last
        self._pair = pair
        self.kind = kind
        self._buy = buy

    def stop(self, query: Query) -> Params:
        """The trigger in `price`, the limit in `price2`."""
        params: Params = {}
        if query.get("price"):
            if self.kind in TRAILING and query["price"][0] != "+":
                raise invalid("price")
            value, of_type = self._read(query, "price")
            params["triggers"] = {
                "price": value,
                "price_type": of_type,
                "reference": query.get("trigger", "last"),
            }
        return params | self.limit(query, "price2")

    def limit(self, query: Query, name: str) -> Params:
        """A distance from the last trade is a price as soon as it is read, that of a trailing order stays."""
        if not query.get(name):
            return {}
        value, of_type = self._read(query, name)
        if self.kind in TRAILING:
            return {"limit_price": value, "limit_price_type": of_type}
        if of_type == "static":
            return {"limit_price": value}
        offset = Offset.read(value, of_type, self._pair)
        if offset is None:
            raise invalid(name)
        ticks = max(1, self.last + offset.ticks(self.last))
        return {"limit_price": decimal(ticks, self._pair.price_precision)}

    def _read(self, query: Query, name: str) -> tuple[Decimal, str]:
        """The number, and of which of v2's types it is. The side's own sign stands for `#`."""
        given = query[name]
        of_type = "pct" if given.endswith("%") else "quote" if given[0] in "+-#" else "static"
        digits = given.removesuffix("%").removeprefix(given[0] if given[0] in "+-#" else "")
        value = _decimal({name: digits}, name)
        if value is None:
            raise invalid(name)
        if of_type != "static" and (given[0] == "-" or (given[0] == "#" and self._falls(name))):
            value = -value
        return value, of_type

    def _falls(self, name: str) -> bool:
        """Whether the price lies below the last trade by nature: of a buy's limit and take-profit, and a
        sell's stop-loss.
        """
        is_stop = name == "price" and self.kind in STOPS and not self.kind.startswith("take-profit")
        return self._buy != is_stop


def _flags(query: Query, params: Params) -> Params:
    """With viqc the volume is what is to be spent."""
    flags = [flag for flag in query.get("oflags", "").split(",") if flag]
    found: Params = {_FLAGS[flag]: True for flag in flags if flag in _FLAGS}
    if "fcib" in flags:
        found["fee_preference"] = "base"
    if "viqc" in flags:
        found["cash_order_qty"] = params.pop("order_qty", None)
    if query.get("leverage", "none") not in {"none", "0", ""}:
        found["margin"] = True
    found |= {name: True for name in ("margin", "reduce_only", "validate") if is_true(query, name)}
    return found


def _times(exchange: Exchange, query: Query) -> Params:
    """`starttm` and `expiretm`: unix seconds, or seconds from now after a plus."""
    params: Params = {}
    for older, name in (("starttm", "effective_time"), ("expiretm", "expire_time")):
        given = query.get(older, "0")
        digits = given.removeprefix("+")
        if not (digits.isascii() and digits.isdigit()):
            raise invalid(older)
        if int(digits):
            params[name] = micro(int(digits) * SECOND + (exchange.now() if given[0] == "+" else 0))
    return params


def _decimal(query: Query, name: str) -> Decimal | None:
    given = query.get(name, "")
    if not given:
        return None
    if not given.replace(".", "", 1).isdigit() or not given.isascii():
        raise invalid(name)
    return Decimal(given)


def _integer(query: Query, name: str) -> int:
    try:
        return int(query[name])
    except ValueError:
        raise invalid(name) from None
