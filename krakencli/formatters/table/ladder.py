"""One order book as a ladder: asks above, bids below, the spread between them. Pure: a pane in, lines out.

    BTC/USD  ✓ 1,254 verified
          total         qty     ask
       0.160331  0.04780000  67,361 ████
       0.112531  0.11253100  67,360 ██████████
             spread 2 · mid 67,359 · bids 25%
       0.029121  0.02912122  67,358 ██
          total         qty     bid

Levels nearest to the spread come first where there is no room for all. Every colour has a companion that is
none: asks stand above, bids below; a state has its sign and its word.
"""

from collections.abc import Sequence
from decimal import Decimal

from rich.cells import cell_len
from rich.text import Text

from krakencli.books.pane import Pane
from krakencli.books.summary import Rung
from krakencli.formatters.table.display import clean, shown
from krakencli.model import Kind

GAP = 2
BAR = 10
LEAST_BAR = 4
_STANDINGS = {
    "waiting": ("◌", "waiting for the snapshot", "yellow"),
    "verified": ("✓", "verified", "green"),
    "unverified": ("○", "not verified", "yellow"),
    "doubtful": ("?", "checking the digits", "yellow"),
    "away": ("✗", "away, subscribing again", "bold red"),
}
_PARTS = " ▏▎▍▌▋▊▉█"
_LOOKS = {"ask": "red", "bid": "green"}


class Widths:
    """How wide the columns of one ladder are; they only grow, so that figures do not dance."""

    def __init__(self, *, has_orders: bool) -> None:
        self.titles = ("total", "qty", "orders") if has_orders else ("total", "qty")
        self.columns = [len(title) for title in (*self.titles, "price")]

    def grow(self, rows: Sequence[Sequence[str]]) -> None:
        for row in rows:
            for place, cell in enumerate(row):
                self.columns[place] = max(self.columns[place], cell_len(cell))

    @property
    def total(self) -> int:
        """Without the bar."""
        return sum(self.columns) + GAP * (len(self.columns) - 1)


def levels_that_fit(height: int) -> int:
    """How many levels a side a ladder of so many lines has, beside a head, two titles and the spread."""
    return max((height - 4) // 2, 0)


def ladder(pane: Pane, widths: Widths, width: int, height: int) -> list[Text]:
    """`height` lines of `width` columns."""
    levels = levels_that_fit(height)
    asks, bids = pane.asks[:levels], pane.bids[:levels]
    cells = {id(rung): _cells(rung, widths) for rung in (*asks, *bids)}
    widths.grow(list(cells.values()))
    most = max((Decimal(rung.qty) for rung in (*asks, *bids)), default=Decimal(0))
    bar = max(min(width - widths.total - 1, 3 * BAR), 0)
    if bar < LEAST_BAR:
        bar = 0

    def line(rung: Rung, side: str) -> Text:
        return _level(cells[id(rung)], widths, side, _bar(Decimal(rung.qty), most, bar))

    lines = [_head(pane)]
    if asks or bids:
        lines.append(_titles(widths, "ask"))
        lines += [line(rung, "ask") for rung in reversed(asks)]
        lines.append(_spread(pane, width))
        lines += [line(rung, "bid") for rung in bids]
        lines.append(_titles(widths, "bid"))
    elif pane.trust.last_failure:
        lines.append(Text(f"  {clean(pane.trust.last_failure, 200)}", style="red"))
    lines = lines[:height]
    lines += [Text() for _ in range(height - len(lines))]
    for one in lines:
        one.no_wrap, one.end = True, ""
        one.truncate(width, pad=True)
    return lines


def _cells(rung: Rung, widths: Widths) -> list[str]:
    figures: list[tuple[Kind, str]] = [("qty", rung.total), ("qty", rung.qty)]
    if len(widths.titles) > 2:
        figures.append(("count", str(rung.orders)))
    return [shown(kind, text) for kind, text in (*figures, ("price", rung.price))]


def _level(cells: Sequence[str], widths: Widths, side: str, bar: str) -> Text:
    *sizes, price = (
        " " * (room - cell_len(cell)) + cell for cell, room in zip(cells, widths.columns, strict=True)
    )
    total, *others = sizes
    line = Text().append(total, "dim").append("".join(" " * GAP + cell for cell in others))
    return line.append(" " * GAP + price, f"bold {_LOOKS[side]}").append(f" {bar}", _LOOKS[side])


def _titles(widths: Widths, side: str) -> Text:
    titles = zip((*widths.titles, side), widths.columns, strict=True)
    return Text((" " * GAP).join(title.rjust(room) for title, room in titles), style="dim")


def _bar(qty: Decimal, most: Decimal, width: int) -> str:
    """A bar of eighths of a column; what is there at all is seen."""
    if not width or not most:
        return ""
    eighths = max(int(qty * width * 8 / most), 1)
    return "█" * (eighths // 8) + _PARTS[eighths % 8].strip()


def _head(pane: Pane) -> Text:
    sign, word, style = _STANDINGS[pane.standing]
    base, slash, quote = clean(pane.symbol).partition("/")
    line = Text().append(base, "bold").append(slash + quote, "dim").append(f"  {sign} ", style)
    trust = pane.trust
    if pane.standing == "verified":
        line.append(f"{trust.verified:,} verified", style)
    else:
        line.append(word, style)
    if trust.failed:
        line.append(f" · {trust.failed:,} failed", "red")
        if pane.standing != "away":
            line.append(f", last: {clean(trust.last_failure, 80)}", "dim")
    return line


def _spread(pane: Pane, width: int) -> Text:
    top = pane.top
    if top.spread is None or top.mid is None or top.imbalance is None:
        words = "no asks" if not pane.asks else "no bids"
    else:
        spread, mid = shown("price", top.spread), shown("price", top.mid)
        words = f"spread {spread} · mid {mid} · bids {_share(top.imbalance)}"
    return Text(words.center(width) if cell_len(words) < width else words, style="bold dim")


def _share(imbalance: str) -> str:
    """The best bid's part of both best quantities."""
    return f"{(Decimal(imbalance) + 1) * 50:.0f}%"
