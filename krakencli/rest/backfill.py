"""Trades that the socket did not bring, from REST Trades, in the shape that v2 gives them.

REST pages by time, holds a thousand rows a page, and may lag behind the socket; rows are known by their
consecutive ids (protocol notes REST §4). Numbers never become binary floats: the time, which REST sends as a
number, is read as a decimal.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from krakencli.errors import RemoteError, StreamError
from krakencli.rest.client import Client

PAGE = 1000
PAUSE = 1.0
"""Seconds between two calls, as the exchange advises."""
BEFORE = timedelta(seconds=2)
"""So much earlier than the last known trade the first page begins: times are neither exact nor unique."""
_SIDES = {"b": "buy", "s": "sell"}
_TYPES = {"l": "limit", "m": "market"}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Missing:
    """Trades `first_id` to `last_id` of a pair; `after` is the RFC 3339 time of the one before them.

    `pair` is the name that REST knows, `symbol` v2's; precisions are decimals, None where they are not known.
    """

    pair: str
    symbol: str
    first_id: int
    last_id: int
    after: str
    price_precision: int | None = None
    qty_precision: int | None = None


def trades(
    client: Client,
    missing: Missing,
    *,
    within: float,
    clock: Callable[[], float],
    sleep: Callable[[float], None],
    unit: float = 1.0,
) -> dict[int, bytes]:
    """What REST has of them by id, as items of `trade` marked `"source":"backfill"`.

    A page that does not reach the last id is asked for again, because REST lags, and so is one that an error
    took the place of, as long as `within` seconds allow. Raises StreamError where no page came at all.
    """
    found: dict[int, bytes] = {}
    wanted = missing.last_id - missing.first_id + 1
    since, ends_at = _nanoseconds(missing.after), clock() + within
    error: StreamError | None = None
    answered = False
    while True:
        try:
            rows, last = _page(client, missing, since)
            answered = True
        except StreamError as problem:
            if not problem.retryable:
                raise
            error, rows, last = problem, [], since
        found.update(_items(missing, rows))
        if len(found) == wanted or clock() + PAUSE * unit >= ends_at:
            break
        if len(rows) == PAGE and int(rows[-1][6]) < missing.last_id:
            since = last
        sleep(PAUSE * unit)
    if error is not None and not answered:
        raise error
    return found


def _page(client: Client, missing: Missing, since: int) -> tuple[list[Any], int]:
    """Rows after `since`, oldest first, and where the next page begins."""
    result = client.public("Trades", pair=missing.pair, since=str(since), count=PAGE)
    rows = (
        next((rows for name, rows in result.items() if name != "last"), None)
        if isinstance(result, dict)
        else None
    )
    if not isinstance(rows, list) or not all(isinstance(row, list) and len(row) >= 7 for row in rows):
        raise RemoteError("REST answered Trades in a shape that is not known")
    return rows, int(str(result.get("last") or since))


def _items(missing: Missing, rows: list[Any]) -> Mapping[int, bytes]:
    return {
        int(row[6]): _item(missing, row) for row in rows if missing.first_id <= int(row[6]) <= missing.last_id
    }


def _item(missing: Missing, row: list[Any]) -> bytes:
    """A row as v2 would have sent it (protocol notes v2 §7.4)."""
    price, qty, seconds, side, kind = row[:5]
    fields = (
        f'"symbol":{json.dumps(missing.symbol)},"side":"{_SIDES.get(side, side)}"',
        f'"price":{_cut(price, missing.price_precision)},"qty":{_cut(qty, missing.qty_precision)}',
        f'"ord_type":"{_TYPES.get(kind, kind)}","trade_id":{int(row[6])}',
        f'"timestamp":"{_time(seconds)}","source":"backfill"',
    )
    return ("{" + ",".join(fields) + "}").encode()


def _cut(number: object, precision: int | None) -> str:
    """REST prints more zeros than the socket: surplus ones are cut, never another digit."""
    text = f"{Decimal(str(number)):f}"
    whole, point, decimals = text.partition(".")
    if precision is None or not point:
        return text
    decimals = decimals[:precision] + decimals[precision:].rstrip("0")
    return f"{whole}.{decimals}" if decimals else whole


def _time(seconds: object) -> str:
    moment = _EPOCH + timedelta(microseconds=int(Decimal(str(seconds)) * 1_000_000))
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


def _nanoseconds(time: str) -> int:
    moment = datetime.fromisoformat(time) - BEFORE
    return (moment - _EPOCH) // timedelta(microseconds=1) * 1000
