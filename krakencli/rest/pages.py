"""One page of the trades that REST has, with their ids, for a stream whose trades have none."""

from typing import NamedTuple

from krakencli.rest.backfill import PAGE
from krakencli.rest.backfill_calls import Calls
from krakencli.rest.backfill_items import trade_item, trade_rows


class TradePage(NamedTuple):
    """Id, time in nanoseconds and item of each row, oldest first; the items end in `"source":"backfill"`.

    `last` is where the next page begins, in nanoseconds; `full` where there may be one.
    """

    rows: tuple[tuple[int, int, bytes], ...]
    last: int | None
    full: bool


def trade_page(calls: Calls, pair: str, symbol: str, since: int | None) -> TradePage | None:
    """Trades later than `since` (nanoseconds), or the newest ones; digits stay as REST has them, which are
    API v1's. None where the time of `calls` is over. Raises StreamError.
    """
    result = calls.ask("Trades", pair=pair, since=None if since is None else str(since), count=PAGE)
    if result is None:
        return None
    rows = sorted(trade_rows(result, (None, None)))
    last = str(result.get("last", ""))
    return TradePage(
        tuple((row.trade_id, row.time, trade_item(symbol, row)) for row in rows),
        int(last) if last.isdecimal() else None,
        len(rows) >= PAGE,
    )
