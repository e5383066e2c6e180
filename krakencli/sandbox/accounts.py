"""The accounts of one exchange: made from its settings, found by key or by the token that was sold to them.

Tokens last 900 of the sandbox's seconds (protocol notes, REST §3). Signatures and nonces are checked here,
keys in the same breath: key, signature and nonce are looked at in this order, so that only a key's owner can
spend a nonce.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from collections.abc import Mapping

from krakencli.sandbox.decimals import units
from krakencli.sandbox.pairs import Listing
from krakencli.sandbox.settings import AccountSettings, Settings
from krakencli.sandbox.times import SECOND
from krakencli.sandbox.tokens import LIFETIME, read_nonce, signature
from krakencli.sandbox.trading.account import Account


class Accounts:
    """Who may trade here, and the tokens that are out."""

    def __init__(self, settings: Settings, listing: Listing) -> None:
        """Raises ValueError for an account with an unknown asset, amount, right or tier, or for a key
        twice.
        """
        self.second = int(settings.second * SECOND)
        self.all: list[Account] = []
        self._listing = listing
        self.is_single_use = settings.single_use_tokens
        self._used: set[str] = set()
        self._revoked: set[str] = set()
        self._by_key: dict[str, Account] = {}
        self._issued: dict[str, tuple[Account, int]] = {}
        for one in settings.all_accounts():
            self._open(one)

    def refusal(self, path: str, headers: Mapping[str, str], body: bytes) -> str | None:
        """Why a private call is refused, in the exchange's words; None for one that may proceed, whose nonce
        is then spent.
        """
        account = self.caller(headers)
        if account is None:
            return "EAPI:Invalid key"
        nonce = read_nonce(body, headers.get("Content-Type", ""))
        given = headers.get("API-Sign", "").encode()
        if not hmac.compare_digest(given, signature(account.secret, path, nonce or "", body).encode()):
            return "EAPI:Invalid signature"
        if nonce is None or not _is_plain(nonce) or not account.last_nonce < int(nonce) < 2**64:
            return "EAPI:Invalid nonce"
        account.last_nonce = int(nonce)
        return None

    def caller(self, headers: Mapping[str, str]) -> Account | None:
        """Whose key a call bears."""
        return self._by_key.get(headers.get("API-Key", ""))

    def issue(self, now: int, account: Account | None = None) -> str:
        """A fresh token of 43 characters from `now` (nanoseconds) on, of the first account unless told."""
        token = base64.b64encode(secrets.token_bytes(32)).decode().rstrip("=")
        self._issued[token] = (account or self.all[0], now)
        return token

    def valid(self, token: object, now: int) -> bool:
        """Whether `token` was given out here less than `LIFETIME` seconds before `now`."""
        return self.holder(token, now) is not None

    def holder(self, token: object, now: int) -> Account | None:
        """Whose token it is, while it is good."""
        if not isinstance(token, str) or token not in self._issued or token in self._used | self._revoked:
            return None
        account, issued = self._issued[token]
        return account if now - issued < LIFETIME * self.second else None

    def owner(self, token: str) -> Account:
        """Whose token it is or was."""
        return self._issued[token][0]

    def accept(self, token: str) -> None:
        """A connection begins to use a token; one for a single use is good for no other from then on."""
        if self.is_single_use:
            self._used.add(token)

    def revoke(self, token: str) -> None:
        """The token is good no longer, not even where it is in use."""
        self._revoked.add(token)

    def is_revoked(self, token: str) -> bool:
        """Whether `revoke` was said of it."""
        return token in self._revoked

    def _open(self, settings: AccountSettings) -> None:
        if settings.key in self._by_key:
            raise ValueError(f"two accounts have the key {settings.key}")
        balances = {name: amount for name, amount in map(self._amount, settings.balances) if name}
        account = Account(
            len(self.all) + 1,
            settings.key,
            settings.secret,
            balances,
            self.second,
            frozenset(settings.rights),
            settings.tier,
        )
        self.all.append(account)
        self._by_key[account.key] = account

    def _amount(self, balance: tuple[str, str]) -> tuple[str, int]:
        """A balance in units of its asset; no name for an asset of no listed pair."""
        name, amount = balance
        asset = self._listing.find_asset(name)
        if asset is None:
            return "", 0
        count = units(AccountSettings.amount(amount), asset.precision)
        if count is None or count < 0:
            raise ValueError(f"{amount} is no amount of {name}")
        return asset.name, count


def _is_plain(nonce: str) -> bool:
    return nonce.isascii() and nonce.isdigit()
