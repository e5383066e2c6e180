"""What a live table looks like: rows and a caption made into lines of rich text.

Pure: no clock, no stream. Only `Text` objects are built, never markup, so that a text of the network stays a
text. Every colour has a companion that is none: a sign, a word, bold or dim.
"""

from collections.abc import Sequence

from rich.text import Text

from krakencli.formatters.caption import Caption
from krakencli.formatters.table.display import age, clean, shown, sign
from krakencli.formatters.table.layout import GAP, Field, Layout
from krakencli.formatters.table.rows import Row

_FLASH = 1.5
_DETAIL = 100
_HELP = "q quits"
_MOVES = {1: ("▲", "green"), -1: ("▼", "red"), 0: (" ", "")}
_WORDS = {"buy": "green", "bid": "green", "sell": "red", "ask": "red"}
_STATES = {
    "connecting": ("○", "yellow"),
    "live": ("●", "green"),
    "reconnecting": ("↻", "bold yellow"),
    "waiting": ("◌", "yellow"),
    "ended": ("■", "dim"),
}
_ASCII = str.maketrans("▲▼○●↻◌■·↑↓…✓✗▏▎▍▌▋▊▉█─", "^vo*~.#-^v~+x-------#-")


def header(layout: Layout, places: Sequence[int], width: int) -> Text:
    """The titles over their columns, underlined from edge to edge."""
    line = Text(no_wrap=True, end="")
    for number, place in enumerate(places):
        field = layout.fields[place]
        line.append(" " * GAP if number else "")
        line.append(layout.padded(place, field.title) + " " * field.slot)
    line.truncate(width, pad=True)
    line.stylize("bold underline")
    return line


def body(layout: Layout, places: Sequence[int], row: Row, now: float) -> Text:
    """One row."""
    line = Text(no_wrap=True, end="")
    for number, place in enumerate(places):
        line.append(" " * GAP if number else "")
        _append(line, layout, place, row, now)
    return line


def texts(fields: Sequence[Field], row: Row, now: float) -> list[str]:
    """A row's cells as they are shown."""
    return [
        age(now - row.arrived) if field.index < 0 else shown(field.kind, row.cells[field.index])
        for field in fields
    ]


def _append(line: Text, layout: Layout, place: int, row: Row, now: float) -> None:
    field = layout.fields[place]
    wire = "" if field.index < 0 else row.cells[field.index]
    cell = layout.padded(place, texts([field], row, now)[0])
    if field.kind == "symbol" and "/" in cell:
        base, slash, quote = cell.partition("/")
        line.append(base, "bold").append(slash + quote, "dim")
        return
    mark, style = _MOVES[row.moves[field.index] if field.slot else 0]
    if style and now - row.moved[field.index] < _FLASH:
        style = f"bold {style}"
    line.append(cell + mark * field.slot, style or _style(field, wire))


def _style(field: Field, wire: str) -> str:
    if field.kind == "side":
        return _WORDS.get(wire, "")
    if field.kind in ("change", "percent"):
        return _MOVES[sign(wire)][1]
    return (
        "dim" if field.index < 0 or field.kind == "time" or (field.kind == "text" and field.rank > 1) else ""
    )


def dim(lines: Sequence[Text]) -> None:
    """Rows that are not live any more look so."""
    for line in lines:
        line.stylize("dim")


def caption(facts: Caption, hidden: str, width: int) -> Text:
    """The line under the rows; what does not fit leaves it from the end, the state and `hidden` stay."""
    line = _state(facts, width - len(hidden) - 1)
    right = Text(hidden, style="bold")
    for part in _figures(facts):
        if line.cell_len + len(part) + right.cell_len + 5 <= width:
            line.append(" · ", "dim").append(part)
    if line.cell_len + right.cell_len + len(_HELP) + 4 <= width:
        right.append(("  " if hidden else "") + _HELP, "dim not bold")
    line.truncate(max(width - right.cell_len - 1, 1), pad=True)
    line.append(" ").append_text(right)
    line.truncate(width, pad=True)
    return line


def _state(facts: Caption, room: int) -> Text:
    mark, style = _STATES[facts.state]
    line = Text(mark, no_wrap=True, end="", style=style)
    if len(facts.state) + 2 <= room:
        line = Text(no_wrap=True, end="").append(f"{mark} {facts.state}", style)
    if facts.detail:
        line.append(f" {clean(facts.detail, _DETAIL)}")
    return line


def _figures(facts: Caption) -> list[str]:
    """The figures, the most wanted first."""
    figures = [*facts.remarks, f"{facts.rate:,.1f}/s", _counted(facts.records, "record")]
    if facts.rejected:
        figures.append(f"{facts.rejected:,} rejected")
    if facts.subscriptions:
        figures.append(_counted(facts.subscriptions, "subscription"))
    minutes, seconds = divmod(int(facts.elapsed), 60)
    hours, minutes = divmod(minutes, 60)
    return [*figures, f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"]


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def hidden_rows(first: int, count: int, total: int) -> str:
    """What a window does not show: `+176 more ↓`, or the part shown once it is scrolled."""
    if total <= count:
        return ""
    return f"{first + 1}-{first + count} of {total:,} ↑↓" if first else f"+{total - count:,} more ↓"


def plain_ascii(text: str) -> str:
    """For terminals that know nothing else."""
    return text.translate(_ASCII).encode("ascii", "replace").decode()
