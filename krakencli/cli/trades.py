"""What `trade` makes of its options: the stage that follows ids, and who fills their holes."""

import time
from typing import TYPE_CHECKING

from krakencli.cli.choices import Choices
from krakencli.cli.exchange import Exchange
from krakencli.cli.state import State
from krakencli.continuity import FILL_TIMEOUT, Continuity, FillWanted
from krakencli.feed import Feed
from krakencli.unbroken import Ask, Trades

if TYPE_CHECKING:
    from krakencli.rest.backfill import Pace

MARGIN = 0.3
"""Seconds before a hole is given up in which the answer must be there."""


def trades_of(choices: Choices, feed: Feed, found: Exchange, state: State) -> Trades:
    """The stage of a stream of trades."""
    given = choices.params.get("fill_timeout")
    timeout = FILL_TIMEOUT if given is None else float(given)  # seconds
    unit = state.clock.unit
    continuity = Continuity(fill_timeout=timeout, print_snapshot=bool(choices.snapshot), unit=unit)
    return Trades(continuity, feed, _ask(timeout, found, state))


def _ask(timeout: float, found: Exchange, state: State) -> Ask | None:
    base = found.endpoints.rest
    return None if base is None or timeout <= 0 else _Rest(base, found, state)


class _Rest:
    """Asks REST for one hole after the other, in a thread; its calls keep their distance over all of them."""

    def __init__(self, base: str, found: Exchange, state: State) -> None:
        self._base, self._found, self._state = base, found, state
        self._pace: Pace | None = None

    def __call__(self, wanted: FillWanted) -> dict[int, bytes]:
        from krakencli.rest.backfill import Missing, Pace, trades
        from krakencli.rest.client import Client

        pair = self._found.directory(self._state).find(wanted.symbol)
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
        with Client(self._base, ca_file=self._found.ca_file, delays=()) as client:
            return trades(
                client,
                missing,
                within=wanted.until - clock.monotonic() - MARGIN * clock.unit,
                clock=clock.monotonic,
                sleep=time.sleep,
                unit=clock.unit,
                pace=self._pace,
            )
