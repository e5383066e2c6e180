"""`subscriptions`: how each subscription stands, again and again, instead of its records."""

from typing import Any

import click

from krakencli.channels import PRIVATE
from krakencli.cli.credential_options import credentials_of, token_options
from krakencli.cli.help import HelpfulCommand
from krakencli.cli.options import Duration, stream_options
from krakencli.cli.state import State
from krakencli.cli.stream import place
from krakencli.cli.watch import choose_all, complete_specs, parts_of
from krakencli.errors import UsageError

_EXAMPLE = "kraken-stream subscriptions ticker:BTC/USD book:BTC/USD,depth=25"
_NO_PLACE = ("csv", "raw")


def _run(state: State, specs: tuple[str, ...], token_file: str | None, every: float, **options: Any) -> int:
    from krakencli.cli.exchange import exchange

    where = place(options)
    state.take_verbosity(options)
    if options["format_"] in _NO_PLACE:
        raise UsageError(
            f"an overview is no {options['format_'].upper()}", suggestion="use -f table or -f jsonl"
        )
    options |= {"token_file": token_file, "keep_going": True}
    chosen = choose_all(specs or _private(where, token_file, state), state, options)
    with exchange(state, **where) as found:
        from krakencli.cli.assemble import stream
        from krakencli.cli.sinks import overview_of

        overview = overview_of(chosen[0], every, state)
        return stream(parts_of(chosen, found, state), found, state, overview=overview)


def _private(where: dict[str, Any], token_file: str | None, state: State) -> tuple[str, ...]:
    """All private channels that the API has, where there is a key or a token for them.

    Raises UsageError where there is none, CredentialsError for a key that is kept unsafely.
    """
    names = tuple(channel.name for channel in PRIVATE if where["api"] == "v2" or channel.v1 is not None)
    if names and _may_enter(where, token_file, state):
        return names
    raise UsageError(
        "subscriptions needs at least one channel; with a key it shows all private ones",
        suggestion=f"{_EXAMPLE}, or kraken-stream keys set",
    )


def _may_enter(where: dict[str, Any], token_file: str | None, state: State) -> bool:
    """Whether there is a key or a token; a sandbox brings a key of its own."""
    from krakencli.cli.tokens import VARIABLE

    # A copy: whoever joins the exchange takes the options of the key out of it once more.
    keys = credentials_of(state, dict(where))
    brought = where["sandbox"] or where["sandbox_url"]
    return bool(brought or token_file or state.environ.get(VARIABLE, "").strip()) or keys.is_there()


command = HelpfulCommand(
    "subscriptions",
    params=[
        click.Argument(["specs"], nargs=-1, metavar="[CHANNEL:SYMBOL,...]...", shell_complete=complete_specs),
        click.Option(
            ["--every"],
            type=Duration(),
            default="1s",
            show_default=True,
            help="How often the overview is made.",
        ),
        *(option for option in stream_options() if option.name not in ("url", "keep_going")),
        *token_options(),
    ],
    callback=click.pass_obj(_run),
    help="How each subscription stands: state, what the exchange acknowledged, rate, age and lateness.",
    examples=(
        (_EXAMPLE, "a table that follows"),
        ("kraken-stream subscriptions", "all private channels of your account"),
        (
            "kraken-stream subscriptions trade:'*/EUR' --every 1m --json >> status.jsonl",
            "a log for a watchdog",
        ),
        (
            "kraken-stream subscriptions book:BTC/USD,depth=1000 --json -n 1 | jq .acknowledged",
            "what was granted",
        ),
    ),
    notes=(
        "Without a channel it shows all private ones, where there is a key for them; --sandbox has one.",
        "It subscribes as watch does, and shows no records. Seconds: acknowledged_after the request, age of"
        " the newest record, latency from the exchange's time to the arrival here, corrected by clock_error,"
        " which is this machine's clock minus the exchange's as its answers tell it.",
        "A symbol that is refused stays in the overview. -n counts its lines.",
    ),
)
