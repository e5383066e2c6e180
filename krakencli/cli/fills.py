"""What `trade` and `ohlc` make of their options: the stages that notice holes, and who fills them."""

import time
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from krakencli.candles import ClosedCandles
from krakencli.cli.choices import Choices
from krakencli.cli.exchange import Exchange
from krakencli.cli.state import State
from krakencli.continuity import FILL_TIMEOUT, Continuity, FillWanted, Joined, RowsWanted
from krakencli.errors import RemoteError, UsageError
from krakencli.feed import Feed
from krakencli.records import Records
from krakencli.unbroken import Trades
from krakencli.unbroken_candles import Candles, Hole
from krakencli.unbroken_v1 import JoinedTrades

if TYPE_CHECKING:
    from krakencli.rest.backfill import Calls, Pace
    from krakencli.rest.client import Client
    from krakencli.rest.pages import TradePage
    from krakencli.symbols import Pair

MARGIN = 0.3
"""Seconds before a hole is given up in which the answer must be there."""


def trades_of(choices: Choices, feed: Feed, found: Exchange, state: State) -> Trades:
    """The stage of a stream of trades."""
    timeout, unit = fill_timeout(choices), state.clock.unit
    continuity = Continuity(fill_timeout=timeout, print_snapshot=choices.snapshot is not False, unit=unit)
    rest = _rest(timeout, found, state)
    return Trades(continuity, feed, None if rest is None else rest.trades)


def joined_trades_of(choices: Choices, feed: Feed, found: Exchange, state: State) -> JoinedTrades:
    """The stage of a stream of trades without ids. Raises UsageError where they cannot be audited."""
    timeout, given = fill_timeout(choices), choices.params.get("audit")
    every = None if given is None else float(given)  # seconds
    if every is not None and found.endpoints.rest is None:
        raise UsageError(
            "--audit compares with REST, which is off beside a local --url", suggestion="set KRAKEN_SPOT_URL"
        )
    rest = _rest(timeout if every is None else every, found, state)
    joined = Joined(fill_timeout=timeout, asks=rest is not None, audit_every=every, unit=state.clock.unit)
    return JoinedTrades(joined, feed, None if rest is None else rest.rows)


def candles_of(choices: Choices, feed: Feed, found: Exchange, state: State) -> Candles:
    """The stage of a stream of candles."""
    timeout, unit = fill_timeout(choices), state.clock.unit
    closed = ClosedCandles(unit) if choices.params.get("closed") else None
    records = Records(choices.channel, closed=closed, stamp=state.clock.stamp)
    rest = _rest(timeout, found, state)
    ask = None if rest is None else rest.candles
    old = choices.snapshot is not False
    return Candles(records, feed, ask, fill_timeout=timeout, unit=unit, old=old)


def fill_timeout(choices: Choices) -> float:
    """Seconds that what is missing is waited for."""
    given = choices.params.get("fill_timeout")
    return FILL_TIMEOUT if given is None else float(given)  # seconds


def _rest(timeout: float, found: Exchange, state: State) -> "_Rest | None":
    return None if found.endpoints.rest is None or timeout <= 0 else _Rest(found, state)


class _Rest:
    """Asks REST for one hole after the other, in a thread; its calls keep their distance over all of them."""

    def __init__(self, found: Exchange, state: State) -> None:
        self._found, self._state = found, state
        self._pace: Pace | None = None

    def trades(self, wanted: FillWanted) -> dict[int, bytes]:
        """What REST has of the missing trades, by id. Raises StreamError."""
        from krakencli.rest.backfill import Missing, Pace, trades

        pair = self._pair(wanted.symbol)
        if pair is None:
            return {}
        missing = Missing(
            pair.internal,
            wanted.symbol,
            wanted.first_id,
            wanted.last_id,
            wanted.after,
            pair.price_precision,
            pair.qty_precision,
        )
        clock = self._state.clock
        self._pace = self._pace or Pace()
        with self._found.client(delays=()) as client:
            return trades(
                client,
                missing,
                within=self._left(wanted.until),
                clock=clock.monotonic,
                sleep=time.sleep,
                unit=clock.unit,
                pace=self._pace,
            )

    def rows(self, wanted: RowsWanted) -> "TradePage | None":
        """A page of REST's trades. Raises StreamError."""
        from krakencli.rest.pages import trade_page

        pair = self._pair(wanted.symbol)
        if pair is None:
            raise RemoteError(f"REST does not know {wanted.symbol}")
        with self._found.client(delays=()) as client:
            return trade_page(self._calls(client, wanted.until), pair.internal, wanted.symbol, wanted.since)

    def candles(self, hole: Hole) -> Sequence[bytes]:
        """Finished candles from the one at `after` on. Raises StreamError."""
        from krakencli.rest.backfill import candles

        pair = self._pair(hole.symbol)
        if pair is None:
            return []
        begin = hole.after - timedelta(minutes=hole.interval)
        with self._found.client(delays=()) as client:
            calls = self._calls(client, hole.until)
            decimals = pair.price_precision, pair.qty_precision
            since = int(begin.timestamp())
            what = pair.internal, hole.symbol, hole.interval, since
            return candles(calls, *what, decimals, 6 if self._found.api == "v1" else 9)

    def _calls(self, client: "Client", until: float) -> "Calls":
        from krakencli.rest.backfill import Calls, Pace

        clock = self._state.clock
        self._pace = self._pace or Pace()
        within = self._left(until)
        return Calls(client, within, clock.monotonic, time.sleep, clock.unit, pace=self._pace)

    def _pair(self, symbol: str) -> "Pair | None":
        return self._found.directory(self._state).find(symbol)

    def _left(self, until: float) -> float:
        clock = self._state.clock
        return until - clock.monotonic() - MARGIN * clock.unit
