"""What each host of v1 carries, and who is let in: the refusals that look at path and token only (protocol
notes v1 §10).
"""

from __future__ import annotations

from krakencli.sandbox.exchange import Exchange
from krakencli.sandbox.hosts import INVALID_SESSION, NO_PRIVATE, NO_PUBLIC, Access, Tokens
from krakencli.sandbox.refused import RefusedError
from krakencli.sandbox.trading.account import Account
from krakencli.sandbox.trading.refusal import DENIED
from krakencli.sandbox.v1_params import PRIVATE, PUBLIC, Request

EXPIRED = "Token is expired"
_RIGHTS = {"openOrders": "open-orders", "ownTrades": "closed-orders"}


class Gate:
    """The door of one connection. Everything raises RefusedError for those who are not let in."""

    def __init__(self, exchange: Exchange, access: Access) -> None:
        self._exchange = exchange
        self._access = access
        self._tokens = Tokens(exchange)

    @property
    def is_private(self) -> bool:
        """Whether it is the host of accounts."""
        return self._access is Access.PRIVATE

    def check_channel(self, name: object) -> None:
        """Whether this host carries a channel; for names that are none, the next check has its words."""
        if name in PUBLIC and self.is_private:
            raise RefusedError(NO_PUBLIC)
        if name in PRIVATE and not self.is_private:
            raise RefusedError(NO_PRIVATE)

    def trader(self, request: Request, has_subscriptions: bool) -> Account:
        """Whose trading request it is."""
        if not self.is_private:
            raise RefusedError(NO_PRIVATE)
        return self._holder(request, has_subscriptions)

    def subscriber(self, name: str, subscription: Request, has_subscriptions: bool) -> Account:
        """Whose subscription of a private channel it is, if its key may see that."""
        account = self._holder(subscription, has_subscriptions)
        if _RIGHTS[name] not in account.rights:
            raise RefusedError(DENIED)
        return account

    def _holder(self, bearer: Request, has_subscriptions: bool) -> Account:
        """A token that was good once is called expired, any other is no session."""
        token, desk = bearer.get("token"), self._exchange.desk
        if not self._tokens.let_in(token, has_subscriptions):
            raise RefusedError(INVALID_SESSION if desk.number(token) is None else EXPIRED)
        return desk.owner(bearer["token"])
