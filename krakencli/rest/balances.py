"""BalanceEx: what an account has of each asset, what its orders hold, and what is available, digit for digit.

Figures stay the texts that the exchange sent; what is available is computed with exact decimals. Assets have
v2's names: the altname of REST's list, renamed where v2 renames (XXBT, XBT, BTC). Values in, values out.
Facts: protocol notes REST §5 and §7.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Context, Decimal
from typing import Any

from krakencli.errors import ProtocolError
from krakencli.symbols import RENAMED

ZERO = "0"
_FIGURE = re.compile(r"-?\d{1,40}(\.\d{1,40})?")
_NAME = re.compile(r"[A-Za-z0-9._:-]{1,40}")
_EXACT = Context(prec=200)


@dataclass(frozen=True, slots=True)
class Holding:
    """One asset. Figures are texts; `credit` and `credit_used` are "" for an account without a credit line.

    `available` is balance + credit - credit_used - hold_trade.
    """

    asset: str
    balance: str
    hold_trade: str
    available: str
    credit: str = ""
    credit_used: str = ""

    @property
    def is_empty(self) -> bool:
        figures = (self.balance, self.hold_trade, self.available, self.credit, self.credit_used)
        return not any(Decimal(figure) for figure in figures if figure)


def holdings(balances: Any, assets: Any) -> list[Holding]:
    """The answer of BalanceEx, in its order; `assets` is that of Assets. ProtocolError for another shape."""
    entries = balances.items() if isinstance(balances, dict) else [] if balances == [] else [("", None)]
    altnames = dict(_altnames(assets))
    return [_holding(asset_id, entry, altnames) for asset_id, entry in entries]


def asset_name(asset_id: str, altnames: dict[str, str]) -> str:
    """v2's name: `XXBT` is `BTC`, `XBT.F` is `BTC.F`. One that the list does not have keeps its own."""
    name, dot, suffix = altnames.get(asset_id, asset_id).partition(".")
    name = altnames.get(name, name)
    return RENAMED.get(name, name) + dot + suffix


def _altnames(assets: Any) -> Iterator[tuple[str, str]]:
    for asset_id, entry in assets.items() if isinstance(assets, dict) else ():
        altname = entry.get("altname") if isinstance(entry, dict) else None
        if isinstance(altname, str) and _NAME.fullmatch(altname):
            yield asset_id, altname


def _holding(asset_id: str, entry: Any, altnames: dict[str, str]) -> Holding:
    if not isinstance(entry, dict) or not _NAME.fullmatch(asset_id):
        raise _strange()
    credit = "credit" in entry or "credit_used" in entry
    balance, held = _figure(entry, "balance"), _figure(entry, "hold_trade", ZERO)
    lent, used = _figure(entry, "credit", ZERO), _figure(entry, "credit_used", ZERO)
    return Holding(
        asset_name(asset_id, altnames),
        balance,
        held,
        _sum((balance, lent), (used, held)),
        lent if credit else "",
        used if credit else "",
    )


def _sum(plus: tuple[str, ...], minus: tuple[str, ...]) -> str:
    """Exact, with as many decimals as the longest of them, and never with an exponent."""
    total = Decimal(0)
    for figure in plus:
        total = _EXACT.add(total, Decimal(figure))
    for figure in minus:
        total = _EXACT.subtract(total, Decimal(figure))
    return f"{total:f}"


def _figure(entry: dict[str, Any], name: str, default: str | None = None) -> str:
    """A number's text; the exchange sends strings, and a bare number is taken with the digits it has."""
    value = entry.get(name, default)
    if isinstance(value, Decimal) or type(value) is int:
        value = str(value) if isinstance(value, int) else f"{value:f}"
    if not (isinstance(value, str) and _FIGURE.fullmatch(value)):
        raise _strange()
    return value


def _strange() -> ProtocolError:
    return ProtocolError(
        "BalanceEx was answered in an unknown form", suggestion="look for a newer kraken-stream"
    )
