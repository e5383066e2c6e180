"""Who trades: each client has a key of its own, so that no two share nonces, orders or counters."""

from base64 import b64encode

from krakencli.sandbox import AccountSettings

OWNED = (("USD", "100000"), ("BTC", "2"), ("ETH", "25"))
"""What each account has; none trades its ETH."""

AWAY = 20000
"""Dollars for a bitcoin: a bid that the market of the sandbox never comes near."""


def _account(name: str, rights: tuple[str, ...] | None = None) -> AccountSettings:
    secret = b64encode(f"the secret of {name}".encode()).decode()
    if rights is None:
        return AccountSettings(f"KEY/{name}", secret, OWNED, tier="pro")
    return AccountSettings(f"KEY/{name}", secret, OWNED, rights, tier="pro")


SDK = _account("sdk")
SDK_SOCKET = _account("sdk/socket")
CCXT = _account("ccxt")
CCXT_SOCKET = _account("ccxt/socket")
READER = _account("reader", ("funds",))
"""May ask for its balance, and nothing else."""

ALL = (SDK, SDK_SOCKET, CCXT, CCXT_SOCKET, READER)
