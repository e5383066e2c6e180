"""Every spelling of a pair, and the names that the exchange knows it by.

`respell` is the rule for `BASE/QUOTE`, which needs no look-up; a `Directory` knows the rest. Both are values
in, values out: no files, no network. This module is loaded at the start of every stream, so it imports only
light parts of the standard library.
Facts: protocol notes REST §7.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fnmatch import translate

SEPARATORS = "/-_:"
RENAMED = {"XBT": "BTC", "XDG": "DOGE"}
_CLASSIC = {new: old for old, new in RENAMED.items()}
FAVOURITES = ("USD", "EUR", "USDT", "USDC", "BTC", "GBP", "ETH")
"""Quotes in the order in which equally near names are suggested."""

_SLASHED = re.compile(r"[A-Za-z0-9][A-Za-z0-9.]{0,29}/[A-Za-z0-9][A-Za-z0-9.]{0,29}")
_TOKENISED = re.compile(r"[A-Z0-9]+x/[A-Z]+")
_SEPARATOR = re.compile(r"[/\-_:]")
_CLOSE_ENOUGH = 0.6
_SAME_BASE = 0.3


class AmbiguousError(LookupError):
    """A spelling that stands for several pairs; `choices` are their symbols, as v2 spells them."""

    def __init__(self, text: str, choices: tuple[str, ...]) -> None:
        super().__init__(f"{text!r} may stand for {', '.join(choices)}")
        self.text = text
        self.choices = choices


@dataclass(frozen=True, slots=True)
class Pair:
    """One market, with its four names and the figures that orders and displays need.

    `symbol`, `base` and `quote` are spelled as WebSocket v2 does; `base_id` and `quote_id` as REST balances
    do (`XXBT`, `ZUSD`). Precisions count decimals, None where REST names none; `tick_size`, `qty_min` and
    `cost_min` are REST's text, empty where it has none.
    """

    internal: str
    altname: str
    wsname: str
    symbol: str
    base: str
    quote: str
    base_id: str
    quote_id: str
    status: str = ""
    price_precision: int | None = None
    qty_precision: int | None = None
    tick_size: str = ""
    qty_min: str = ""
    cost_min: str = ""


def respell(text: str) -> str | None:
    """`BASE/QUOTE` in any case as v2 spells it; None where `text` has another form and needs a `Directory`.

    `xbt/usd` becomes `BTC/USD`. The mixed case of tokenised assets (`AAPLx/USD`) is kept.
    """
    text = text.strip(" ")
    if not _SLASHED.fullmatch(text):
        return None
    return text if _TOKENISED.fullmatch(text) else modern(text.upper())


def modern(wsname: str) -> str:
    """The v2 symbol of a v1 name: each half mapped XBT to BTC and XDG to DOGE, its case kept."""
    return "/".join(RENAMED.get(half, half) for half in wsname.split("/"))


def classic(symbol: str) -> str:
    """The v1 name of a v2 symbol: `XBT/USD` for `BTC/USD`."""
    return "/".join(_CLASSIC.get(half, half) for half in symbol.split("/"))


class Directory:
    """The pairs of one exchange, found by any spelling.

    `stale` marks a list that is older than a day because the exchange could not be asked.
    """

    def __init__(self, pairs: Iterable[Pair], *, stale: bool = False) -> None:
        self.pairs = tuple(sorted(pairs, key=lambda pair: pair.symbol))
        self.stale = stale
        self._index: dict[str, list[Pair]] = {}
        for pair in self.pairs:
            for spelling in set(_spellings(pair)):
                self._index.setdefault(spelling, []).append(pair)
        self._assets = _assets(self.pairs)

    @property
    def precisions(self) -> dict[str, tuple[int, int]]:
        """Decimals of price and quantity by symbol, where both are known."""
        return {
            pair.symbol: (pair.price_precision, pair.qty_precision)
            for pair in self.pairs
            if pair.price_precision is not None and pair.qty_precision is not None
        }

    def find(self, text: str) -> Pair | None:
        """The pair that `text` spells, None where it spells none; AmbiguousError where it spells several."""
        key = text.strip().upper()
        found = self._index.get(key) or self._index.get(self._respelled(key), [])
        if len(found) > 1:
            raise AmbiguousError(text.strip(), tuple(pair.symbol for pair in found))
        return found[0] if found else None

    def match(self, pattern: str, quote: str | None = None, base: str | None = None) -> list[Pair]:
        """Pairs that a glob (`*/USD`, `BTC*`, `xbt-*`) fits in one of their spellings, in order of symbol.

        `quote` and `base` keep only the pairs of that asset, in any of its spellings.
        """
        fits = _glob(pattern)
        return [
            pair
            for pair in self.pairs
            if (quote is None or pair.quote == self._asset(quote))
            and (base is None or pair.base == self._asset(base))
            and any(fits(spelling) for spelling in _shown(pair))
        ]

    def nearest(self, text: str, n: int = 3) -> list[str]:
        """Up to `n` symbols that `text` may have meant, the likeliest first; empty where nothing is near."""
        wanted = text.strip().upper()
        halves = _SEPARATOR.split(wanted)
        base = self._assets.get(halves[0]) if len(halves) <= 2 else None
        bare = "".join([base.upper() if base else halves[0], *halves[1:]])
        ranked = sorted(
            (-score, _popularity(pair), pair.symbol) for pair, score in _scored(self.pairs, bare, base)
        )
        return [symbol for _, _, symbol in ranked[:n]]

    def _asset(self, text: str) -> str:
        return self._assets.get(text.strip().upper(), text)

    def _respelled(self, key: str) -> str:
        halves = _SEPARATOR.split(key)
        return "/".join(self._assets.get(half, half) for half in halves).upper() if len(halves) == 2 else ""


def _spellings(pair: Pair) -> Iterator[str]:
    bases, quotes = zip(pair.wsname.split("/"), (pair.base, pair.quote), strict=True)
    yield pair.internal.upper()
    yield pair.altname.upper()
    for base in bases:
        for quote in quotes:
            for separator in ("", *SEPARATORS):
                yield f"{base}{separator}{quote}".upper()


def _assets(pairs: Iterable[Pair]) -> dict[str, str]:
    """Upper-cased spellings of assets to v2's. A name goes before an id that happens to be spelled alike."""
    names: dict[str, str] = {}
    ids: dict[str, str] = {}
    for pair in pairs:
        base, quote = pair.wsname.split("/")
        names |= {pair.base.upper(): pair.base, pair.quote.upper(): pair.quote}
        names |= {base.upper(): pair.base, quote.upper(): pair.quote}
        ids |= {pair.base_id.upper(): pair.base, pair.quote_id.upper(): pair.quote}
    return ids | names


