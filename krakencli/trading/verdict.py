"""What became of a request whose answer was lost, judged by the orders on record.

Each function takes the request and a `Lookup`; `final` says that the engine executes the request no more, so
that what is not there was not done. None means that it cannot be told yet.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from krakencli.protocol.order_form import TRIGGERED
from krakencli.protocol.trading import Id, Param
from krakencli.symbols import modern
from krakencli.trading.found import Found, Lookup, same
from krakencli.trading.request import UNKNOWN, Outcome, Request

Judge = Callable[[Request, Lookup, bool], Outcome | None]


def added(request: Request, lookup: Lookup, final: bool) -> Outcome | None:
    """An order by its cl_ord_id; by userref, time and all that it asked for where it has none."""
    done, undone = request.words
    name = _name(request.params)
    candidates = lookup.by_name(name) if request.fresh and name else lookup.recent(name)
    fits = [one for one in candidates if is_it(request.params, one)]
    if len(fits) == 1:
        return Outcome(done, fits[0].fields, looked_up=True)
    if fits:
        ids = ", ".join(one.order_id for one in fits)
        return Outcome(UNKNOWN, error=f"several orders may be it: {ids}", looked_up=True)
    return Outcome(undone, looked_up=True) if final else None


def batch_added(request: Request, lookup: Lookup, final: bool) -> Outcome | None:
    """Each order of a batch for itself; none is taken for two."""
    done, undone = request.words
    orders = cast("list[Mapping[str, Param]]", request.params["orders"])
    left = lookup.recent()
    rows: list[dict[str, Any]] = []
    for order in orders:
        one = next((one for one in left if is_it({**order, "symbol": request.params["symbol"]}, one)), None)
        if one is not None:
            left.remove(one)
        row = {} if one is None else one.fields
        names = {name: order[name] for name in ("cl_ord_id", "order_userref") if name in order}
        rows.append({"outcome": done if one else undone, **row, **names})
    placed = sum(row["outcome"] == done for row in rows)
    if placed < len(rows) and not final:
        return None
    word = done if placed == len(rows) else undone if not placed else "partly_placed"
    return Outcome(word, {"orders": rows}, looked_up=True)


def amended(request: Request, lookup: Lookup, final: bool) -> Outcome | None:
    """The order as it is now, compared with what was asked for."""
    done, undone = request.words
    one = _order(request.params, lookup)
    if one is None:
        return Outcome(UNKNOWN, error="the order is not on record", looked_up=True) if final else None
    asked = _comparable(request.params, one)
    told = {
        name: pair
        for name, pair in asked.items()
        if pair[1] is not None and not _is_offset(name, request.params, one)
    }
    if told and all(same(value, there) for value, there in told.values()):
        return Outcome(done if len(told) == len(asked) else UNKNOWN, one.fields, looked_up=True)
    if not final:
        return None
    if told:
        return Outcome(undone, one.fields, looked_up=True)
    return Outcome(UNKNOWN, one.fields, "what is on record does not tell an amendment of this kind", True)


def _is_offset(name: str, params: Mapping[str, Param], there: Found) -> bool:
    """Whether a price is a distance, which is recorded in words of REST's own: then it proves nothing."""
    if name not in ("limit_price", "trigger_price"):
        return False
    return params.get(f"{name}_type") in ("pct", "quote") or "trailing" in there.order_type


def edited(request: Request, lookup: Lookup, final: bool) -> Outcome | None:
    """The order that took the place of another, or the other one still open."""
    done, undone = request.words
    original = str(request.params["order_id"])
    there = lookup.by_id([original]).get(original)
    if there is None or there.open or there.status == "closed":  # a filled one was not replaced
        known = {"original_order_id": original} if there else {}
        error = "" if there else f"{original} is not on record"
        return Outcome(undone if there else UNKNOWN, known, error, looked_up=True) if final else None
    recent = lookup.recent()
    successors = [one for one in recent if one.refid == original]
    successors = successors or [one for one in recent if _takes_place(request.params, there, one)]
    if len(successors) == 1:
        fields = {**successors[0].fields, "original_order_id": original}
        return Outcome(done, fields, looked_up=True)
    if not final:
        return None
    words = f"{original} is {there.status}, and {len(successors) or 'no'} orders may have replaced it"
    return Outcome(UNKNOWN, error=words, looked_up=True)


def _takes_place(params: Mapping[str, Param], there: Found, one: Found) -> bool:
    """Whether an order is like another but for what was to be changed."""
    alike = (one.pair, one.side, one.order_type) == (there.pair, there.side, there.order_type)
    wanted = dict(params)
    if isinstance(triggers := wanted.get("triggers"), Mapping) and "price_type" not in triggers:
        wanted["trigger_price"] = triggers["price"]
    changed = [same(value, now) for value, now in _comparable(wanted, one).values() if now is not None]
    kept = "limit_price" in params or "triggers" in params or same(one.price, there.price)
    userref = params.get("order_userref", one.userref)
    return alike and all(changed) and kept and one.userref == userref and one.order_id != there.order_id


