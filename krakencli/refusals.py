"""Subscriptions that the exchange refused for good: gathered over a batch, then borne or the stream's end."""

from collections.abc import Callable

from krakencli.errors import RejectedError
from krakencli.model import News
from krakencli.protocol.messages import printable

REASON = 200
"""Characters of the exchange's words at most; its longest known ones have ninety."""


class Refusals:
    """`suggest` finds "did you mean" for symbols that the exchange does not know."""

    def __init__(self, suggest: Callable[[list[str]], str], *, keep_going: bool) -> None:
        self._suggest, self._keep_going = suggest, keep_going
        self._refused: list[News] = []

    def hear(self, news: News) -> None:
        """Keep a refusal that is final."""
        if news.type == "rejected" and "subscription" in news.fields and not news.fields["again"]:
            self._refused.append(news)

    def settle(self, *, others: bool) -> str:
        """What is to be said of the refusals since the last time, "" for nothing; `others` says whether
        anything else is streamed. Raises RejectedError where they end the stream.
        """
        if not self._refused:
            return ""
        refused, self._refused = self._refused, []
        names = [str(news.fields.get("symbol") or news.fields["subscription"]) for news in refused]
        reasons = (printable(str(news.fields["reason"]).encode(), REASON) for news in refused)
        words = "; ".join(dict.fromkeys(map("{}: {}".format, names, reasons)))
        if self._keep_going and others:
            return f"the exchange refused {words}; going on with the others"
        hint = self._suggest([str(news.fields["symbol"]) for news in refused if _unknown_symbol(news)])
        going_on = "--keep-going streams the others" if others else ""
        raise RejectedError(
            f"the exchange refused {words}", suggestion="; ".join(filter(None, (hint, going_on)))
        )


def _unknown_symbol(rejected: News) -> bool:
    """Whether a refusal is about the symbol's name (protocol notes v2 §5.2)."""
    return "symbol" in rejected.fields and "currency pair" in str(rejected.fields["reason"]).lower()
