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
from krakencli.sandbox.settings import DEMO_BALANCES, AccountSettings, Settings
from krakencli.sandbox.times import SECOND
from krakencli.sandbox.tokens import LIFETIME, read_nonce, signature
from krakencli.sandbox.trading.account import Account


class Accounts:
    """Who may trade here, and the tokens that are out."""

    def __init__(self, settings: Settings, listing: Listing) -> None:
        """Raises ValueError for an account with an unknown asset, amount, right or tier, for a key
        twice, or for a master that is not there.
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

    def family(self, account: Account) -> list[Account]:
        """The account, and those whose master it is."""
        return [account, *(one for one in self.all if one.master == account.key)]

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

    def number(self, token: object) -> int | None:
        """The number of the account whose token it is or was; None for a stranger's."""
        known = self._issued.get(token) if isinstance(token, str) else None
        return known[0].number if known else None

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
        if settings.master and settings.master not in self._by_key:
            raise ValueError(f"no account before it has the key {settings.master} of its master")
        account = Account(
            len(self.all) + 1,
            settings.key,
            settings.secret,
            self._balances(settings),
            self.second,
            frozenset(settings.rights),
            settings.tier,
            settings.master,
        )
        self.all.append(account)
        self._by_key[account.key] = account

    def _balances(self, settings: AccountSettings) -> dict[str, int]:
        """In units of the assets; of the usual ones only those of the pairs that are listed."""
        found: dict[str, int] = {}
        for name, amount in settings.balances:
            asset = self._listing.find_asset(name)
            if asset is None and settings.balances is DEMO_BALANCES:
                continue
            if asset is None:
                raise ValueError(f"no pair that is listed has the asset {name}")
            count = units(AccountSettings.amount(amount), asset.precision)
            if count is None:
                raise ValueError(f"{name} has {asset.precision} decimals, not those of {amount}")
            found[asset.name] = count
        return found


def _is_plain(nonce: str) -> bool:
    return nonce.isascii() and nonce.isdigit()
