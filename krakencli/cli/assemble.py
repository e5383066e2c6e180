"""Puts one stream together: link, feed, records, sink and the loop that runs them."""

import sys
from urllib.parse import urlsplit

from krakencli.candles import ClosedCandles
from krakencli.cli.choices import Choices
from krakencli.cli.exchange import Exchange
from krakencli.cli.lookup import suggestion
from krakencli.cli.state import State
from krakencli.feed import Feed
from krakencli.formatters.jsonl import Jsonl
from krakencli.model import Subscription
from krakencli.output import Writer
from krakencli.pipeline import Limits, Pipeline
from krakencli.records import Records
from krakencli.sinks import Lines, OneByOne, Screen, Sink
from krakencli.talk import Talk
from krakencli.transport.inbox import Inbox
from krakencli.transport.link import Arrival, Link
from krakencli.transport.proxy import choose


def stream(
    choices: Choices, symbols: list[str], wanted: list[Subscription], found: Exchange, state: State
) -> int:
    """Run one stream to its end; returns the exit status, raises StreamError."""
    talk = state.talk()
    inbox: Inbox[Arrival] = Inbox()
    feed = _feed(choices, wanted, found, state, inbox, talk)
    sink = _sink(choices, state)
    talk.silenced = isinstance(sink, Screen)
    closed = ClosedCandles(state.clock.unit) if choices.params.get("closed") else None
    only = symbols if choices.channel.symbols == "filter" else ()
    pipeline = Pipeline(
        choices.channel,
        feed,
        Records(choices.channel, closed=closed, only=only),
        sink,
        limits=Limits(choices.count, choices.duration, choices.keep_going),
        talk=talk,
        interrupts=state.interrupts,
        clock=state.clock,
        suggest=lambda refused: suggestion(refused, lambda: found.directory(state)),
    )
    state.interrupts.stream(inbox.wake)
    status = pipeline.run()
    talk.silenced = False
    if isinstance(sink, Screen) and sys.stderr.isatty():
        talk.say(pipeline.summary())
    return status


def _feed(
    choices: Choices,
    wanted: list[Subscription],
    found: Exchange,
    state: State,
    inbox: Inbox[Arrival],
    talk: Talk,
) -> Feed:
    url = found.endpoints.ws_public
    proxy = choose(url, state.environ)
    context = None
    if urlsplit(url).scheme == "wss":
        from krakencli.trust import context as trusted

        context = trusted(found.ca_file)

    def connect(to: Inbox[Arrival]) -> Link:
        return Link(url, to, context=context, proxy=proxy)

    return Feed(
        wanted,
        connect,
        inbox,
        clock=state.clock,
        retry=choices.retry,
        keep_frames=choices.format == "raw",
        trace=talk.trace if talk.level > 0 else None,
    )


def _sink(choices: Choices, state: State) -> Sink:
    if choices.format == "table":
        from krakencli.formatters.table import LiveTable, PlainTable, can_draw

        if can_draw(sys.stdout, state.environ):
            return Screen(LiveTable(choices.channel, environ=state.environ), _writer(state))
        return Lines(_writer(state), OneByOne(PlainTable(choices.channel)))
    if choices.format == "csv":
        from krakencli.formatters.csv import Csv

        return Lines(_writer(state), OneByOne(Csv(choices.channel)))
    format_ = Jsonl(choices.channel.name) if choices.format == "jsonl" else None
    return Lines(_writer(state), format_, events=choices.events)


def _writer(state: State) -> Writer:
    return Writer(1, state.interrupts.raised)
