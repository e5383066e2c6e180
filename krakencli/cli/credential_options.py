"""Which key a command uses: its options, and what they come to. No option takes a secret itself."""

import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click
from click.shell_completion import CompletionItem

from krakencli.cli.state import State
from krakencli.credentials import TIERS

if TYPE_CHECKING:
    from krakencli.credentials import Credentials
    from krakencli.credentials.sources import Found, Wanted

NAMES = ("api_key_file", "api_secret_file", "credentials_stdin", "profile", "ask_otp", "tier")


def credential_options() -> list[click.Parameter]:
    """The options of every command that uses a key; `credentials_of` takes their values."""
    return [
        click.Option(["--api-key-file"], metavar="PATH", help="File with the key, with --api-secret-file."),
        click.Option(
            ["--api-secret-file"], metavar="PATH", help="File with the secret, which only you can read."
        ),
        click.Option(
            ["--credentials-stdin"], is_flag=True, help="Read key and secret from two lines of stdin."
        ),
        profile_option("Use the key that 'kraken-stream keys set' has kept under this name."),
        click.Option(
            ["--ask-otp"], is_flag=True, help="Ask for the key's second factor; also KRAKEN_API_OTP."
        ),
        tier_option(),
    ]


def token_options() -> list[click.Parameter]:
    """The options of every command that connects with a token: a file with one, or the key to get one."""
    return [
        click.Option(
            ["--token-file"],
            metavar="PATH",
            help="File with the token; without it KRAKEN_WS_TOKEN, or REST with a key.",
        ),
        *credential_options(),
    ]


def profile_option(words: str) -> click.Option:
    return click.Option(["--profile"], metavar="NAME", shell_complete=complete_profiles, help=words)


def tier_option() -> click.Option:
    return click.Option(
        ["--tier"],
        type=click.Choice(TIERS),
        help="Your account's tier, which says how often its keys may call REST (starter unless set).",
    )


class Keys:
    """The key that options name: looked for at the first call, the same one ever after.

    `given` is the option that names a source, "" where none does.
    """

    def __init__(self, state: State, options: dict[str, Any]) -> None:
        self._state, self._options = state, options
        self._found: Found | None = None
        flags = ("api_key_file", "api_secret_file", "credentials_stdin", "profile")
        self.given = next((f"--{name.replace('_', '-')}" for name in flags if options.get(name)), "")

    def __call__(self) -> "Credentials":
        """Raises CredentialsError, UsageError."""
        return self.found().credentials

    def found(self) -> "Found":
        """The same, with the words that say where it was."""
        if self._found is None:
            self._found = self._find()
        return self._found

    def is_there(self) -> bool:
        """Whether there is a key at all, good or not; nothing is asked, and no stdin read.

        Raises CredentialsError for a file that others may read, UsageError.
        """
        from krakencli.credentials.sources import is_there

        return is_there(self._wanted(), self._state.environ, config_path())

    def _wanted(self) -> "Wanted":
        from krakencli.credentials.sources import Wanted

        options = self._options
        return Wanted(
            options.get("api_key_file"),
            options.get("api_secret_file"),
            piped if options.get("credentials_stdin") else None,
            options.get("profile"),
            options.get("tier"),
        )

    def _find(self) -> "Found":
        from krakencli.credentials.sources import find

        found = find(self._wanted(), self._state.environ, config_path())
        if self._options.get("ask_otp"):
            otp = ask("Second factor (otp): ", "KRAKEN_API_OTP")
            found = replace(found, credentials=replace(found.credentials, otp=otp))
        return found


def credentials_of(state: State, options: dict[str, Any]) -> Keys:
    """Takes the values of `credential_options` out of a command's options; what gives the key when called.

    It is for `exchange(..., credentials=...)`. Without any such option: environment, file, keyring.
    """
    return Keys(state, {name: options.pop(name) for name in NAMES if name in options})


def config_path() -> Path | None:
    """The user's file; None for a user without a home."""
    from krakencli.places import config_file

    with suppress(RuntimeError):
        return config_file()
    return None


def piped() -> BinaryIO:
    """Standard input, where it is no terminal. UsageError otherwise."""
    from krakencli.errors import UsageError

    if sys.stdin is None or sys.stdin.isatty():
        what = "closed" if sys.stdin is None else "a terminal"
        raise UsageError(
            f"--credentials-stdin reads a pipe or a file, and standard input is {what}",
            suggestion="kraken-stream keys set asks for them once",
        )
    return sys.stdin.buffer


def ask(question: str, instead: str) -> str:
    """What is typed on the terminal, unseen. UsageError where there is none, or nothing was typed."""
    from getpass import GetPassWarning, getpass
    from warnings import catch_warnings, simplefilter

    from krakencli.errors import UsageError

    problem = "there is no terminal to ask on"
    if sys.stdin is not None and sys.stdin.isatty():
        try:
            with catch_warnings():
                simplefilter("error", GetPassWarning)
                answer = getpass(question).strip()
        except (EOFError, GetPassWarning):
            answer = ""
        if answer:
            return answer
        problem = "nothing was typed"
    raise UsageError(problem, suggestion=f"set {instead}")


def complete_profiles(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The names in the user's file."""
    from krakencli.credentials.store import load
    from krakencli.errors import CredentialsError

    path = config_path()
    with suppress(CredentialsError):
        names = load(path).profiles if path else {}
        return [CompletionItem(name) for name in names if name.startswith(incomplete)]
    return []
