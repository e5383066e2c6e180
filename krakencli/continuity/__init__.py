"""Trades without holes: every trade once, in the order of ids; what stays missing is named. Sans I/O.

    item      what is read of a trade, and the mark of one that came otherwise
    news      what the keeper tells and wishes, in the order in which it happened
    series    one symbol: its next id, what is held, its holes and figures
    keeper    all symbols of a stream

They import `krakencli.model`, msgspec and the standard library. Nothing here knows a socket, a clock, REST or
an output format.
"""

from krakencli.continuity.keeper import FILL_TIMEOUT, Continuity
from krakencli.continuity.news import Backfilled, FillWanted, Gap, Malformed, Out, Restarted
from krakencli.continuity.series import HOLD_MOST, REORDERING, RESTARTED_AFTER, Figures

__all__ = [
    "FILL_TIMEOUT",
    "HOLD_MOST",
    "REORDERING",
    "RESTARTED_AFTER",
    "Backfilled",
    "Continuity",
    "Figures",
    "FillWanted",
    "Gap",
    "Malformed",
    "Out",
    "Restarted",
]
