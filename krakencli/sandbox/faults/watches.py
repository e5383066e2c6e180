"""Who touches the frames of one book or level3 subscription as they pass.

These watches are given the frames of the fault's channel and symbol only, while the market is as after that
frame.
"""

from __future__ import annotations

from collections.abc import Callable

from krakencli.sandbox.book import Book
from krakencli.sandbox.faults.frame import BookFrame, counts
from krakencli.sandbox.faults.watch import Post, Watch
from krakencli.sandbox.shortage import Shortage

OneRule = Callable[[BookFrame, Book], list[str] | None]
"""What goes out in the place of a frame; None when there is nothing in it to touch."""
TwoRule = Callable[[str, str], list[str]]
"""What goes out in the place of an update and the one that follows it."""


class BookWatch(Watch):
    """Decodes what it is shown. Of several depths of one book, which v1 knows, it minds the first."""

    def __init__(self, post: Post) -> None:
        super().__init__(post)
        self._market = post.market()
        self._book = self._market.book
        self._channel: str | None = None

    def take(self, text: str) -> list[str]:
        """What goes out in the place of a frame."""
        frame = self.post.speech.book(text)
        if frame is None:
            return [text]
        self._channel = self._channel or frame.channel
        return self._take(frame) if frame.channel == self._channel else [text]

    def release(self) -> list[str]:
        """The next subscription may have another depth."""
        self._channel = None
        return []

    def _take(self, frame: BookFrame) -> list[str]:
        raise NotImplementedError


class OneFrame(BookWatch):
    """Touches single frames, as its rule says."""

    def __init__(self, rule: OneRule, post: Post) -> None:
        super().__init__(post)
        self._rule = rule
        self._has_begun = post.fault.on == "snapshot"

    def _take(self, frame: BookFrame) -> list[str]:
        """Touches it if it suits and its turn has come."""
        has_begun, self._has_begun = self._has_begun, True
        if not (has_begun and self.post.left and frame.kind == self.post.fault.on):
            return [frame.text]
        sent = self._rule(frame, self._book)
        if sent is None or not self.post.suits():
            return [frame.text]
        self.post.delivered(frame.text, sent)
        return sent


class TwoFrames(BookWatch):
    """Holds an update back until the next one comes, and sends of the two what its rule says.

    Chosen is an update that changed the checksum, and of which something stays that the next one does not say
    anew; otherwise both go out as they are, and the next one is held.
    """

    def __init__(self, rule: TwoRule, post: Post) -> None:
        super().__init__(post)
        self._rule = rule
        self._checksum: int | None = None
        self._held: BookFrame | None = None

    @property
    def is_over(self) -> bool:
        """Not while it holds one back."""
        return super().is_over and self._held is None

    def _take(self, frame: BookFrame) -> list[str]:
        """Decides on the update that is held, and holds this one if it may be the next to be touched."""
        before, self._checksum = self._checksum, frame.checksum
        held, self._held = self._held, None
        if held is not None and frame.kind == "update" and self._is_due(held, frame):
            sent = self._rule(held.text, frame.text)
            self.post.delivered(held.text, sent)
            return sent
        if self.post.left and frame.kind == "update" and before not in {None, frame.checksum}:
            self._held = frame
        sent = [] if held is None else [held.text]
        return sent if self._held else [*sent, frame.text]

    def release(self) -> list[str]:
        """The update that is held, untouched."""
        held, self._held = self._held, None
        return [*super().release(), *([] if held is None else [held.text])]

    def _is_due(self, held: BookFrame, frame: BookFrame) -> bool:
        anew = frame.last_words()
        stays = (entry for name, entry in held.last_words().items() if name not in anew)
        return self.post.left > 0 and any(counts(entry, self._book) for entry in stays) and self.post.suits()


class MarketState(BookWatch):
    """Brings the market into the fault's state, and out of it again when `times` frames have shown it.

    On updates the event after the frame `at - 1` does it, so that the frame `at` tells it; for snapshots the
    market is in it from the moment that the fault is set (see `desk`).
    """

    def __init__(self, post: Post) -> None:
        super().__init__(post)
        self._updates: int | None = None

    def _take(self, frame: BookFrame) -> list[str]:
        """Sends it as it is: it is true."""
        state = self.post.task.state
        if self.post.left and state is not None:
            self._updates = 0 if self._updates is None else self._updates + (frame.kind == "update")
            self._follow(frame, state)
        return [frame.text]

    def _follow(self, frame: BookFrame, state: Shortage) -> None:
        fault = self.post.fault
        if self._market.shortage is not state:
            if (self._updates or 0) >= fault.at - 1:
                self._market.shortage = state
        elif frame.kind == fault.on and state.shows(self._market.book):
            self.post.delivered(frame.text, [frame.text])
            if not self.post.left:
                self._market.shortage = None
