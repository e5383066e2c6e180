"""Open orders, merged: reports are sparse, and each says only what is new (protocol notes v2 §11.1)."""

from collections.abc import Mapping

from msgspec import Raw

from krakencli.account.report import Report

Fields = Mapping[str, Raw]
_TOLD = ("order_status", "order_qty", "cum_qty", "limit_price", "display_qty", "triggers")
"""What of an open order may change while nobody listens."""
_OF_THE_FILL = frozenset(("exec_id", "trade_id", "last_qty", "last_price", "liquidity_ind", "cost", "fees"))
"""What belongs to one trade, not to the order."""


class Orders:
    """By order id: the merged fields, and the time of the first report that told of it. An order leaves with
    the report that ends it.
    """

    def __init__(self) -> None:
        self.open: dict[str, dict[str, Raw]] = {}
        self.opened: dict[str, str] = {}

    def take(self, report: Report) -> None:
        if report.ends:
            self.drop(report.order_id)
            return
        self.opened.setdefault(report.order_id, report.timestamp)
        known = self.open.setdefault(report.order_id, {})
        news = report.fields
        if report.fill is not None:
            news = {name: value for name, value in news.items() if name not in _OF_THE_FILL}
        known.update(news)

    def drop(self, order_id: str) -> None:
        """It is open no more."""
        self.open.pop(order_id, None)
        self.opened.pop(order_id, None)

    def differs(self, report: Report) -> bool:
        """Whether a snapshot's report of an open order says anything that is not known."""
        known = self.open.get(report.order_id)
        if known is None:
            return True
        news = report.fields
        return any(name in news and news[name] != known.get(name) for name in _TOLD)
