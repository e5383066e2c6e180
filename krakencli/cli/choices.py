"""What a streaming command line asks for: read, checked, and turned into subscriptions."""

from dataclasses import dataclass, replace
from typing import Any, cast

from krakencli.cli.exchange import Exchange
from krakencli.cli.lookup import resolve
from krakencli.cli.options import resolved
from krakencli.cli.state import State
from krakencli.errors import UsageError
from krakencli.model import Api, Channel, Subscription, Value
from krakencli.symbols import RENAMED

BOOKS = ("book", "level3")
"""The channels whose records are messages of order books."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What the command line asked for, once Click has read it."""

    channel: Channel
    symbols: tuple[str, ...]
    everything: bool
    quote: str | None
    snapshot: bool | None
    params: dict[str, Value | float | None]
    format: str
    count: int | None
    duration: float | None
    events: bool
    keep_going: bool
    retry: int | None
    stats: bool
    strict: bool
    per_connection: int
    token_file: str | None = None
    api: Api = "v2"


def choose(channel: Channel, state: State, options: dict[str, Any]) -> Choices:
    """Read a command's options. Raises UsageError where they contradict one another."""
    asked = channel
    for name, value, variant in channel.variants:
        if options.get(name) == value:
            channel = replace(variant, params=channel.params)
    if options["api"] == "v1":
        channel = _as_v1(channel, options)
    _check_offered(channel, asked, options)
    explicit, as_json = options["format_"], options["as_json"]
    if as_json and explicit not in ("auto", "jsonl"):
        raise UsageError(f"--json and -f {explicit} exclude one another", suggestion="keep one of them")
    state.json_errors = as_json or explicit == "jsonl"
    format_ = "jsonl" if as_json else resolved(explicit)
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
        stats=options["stats"],
        strict=options["strict"],
        per_connection=options["per_connection"],
        token_file=options.get("token_file"),
        api=options["api"],
    )
    _check(choices)
    return choices


def _as_v1(channel: Channel, options: dict[str, Any]) -> Channel:
    """The channel as API v1 has it. Raises UsageError where it has none, or no choice of a beginning."""
    found = channel.v1
    if found is None:
        raise UsageError(f"API v1 has no {channel.name}", suggestion="use --api v2 instead of --api v1")
    if found.snapshot is None and options.get("snapshot") is not None:
        words = "always begins" if channel.snapshot else "never begins"
        raise UsageError(
            f"over API v1 {channel.name} {words} with the present state",
            suggestion="leave out --snapshot and --no-snapshot, or --api v1",
        )
    return found


def _check_offered(channel: Channel, asked: Channel, options: dict[str, Any]) -> None:
    """Raises UsageError for a parameter that the protocol does not have."""
    names = {param.name for param in channel.params}
    for param in asked.options:
        if param.name not in names and options.get(param.name) != param.default:
            other = "v1" if options["api"] == "v2" else "v2"
            raise UsageError(
                f"{param.flags[0]} of {asked.name} is of API {other} only",
                suggestion=f"leave it out, or use --api {other}",
            )


def _check(choices: Choices) -> None:
    channel = choices.channel
    if channel.symbols == "required" and not (choices.symbols or choices.everything or choices.quote):
        raise UsageError(
            f"{channel.name} needs at least one symbol",
            suggestion=f"kraken-stream {channel.name} BTC/USD, or --all",
        )
    if choices.events and choices.format != "jsonl":
        raise UsageError(
            f"--events are JSON records and do not fit into -f {choices.format}", suggestion="use -f jsonl"
        )
    if choices.params.get("closed") and choices.format == "raw":
        raise UsageError("--closed chooses records, and -f raw has frames", suggestion="use -f jsonl or csv")
    if channel.wire == "trade" and choices.api == "v1":
        _check_audit(choices)
    if channel.wire in BOOKS:
        from krakencli.cli.books import check

        check(choices)


def _check_audit(choices: Choices) -> None:
    """Raises UsageError where a loss on a live socket would not be seen, or could not be told."""
    audited = choices.params.get("audit") is not None
    if choices.strict and not audited:
        raise UsageError(
            "API v1's trades have no ids, so --strict cannot see a loss on a live socket",
            suggestion="add --audit 30s, which compares with REST, or leave out --api v1",
        )
    if audited and choices.format == "raw":
        raise UsageError("--audit adds records, and -f raw has frames", suggestion="use -f jsonl or csv")


def wanted(choices: Choices, symbols: list[str]) -> list[Subscription]:
    """The subscriptions to ask for."""
    channel = choices.channel
    if not channel.subscribes:
        return []
    asked = ((p, cast("Value", choices.params[p.name])) for p in channel.params if p.wire)
    sent = ((p.name, value) for p, value in asked if value is not None and (p.choices or value != p.default))
    params = (*channel.fixed, *sent)
    names = symbols if channel.symbols == "required" else [None]
    return [Subscription(channel.wire, name, params, choices.snapshot) for name in names]


def symbols_of(choices: Choices, found: Exchange, state: State) -> list[str]:
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
