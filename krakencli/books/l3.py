"""The L3 book: every order in its queue, from the items of `level3` (protocol notes v2 §8, §9.2)."""

from msgspec import Raw

from krakencli.books.checked import Checked
from krakencli.books.decoding import decode_level3
from krakencli.books.outcome import Outcome
from krakencli.books.queues import QueueSide


class OrderBook(Checked[QueueSide]):
    """One symbol's resting orders at a subscribed depth (price levels a side, at least 1).

    With `verify=False` checksums are not looked at, and every verdict is UNVERIFIABLE.
    """

    __slots__ = ()

    def __init__(self, depth: int, *, precisions: tuple[int, int] | None = None, verify: bool = True) -> None:
        super().__init__(QueueSide(-1), QueueSide(1), depth, precisions=precisions, verify=verify)

    def apply(self, item: Raw | bytes, snapshot: bool) -> Outcome:
        """Take one element of a `level3` frame's data; `snapshot` is whether the frame's type is that.

        After VERIFIED and UNVERIFIABLE the record may be emitted. After MISMATCH it may not: `pad` may still
        save it, `reject` gives it up. ValueError where it is malformed; the book is then BROKEN.
        """
        try:
            message = decode_level3(item)
        except ValueError:
            self.reject()
            raise
        return self.take(message, snapshot)
