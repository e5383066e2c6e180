"""What `trade` makes of its options: the stage that follows ids, and who fills their holes."""

import time

from krakencli.cli.choices import Choices
from krakencli.cli.exchange import Exchange
from krakencli.cli.state import State
from krakencli.continuity import FILL_TIMEOUT, Continuity, FillWanted
from krakencli.feed import Feed
from krakencli.unbroken import Ask, Trades


def trades_of(choices: Choices, feed: Feed, found: Exchange, state: State) -> Trades:
    """The stage of a stream of trades."""
    given = choices.params.get("fill_timeout")
    timeout = FILL_TIMEOUT if given is None else float(given)  # seconds
    unit = state.clock.unit
    return Trades(Continuity(fill_timeout=timeout, unit=unit), feed, _ask(timeout, found, state))


def _ask(timeout: float, found: Exchange, state: State) -> Ask | None:
    base = found.endpoints.rest
    if base is None or timeout <= 0:
        return None

    def ask(wanted: FillWanted) -> dict[int, bytes]:
        from krakencli.rest.backfill import Missing, trades
        from krakencli.rest.client import Client

        pair = found.directory(state).find(wanted.symbol)
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
        with Client(base, ca_file=found.ca_file) as client:
            unit = state.clock.unit
            return trades(client, missing, within=timeout, clock=time.monotonic, sleep=time.sleep, unit=unit)

    return ask
