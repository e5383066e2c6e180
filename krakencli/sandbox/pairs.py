"""The pairs and assets that the sandbox lists: names in every spelling, precisions, minima, and where prices
start.

Names and precisions are the exchange's own (REST Assets and AssetPairs, protocol notes, REST §4 and §7);
figures that change from week to week (margins, limits, starting prices) are merely plausible. Prices and
quantities are integers in units of `10**-price_precision` and `10**-qty_precision`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from krakencli.sandbox.numbers import scaled, text


@dataclass(frozen=True, slots=True)
class Asset:
    """One currency: `name` is v2's id (`BTC`), `internal` and `altname` are REST's (`XXBT`, `XBT`)."""

    name: str
    internal: str
    altname: str
    precision: int
    display: int
    collateral: str
    margin_rate: str | None = None


@dataclass(frozen=True, slots=True)
class Margin:
    """What a pair that can be traded on margin states in addition."""

    initial: str
    limit_long: int
    limit_short: int


@dataclass(frozen=True, slots=True)
class Pair:
    """One market's names, digits and minima; `weight` is its share of the order flow."""

    symbol: str
    internal: str
    altname: str
    wsname: str
    price_precision: int
    qty_precision: int
    cost_precision: int
    qty_min: int
    cost_min: str
    price: int
    weight: int = 1
    levels: int = 1100
    history: int = 2400
    margin: Margin | None = None
    base: Asset = field(kw_only=True)
    quote: Asset = field(kw_only=True)
    place: int = field(kw_only=True)
    """Which one of the listing it is, from 0 on."""

    def price_text(self, price: int) -> str:
        return text(price, self.price_precision)

    def qty_text(self, qty: int) -> str:
        return text(qty, self.qty_precision)


_ASSETS = (
    Asset("USD", "ZUSD", "USD", 4, 2, "1.000", "0.036000"),
    Asset("EUR", "ZEUR", "EUR", 4, 2, "1.000", "0.020000"),
    Asset("BTC", "XXBT", "XBT", 10, 5, "0.990", "0.010000"),
    Asset("ETH", "XETH", "ETH", 10, 5, "0.990", "0.020000"),
    Asset("DOGE", "XXDG", "XDG", 8, 2, "0.800", "0.030000"),
    Asset("SHIB", "SHIB", "SHIB", 5, 2, "0.000"),
    Asset("SOL", "SOL", "SOL", 10, 5, "0.900", "0.025000"),
    Asset("USDT", "USDT", "USDT", 8, 4, "0.970", "0.020000"),
    Asset("XRP", "XXRP", "XRP", 8, 5, "0.900", "0.025000"),
    Asset("ADA", "ADA", "ADA", 8, 6, "0.900", "0.025000"),
)
_ASSET = {asset.name: asset for asset in _ASSETS}


@dataclass(frozen=True, slots=True)
class _Row:
    """One line of the table below, decimals still as text."""

    symbol: str
    internal: str
    digits: tuple[int, int, int]
    qty_min: str
    cost_min: str
    price: str
    weight: int = 1
    margin: Margin | None = None


