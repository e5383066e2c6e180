"""The commands that stream, made from their channels, and what such a command is put together from."""

import sys
from dataclasses import dataclass
from typing import Any

import click

from krakencli.cli.exchange import Exchange, exchange
from krakencli.cli.help import HelpfulCommand
from krakencli.cli.lookup import resolve
from krakencli.cli.options import channel_options, stream_options
from krakencli.cli.state import State
from krakencli.errors import UsageError
from krakencli.model import Channel, Subscription, Value
from krakencli.symbols import RENAMED

_MACHINE_READABLE = ("jsonl", "raw")


@dataclass(frozen=True, slots=True)
class Choices:
    """What the command line asked for, once Click has read it."""

    channel: Channel
    symbols: tuple[str, ...]
    everything: bool
    quote: str | None
    snapshot: bool | None
    params: dict[str, Value]
    format: str
    count: int | None
    duration: float | None
    events: bool
    keep_going: bool
    retry: int | None


def stream_command(channel: Channel) -> click.Command:
    """The command of one channel."""
    return HelpfulCommand(
        channel.name,
        params=[*channel_options(channel), *stream_options()],
        callback=click.pass_obj(lambda state, **options: _run(channel, state, options)),
        help=channel.summary,
        short_help=channel.summary,
        examples=channel.examples,
        notes=channel.notes,
    )


def _run(channel: Channel, state: State, options: dict[str, Any]) -> int:
    where = {name: options.pop(name) for name in _ENDPOINT}
    state.verbosity = -1 if options.pop("quiet") else options.pop("verbose", 0)
    options.pop("verbose", None)
    choices = _choices(channel, state, options)
    with exchange(state, **where) as found:
        from krakencli.cli.assemble import stream  # noqa: PLC0415 - msgspec and websocket only when streaming

        symbols = _symbols(choices, found, state)
        return stream(choices, symbols, _wanted(choices, symbols), found, state)


_ENDPOINT = ("sandbox", "sandbox_url", "url", "insecure_plaintext", "ca_file")


def _choices(channel: Channel, state: State, options: dict[str, Any]) -> Choices:
    for switch, variant in channel.variants:
        if options.get(switch):
            channel = variant
    explicit, as_json = options["format_"], options["as_json"]
    if as_json and explicit not in ("auto", "jsonl"):
        raise UsageError(f"--json and -f {explicit} exclude one another", suggestion="keep one of them")
    state.json_errors = as_json or explicit == "jsonl"
    format_ = "jsonl" if as_json else explicit
    if format_ == "auto":
        format_ = "table" if sys.stdout.isatty() else "jsonl"
    choices = Choices(
        channel=channel,
        symbols=options.get("symbols", ()),
        everything=options.get("everything", False),
        quote=options.get("quote"),
        snapshot=options.get("snapshot"),
        params={param.name: options[param.name] for param in channel.params if param.name in options},
        format=format_,
        count=options["count"],
        duration=options["duration"],
        events=options["events"],
        keep_going=options["keep_going"],
        retry=options["retry"],
    )
    _check(choices)
    return choices


def _check(choices: Choices) -> None:
    channel = choices.channel
    if channel.symbols == "required" and not (choices.symbols or choices.everything or choices.quote):
        raise UsageError(
            f"{channel.name} needs at least one symbol",
            suggestion=f"kraken-stream {channel.name} BTC/USD, or --all",
        )
    if choices.events and choices.format not in _MACHINE_READABLE[:1]:
        raise UsageError(
            f"--events are JSON records and do not fit into -f {choices.format}", suggestion="use -f jsonl"
        )
    if choices.params.get("closed") and choices.format == "raw":
        raise UsageError("--closed chooses records, and -f raw has frames", suggestion="use -f jsonl or csv")


def _wanted(choices: Choices, symbols: list[str]) -> list[Subscription]:
    """The subscriptions to ask for."""
    channel = choices.channel
    if not channel.subscribes:
        return []
    asked = ((p, choices.params[p.name]) for p in channel.params if p.wire)
    params = (*channel.fixed, *((p.name, value) for p, value in asked if p.choices or value != p.default))
    names = symbols if channel.symbols == "required" else [None]
    return [Subscription(channel.wire, name, params, choices.snapshot) for name in names]


def _symbols(choices: Choices, found: Exchange, state: State) -> list[str]:
    """The symbols (or assets) that the command line means, spelled as the exchange does."""
    if choices.channel.key == ("id",):
        return [RENAMED.get(text.upper(), text.upper()) for text in choices.symbols]
    return resolve(
        choices.symbols,
        lambda: found.directory(state),
        everything=choices.everything,
        quote=choices.quote,
        keep_going=choices.keep_going,
        talk=state.talk(),
    )
