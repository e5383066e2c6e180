"""Options that the commands of `order` share, and the types of their values."""

from datetime import UTC
from typing import Any

import click

from krakencli.cli.credential_options import token_options
from krakencli.cli.options import Duration, endpoint_options, quiet_options
from krakencli.errors import UsageError
from krakencli.times import instant


class Decimal(click.ParamType):  # type: ignore[type-arg] # generic only in new Clicks
    """Decimal text, kept as it is typed."""

    name = "decimal"

    def __init__(self, *, signed: bool = False) -> None:
        self._signed = signed

    def convert(self, value: Any, param: click.Parameter | None, _ctx: click.Context | None) -> Any:
        from krakencli.trading.numbers import number

        words = "QTY" if param is None else param.opts[0] if param.opts[0].startswith("-") else "QTY"
        return number(str(value), words, signed=self._signed)


class Second(click.ParamType):  # type: ignore[type-arg] # as above
    """An RFC 3339 time, in whole seconds, as the exchange wants it."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            moment = instant(str(value))
        except ValueError:
            self.fail(f"{value!r} is no time; write 2026-12-01T00:00:00Z", param, ctx)
        return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def price(*names: str, words: str, signed: bool = False) -> click.Option:
    return click.Option([*names], type=Decimal(signed=signed), metavar="DECIMAL", help=words)


def choice(*names: str, among: tuple[str, ...], words: str) -> click.Option:
    return click.Option([*names], type=click.Choice(among, case_sensitive=False), help=words)


def deadline_option() -> click.Option:
    return click.Option(
        ["--deadline"],
        type=Duration(),
        help="The engine executes it no later than so long after sending: 1s to 60s.  [default: 5s]",
    )


def checked_deadline(seconds: float | None) -> float | None:
    """The deadline, where the exchange takes it: half a second must be left on arrival. Raises UsageError."""
    if seconds is not None and not 1 <= seconds <= 60:
        raise UsageError("--deadline is from 1s to 60s", suggestion="leave it out for 5s")
    return seconds


def validate_option() -> click.Option:
    return click.Option(["--validate"], is_flag=True, help="Let the exchange check it; nothing is placed.")


def no_check_option() -> click.Option:
    return click.Option(["--no-check"], is_flag=True, help="Leave the pair's rules to the exchange.")


def yes_option() -> click.Option:
    return click.Option(["-y", "--yes"], is_flag=True, help="Do not ask; a script needs it.")


def via_option() -> click.Option:
    return click.Option(
        ["--via"],
        type=click.Choice(("ws", "rest")),
        default="ws",
        show_default=True,
        help="Over the WebSocket, or over REST.",
    )


def sending_options() -> list[click.Parameter]:
    """How a request is sent and its result shown."""
    return [
        click.Option(["--timeout"], type=Duration(), help="Wait so long for the answer.  [default: 10s]"),
        click.Option(["--dry-run"], is_flag=True, help="Print the request, token masked; send nothing."),
        click.Option(["--json", "as_json"], is_flag=True, help="Print one JSON object."),
        *token_options(),
        *endpoint_options(),
        *quiet_options(),
    ]
