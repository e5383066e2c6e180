"""What happens on an account, without holes: every fill once, every order's end told. Sans I/O.

    report    one report of `executions`, read as far as it is needed
    known     what was told already: fills and ends, each once
    orders    open orders, merged from their sparse reports
    news      what the follower tells and wishes, in the order in which it happened
    terms     what a follower is asked for, is given, and counts
    follower  one subscription over all its connections: sequence, snapshots, what was missed
    holdings  balances of assets and wallets, merged from snapshots and ledger entries

They import `krakencli.model`, msgspec and the standard library. Nothing here knows a socket, a clock, REST or
an output format.
"""

from krakencli.account.follower import Follower
from krakencli.account.news import (
    Backfilled,
    Gap,
    History,
    HistoryWanted,
    Malformed,
    Out,
    SequenceBroken,
    Unsettled,
)
from krakencli.account.orders import Orders
from krakencli.account.terms import Wants

__all__ = [
    "Backfilled",
    "Follower",
    "Gap",
    "History",
    "HistoryWanted",
    "Malformed",
    "Orders",
    "Out",
    "SequenceBroken",
    "Unsettled",
    "Wants",
]
