"""Puts one stream together: connections, stages, sink and the loop that runs them."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from krakencli.cli.choices import BOOKS, Choices
from krakencli.cli.exchange import Exchange
from krakencli.cli.links import connector
from krakencli.cli.lookup import suggestion
from krakencli.cli.sinks import sink_of
from krakencli.cli.state import State
from krakencli.feed import FILLED, GIVE_UP_CONNECTING_AFTER, Feed, Speech
from krakencli.formatters.stats import stats
from krakencli.model import Host, Subscription
from krakencli.overview import Overview
from krakencli.pipeline import Limits, Pipeline
from krakencli.records import Records
from krakencli.stage import Stage, Strand
from krakencli.talk import Talk
from krakencli.transport.inbox import Inbox
from krakencli.transport.link import Arrival

if TYPE_CHECKING:
    from krakencli.books.keeper import Keeper
    from krakencli.formatters.table.body import Body

GIVE_UP_WITH_TOKEN_AFTER = 75.0
"""Seconds that an attempt may take that asks REST for a token first, time-outs and pauses included."""


@dataclass(frozen=True, slots=True)
class Part:
    """One channel of a stream, as it was asked for, under a name of its own."""

    name: str
    choices: Choices
    symbols: list[str]
    wanted: list[Subscription]


def stream(parts: Sequence[Part], found: Exchange, state: State, *, overview: Overview | None = None) -> int:
    """Run one stream to its end; returns the exit status, raises StreamError.

    What all parts share (format, limits) is taken from the first. An `overview` is shown instead of the
    records.
    """
    parts = _prepared(parts)
    first = parts[0].choices
    talk = state.talk()
    inbox: Inbox[Arrival] = Inbox()
    feed = _feed(parts, found, state, inbox, talk)
    keepers = [_keeper(part, state, talk) for part in parts]
    strands = [
        Strand(
            part.name,
            part.choices.channel,
            _stage(part, keeper, feed, found, state),
            tuple(part.wanted),
        )
        for part, keeper in zip(parts, keepers, strict=True)
    ]
    bodies = {
        strand.name: _body(strand, keeper, part, state)
        for strand, keeper, part in zip(strands, keepers, parts, strict=True)
    }
    sink = overview or sink_of({part.name: part.choices for part in parts}, bodies, state)
    talk.silenced = sink.takes_the_screen
    pipeline = Pipeline(
        strands,
        feed,
        sink,
        limits=Limits(None if overview else first.count, first.duration, first.keep_going, first.strict),
        talk=talk,
        interrupts=state.interrupts,
        clock=state.clock,
        suggest=lambda refused: suggestion(refused, lambda: found.directory(state)),
        detailed=first.stats or overview is not None,
    )
    if overview is not None:
        overview.look = pipeline.statuses
    state.interrupts.stream(inbox.wake)
    try:
        status = pipeline.run()
    finally:
        talk.silenced = False
        if first.stats:
            talk.show(stats(pipeline.statuses()))
    if sys.stderr is not None and sys.stderr.isatty():
        talk.say(pipeline.summary())
    return status


def _prepared(parts: Sequence[Part]) -> Sequence[Part]:
    """With the subscriptions that are really asked for."""
    if all(part.choices.channel.host != "private" for part in parts):
        return parts
    from krakencli.cli.account import united

    return united(parts)


def _body(strand: Strand, keeper: "Keeper | None", part: Part, state: State) -> "Callable[[], Body]":
    """What makes the table of a channel, where one is wanted."""

    def body() -> "Body":
        from krakencli.cli.sinks import body_of

        if part.choices.channel.host == "private":
            from krakencli.cli.account import body_of as merged

            return merged(strand.stage, state) or body_of(part.choices, None)
        return body_of(part.choices, keeper)

    return body


def _keeper(part: Part, state: State, talk: Talk) -> "Keeper | None":
    """Whoever keeps the order books, where the channel has them and somebody needs them."""
    if part.choices.channel.wire not in BOOKS:
        return None
    from krakencli.cli.books import keeper_of

    if not part.choices.params["verify"]:
        talk.say("--no-verify: checksums are not looked at")
    return keeper_of(part.choices, part.symbols, state.clock.unit)


def _stage(part: Part, keeper: "Keeper | None", feed: Feed, found: Exchange, state: State) -> Stage:
    choices = part.choices
    if keeper is not None:
        from krakencli.verified import Books

        def look_up() -> dict[str, tuple[int, int]]:
            return found.directory(state).precisions

        elsewhere = None if choices.channel.host == "public" else look_up
        return Books(keeper, feed, keep_going=choices.keep_going, look_up=elsewhere)
    if choices.channel.host == "private" and choices.format != "raw":
        from krakencli.cli.account import stage_of

        return stage_of(choices, feed, found, state)
    if choices.channel.wire in FILLED and choices.format != "raw":
        from krakencli.cli.fills import candles_of, joined_trades_of, trades_of

        if choices.channel.wire != "trade":
            return candles_of(choices, feed, found, state)
        made = trades_of if choices.api == "v2" else joined_trades_of
        return made(choices, feed, found, state)
    only = part.symbols if choices.channel.symbols == "filter" else ()
    return Records(choices.channel, only=only, stamp=state.clock.stamp)


def _feed(parts: Sequence[Part], found: Exchange, state: State, inbox: Inbox[Arrival], talk: Talk) -> Feed:
    choices = parts[0].choices
    hosts = dict.fromkeys(part.choices.channel.host for part in parts)
    connectors = {host: connector(host, found, state, _token_file(host, parts)) for host in hosts}
    public_only = set(hosts) == {"public"}
    return Feed(
        [one for part in parts for one in part.wanted],
        lambda host, to: connectors[host](to),
        inbox,
        clock=state.clock,
        retry=choices.retry,
        per_connection=choices.per_connection,
        connect_within=GIVE_UP_CONNECTING_AFTER if public_only else GIVE_UP_WITH_TOKEN_AFTER,
        speech=Speech(
            api=found.api,
            keep_frames=choices.format == "raw",
            trace=talk.trace if talk.level > 0 else None,
        ),
    )


def _token_file(host: Host, parts: Sequence[Part]) -> str | None:
    """The first that a channel of the host names."""
    files = (part.choices.token_file for part in parts if part.choices.channel.host == host)
    return next(filter(None, files), None)
