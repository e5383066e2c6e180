"""The text of level3's messages, order by order (protocol notes v2 §8): key orders of recorded frames, times
in nanoseconds.
"""

from __future__ import annotations

from base64 import b32encode
from collections.abc import Iterable
from hashlib import blake2b

from krakencli.sandbox.levels import Change, Order
from krakencli.sandbox.market import Market
from krakencli.sandbox.pairs import Pair
from krakencli.sandbox.times import nano


def order_id(seed: int, symbol: str, number: int) -> str:
    """The public id of a symbol's order with this number, such as `OZYA6B-OE3BH-YJ4PY5`: always the same for
    one seed, and of 80 bits, so that no two meet.
    """
    digest = blake2b(f"{seed}/{symbol}/{number}".encode(), digest_size=10).digest()
    letters = b32encode(digest).decode()
    return f"O{letters[:5]}-{letters[5:10]}-{letters[10:]}"


def snapshot(market: Market, depth: int) -> str:
    """Every order of the best `depth` levels as of the market's last event."""
    bids, asks = (
        ",".join([_order(market, side.price(order.key), order) for order in side.queues(depth)])
        for side in (market.book.bids, market.book.asks)
    )
    return (
        f'{{"channel":"level3","type":"snapshot","data":[{{"symbol":"{market.pair.symbol}",'
        f'"checksum":{market.book.order_checksum()},"bids":[{bids}],"asks":[{asks}],'
        f'"timestamp":"{nano(market.time)}"}}]}}'
    )


def update(market: Market, bids: Iterable[Change], asks: Iterable[Change]) -> str:
    """What happened to orders, in order; the market is as after the last of it."""
    return (
        f'{{"channel":"level3","type":"update","data":[{{"checksum":{market.book.order_checksum()},'
        f'"timestamp":"{nano(market.time)}","symbol":"{market.pair.symbol}",'
        f'"bids":[{_events(market, -1, bids)}],"asks":[{_events(market, 1, asks)}]}}]}}'
    )


def _events(market: Market, sign: int, changes: Iterable[Change]) -> str:
    return ",".join(
        [
            f'{{"event":"{change.event}",'
            + _fields(market, change.order_id, change.key * sign, change.order_qty, change.time)
            for change in changes
        ]
    )


def _order(market: Market, price: int, order: Order) -> str:
    return "{" + _fields(market, order.order_id, price, order.qty, order.time)


def _fields(market: Market, number: int, price: int, qty: int, time: int) -> str:
    pair: Pair = market.pair
    return (
        f'"order_id":"{order_id(market.seed, pair.symbol, number)}","limit_price":{pair.price_text(price)},'
        f'"order_qty":{pair.qty_text(qty)},"timestamp":"{nano(time)}"}}'
    )
