"""What an account's history in REST tells: fills that were missed, orders that have ended.

TradesHistory and ClosedOrders are paged by `ofs`, fifty a page, newest first; QueryOrders takes fifty ids a
call; all may lag behind the socket (protocol notes REST §5). Order and trade ids are the socket's.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from krakencli.errors import RemoteError, StreamError, UnreachableError
from krakencli.rest.backfill_calls import Calls
from krakencli.rest.backfill_items import nanoseconds
from krakencli.rest.history_items import Names, end_of, fill_of

PAGE = 50
ORDERS_PER_CALL = 50
BEFORE = 2
"""Seconds before the last known fill at which the search begins: times are not exact."""


@dataclass(slots=True)
class Missed:
    """What was found. `complete` says that every fill after the known one is there."""

    fills: dict[str, bytes] = field(default_factory=dict)
    orders: dict[str, bytes] = field(default_factory=dict)
    complete: bool = False


@dataclass(slots=True)
class History:
    """`calls` are signed ones; `names` turns REST's names of pairs into v2's. `consolidated` merges the fills
    of one taker order, whose ids are others then (protocol notes REST §5).
    """

    calls: Calls
    names: Names
    consolidated: bool = False

    def missed(
        self, *, after: str | None, known: str | None, orders: Sequence[str], closed_since: str | None
    ) -> Missed:
        """Fills after the time `after` (RFC 3339; None for no fills), the last known one being `known`; how
        `orders` ended, and all others since `closed_since` (None for no orders). What could not be had is
        not there.
        """
        found = Missed()
        with suppress(StreamError):  # one of them is better than none
            if after is not None:
                self._look_for_fills(found, after, known)
        with suppress(StreamError):
            if closed_since is not None:
                self._look_for_ends(found, orders, _seconds(closed_since))
        return found

    def _look_for_fills(self, found: Missed, after: str, known: str | None) -> None:
        since = _seconds(after)
        while not found.complete:  # REST lags behind the socket
            seen = dict(self._pages(since))
            fresh = {name: trade for name, trade in seen.items() if name != known}
            found.fills = {
                name: fill_of(name, trade, self.names)
                for name, trade in sorted(fresh.items(), key=lambda one: Decimal(str(one[1]["time"])))
            }
            found.complete = known is None or known in seen

    def _pages(self, since: str | None) -> Iterator[tuple[str, dict[str, Any]]]:
        """Trades after a time, newest first."""
        return self._paged("TradesHistory", "trades", start=since, consolidate_taker=self.consolidated)

    def _paged(self, method: str, name: str, **params: str | bool | None) -> Iterator[tuple[str, Any]]:
        offset = 0
        while True:
            result = self._ask(method, ofs=offset, **params)
            entries = result.get(name) if isinstance(result, dict) else None
            if not isinstance(entries, dict):
                if entries == []:
                    return
                raise RemoteError(f"REST answered {method} in a shape that is not known")
            yield from entries.items()
            offset += len(entries)
            count = result.get("count")
            if not entries or len(entries) < PAGE or (isinstance(count, int) and offset >= count):
                return

    def _look_for_ends(self, found: Missed, orders: Sequence[str], since: str | None) -> None:
        """Orders that closed meanwhile, known or not; those that are not among them are asked for by id."""
        with suppress(StreamError):  # those that are known can be asked for all the same
            closed = self._paged("ClosedOrders", "closed", start=since, closetime="close")
            ends = ((name, end_of(name, order, self.names)) for name, order in closed)
            found.orders.update({name: item for name, item in ends if item is not None})
        left = [name for name in orders if name not in found.orders]
        while left:
            for begin in range(0, len(left), ORDERS_PER_CALL):
                some = left[begin : begin + ORDERS_PER_CALL]
                result = self._ask("QueryOrders", txid=",".join(some), trades=False)
                if not isinstance(result, dict):
                    raise RemoteError("REST answered QueryOrders in a shape that is not known")
                ends = ((name, end_of(name, order, self.names)) for name, order in result.items())
                found.orders.update({name: item for name, item in ends if item is not None})
            left = [name for name in left if name not in found.orders]

    def _ask(self, method: str, **params: str | int | bool | None) -> Any:
        """Raises StreamError too where the time is over."""
        result = self.calls.ask(method, **params)
        if result is None:
            raise UnreachableError(f"REST did not answer {method} in time", retryable=True)
        return result


def _seconds(time: str) -> str | None:
    """Where a search begins that is to find what happened at this time and later."""
    start = nanoseconds(time)
    return None if start is None else str(start // 10**9 - BEFORE)
