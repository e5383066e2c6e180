"""Order books that verify themselves, L2 and L3. Sans I/O: items in, outcomes out; prices are never floats.

    digits               a number's text: what it spells, what a checksum takes of it
    ladder               sorted keys with bisection: what the sides of both books share
    levels, queues       a side of L2, a side of L3
    checksum, outcome    the CRC32; the verdict on a message, the state of a book
    decoding             items from their text
    checked -> l2, l3    the law of snapshots, updates, depth and padding; the two books
    summary              best prices, spread, mid, imbalance, cumulative sizes
    views                records made from a book: best prices, whole ladder, queues
    trust, pane          how far to believe a book, and a book to look at
    kept -> keeper       one symbol's failures and recoveries; all books of a stream
    news                 what the keeper tells

They import `krakencli.model`, msgspec and the standard library at most. Nothing here knows a socket, a clock,
a subscription or an output format.
"""

from krakencli.books.decoding import BookItem, Level3Item, decode_book, decode_level3
from krakencli.books.l2 import Book
from krakencli.books.l3 import OrderBook
from krakencli.books.outcome import Outcome, State, Verdict
from krakencli.books.queues import Order, Queue
from krakencli.books.summary import Rung, Top, rungs

__all__ = [
    "Book",
    "BookItem",
    "Level3Item",
    "Order",
    "OrderBook",
    "Outcome",
    "Queue",
    "Rung",
    "State",
    "Top",
    "Verdict",
    "decode_book",
    "decode_level3",
    "rungs",
]
