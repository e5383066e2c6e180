"""What `balance` prints: holdings as a table, CSV or JSON lines, every figure with the digits that it has."""

import csv
import io
import json
from collections.abc import Callable, Sequence

from krakencli.formatters.columns import aligned
from krakencli.rest.balances import Holding

FIELDS = ("asset", "balance", "hold_trade", "available")
CREDIT = ("credit", "credit_used")


def _rows(holdings: Sequence[Holding]) -> list[list[str]]:
    """A head and a row for each; columns of credit where anybody has any."""
    fields = (*FIELDS, *CREDIT) if any(one.credit for one in holdings) else FIELDS
    return [list(fields), *([getattr(one, field) for field in fields] for one in holdings)]


def _table(holdings: Sequence[Holding]) -> str:
    head, *rows = _rows(holdings)
    table = [[name.replace("_", " ") for name in head], *rows]
    return "\n".join(aligned(table, right=range(1, len(head)))) + "\n"


def _csv(holdings: Sequence[Holding]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(_rows(holdings))
    return text.getvalue()


def _jsonl(holdings: Sequence[Holding]) -> str:
    """Figures are numbers, as in the records of streams: the texts stand unquoted, no float in between."""
    return "".join(_record(one) + "\n" for one in holdings)


def _record(holding: Holding) -> str:
    fields = (*FIELDS[1:], *(CREDIT if holding.credit else ()))
    figures = (f'"{field}":{_number(getattr(holding, field))}' for field in fields)
    return f'{{"asset":{json.dumps(holding.asset)},{",".join(figures)}}}'


def _number(figure: str) -> str:
    """As JSON takes it: without zeros in front."""
    sign, digits = ("-", figure[1:]) if figure.startswith("-") else ("", figure)
    whole, dot, decimals = digits.partition(".")
    return f"{sign}{whole.lstrip('0') or '0'}{dot}{decimals}"


FORMATS: dict[str, Callable[[Sequence[Holding]], str]] = {"table": _table, "csv": _csv, "jsonl": _jsonl}
