"""The L2 book: aggregated levels, from the items of `book` (protocol notes v2 §7.2, §9.1)."""

from msgspec import Raw

from krakencli.books.checked import Checked
from krakencli.books.decoding import decode_book
from krakencli.books.levels import Side
from krakencli.books.outcome import Outcome


class Book(Checked[Side]):
    """One symbol's price levels at a subscribed depth (levels a side, at least 1).

    With `verify=False` checksums are not looked at, and every verdict is UNVERIFIABLE.
    """

    __slots__ = ()

    def __init__(self, depth: int, *, precisions: tuple[int, int] | None = None, verify: bool = True) -> None:
        super().__init__(Side(-1), Side(1), depth, precisions=precisions, verify=verify)

    def apply(self, item: Raw | bytes, snapshot: bool) -> Outcome:
        """Take one element of a `book` frame's data; `snapshot` is whether the frame's type is that.

        After VERIFIED and UNVERIFIABLE the record may be emitted. After MISMATCH it may not: `pad` may still
        save it, `reject` gives it up. ValueError where it is malformed; the book is then BROKEN.
        """
        try:
            message = decode_book(item)
        except ValueError:
            self.reject()
            raise
        return self.take(message, snapshot)
