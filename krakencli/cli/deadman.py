"""`deadman`: the exchange's cancel-all timer, armed as long as a command runs.

The timer is disarmed only where the command ends well. Whatever else happens, to the command, to this
program or to the network, the exchange cancels all orders when the time is over.
"""

import os
import shutil
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from types import FrameType
from typing import TYPE_CHECKING, Any

import click

from krakencli.cli.credential_options import token_options
from krakencli.cli.help import HelpfulCommand
from krakencli.cli.options import Duration, endpoint_options, quiet_options
from krakencli.cli.state import State
from krakencli.errors import ExitStatus, Interrupted, RemoteError, StreamError, UsageError

if TYPE_CHECKING:
    from krakencli.cli.exchange import Exchange
    from krakencli.trading.timer import Rest

SHORTEST, LONGEST = 3, 86399
FORWARDED = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2")
PATIENCE = 20.0
SLICE = 0.2


def _run(
    state: State, timeout: float, command: tuple[str, ...], token_file: str | None, **options: Any
) -> int:
    from krakencli.cli.exchange import exchange

    state.take_verbosity(options)
    state.json_errors = False  # what the command is given is not about this program
    seconds = _whole(timeout)
    if not command:
        raise UsageError("no command is named", suggestion="kraken-stream deadman --timeout 60 -- COMMAND")
    if shutil.which(command[0]) is None:
        raise UsageError(f"there is no command {command[0]!r}", suggestion="nothing was armed")
    with exchange(state, host="private", **options) as found:
        return _Watch(found, state, seconds, token_file).run(command)


def _whole(timeout: float) -> int:
    if timeout != int(timeout) or not SHORTEST <= timeout <= LONGEST:
        raise UsageError(
            f"--timeout is a number of whole seconds from {SHORTEST} to {LONGEST}",
            suggestion="Kraken advises 60",
        )
    return int(timeout)


class _Watch:
    """One run: arm, start the command, renew beside it, and end as it ends."""

    def __init__(self, found: "Exchange", state: State, seconds: int, token_file: str | None) -> None:
        from krakencli.cli.order_desk import desk_of
        from krakencli.trading.timer import Timer

        self._talk = state.talk()
        self._seconds = seconds
        self._desk = desk_of(found, state, token_file, urgent=True)
        rest = _rest(found)
        if rest is None:
            self._say("there is no key for REST: the timer is renewed over the socket alone")
        self._timer: Timer = Timer(self._desk, rest, seconds, state.clock, self._say)
        self._child: subprocess.Popen[bytes] | None = None
        self._early: list[int] = []

    def run(self, command: tuple[str, ...]) -> int:
        try:
            self._timer.arm()
        except Interrupted:
            self._say(f"interrupted while arming: the timer may be armed, for {self._seconds} s at most")
            raise
        self._say(f"armed: without renewal all orders are canceled in {self._seconds} s{self._at()}")
        over = threading.Event()
        keeper = threading.Thread(target=self._timer.keep, args=(over.is_set,), name="deadman", daemon=True)
        try:
            status = self._watch(command, keeper)
        finally:
            over.set()
        keeper.join(PATIENCE)
        return self._end(status, stuck=keeper.is_alive())

    def _watch(self, command: tuple[str, ...], keeper: threading.Thread) -> int:
        """The command's exit status, as a shell has it."""
        for name in FORWARDED:
            number = getattr(signal, name)
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._forward)
        try:
            self._child = subprocess.Popen(command)  # noqa: S603 - running it is the point
        except OSError as error:
            self._timer.disarm()
            words = (error.strerror or str(error)).lower()
            raise UsageError(f"{command[0]} cannot be run: {words}", suggestion="it is disarmed") from None
        for number in self._early:
            self._child.send_signal(number)
        keeper.start()
        status = None
        while status is None:  # in slices: a signal may be delivered to another thread, and wakes none then
            with suppress(subprocess.TimeoutExpired):
                status = self._child.wait(SLICE)
        return status if status >= 0 else 128 - status

    def _forward(self, number: int, _frame: FrameType | None) -> None:
        """To the command; a terminal has sent its Ctrl-C and Ctrl-\\ to it already."""
        if self._child is None:
            self._early.append(number)
        elif number not in (signal.SIGINT, signal.SIGQUIT) or not _in_foreground():
            self._child.send_signal(number)

    def _end(self, status: int, *, stuck: bool) -> int:
        if status:
            self._desk.close()
            self._say(
                f"the command ended with {status}: THE TIMER STAYS ARMED, all orders are canceled"
                f" in {max(self._timer.left, 0):.0f} s{self._at()} (order cancel-after 0 disarms it)"
            )
            return status
        try:
            if stuck:
                raise RemoteError("a renewal is still under way")
            self._timer.disarm()
        except StreamError as error:
            raise RemoteError(
                f"the command ended well, but the timer is not known to be disarmed: {error.message}",
                suggestion=f"kraken-stream order cancel-after 0, within {max(self._timer.left, 0):.0f} s",
            ) from None
        finally:
            self._desk.close()
        self._say("the command ended well: disarmed")
        return ExitStatus.OK

    def _at(self) -> str:
        return f", at {self._timer.fires}" if self._timer.fires else ""

    def _say(self, words: str) -> None:
        self._talk.say(f"deadman: {words}")


def _in_foreground() -> bool:
    try:
        return sys.stdin is not None and os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()
    except (OSError, ValueError):
        return False


def _rest(found: "Exchange") -> "Rest | None":
    """Sets the timer over REST; None where there is no key."""
    from krakencli.cli.order_rest import private
    from krakencli.trading.rest_form import answer

    try:
        ask = private(found, timeout=10.0)
    except StreamError:
        return None
    return lambda seconds: answer("cancel_all_orders_after", ask("CancelAllOrdersAfter", timeout=seconds))


command = HelpfulCommand(
    "deadman",
    params=[
        click.Option(
            ["--timeout"],
            type=Duration(),
            default=60.0,
            show_default="60s",
            help="Cancel all orders when it was not renewed for so long.",
        ),
        *token_options(),
        *endpoint_options(),
        *quiet_options(),
        click.Argument(["command"], nargs=-1, type=click.UNPROCESSED, metavar="-- COMMAND..."),
    ],
    context_settings={"allow_interspersed_args": False},
    callback=click.pass_obj(_run),
    help="Keep the exchange's cancel-all timer armed as long as COMMAND runs.",
    examples=(("kraken-stream deadman --timeout 60 -- ./my-strategy --fast", "its orders go when it does"),),
    notes=(
        "The timer covers all orders of the account. It is renewed every third of its time, over the socket,"
        " over REST where that fails, and through reconnects. It is disarmed only when COMMAND ends with 0;"
        " else it stays armed, and what it says tells when it fires. COMMAND's exit status is its own.",
    ),
)
