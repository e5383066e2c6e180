"""Puts one stream together: link, feed, records, sink and the loop that runs them."""

import sys
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from krakencli.budget import Budget
from krakencli.candles import ClosedCandles
from krakencli.cli.choices import BOOKS, Choices
from krakencli.cli.exchange import Exchange
from krakencli.cli.lookup import suggestion
from krakencli.cli.state import State
from krakencli.feed import GIVE_UP_CONNECTING_AFTER, Feed
from krakencli.formatters.jsonl import Jsonl
from krakencli.formatters.stats import stats
from krakencli.loopback import is_loopback
from krakencli.model import Host, Subscription
from krakencli.output import Writer
from krakencli.pipeline import Limits, Pipeline
from krakencli.records import Records
from krakencli.sinks import Lines, OneByOne, Screen, Sink
from krakencli.stage import Stage
from krakencli.talk import Talk
from krakencli.transport.inbox import Inbox
from krakencli.transport.link import Arrival, Link
from krakencli.transport.proxy import choose

if TYPE_CHECKING:
    from krakencli.books.keeper import Keeper

GIVE_UP_WITH_TOKEN_AFTER = 75.0
"""Seconds that an attempt may take that asks REST for a token first, time-outs and pauses included."""


def stream(
    choices: Choices, symbols: list[str], wanted: list[Subscription], found: Exchange, state: State
) -> int:
    """Run one stream to its end; returns the exit status, raises StreamError."""
    talk = state.talk()
    inbox: Inbox[Arrival] = Inbox()
    feed = _feed(choices, wanted, found, state, inbox, talk)
    keeper = _keeper(choices, symbols, state, talk)
    sink = _sink(choices, state, keeper)
    talk.silenced = isinstance(sink, Screen)
    pipeline = Pipeline(
        choices.channel,
        feed,
        _stage(choices, symbols, keeper, feed, found, state, talk),
        sink,
        limits=Limits(choices.count, choices.duration, choices.keep_going, choices.strict),
        talk=talk,
        interrupts=state.interrupts,
        clock=state.clock,
        suggest=lambda refused: suggestion(refused, lambda: found.directory(state)),
    )
    state.interrupts.stream(inbox.wake)
    try:
        status = pipeline.run()
    finally:
        talk.silenced = False
        if choices.stats:
            talk.show(stats(pipeline.counts()))
    if isinstance(sink, Screen) and sys.stderr.isatty():
        talk.say(pipeline.summary())
    return status


def _keeper(choices: Choices, symbols: list[str], state: State, talk: Talk) -> "Keeper | None":
    """Whoever keeps the order books, where the channel has them and somebody needs them."""
    if choices.channel.wire not in BOOKS:
        return None
    from krakencli.cli.books import keeper_of

    if not choices.params["verify"]:
        talk.say("--no-verify: checksums are not looked at")
    return keeper_of(choices, symbols, state.clock.unit)


def _stage(
    choices: Choices,
    symbols: list[str],
    keeper: "Keeper | None",
    feed: Feed,
    found: Exchange,
    state: State,
    talk: Talk,
) -> Stage:
    if keeper is not None:
        from krakencli.verified import Books

        def look_up() -> dict[str, tuple[int, int]]:
            return found.directory(state).precisions

        elsewhere = None if choices.channel.host == "public" else look_up
        return Books(keeper, feed, say=talk.say, keep_going=choices.keep_going, look_up=elsewhere)
    closed = ClosedCandles(state.clock.unit) if choices.params.get("closed") else None
    only = symbols if choices.channel.symbols == "filter" else ()
    return Records(choices.channel, closed=closed, only=only, stamp=state.clock.stamp)


def _feed(
    choices: Choices,
    wanted: list[Subscription],
    found: Exchange,
    state: State,
    inbox: Inbox[Arrival],
    talk: Talk,
) -> Feed:
    url = found.endpoints.ws
    proxy = choose(url, state.environ)
    context = None
    if urlsplit(url).scheme == "wss":
        from krakencli.trust import context as trusted

        context = trusted(found.ca_file)

    hostname = urlsplit(url).hostname or ""
    admit = None if is_loopback(hostname) else Budget(hostname).admit
    fetch_token = None
    if choices.channel.host != "public":
        from krakencli.cli.tokens import token_source

        fetch_token = token_source(found, state, choices.token_file)

    def connect(_: Host, to: Inbox[Arrival]) -> Link:
        return Link(url, to, context=context, proxy=proxy, admit=admit, fetch_token=fetch_token)

    return Feed(
        wanted,
        connect,
        inbox,
        clock=state.clock,
        retry=choices.retry,
        per_connection=choices.per_connection,
        connect_within=GIVE_UP_CONNECTING_AFTER if fetch_token is None else GIVE_UP_WITH_TOKEN_AFTER,
        keep_frames=choices.format == "raw",
        trace=talk.trace if talk.level > 0 else None,
    )


def _sink(choices: Choices, state: State, keeper: "Keeper | None") -> Sink:
    if choices.format == "table":
        from krakencli.formatters.table import Grid, Ladders, LiveTable, PlainTable, can_draw

        ladders = bool(choices.channel.sides)
        if can_draw(sys.stdout, state.environ):
            body = (
                Grid(choices.channel) if keeper is None or not ladders else Ladders(keeper, _levels(choices))
            )
            return Screen(LiveTable(body, environ=state.environ), _writer(state))
        return Lines(_writer(state), OneByOne(PlainTable(choices.channel)))
    if choices.format == "csv":
        from krakencli.formatters.csv import Csv

        return Lines(_writer(state), OneByOne(Csv(choices.channel)))
    format_ = Jsonl(choices.channel.name) if choices.format == "jsonl" else None
    return Lines(_writer(state), format_, events=choices.events)


def _levels(choices: Choices) -> int:
    """How many levels a side a ladder may have."""
    return cast("int", choices.params["levels"] or choices.params["depth"])


def _writer(state: State) -> Writer:
    return Writer(1, state.interrupts.raised)
