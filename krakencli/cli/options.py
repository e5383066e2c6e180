"""Options that commands share, and the types of their values."""

import os
import re
import sys
from datetime import datetime
from typing import Any

import click
from click.shell_completion import CompletionItem

from krakencli.cli.credential_options import token_options
from krakencli.cli.state import State
from krakencli.model import Channel, Param
from krakencli.times import instant

FORMATS = ("auto", "table", "jsonl", "csv", "raw")
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)?")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, None: 1.0}


class Duration(click.ParamType):  # type: ignore[type-arg] # generic only in new Clicks
    """`30s`, `5m`, `1h`, `250ms`; a bare number is seconds. The value is seconds."""

    name = "duration"

    def __init__(self, *, zero: bool = False) -> None:
        self._zero = zero

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if isinstance(value, float):
            return value
        match = _DURATION.fullmatch(str(value).strip().lower())
        if match is None or (float(match[1]) == 0 and not self._zero):
            self.fail(f"{value!r} is no length of time; write 30s, 5m or 1h", param, ctx)
        return float(match[1]) * _SECONDS[match[2]]


class Moment(click.ParamType):  # type: ignore[type-arg] # as above
    """An RFC 3339 time; UTC where it names no zone."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        try:
            moment = instant(str(value))
        except ValueError:
            self.fail(f"{value!r} is no time; write 2026-01-01T00:00:00Z", param, ctx)
        return moment


class Retry(click.ParamType):  # type: ignore[type-arg] # generic only in new Clicks
    """`forever` or a number of attempts; the value is -1 for ever."""

    name = "forever|N"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if value in ("forever", -1):
            return -1
        if not str(value).isdecimal():
            self.fail(f"{value!r} is neither 'forever' nor a number of attempts", param, ctx)
        return int(value)

    def shell_complete(
        self, _ctx: click.Context, _param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        return [CompletionItem(word) for word in ("forever", "0", "3") if word.startswith(incomplete)]


class Choice(click.ParamType):  # type: ignore[type-arg] # generic only in new Clicks
    """A parameter's choices, with the further spellings that it allows."""

    def __init__(self, param: Param) -> None:
        self.param = param
        self.name = "|".join(map(str, param.choices))

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            return self.param.parse(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)

    def shell_complete(
        self, _ctx: click.Context, _param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        words = [*map(str, self.param.choices), *(alias for alias, _ in self.param.aliases)]
        return [CompletionItem(word) for word in words if word.startswith(incomplete)]


def complete_symbols(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Pair names from the cached list; never a look-up over the network."""
    from krakencli.config import REST
    from krakencli.rest.pairs import cached

    directory = cached(os.environ.get("KRAKEN_SPOT_URL") or REST, None)
    symbols = [pair.symbol for pair in directory.pairs] if directory else []
    wanted = incomplete.upper()
    return [CompletionItem(symbol) for symbol in symbols if symbol.upper().startswith(wanted)]


def channel_options(channel: Channel) -> list[click.Parameter]:
    """The symbols and the options that belong to one channel."""
    parameters: list[click.Parameter] = []
    if channel.symbols != "none":
        parameters.append(
            click.Argument(["symbols"], nargs=-1, metavar="[SYMBOL]...", shell_complete=complete_symbols)
        )
    parameters += [_option(param) for param in channel.options]
    if channel.symbols == "required":
        parameters += [
            click.Option(["--all", "everything"], is_flag=True, help="Every pair of the exchange."),
            click.Option(
                ["--quote"], metavar="ASSET", help="Every pair quoted in ASSET, or only those of --all."
            ),
        ]
    if channel.snapshot is not None:
        words = "on" if channel.snapshot else "off"
        parameters.append(
            click.Option(
                ["--snapshot/--no-snapshot"],
                default=None,
                help=f"Begin with the present state, or not ({words} unless asked).",
            )
        )
    if channel.host != "public":
        parameters += token_options()
    return parameters


def _option(param: Param) -> click.Option:
    if param.kind == "duration":
        return click.Option([*param.flags, param.name], type=Duration(zero=param.least == 0), help=param.help)
    if param.kind == "number":
        return click.Option(
            [*param.flags, param.name],
            type=click.IntRange(min=param.least),
            default=param.default,
            show_default=param.default is not None,
            help=param.help,
        )
    if isinstance(param.default, bool):
        return click.Option([*param.flags, param.name], is_flag=True, default=param.default, help=param.help)
    return click.Option(
        [*param.flags, param.name],
        type=Choice(param),
        default=param.default,
        show_default=True,
        metavar=_metavar(param),
        help=param.help
        + (f" One of {', '.join(map(str, param.choices))}." if len(param.choices) > 3 else ""),
    )


def _metavar(param: Param) -> str:
    return "|".join(map(str, param.choices)) if len(param.choices) <= 3 else param.name.upper()


def stream_options() -> list[click.Parameter]:
    """What every stream has."""
    return [
        click.Option(
            ["-f", "--format", "format_"],
            type=click.Choice(FORMATS),
            default="auto",
            show_default=True,
            help="auto is table on a terminal and jsonl in a pipe.",
        ),
        click.Option(["--json", "as_json"], is_flag=True, help="The same as -f jsonl."),
        click.Option(["-n", "--count"], type=click.IntRange(min=1), help="End after this many records."),
        click.Option(["--duration"], type=Duration(), help="End after this long: 30s, 5m, 1h."),
        click.Option(["--events"], is_flag=True, help="Put the stream's own news between the records."),
        click.Option(
            ["--stats"], is_flag=True, help="Print on stderr at the end what came of each subscription."
        ),
        click.Option(["--strict"], is_flag=True, help="End with status 65 at the first gap that stays open."),
        click.Option(
            ["--keep-going"],
            is_flag=True,
            help="Go on when some symbols are refused, or their books will not heal.",
        ),
        click.Option(
            ["--retry"],
            type=Retry(),
            help="Attempts to connect in a row that may fail; at first two, after a first success forever.",
        ),
        click.Option(
            ["--per-connection"],
            type=click.IntRange(min=1),
            default=100,
            show_default=True,
            metavar="N",
            help="Subscriptions that share a connection at most.",
        ),
        *endpoint_options(),
        *quiet_options(),
    ]


def endpoint_options(*, websocket: bool = True) -> list[click.Parameter]:
    """Where to connect."""
    sockets = [
        click.Option(
            ["--api"],
            type=click.Choice(("v2", "v1")),
            default="v2",
            show_default=True,
            help="Which of Kraken's WebSocket protocols to speak; the records are the same.",
        ),
        click.Option(["--url"], metavar="URL", help="WebSocket address instead of Kraken's."),
        click.Option(
            ["--insecure-plaintext"], is_flag=True, help="Allow ws:// to hosts other than this machine."
        ),
    ]
    return [
        click.Option(
            ["--sandbox"], is_flag=True, help="Stream from an embedded exchange, without the network."
        ),
        click.Option(
            ["--sandbox-url"], metavar="URL", help="Join the one that 'kraken-stream sandbox' serves."
        ),
        *(sockets if websocket else []),
        click.Option(["--ca-file"], metavar="PATH", help="Trust these certificates instead of the system's."),
    ]


def list_options() -> list[click.Parameter]:
    """The format of what is listed once; `list_format` reads it."""
    return [
        click.Option(
            ["-f", "--format", "format_"],
            type=click.Choice(("auto", "table", "csv", "jsonl")),
            default="auto",
            show_default=True,
            help="auto is table on a terminal and jsonl in a pipe.",
        ),
        click.Option(["--json", "as_json"], is_flag=True, help="The same as -f jsonl."),
    ]


def list_format(state: State, format_: str, *, as_json: bool) -> str:
    """The format that the options name; errors are JSON where they ask for JSON."""
    state.json_errors = as_json or format_ == "jsonl"
    return "jsonl" if as_json else resolved(format_)


def resolved(format_: str) -> str:
    """What auto is: a table on a terminal, JSON lines in a pipe."""
    if format_ != "auto":
        return format_
    return "table" if sys.stdout.isatty() else "jsonl"


def quiet_options() -> list[click.Parameter]:
    """How much is said on stderr."""
    return [
        click.Option(["-q", "--quiet"], is_flag=True, help="Say nothing on stderr but errors."),
        click.Option(
            ["-v", "--verbose"], count=True, help="Show requests; -vv shows frames, secrets masked."
        ),
    ]
