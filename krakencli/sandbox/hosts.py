"""The exchange's hosts, their words for what they do not carry, and the tokens that one connection has used.

Protocol notes v2 §5.2 and §10, v1 §10: both protocols are one service and say the same.
"""

from __future__ import annotations

from enum import Enum

from krakencli.sandbox.exchange import Exchange

NO_PRIVATE = "Private data and trading are unavailable on this endpoint. Try ws-auth.kraken.com"
NO_PUBLIC = "Public market data subscriptions are unavailable on this endpoint. Try ws.kraken.com"
INVALID_SESSION = "ESession:Invalid session"


class Access(Enum):
    """Which of the exchange's hosts a connection came to."""

    PUBLIC = "public"
    PRIVATE = "private"
    LEVEL3 = "level3"


class Tokens:
    """Those that one connection has used."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._accepted: set[str] = set()

    def let_in(self, token: object, has_subscriptions: bool) -> bool:
        """Whether a token is good here, and is then used.

        One that opened a subscription here stays good while there is one, however old (v2 §10).
        """
        desk = self._exchange.desk
        if not isinstance(token, str) or desk.is_revoked(token):
            return False
        if token in self._accepted and (has_subscriptions or desk.is_single_use):
            return True
        if not desk.valid(token, self._exchange.now()):
            return False
        self._accepted.add(token)
        desk.accept(token)
        return True
