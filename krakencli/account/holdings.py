"""Balances of assets and their wallets, merged from snapshots and ledger entries (protocol notes v2 §11.2).

A snapshot names every wallet; an entry names one wallet, what moved in it (`amount`, before the `fee`) and
the new total of the asset. Numbers are decimals, with the digits that the exchange sent.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import NamedTuple

import msgspec
from msgspec import Raw, Struct

Place = tuple[str, str]
"""A wallet's type and id: ("spot", "main")."""


class Wallet(NamedTuple):
    """One wallet of one asset; `type` and `id` are "" for an asset whose wallets nobody named."""

    asset: str
    type: str
    id: str
    balance: Decimal
    total: Decimal


class _Wallet(Struct):
    type: str
    id: str
    balance: Decimal


class _Item(Struct):
    asset: str
    balance: Decimal
    wallets: list[_Wallet] = []
    wallet_type: str = ""
    wallet_id: str = ""
    amount: Decimal = Decimal(0)
    fee: Decimal = Decimal(0)


_item = msgspec.json.Decoder(_Item, strict=False)


class Holdings:
    """By asset, in the order in which the assets first appeared."""

    def __init__(self) -> None:
        self._totals: dict[str, Decimal] = {}
        self._wallets: dict[str, dict[Place, Decimal]] = {}

    def take(self, type_: str, item: Raw | bytes) -> str:
        """Take a record; its asset. Raises msgspec.DecodeError where it is none."""
        found = _item.decode(item)
        self._totals[found.asset] = found.balance
        wallets = self._wallets.setdefault(found.asset, {})
        if type_ == "snapshot":
            wallets.clear()
            wallets.update({(one.type, one.id): one.balance for one in found.wallets})
        elif found.wallet_type:
            place = found.wallet_type, found.wallet_id
            wallets[place] = wallets.get(place, Decimal(0)) + found.amount - found.fee
        return found.asset

    def changed(self, items: Iterable[Raw]) -> list[Raw]:
        """Those of a snapshot's items that say something new."""
        return [item for item in items if self._is_new(_item.decode(item))]

    def wallets(self) -> Iterator[Wallet]:
        """All of them; those of one asset together."""
        for asset, total in self._totals.items():
            places = self._wallets[asset] or {("", ""): total}
            for (type_, id_), balance in places.items():
                yield Wallet(asset, type_, id_, balance, total)

    def _is_new(self, item: _Item) -> bool:
        if self._totals.get(item.asset) != item.balance:
            return True
        told = {(one.type, one.id): one.balance for one in item.wallets}
        return bool(told) and told != self._wallets[item.asset]
