"""The sink of `subscriptions`: what is streamed is not shown, but how it comes, again and again."""

from collections.abc import Callable, Sequence
from typing import Any

from msgspec import Raw

from krakencli.feed import RawFrame
from krakencli.formatters.caption import Caption
from krakencli.model import News, Record
from krakencli.sinks import Sink

NAME = "subscriptions"
Look = Callable[[], list[dict[str, Any]]]
"""The status of every subscription at this moment."""


class Overview:
    """Shows what `look` says in `inner`, every so many seconds and once at the end, `count` records at most.

    `render` makes an item of a status, as `inner` wants it. `look` is set before the stream begins.
    """

    def __init__(
        self,
        inner: Sink,
        render: Callable[[dict[str, Any]], Raw],
        *,
        every: float,
        count: int | None = None,
    ) -> None:
        self.look: Look = list
        self._inner, self._render = inner, render
        self._every, self._left = every, count
        self._shown_at: float | None = None

    @property
    def takes_the_screen(self) -> bool:
        return self._inner.takes_the_screen

    def open(self) -> None:
        self._inner.open()

    def records(self, name: str, type_: str, records: Sequence[Record], sequence: int | None) -> None:
        """Counted by the pipeline, shown by nobody."""

    def frame(self, frame: RawFrame) -> None:
        """There are none."""

    def news(self, news: News) -> None:
        if news.type == "end":
            self._show()
        self._inner.news(news)

    def flush(self, now: float, caption: Callable[[], Caption]) -> None:
        if self._shown_at is None or now - self._shown_at >= self._every:
            self._shown_at = now
            self._show()
        self._inner.flush(now, caption)

    def wants_to_end(self) -> str:
        return "count" if self._left == 0 else self._inner.wants_to_end()

    def close(self) -> None:
        self._inner.close()

    def _show(self) -> None:
        found = self.look()[: self._left]
        if self._left is not None:
            self._left -= len(found)
        if found:
            self._inner.records(NAME, "update", [(None, self._render(one)) for one in found], None)
