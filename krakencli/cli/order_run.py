"""Sends one request of `order`, over the socket or over REST, finds out what became of it, and shows that.

A request leaves this machine at most once. Whatever happens after that, an interruption included, the result
says whether it was done, was not, or that nobody knows.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from krakencli.cli.exchange import Exchange, exchange
from krakencli.cli.state import State
from krakencli.errors import AuthError, ExitStatus, Interrupted, RemoteError, StreamError, UnreachableError
from krakencli.model import Api

if TYPE_CHECKING:
    from krakencli.protocol.trading import Answer, Param
    from krakencli.trading.found import Lookup
    from krakencli.trading.request import Outcome, Request

TIMEOUT = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How a command's requests are sent and shown. `urgent`: the budget of connections never refuses them."""

    via: str
    api: Api
    timeout: float
    as_json: bool
    dry_run: bool
    token_file: str | None
    urgent: bool = False


def manner(state: State, options: dict[str, Any], *, urgent: bool = False) -> Manner:
    """Take it out of a command's options."""
    state.take_verbosity(options)
    state.json_errors = options["as_json"]
    return Manner(
        via=options.pop("via", "ws"),
        api=options["api"],
        timeout=options.pop("timeout") or TIMEOUT,
        as_json=options.pop("as_json"),
        dry_run=options.pop("dry_run"),
        token_file=options.pop("token_file"),
        urgent=urgent,
    )


def refuse_unoffered(
    method: str, params: "Mapping[str, Param]", how: Manner, *, deadline: float | None = None
) -> None:
    """Raises UsageError where the request is to go over API v1, which has no words for it. `deadline` is what
    was asked for.
    """
    if how.api == "v1" and how.via == "ws":
        from krakencli.trading.offered_v1 import check

        check(method, params, deadline)


def carry_out(
    request: "Request",
    how: Manner,
    state: State,
    where: dict[str, Any],
    confirm: Callable[[], None] = lambda: None,
) -> int:
    """A request that needs nothing of the pair: show it, or ask, send it and show what became of it."""
    refuse_unoffered(request.method, request.params, how)
    if how.dry_run:
        return rehearse(request, how, state)
    confirm()
    with exchange(state, host="private", **where) as found:
        return perform(request, how, found, state)


def rehearse(
    request: "Request", how: Manner, state: State, *, pair: str = "", order_type: str | None = None
) -> int:
    """Print exactly what would be sent, but for the token or the signature. No network."""
    wall = state.clock.wall()
    if how.via == "rest":
        from krakencli.protocol.trading import encoded
        from krakencli.trading.rest_form import form

        method, fields = form(request, wall, pair, order_type)
        texts = {name: str(one).lower() if one is True else str(one) for name, one in fields.items()}
        click.echo(encoded({"rest": f"/0/private/{method}", "fields": texts}))
    else:
        from krakencli.cli.order_desk import dialect_of
        from krakencli.protocol.trading import MASK

        refuse_unoffered(request.method, request.params, how)
        frame = dialect_of(how.api, order_type).request(request.method, request.dated(wall), 1, MASK)
        click.echo(frame.decode())
    return ExitStatus.OK


def perform(
    request: "Request",
    how: Manner,
    found: Exchange,
    state: State,
    *,
    pair: str = "",
    order_type: str | None = None,
) -> int:
    """Send it, show what became of it. Raises StreamError where it was not done, or nobody knows."""
    from krakencli.cli.order_show import failure, record, show
    from krakencli.trading.request import UNKNOWN, Outcome

    refuse_unoffered(request.method, request.params, how)
    sending = Sending(request, how, found, state, pair, order_type)
    try:
        outcome = sending.outcome()
    except Interrupted:
        if sending.sent:
            words = "interrupted before it was known what became of it"
            show(record(request, Outcome(UNKNOWN, error=words), how.via), as_json=how.as_json)
        raise
    except (RemoteError, AuthError, UnreachableError) as failed:
        if not sending.sent:
            never = Outcome(request.words[1], error=f"nothing was sent: {failed.message}")
            show(record(request, never, how.via), as_json=how.as_json)
        raise
    show(record(request, outcome, how.via), as_json=how.as_json)
    error = failure(request, outcome)
    if error is not None:
        raise error
    return ExitStatus.OK


