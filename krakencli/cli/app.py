"""The command `kraken-stream` itself: its commands, loaded when they are called, and the edge of the program.

Here every failure becomes one line on stderr and an exit status; no traceback passes.
"""

import os
import re
import sys
from collections.abc import Callable, Sequence
from importlib import import_module

import click

from krakencli import __version__
from krakencli.channels import CHANNELS
from krakencli.cli.help import HelpfulGroup, help_width
from krakencli.cli.state import State
from krakencli.errors import ExitStatus, Interrupted, OutputError, StreamError, UsageError
from krakencli.interrupts import Interrupts

TOOLS = {
    "watch": ("krakencli.cli.watch", "Several channels in one stream."),
    "subscriptions": ("krakencli.cli.subscriptions", "How each subscription stands: a live overview."),
    "pairs": ("krakencli.cli.pairs", "List the exchange's pairs, or find some."),
    "balance": ("krakencli.cli.balance", "What the account has of each asset, by REST."),
    "keys": ("krakencli.cli.keys", "Keep API keys in profiles, and see what they may do."),
    "order": ("krakencli.cli.order", "Trade: place, change and cancel orders."),
    "deadman": ("krakencli.cli.deadman", "Cancel all orders unless a command lives."),
    "token": ("krakencli.cli.token", "Get a WebSocket token for private channels."),
    "sandbox": ("krakencli.cli.sandbox", "Serve an embedded exchange on this machine."),
    "completion": ("krakencli.cli.completion", "Print the completion script of a shell."),
}
"""Commands that are no channel: where they are, and what the list of commands says of them."""

ALIASES = {alias: channel.name for channel in CHANNELS.values() for alias in channel.aliases}


class Commands(HelpfulGroup):
    """Knows all commands by name and builds just the one that is called."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        return [*CHANNELS, *TOOLS]

    def summaries(self) -> list[tuple[str, str]]:
        streams = [(channel.name, channel.summary) for channel in CHANNELS.values()]
        return [*streams, *((name, summary) for name, (_, summary) in TOOLS.items())]

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            from difflib import get_close_matches

            near = get_close_matches(args[0].lower(), self.list_commands(ctx), 1)
            hint = f", did you mean {near[0]!r}?" if near else ""
            ctx.fail(f"there is no command {args[0]!r}{hint}")
        return super().resolve_command(ctx, args)

    def get_command(self, _ctx: click.Context, name: str) -> click.Command | None:
        name = ALIASES.get(name, name)
        if name in CHANNELS:
            from krakencli.cli.stream import stream_command

            return stream_command(CHANNELS[name])
        if name in TOOLS:
            command = import_module(TOOLS[name][0]).command
            assert isinstance(command, click.Command)
            return command
        return None


@click.command(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "terminal_width": help_width()},
    examples=(
        ("kraken-stream ticker XBT/USD ETH/USD", "live prices"),
        ("kraken-stream trade BTC/USD | jq -c '[.price,.qty]'", "JSON lines into a pipe"),
        ("kraken-stream ticker XBT/USD --sandbox", "without the network, from an embedded exchange"),
    ),
)
@click.version_option(__version__, prog_name="kraken-stream", message="%(prog)s %(version)s")
def kraken_stream() -> None:
    """Stream Kraken's WebSocket API: live tables in a terminal, JSON lines in a pipe, digit for digit."""


def run(arguments: Sequence[str]) -> int:
    """Run one command line; returns the exit status."""
    state = State(Interrupts(), json_errors=_asks_for_json(arguments))
    return at_the_edge(lambda: _dispatch(arguments, state), state)


def _dispatch(arguments: Sequence[str], state: State) -> object:
    # Asked before anything is opened: a file or socket of ours would get the number of the closed stdout.
    if sys.stdout is None:
        raise UsageError("stdout is closed, so there is nowhere to write", suggestion="redirect it")
    return kraken_stream.main(list(arguments), "kraken-stream", standalone_mode=False, obj=state)


def _asks_for_json(arguments: Sequence[str]) -> bool:
    """Whether errors are to be JSON, told before Click has read the line, which it may find wrong."""
    words = " ".join(arguments)
    return re.search(r"(^| )(--json|(-f *|--format[ =])jsonl)( |$)", words) is not None


def at_the_edge(action: Callable[[], object], state: State) -> int:
    """Turn whatever ends the action into an exit status, and what must be said into one line."""
    try:
        state.interrupts.install()
        return _status_of(action, state)
    except Interrupted as interrupted:
        return interrupted.status
    finally:
        state.interrupts.leave_at_once()


def _status_of(action: Callable[[], object], state: State) -> int:
    status: int = ExitStatus.OK
    try:
        result = action()
        status = result if isinstance(result, int) else status
    except StreamError as error:
        state.talk().error(error)
        status = error.status
    except click.exceptions.Exit as leave:
        status = leave.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        status = ExitStatus.USAGE
    except click.ClickException as error:
        _show_usage_error(error, state)
        status = ExitStatus.USAGE
    except SystemExit:
        # Click leaves so, and only so, when the reader of --help or of a list has gone away.
        status = ExitStatus.OK
    except BrokenPipeError:
        # The same where Click does not see it; nothing may be flushed to that reader at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        failure = OutputError(
            f"cannot write the output: {(error.strerror or str(error)).lower()}",
            suggestion="make room there, or write elsewhere",
        )
        state.talk().error(failure)
        status = failure.status
    return status


def _show_usage_error(error: click.ClickException, state: State) -> None:
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "kraken-stream"
    words = " ".join(error.format_message().split()).rstrip(".")
    state.talk().error(UsageError(words[:1].lower() + words[1:], suggestion=f"see {path} --help"))
