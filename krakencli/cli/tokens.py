"""Where a connection's token comes from: a file, the environment, or REST with a key, in this order."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

from krakencli.cli.exchange import Exchange
from krakencli.cli.state import State
from krakencli.errors import CredentialsError, UsageError
from krakencli.rest.token import Token, is_token

VARIABLE = "KRAKEN_WS_TOKEN"
MOST_BYTES = 8192


def token_source(found: Exchange, state: State, token_file: str | None) -> Callable[[], str]:
    """What gives each connection its token; it may raise StreamError when it is called.

    Raises CredentialsError where there is neither token nor key, UsageError where REST is off. The token of
    the environment is the real exchange's: a demo exchange is never shown it.
    """
    if token_file is not None:
        value = from_file(token_file)
        return lambda: value
    given = "" if found.demo else state.environ.get(VARIABLE, "").strip()
    if given:
        value = _checked(given, VARIABLE)
        return lambda: value
    # A table may have the terminal by the time a call has to wait.
    fetch = fetcher(found, _nobody if sys.stdout.isatty() else state.talk().say)
    return lambda: fetch().value


def _nobody(_: str) -> None:
    """Nobody hears it."""


def fetcher(found: Exchange, say: Callable[[str], None] = _nobody) -> Callable[[], Token]:
    """What fetches a fresh token over REST; `say` is told when a call must wait. Raises as `token_source`."""
    if found.endpoints.rest is None:
        raise UsageError(
            "a token comes over REST, which is off beside a local WebSocket address",
            suggestion=f"set KRAKEN_SPOT_URL, or give a token with --token-file or {VARIABLE}",
        )
    credentials = found.credentials()

    def fetch() -> Token:
        from krakencli.rest.token import fetch_token

        with found.client(say) as client:
            return fetch_token(client, credentials)

    return fetch


def from_file(path: str) -> str:
    """The token that a file holds, read anew by each program that starts. Raises CredentialsError."""
    try:
        with Path(path).open("rb") as file:
            text = file.read(MOST_BYTES).decode("ascii", "replace").strip()
    except OSError as error:
        reason = (error.strerror or os.strerror(error.errno or 0)).lower()
        raise CredentialsError(
            f"cannot read the token file {path}: {reason}", suggestion="kraken-stream token > FILE"
        ) from None
    return _checked(text, f"the file {path}")


def _checked(text: str, where: str) -> str:
    if not is_token(text):
        raise CredentialsError(f"{where} holds no token", suggestion="kraken-stream token prints one")
    return text
