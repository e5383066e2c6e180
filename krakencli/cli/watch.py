"""`watch`: several channels in one stream."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from krakencli.channels import CHANNELS
from krakencli.cli.credential_options import token_options
from krakencli.cli.help import HelpfulCommand
from krakencli.cli.options import Duration, stream_options
from krakencli.cli.specs import EXAMPLE, Spec, merged, parse
from krakencli.cli.state import State
from krakencli.cli.stream import place
from krakencli.errors import UsageError
from krakencli.model import Channel, Subscription

if TYPE_CHECKING:
    from krakencli.cli.assemble import Part
    from krakencli.cli.choices import Choices
    from krakencli.cli.exchange import Exchange

_NO_PLACE = ("csv",)


def _run(state: State, specs: tuple[str, ...], token_file: str | None, **options: Any) -> int:
    from krakencli.cli.exchange import exchange

    where = place(options)
    state.take_verbosity(options)
    if options["format_"] in _NO_PLACE:
        raise UsageError("one CSV table cannot hold several channels", suggestion="use -f jsonl")
    if not specs:
        raise UsageError("watch needs at least one channel", suggestion=EXAMPLE)
    chosen = choose_all(specs, state, {**options, "token_file": token_file})
    with exchange(state, **where) as found:
        from krakencli.cli.assemble import stream

        return stream(parts_of(chosen, found, state), found, state)


def choose_all(specs: Sequence[str], state: State, options: dict[str, Any]) -> "list[Choices]":
    """What the specs and the options that they share ask for. Raises UsageError."""
    return [_choices(spec, state, options) for spec in _read(specs)]


def parts_of(chosen: "Sequence[Choices]", found: "Exchange", state: State) -> "list[Part]":
    """The channels of one stream, with the symbols that they mean. Raises UsageError, RejectedError."""
    from krakencli.cli.assemble import Part
    from krakencli.cli.choices import symbols_of, wanted

    parts: list[Part] = []
    for choices in chosen:
        symbols = symbols_of(choices, found, state)
        same = [part for part in parts if part.choices.channel.name == choices.channel.name]
        asked = wanted(choices, symbols)
        _check_apart(choices.channel, asked, parts)
        name = f"{choices.channel.name} {len(same) + 1}" if same else choices.channel.name
        parts.append(Part(name, choices, symbols, asked))
    return parts


def _check_apart(channel: Channel, asked: list[Subscription], parts: "list[Part]") -> None:
    """What comes over one connection, or in one shape, could not be told apart."""
    for part in parts:
        if part.choices.channel.wire != channel.wire:
            continue
        if channel.host == "private" and channel.name != part.choices.channel.name:
            continue  # they share one subscription, and each takes what is its own
        alike = {one.params for one in asked} == {one.params for one in part.wanted}
        twice = {one.symbol for one in asked} & {one.symbol for one in part.wanted}
        if alike or channel.wire == "ohlc" or (twice and channel.name == part.choices.channel.name):
            raise UsageError(
                f"{channel.name} beside {part.name}: their records could not be told apart",
                suggestion="run a second kraken-stream for the other",
            )


def _read(texts: Sequence[str]) -> list[Spec]:
    duration = Duration()

    def seconds(text: str) -> float:
        try:
            return duration.convert(text, None, None)
        except click.BadParameter as error:
            raise ValueError(error.message) from None

    return merged(parse(text, seconds) for text in texts)


def _choices(spec: Spec, state: State, options: dict[str, Any]) -> "Choices":
    from krakencli.cli.choices import choose

    defaults = {param.name: param.default for param in spec.channel.options}
    snapshot = spec.given.get("snapshot")
    given = {**options, **defaults, **spec.given, "symbols": spec.symbols, "snapshot": snapshot}
    return choose(spec.channel, state, given)


def complete_specs(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Names of channels; of what follows a colon nothing is offered."""
    names = [channel.name + ("" if channel.symbols == "none" else ":") for channel in CHANNELS.values()]
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]


command = HelpfulCommand(
    "watch",
    params=[
        click.Argument(["specs"], nargs=-1, metavar="[CHANNEL:SYMBOL,...]...", shell_complete=complete_specs),
        *(option for option in stream_options() if option.name != "url"),
        *token_options(),
    ],
    callback=click.pass_obj(_run),
    help="Several channels in one stream: merged records, or tables below one another.",
    examples=(
        (EXAMPLE, "prices and a ladder"),
        ("kraken-stream watch trade:'*/EUR' status --json", "every trade against the euro, and maintenance"),
        (
            "kraken-stream watch ohlc:BTC/USD,interval=5m,closed=true trade:BTC/USD | jq -c .",
            "merged records",
        ),
    ),
    notes=(
        "A channel's parameters are its options without their dashes: depth=25, event-trigger=bbo,"
        " emit=top, interval=5m, closed=true. Records name their channel, and keep the order of each one.",
    ),
)
