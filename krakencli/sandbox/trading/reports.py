"""The text of what `executions` tells of an order: sparse, each kind with its own keys in the exchange's
order (protocol notes v2 §11.1).

Where the notes leave a report's fields open, it has those of the recorded kind that is nearest.
"""

from __future__ import annotations

import json

from krakencli.sandbox.numbers import text
from krakencli.sandbox.pairs import Pair
from krakencli.sandbox.times import micro, whole
from krakencli.sandbox.trading import amounts
from krakencli.sandbox.trading.account import OwnTrade
from krakencli.sandbox.trading.offset import Offset
from krakencli.sandbox.trading.order import STOPS, TRAILING, Ask, UserOrder


def pending(order: UserOrder) -> str:
    """Accepted, not yet in the engine."""
    return _terms(order, "pending_new", "pending_new")


def opened(order: UserOrder, time: int) -> str:
    """Live in the engine."""
    return (
        f'{{"timestamp":"{micro(time)}","order_status":"new","exec_type":"new",'
        f'{_own_id(order)},"order_id":"{order.order_id}"}}'
    )


def snapshot(order: UserOrder) -> str:
    """An open order, with all that is known of it."""
    sums = (
        f'"cum_qty":{order.pair.qty_text(order.cum_qty)},"avg_price":{order.pair.price_text(order.average)},'
    )
    return _terms(order, "new" if order.status == "new" else order.status, "new", sums)


def trade(one: OwnTrade) -> str:
    """A fill. The last one, too, says `partially_filled`: only `filled` is decisive."""
    order, pair = one.order, one.order.pair
    return (
        f'{{"order_id":"{order.order_id}",{_own_id(order)},{_fill(one)},'
        f'"order_type":"{order.ask.kind}","timestamp":"{micro(one.time)}",'
        f'"order_status":"partially_filled","cum_qty":{pair.qty_text(order.cum_qty)},'
        f'"cum_cost":{_cost(order, order.cum_cost)},"avg_price":{pair.price_text(order.average)},'
        f'"fee_usd_equiv":{_dollars(order, order.cum_fee)},{_fees(one)}}}'
    )


def past_trade(one: OwnTrade) -> str:
    """A fill as a snapshot tells it: without the order's sums."""
    order = one.order
    return (
        f'{{"order_id":"{order.order_id}",{_own_id(order)},{_fill(one)},"order_status":"filled",'
        f'"order_type":"{order.ask.kind}","timestamp":"{micro(one.time)}",'
        f'"fee_usd_equiv":{_dollars(order, one.fee)},{_fees(one)}}}'
    )


def ended(order: UserOrder) -> str:
    """Filled, canceled or expired; the last two say why."""
    why = json.dumps(order.reason)
    reasons = "" if order.status == "filled" else f'"cancel_reason":{why},"reason":{why},'
    return (
        f'{{"timestamp":"{micro(order.closed)}","order_status":"{order.status}","exec_type":"{order.status}",'
        f'"cum_qty":{order.pair.qty_text(order.cum_qty)},"cum_cost":{_cost(order, order.cum_cost)},'
        f'"fee_usd_equiv":{_dollars(order, order.cum_fee)},'
        f'"avg_price":{order.pair.price_text(order.average)},{_own_id(order)},{reasons}"order_id":"{order.order_id}"}}'
    )


def amended(order: UserOrder, time: int) -> str:
    """An amendment has taken effect."""
    pair = order.pair
    limit = (
        ""
        if order.limit is None
        else f'"limit_price":{pair.price_text(order.limit)},"limit_price_type":"static",'
    )
    shown = f'"display_qty":{pair.qty_text(order.display)},' if order.display else ""
    stop = f"{_triggers(order)}," if order.trigger is not None else ""
    return (
        f'{{"timestamp":"{micro(time)}","exec_type":"amended","order_status":"{order.status}",'
        f'"cum_qty":{pair.qty_text(order.cum_qty)},"reason":"User requested","amended":true,'
        f'"order_qty":{pair.qty_text(order.qty)},{limit}{shown}{stop}{_own_id(order)},'
        f'"order_id":"{order.order_id}"}}'
    )


def fired(order: UserOrder) -> str:
    """The trigger was reached."""
    return moved(order, order.fired)


def moved(order: UserOrder, time: int) -> str:
    """The trigger is another one."""
    return (
        f'{{"timestamp":"{micro(time)}","exec_type":"status","order_status":"{order.status}",'
        f'{_triggers(order)},{_own_id(order)},"order_id":"{order.order_id}"}}'
    )


def refilled(order: UserOrder, time: int, shown: int) -> str:
    """The next slice of an iceberg shows."""
    return (
        f'{{"timestamp":"{micro(time)}","order_status":"{order.status}","exec_type":"iceberg_refill",'
        f'"display_qty_remain":{order.pair.qty_text(shown)},{_own_id(order)},"order_id":"{order.order_id}"}}'
    )


