"""The fills of one taker order as one, as they are told unless each is wanted apart (protocol notes v1 §4 and
REST §5: `consolidate_taker`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from krakencli.sandbox.numbers import rounded
from krakencli.sandbox.trading.account import OwnTrade


def consolidated(trades: Iterable[OwnTrade]) -> list[OwnTrade]:
    """The trades in their order, those of one taking as one in the place of the first."""
    groups: dict[object, list[OwnTrade]] = {}
    for one in trades:
        key = one.exec_id if one.maker else (one.order, one.entry)
        groups.setdefault(key, []).append(one)
    return [_as_one(group) for group in groups.values()]


def _as_one(trades: Sequence[OwnTrade]) -> OwnTrade:
    """With the ids of the first, the time of the last and the mean price."""
    first, qty = trades[0], sum(one.qty for one in trades)
    return first._replace(
        time=trades[-1].time,
        price=rounded(sum(one.price * one.qty for one in trades), qty),
        qty=qty,
        cost=sum(one.cost for one in trades),
        fee=sum(one.fee for one in trades),
    )
