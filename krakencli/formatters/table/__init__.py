"""Tables for people: a live one that owns the terminal, and plain rows for everything else.

The only part of the program that imports rich, and only when a table is asked for.
"""

from krakencli.formatters.table.grid import Grid
from krakencli.formatters.table.ladders import Ladders
from krakencli.formatters.table.live import LiveTable, can_draw
from krakencli.formatters.table.merged import Merged
from krakencli.formatters.table.plain import PlainTable
from krakencli.formatters.table.stack import Stack

__all__ = ["Grid", "Ladders", "LiveTable", "Merged", "PlainTable", "Stack", "can_draw"]