def _terms(order: UserOrder, status: str, event: str, sums: str = "") -> str:
    ask, pair = order.ask, order.pair
    force = "gtd" if ask.expires is not None else ask.force
    return (
        f'{{"order_id":"{order.order_id}","symbol":"{pair.symbol}","order_qty":{pair.qty_text(order.qty)},'
        f'"cum_cost":{_cost(order, order.cum_cost)},{sums}"time_in_force":"{force.upper()}",'
        f'"exec_type":"{event}","side":"{_side(order)}","order_type":"{ask.kind}",{_own_id(order)},'
        f'{_prices(order)}{_extras(order)}"order_status":"{status}",'
        f'"fee_usd_equiv":{_dollars(order, order.cum_fee)},'
        f'"fee_ccy_pref":"{"fcib" if ask.in_base else "fciq"}","timestamp":"{micro(order.opened)}"}}'
    )


def _prices(order: UserOrder) -> str:
    price = order.pair.price_text
    limit = "" if order.limit is None else f'"limit_price":{price(order.limit)},'
    kind = "" if order.limit is None else '"limit_price_type":"static",'
    if order.trigger is None or order.ask.kind not in STOPS:
        return f'{kind}{limit}"stop_price":{price(0)},'
    stop = f'{_triggers(order)},"stop_price":{price(order.trigger)},'
    return f'{kind}{stop}{limit}"trigger":"{order.ask.reference}",'


def _triggers(order: UserOrder) -> str:
    price = order.pair.price_text
    reached = ""
    if order.fired:
        reached = f'"last_price":{price(order.fired_at)},"timestamp":"{micro(order.fired)}",'
    status = "triggered" if order.fired else "untriggered"
    offset = order.ask.offset
    given, kind = (price(order.trigger or 0), "static") if offset is None else (offset.given, offset.kind)
    actual = "" if offset is None else f'"actual_price":{price(order.trigger or 0)},'
    peak = f'"peak_price":{price(order.peak)},' if order.ask.kind in TRAILING else ""
    return (
        f'"triggers":{{{actual}{reached}{peak}"price":{given},"price_type":"{kind}",'
        f'"reference":"{order.ask.reference}","status":"{status}"}}'
    )


def _extras(order: UserOrder) -> str:
    """What is told only when it was asked for."""
    ask, pair = order.ask, order.pair
    found = {
        "display_qty": pair.qty_text(order.display) if order.display else None,
        "cash_order_qty": None if ask.cash is None else text(ask.cash, pair.cost_precision),
        "expire_time": None if ask.expires is None else f'"{whole(ask.expires)}"',
        "post_only": "true" if ask.post_only else None,
        "sender_sub_id": None if ask.sender is None else json.dumps(ask.sender),
        "contingent": None if ask.close is None else _contingent(ask.close),
        "ord_ref_id": None if order.parent is None else f'"{order.parent}"',
    }
    return "".join(f'"{name}":{value},' for name, value in found.items() if value is not None)


def _contingent(close: Ask) -> str:
    """The order that closes each fill."""
    told = [
        f'"order_type":"{close.kind}"',
        *_distance("trigger_price", close.pair, close.trigger, close.offset),
        *_distance("limit_price", close.pair, close.limit, close.limit_offset),
    ]
    return f"{{{','.join(told)}}}"


def _distance(name: str, pair: Pair, price: int | None, offset: Offset | None) -> list[str]:
    """A price that is given as such, or as a distance; nothing where there is none."""
    if offset is not None:
        return [f'"{name}":{offset.given}', f'"{name}_type":"{offset.kind}"']
    return [] if price is None else [f'"{name}":{pair.price_text(price)}', f'"{name}_type":"static"']


def _fill(one: OwnTrade) -> str:
    pair = one.order.pair
    return (
        f'"exec_id":"{one.exec_id}","exec_type":"trade","trade_id":{one.trade_id},"symbol":"{pair.symbol}",'
        f'"side":"{_side(one.order)}","last_qty":{pair.qty_text(one.qty)},"last_price":{pair.price_text(one.price)},'
        f'"liquidity_ind":"{"m" if one.maker else "t"}","cost":{_cost(one.order, one.cost)}'
    )


def _fees(one: OwnTrade) -> str:
    return f'"fees":[{{"asset":"{one.order.pair.quote.name}","qty":{_cost(one.order, one.fee)}}}]'


def _own_id(order: UserOrder) -> str:
    """The client's own id, else its tag."""
    if order.ask.cl_ord_id is not None:
        return f'"cl_ord_id":{json.dumps(order.ask.cl_ord_id)}'
    return f'"order_userref":{order.ask.userref or 0}'


def _side(order: UserOrder) -> str:
    return "buy" if order.ask.buy else "sell"


def _cost(order: UserOrder, amount: int) -> str:
    return text(amount, order.pair.cost_precision)


def _dollars(order: UserOrder, amount: int) -> str:
    return text(amounts.in_dollars(order.pair, amount), 5)