class Sending:
    """One request on its way. `sent` is set before it may have left."""

    def __init__(
        self,
        request: "Request",
        how: Manner,
        found: Exchange,
        state: State,
        pair: str,
        order_type: str | None,
    ) -> None:
        self.sent = False
        self._request, self._how, self._found, self._state = request, how, found, state
        self._pair, self._order_type = pair, order_type
        self._sent_at = self._since = 0.0

    def outcome(self) -> "Outcome":
        """Raises StreamError where it was not sent."""
        from krakencli.trading.told import told

        answers, lost = self._over_rest() if self._how.via == "rest" else self._over_socket()
        outcome, look = told(self._request, answers, lost)
        return self._settled(outcome) if look else outcome

    def _leave(self) -> None:
        self.sent = True
        self._sent_at, self._since = self._state.clock.wall(), self._state.clock.monotonic()

    def _over_socket(self) -> tuple[list["Answer"], str]:
        from krakencli.cli.order_desk import desk_of

        desk = desk_of(
            self._found,
            self._state,
            self._how.token_file,
            urgent=self._how.urgent,
            edited=self._order_type,
        )
        try:
            desk.open()
            heard = desk.ask(
                self._request.method,
                self._dated,
                within=self._how.timeout,
                expected=self._request.expected,
                settle=self._request.settle,
            )
        finally:
            desk.close()
        return heard.answers, heard.lost

    def _dated(self) -> dict[str, "Param"]:
        self._leave()
        return self._request.dated(self._sent_at)

    def _over_rest(self) -> tuple[list["Answer"], str]:
        from krakencli.cli.order_rest import private
        from krakencli.protocol.trading import Answer
        from krakencli.rest.envelope import OutcomeUnknownError
        from krakencli.trading.rest_form import answer, form

        ask = private(self._found, self._how.timeout * self._state.clock.unit)
        method, fields = form(self._request, self._state.clock.wall(), self._pair, self._order_type)
        self._leave()
        try:
            result = ask(method, **fields)
        except OutcomeUnknownError as error:
            return [], error.message
        except UnreachableError:
            self.sent = False  # it says so only where no connection was to be had
            raise
        except (RemoteError, AuthError) as error:
            return [Answer(success=False, error=error.message.removeprefix(f"{method} was refused: "))], ""
        return [answer(self._request.method, result)], ""

    def _settled(self, outcome: "Outcome") -> "Outcome":
        from krakencli.trading.request import UNKNOWN, Outcome
        from krakencli.trading.settling import settle
        from krakencli.trading.verdict import JUDGES

        if self._request.method not in JUDGES:
            return outcome
        if outcome.word == UNKNOWN and not self._state.json_errors:
            self._state.talk().say(f"{self._request.method}: {outcome.error}; looking it up")
        try:
            lookup = self._lookup()
        except StreamError as error:
            if outcome.word != UNKNOWN:
                return outcome
            words = f"{outcome.error}; it cannot be looked up: {error.message}"
            return Outcome(UNKNOWN, outcome.fields, words, warnings=outcome.warnings)
        clock = self._state.clock
        return settle(
            self._request,
            lookup,
            outcome,
            since=self._since,
            monotonic=clock.monotonic,
            sleep=time.sleep,
            unit=clock.unit,
        )

    def _lookup(self) -> "Lookup":
        from krakencli.cli.order_rest import private, public
        from krakencli.trading.found import Lookup

        return Lookup(private(self._found), public(self._found), self._sent_at, self._state.clock.wall)
