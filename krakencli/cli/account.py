"""What the private channels make of their options: subscriptions, stages, tables."""

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from krakencli.account import Follower, HistoryWanted, Wants
from krakencli.account import History as Told
from krakencli.cli.choices import Choices
from krakencli.cli.exchange import Exchange
from krakencli.cli.fills import MARGIN, fill_timeout
from krakencli.cli.state import State
from krakencli.errors import StreamError
from krakencli.feed import Feed
from krakencli.ledger import Ledger
from krakencli.model import Subscription, Value
from krakencli.reports import Ask, Reports
from krakencli.stage import Stage

if TYPE_CHECKING:
    from krakencli.cli.assemble import Part
    from krakencli.formatters.table.body import Body

WIRE = "executions"
OLDER = ("openOrders", "ownTrades")
"""What v1 has instead: each a subscription of its own."""
EMPTY_AFTER = 5.0
"""Seconds in which a snapshot of v1 comes, if there is anything to tell."""
_ALL = ("snap_orders", "snap_trades")


def united(parts: "Sequence[Part]") -> "list[Part]":
    """Channels that are made of executions share one subscription, with the union of their options.

    It always begins with orders and trades: what a later connection brings is compared with them, and what
    the user did not ask for is not printed. With -f raw frames pass, so that only what was asked for comes.
    """
    parts = [_with_snapshot_as_asked(part) for part in parts]
    mine = [part for part in parts if part.choices.channel.wire == WIRE]
    if not mine:
        return parts
    params: dict[str, Value] = {}
    for part in mine:
        for one in part.wanted:
            params |= {name: value for name, value in one.params if name not in params or value is True}
    if mine[0].choices.format != "raw" and "users" not in params:
        params |= dict.fromkeys(_ALL, True)
    order = [name for name in (*_ALL, *params) if name in params]
    shared = Subscription(WIRE, None, tuple((name, params[name]) for name in dict.fromkeys(order)))
    return [replace(part, wanted=[shared]) if part in mine else part for part in parts]


def _with_snapshot_as_asked(part: "Part") -> "Part":
    """v1's trades begin with the last ones unless asked otherwise; that is only for frames as they come, for
    all else they are compared with.
    """
    choices = part.choices
    if choices.channel.wire != "ownTrades" or choices.format != "raw" or choices.params["snap_trades"]:
        return part
    wanted = [replace(one, params=(*one.params, ("snapshot", False))) for one in part.wanted]
    return replace(part, wanted=wanted)


def stage_of(choices: Choices, feed: Feed, found: Exchange, state: State) -> Stage:
    """The stage of a private channel."""
    wire = choices.channel.wire
    if wire not in (WIRE, *OLDER):
        return Ledger(feed, first=choices.snapshot is not False)
    timeout = fill_timeout(choices)
    empty_after = EMPTY_AFTER if wire in OLDER else None
    wants, unit = _wants(choices), state.clock.unit
    follower = Follower(wants, fill_timeout=timeout, empty_after=empty_after, unit=unit)
    consolidated = wire == "ownTrades" and choices.params["consolidate_taker"] is True
    ask = _ask(found, state, consolidated=consolidated) if timeout > 0 else None
    return Reports(follower, feed, ask, wire=wire, snapshots=choices.params.get("users") is None)


def body_of(stage: Stage, state: State) -> "Body | None":
    """A table of what a channel's records come to; None where records are shown one by one."""
    from krakencli.formatters import account
    from krakencli.formatters.table import Merged

    if isinstance(stage, Ledger):
        holdings = stage.holdings
        return Merged(account.HOLDINGS, lambda: map(account.wallet_row, holdings.wallets()))
    if isinstance(stage, Reports) and stage.follower.merges:
        orders, wall = stage.follower.orders, state.clock.wall
        return Merged(account.ORDERS, lambda: account.order_rows(orders, wall()), nothing="no open orders")
    return None


def _wants(choices: Choices) -> Wants:
    match choices.channel.name:
        case "own-trades":
            return Wants(orders=False, first_orders=False, first_trades=bool(choices.params["snap_trades"]))
        case "open-orders":
            return Wants(trades=choices.channel.wire == WIRE, merged=True)
    params = choices.params
    return Wants(first_orders=bool(params["snap_orders"]), first_trades=bool(params["snap_trades"]))


def _ask(found: Exchange, state: State, *, consolidated: bool) -> Ask | None:
    """Who asks REST; None where there is no REST, or no key for it. Fills of a taker are told as the stream
    tells them: `consolidated`, or each apart.
    """
    if found.endpoints.rest is None:
        return None
    try:
        credentials = found.credentials()
    except StreamError:  # a token was given, and no key
        return None

    def ask(wish: HistoryWanted) -> Told:
        from krakencli.rest.backfill_calls import Calls
        from krakencli.rest.history import History
        from krakencli.rest.history_items import Names

        clock = state.clock
        directory = found.directory(state)

        def symbol(name: str) -> str:
            pair = directory.find(name)
            return name if pair is None else pair.symbol

        within = wish.until - clock.monotonic() - MARGIN * clock.unit
        with found.client(delays=()) as client:
            calls = Calls(client, within, clock.monotonic, time.sleep, clock.unit, credentials=credentials)
            history = History(calls, Names(symbol), consolidated=consolidated)
            after = wish.after if wish.fills else None
            missed = history.missed(
                after=after, known=wish.known, orders=wish.orders, closed_since=wish.lost_at or None
            )
        return Told(missed.fills, missed.orders, missed.complete)

    return ask