def _shown(pair: Pair) -> tuple[str, ...]:
    return pair.symbol.upper(), pair.wsname.upper(), f"{pair.base}{pair.quote}".upper(), pair.altname.upper()


def _glob(pattern: str) -> Callable[[str], object]:
    pattern = pattern.strip().upper()
    slashed = pattern if "[" in pattern else _SEPARATOR.sub("/", pattern)
    return re.compile(translate(slashed)).match


def _scored(pairs: Iterable[Pair], wanted: str, base: str | None) -> Iterator[tuple[Pair, float]]:
    for pair in pairs:
        score = max(_likeness(wanted, bare) for bare in _shown(pair)[2:])
        if wanted == f"{pair.quote}{pair.base}".upper():
            score = 1.0
        if pair.base == base:
            yield pair, score + _SAME_BASE
        elif score >= _CLOSE_ENOUGH:
            yield pair, score


def _likeness(one: str, other: str) -> float:
    """1 for equal texts, less for each letter that was changed, left out, put in or swapped with the next."""
    longest = max(len(one), len(other), 1)
    if abs(len(one) - len(other)) > longest * (1 - _CLOSE_ENOUGH):
        return 0.0
    return 1 - _edits(one, other) / longest


def _edits(one: str, other: str) -> int:
    """The optimal string alignment distance: Levenshtein's, with neighbours that changed places as one."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        before, above, row = row, before, [i]
        for j, there in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != there))
            if i > 1 < j and letter == other[j - 2] and one[i - 2] == there:
                cost = min(cost, above[j - 2] + 1)
            row.append(cost)
    return row[-1]


def _popularity(pair: Pair) -> int:
    return FAVOURITES.index(pair.quote) if pair.quote in FAVOURITES else len(FAVOURITES)
