"""The text of what `balances` tells (protocol notes v2 §11.2)."""

from __future__ import annotations

from krakencli.sandbox.numbers import text
from krakencli.sandbox.pairs import Listing
from krakencli.sandbox.times import micro
from krakencli.sandbox.trading.account import Account, Entry


def snapshot(account: Account, listing: Listing) -> list[str]:
    """Every asset that the account has ever had, by name."""
    return [
        _wallet(name, text(balance, listing.assets[name].precision))
        for name, balance in sorted(account.balances.items())
    ]


def update(entry: Entry, listing: Listing) -> str:
    """One line of the ledger."""
    precision = listing.assets[entry.asset].precision
    return (
        f'{{"ledger_id":"{entry.entry_id}","ref_id":"{entry.ref_id}","timestamp":"{micro(entry.time)}",'
        f'"type":"trade","asset":"{entry.asset}","asset_class":"currency","category":"trade",'
        f'"wallet_type":"spot","wallet_id":"main","amount":{text(entry.amount, precision)},'
        f'"fee":{text(entry.fee, precision)},"balance":{text(entry.balance, precision)}}}'
    )


def _wallet(asset: str, balance: str) -> str:
    return (
        f'{{"asset":"{asset}","asset_class":"currency","balance":{balance},'
        f'"wallets":[{{"type":"spot","id":"main","balance":{balance}}}]}}'
    )