def canceled(request: Request, lookup: Lookup, final: bool) -> Outcome | None:
    """Each order that was to be canceled, as it stands now."""
    done, undone = request.words
    rows = [state(one, lookup, request.words) for one in ids_of(request)]
    words = {row["outcome"] for row in rows}
    if not final and undone in words:
        return None
    word = done if words == {done} else undone if undone in words else UNKNOWN
    return Outcome(word, {"orders": rows}, looked_up=True)


def all_canceled(request: Request, lookup: Lookup, final: bool) -> Outcome | None:
    """Whether an order is open that was open when the request left."""
    done, undone = request.words
    until = lookup.until()
    rest = [one.order_id for one in lookup.open() if one.opened_at < until]
    if not rest:
        return Outcome(done, looked_up=True)
    return Outcome(undone, {"open_orders": rest}, looked_up=True) if final else None


JUDGES: dict[str, Judge] = {
    "add_order": added,
    "batch_add": batch_added,
    "amend_order": amended,
    "edit_order": edited,
    "cancel_order": canceled,
    "batch_cancel": canceled,
    "cancel_all": all_canceled,
}
"""The timer of cancel_all_orders_after cannot be looked up."""


def ids_of(request: Request) -> list[Id]:
    """The orders that a cancel_order or batch_cancel names."""
    ids = [Id("order_id", cast("str", value)) for value in _list(request, "order_id", "orders")]
    ids += [Id("cl_ord_id", cast("str", value)) for value in _list(request, "cl_ord_id")]
    ids += [Id("order_userref", cast("int", value)) for value in _list(request, "order_userref")]
    return [_userref(one) for one in ids]


def _userref(one: Id) -> Id:
    """batch_cancel takes userrefs as text, among the order ids (§12.7)."""
    value = str(one.value)
    is_userref = one.kind == "order_id" and value.lstrip("-").isdecimal()
    return Id("order_userref", int(value)) if is_userref else one


def _list(request: Request, *names: str) -> Sequence[Param]:
    return [value for name in names for value in cast("list[Param]", request.params.get(name, []))]


def state(one: Id, lookup: Lookup, words: tuple[str, str]) -> dict[str, Any]:
    """A row that says how an order stands."""
    done, undone = words
    found = list(lookup.by_id([str(one.value)]).values()) if one.kind == "order_id" else lookup.by_name(one)
    if not found:
        return {one.kind: one.value, "outcome": UNKNOWN, "error": "not on record"}
    newest = next((order for order in found if order.open), max(found, key=lambda order: order.opened_at))
    word = done if newest.status in ("canceled", "expired") else undone
    return {one.kind: one.value, "outcome": word, **newest.fields}


def is_it(params: Mapping[str, Param], found: Found) -> bool:
    """Whether an order on record is the one that these parameters ask for."""
    if "cl_ord_id" in params:
        return found.cl_ord_id == params["cl_ord_id"]
    prices = params.get("limit_price"), _trigger_price(params)
    kind = params["order_type"]
    first, second = (prices[1], prices[0]) if kind in TRIGGERED else (prices[0], None)
    return (
        ("order_userref" not in params or found.userref == params["order_userref"])
        and _same_pair(str(params["symbol"]), found.pair)
        and (found.side, found.order_type) == (params["side"], kind)
        and ("order_qty" not in params or same(params["order_qty"], found.qty))
        and (_relative(params) or (_as_asked(first, found.price) and _as_asked(second, found.price2)))
    )


def _as_asked(price: Any, there: str) -> bool:
    return price is None or same(price, there)


def _relative(params: Mapping[str, Param]) -> bool:
    """Prices that are offsets are recorded in words of REST's own, and are not compared."""
    triggers = params.get("triggers")
    kind = triggers.get("price_type") if isinstance(triggers, Mapping) else None
    return kind in ("pct", "quote") or "trailing" in str(params["order_type"])


def _trigger_price(params: Mapping[str, Param]) -> Any:
    triggers = params.get("triggers")
    return triggers.get("price") if isinstance(triggers, Mapping) else None


def _same_pair(symbol: str, altname: str) -> bool:
    base, _, quote = symbol.partition("/")
    old = {"BTC": "XBT", "DOGE": "XDG"}
    spellings = {f"{base}{quote}", f"{old.get(base, base)}{old.get(quote, quote)}"}
    return altname in spellings or modern(altname) == symbol


def _name(params: Mapping[str, Param]) -> Id | None:
    if "cl_ord_id" in params:
        return Id("cl_ord_id", cast("str", params["cl_ord_id"]))
    return Id("order_userref", cast("int", params["order_userref"])) if "order_userref" in params else None


def _order(params: Mapping[str, Param], lookup: Lookup) -> Found | None:
    if "order_id" in params:
        order_id = str(params["order_id"])
        return lookup.by_id([order_id]).get(order_id)
    found = lookup.by_name(Id("cl_ord_id", cast("str", params["cl_ord_id"])))
    return found[0] if found else None


def _comparable(params: Mapping[str, Param], one: Found) -> dict[str, tuple[Any, str | None]]:
    """What was asked for and what is there, by parameter; the latter is None where REST does not tell."""
    limit, trigger = (one.price2, one.price) if one.order_type in TRIGGERED else (one.price, None)
    there = {
        "order_qty": one.qty,
        "limit_price": limit,
        "trigger_price": trigger,
        "display_qty": one.display_qty,
    }
    return {name: (params[name], value) for name, value in there.items() if name in params}
