"""What each host of v2 carries, and who is let in: the refusals that look at path and token only (protocol
notes v2 §5.2 and §10).
"""

from __future__ import annotations

from krakencli.sandbox.exchange import Exchange
from krakencli.sandbox.hosts import INVALID_SESSION, NO_PRIVATE, NO_PUBLIC, Access, Tokens
from krakencli.sandbox.refused import RefusedError
from krakencli.sandbox.trading.account import Account
from krakencli.sandbox.trading.refusal import DENIED
from krakencli.sandbox.v2_params import LEVEL3, PRIVATE, PUBLIC, Params

TRADING = (
    "add_order",
    "amend_order",
    "edit_order",
    "cancel_order",
    "cancel_all",
    "cancel_all_orders_after",
    "batch_add",
    "batch_cancel",
)
NO_TOKEN = "Token(s) not found"  # noqa: S105 - the exchange's words
INVALID_TOKEN = "EAPI:Invalid token"  # noqa: S105 - the exchange's words
_RIGHTS = {"executions": ("open-orders", "closed-orders"), "balances": ("funds",)}


class Gate:
    """The door of one connection. Everything raises RefusedError for those who are not let in."""

    def __init__(self, exchange: Exchange, access: Access) -> None:
        self._exchange = exchange
        self._access = access
        self._tokens = Tokens(exchange)

    def trader(self, request: Params, has_subscriptions: bool) -> Account:
        """Whose trading request it is."""
        if self._access is not Access.PRIVATE:
            raise RefusedError(NO_PRIVATE)
        params = request.get("params")
        if not isinstance(params, dict) or "token" not in params:
            raise RefusedError(NO_TOKEN)
        if not self._tokens.let_in(params["token"], has_subscriptions):
            raise RefusedError(INVALID_TOKEN)
        return self._exchange.desk.owner(params["token"])

    def subscriber(self, params: Params) -> Account:
        """Whose subscription of a private channel it is, once `check_channel` has let it in; whether its key
        may see that.
        """
        account = self._exchange.desk.owner(params["token"])
        rights = _RIGHTS[params["channel"]]
        if not account.rights.intersection(rights):
            raise RefusedError(DENIED, channel=params["channel"], status="error")
        return account

    def check_channel(self, method: str, params: Params, has_subscriptions: bool) -> None:
        """Whether this host carries the channel and, where that takes a token, whether the token is good."""
        channel = params.get("channel")
        if channel in PUBLIC:
            if self._access is not Access.PUBLIC:
                raise RefusedError(NO_PUBLIC)
        elif channel in PRIVATE:
            if self._access is not Access.PRIVATE:
                raise RefusedError(NO_PRIVATE)
            self._check_token(method, params, has_subscriptions)
        elif channel in LEVEL3:
            if self._access is not Access.LEVEL3:
                raise RefusedError(NO_PRIVATE if self._access is Access.PUBLIC else "Unsupported event")
            if "token" not in params:
                raise RefusedError(NO_TOKEN)
            self._check_token(method, params, has_subscriptions)
        else:
            raise RefusedError("Subscription name invalid")

    def _check_token(self, method: str, params: Params, has_subscriptions: bool) -> None:
        """A token that opened a subscription here stays good while there is one, however old (§10).

        The notes give `EAPI:Invalid token` for requests and `ESession:Invalid session` for subscribing only.
        """
        if self._tokens.let_in(params.get("token"), has_subscriptions):
            return
        if method == "unsubscribe":
            raise RefusedError(INVALID_TOKEN)
        raise RefusedError(INVALID_SESSION, channel=params["channel"], status="error")
