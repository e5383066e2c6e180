"""Trades without holes: every trade once, in the order of ids; what stays missing is named. Sans I/O.

    item      what is read of a trade, and the mark of one that came otherwise
    news      what the keeper tells and wishes, in the order in which it happened
    series    one symbol: its next id, what is held, its holes and figures
    keeper    all symbols of a stream

Trades without ids, which API v1 has, are joined with REST's rows, which have them:

    matching    which trade is which row
    comparison  what a page of rows says of a stream
    join_news   what the keeper of these tells, wishes and is answered
    trail       how far REST was followed, and what was printed since
    owed        rows that were printed, should the stream bring them after all
    joining     what a joint is made of
    joint       one symbol: what is held after a loss, its join with REST, its figures
    joined      all symbols of a stream

They import `krakencli.model`, msgspec and the standard library. Nothing here knows a socket, a clock, REST or
an output format.
"""

from krakencli.continuity.join_news import Filled, Page, RowsWanted, Surplus, Told, Unaudited, Unjoined
from krakencli.continuity.joined import Joined
from krakencli.continuity.joining import JointFigures
from krakencli.continuity.keeper import FILL_TIMEOUT, Continuity
from krakencli.continuity.matching import Row
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
    "Filled",
    "Gap",
    "Joined",
    "JointFigures",
    "Malformed",
    "Out",
    "Page",
    "Restarted",
    "Row",
    "RowsWanted",
    "Surplus",
    "Told",
    "Unaudited",
    "Unjoined",
]