_ROWS = (
    _Row("BTC/USD", "XXBTZUSD", (1, 8, 5), "0.00005000", "0.50", "67310.4", 4, Margin("0.10", 350, 250)),
    _Row("ETH/USD", "XETHZUSD", (2, 8, 5), "0.00100000", "0.50", "3127.80", 3, Margin("0.10", 5000, 4000)),
    _Row(
        "DOGE/USD",
        "XDGUSD",
        (7, 8, 5),
        "13.00000000",
        "0.50",
        "0.1642318",
        1,
        Margin("0.20", 9000000, 6000000),
    ),
    _Row("SHIB/USD", "SHIBUSD", (9, 5, 5), "160000.00000", "0.50", "0.000024317"),
    _Row("BTC/EUR", "XXBTZEUR", (1, 8, 5), "0.00005000", "0.45", "61944.1", 2, Margin("0.10", 350, 250)),
    _Row("ETH/BTC", "XETHXXBT", (5, 8, 10), "0.00100000", "0.00002", "0.04647", 1, Margin("0.20", 1000, 600)),
    _Row("SOL/USD", "SOLUSD", (2, 8, 5), "0.02000000", "0.50", "142.36", 2, Margin("0.10", 50000, 40000)),
    _Row(
        "USDT/USD",
        "USDTZUSD",
        (5, 8, 5),
        "5.00000000",
        "0.50",
        "0.99974",
        1,
        Margin("0.50", 2500000, 1500000),
    ),
    _Row(
        "XRP/USD", "XXRPZUSD", (5, 8, 5), "2.00000000", "0.50", "0.52318", 1, Margin("0.20", 4000000, 3000000)
    ),
    _Row(
        "ADA/USD", "ADAUSD", (6, 8, 5), "6.00000000", "0.50", "0.451207", 1, Margin("0.33", 3000000, 2000000)
    ),
    _Row("ETH/EUR", "XETHZEUR", (2, 8, 5), "0.00100000", "0.45", "2878.21", 1, Margin("0.10", 5000, 4000)),
    _Row("EUR/USD", "ZEURZUSD", (5, 8, 5), "0.50000000", "0.50", "1.08662"),
)


def _pair(place: int, row: _Row) -> Pair:
    base, quote = (_ASSET[name] for name in row.symbol.split("/"))
    price_precision, qty_precision, cost_precision = row.digits
    return Pair(
        row.symbol,
        row.internal,
        base.altname + quote.altname,
        f"{base.altname}/{quote.altname}",
        price_precision,
        qty_precision,
        cost_precision,
        scaled(row.qty_min, qty_precision),
        row.cost_min,
        scaled(row.price, price_precision),
        row.weight,
        margin=row.margin,
        base=base,
        quote=quote,
        place=place,
    )


def _synthetic(place: int, number: int) -> Pair:
    name = f"S{number:04d}"
    asset = Asset(name, name, name, 8, 5, "0.000")
    return Pair(
        f"{name}/USD",
        f"{name}USD",
        f"{name}USD",
        f"{name}/USD",
        4,
        8,
        5,
        qty_min=100_000,
        cost_min="0.50",
        price=10_000 + 7919 * number % 900_000,
        # A thousand of them are asked for at once: a short book and a short past keep each under a
        # millisecond or two.
        levels=40,
        history=60,
        base=asset,
        quote=_ASSET["USD"],
        place=place,
    )


class Listing:
    """The pairs of one sandbox, in listing order, found by any spelling that REST takes."""

    def __init__(self, symbols: Iterable[str] = (), synthetic: int = 0) -> None:
        """Lists `symbols` (v2 names; none means all) and `synthetic` generated ones. Raises ValueError if
        unknown.
        """
        known = {row.symbol: row for row in _ROWS}
        wanted = tuple(dict.fromkeys(symbols)) or tuple(known)
        unknown = [symbol for symbol in wanted if symbol not in known]
        if unknown:
            raise ValueError(f"the sandbox does not list {', '.join(unknown)}; it knows {', '.join(known)}")
        pairs = [_pair(place, known[symbol]) for place, symbol in enumerate(wanted)]
        pairs += [_synthetic(len(wanted) + number, number + 1) for number in range(synthetic)]
        self.pairs = {pair.symbol: pair for pair in pairs}
        self.assets = {asset.name: asset for pair in pairs for asset in (pair.base, pair.quote)}
        self._spellings = {
            spelling.upper(): pair
            for pair in pairs
            for spelling in (pair.internal, pair.altname, pair.wsname, pair.symbol)
        }

    def find(self, spelling: str) -> Pair | None:
        """The pair behind an internal name, altname, wsname or v2 symbol, in any case."""
        return self._spellings.get(spelling.upper())

    def find_asset(self, spelling: str) -> Asset | None:
        """The asset behind a v2 id, an internal name or an altname, in any case."""
        wanted = spelling.upper()
        for asset in self.assets.values():
            if wanted in {asset.name, asset.internal, asset.altname}:
                return asset
        return None
