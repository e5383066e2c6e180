"""One subscription to `executions` or `balances` (protocol notes v2 §11); it counts its messages."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TypeVar

from krakencli.sandbox.exchange import Exchange
from krakencli.sandbox.numbers import text
from krakencli.sandbox.refused import RefusedError
from krakencli.sandbox.trading import ledger, reports
from krakencli.sandbox.trading.account import Account, Entry, Report
from krakencli.sandbox.v2_params import Params

Told = TypeVar("Told")

_SNAPSHOT_TRADES = 50
_LIFE = ("pending_new", "amended", "restated", "status", "iceberg_refill")
_WARNINGS = [
    "cancel_reason is deprecated, use reason",
    "stop_price is deprecated, use triggers.price",
    "trigger is deprecated use triggers.reference",
    "triggered_price is deprecated use triggers.last_price",
]
_FLAGS = {
    "executions": {
        "snap_orders": True,
        "snap_trades": False,
        "order_status": True,
        "ratecounter": False,
        "rebased": True,
        "snapshot": True,
        "snapshot_trades": False,
    },
    "balances": {"snapshot": True, "rebased": True},
}


class PrivateFeed:
    """One subscription. `begin` sends its snapshot, if it wants one, and lets the updates follow."""

    def __init__(
        self, exchange: Exchange, account: Account, params: Params, send: Callable[[str], None]
    ) -> None:
        """Raises RefusedError for parameters that the channel has not."""
        self.channel: str = params["channel"]
        self.account = account
        self._listing = exchange.listing
        self._send = send
        self._sequence = 0
        self._options = _read(params)
        self._is_for_all = "users" in params
        self._accounts = exchange.desk.family(account) if self._is_for_all else [account]
        self._leaving: list[Callable[[], None]] = []

    def result(self) -> dict[str, object]:
        """What the acknowledgement says."""
        options = self._options
        if self.channel == "balances":
            return {"channel": "balances", "snapshot": options["snapshot"] and not self._is_for_all}
        orders, trades = options["snap_orders"], options["snap_trades"]
        return {
            "channel": "executions",
            "maxratecount": self.account.limits.trading,
            "snap_orders": orders,
            "snap_trades": trades,
            "snapshot": (orders or trades) and not self._is_for_all,
            "warnings": _WARNINGS,
        }

    def begin(self) -> None:
        """Sends the snapshot, and follows the account from there."""
        if self.result()["snapshot"]:
            self._tell("snapshot", self._snapshot())
        for one in self._accounts:
            if self.channel == "balances":
                self._join(one.bookers, partial(self._book, one))
            else:
                self._join(one.reporters, partial(self._report, one))

    def leave(self) -> None:
        """Ends what `begin` began; harmless when it never did."""
        for leave in self._leaving:
            leave()
        self._leaving.clear()

    def _join(self, listeners: list[Callable[[Told], None]], listener: Callable[[Told], None]) -> None:
        listeners.append(listener)
        self._leaving.append(partial(listeners.remove, listener))

    def _snapshot(self) -> list[str]:
        if self.channel == "balances":
            return ledger.snapshot(self.account, self._listing)
        orders = [reports.snapshot(order) for order in self.account.open.values()]
        newest = reversed(self.account.trades[-_SNAPSHOT_TRADES:])
        trades = [reports.past_trade(one) for one in newest]
        return (orders if self._options["snap_orders"] else []) + (
            trades if self._options["snap_trades"] else []
        )

    def _book(self, account: Account, entry: Entry) -> None:
        self._tell("update", [self._with_user(account, ledger.update(entry, self._listing))])

    def _report(self, account: Account, report: Report) -> None:
        if report.event in _LIFE and not self._options["order_status"]:
            return
        told = report.text
        if self._options["ratecounter"]:
            told = f'{told[:-1]},"ratecount":{text(report.hundredths, 2)}}}'
        self._tell("update", [self._with_user(account, told)])

    def _with_user(self, account: Account, told: str) -> str:
        """Whose item it is stands in it where it could be several accounts' (v2 §11)."""
        return f'{told[:-1]},"user":"{account.user}"}}' if self._is_for_all else told

    def _tell(self, kind: str, items: Iterable[str]) -> None:
        self._sequence += 1
        self._send(
            f'{{"channel":"{self.channel}","type":"{kind}","data":[{",".join(items)}],'
            f'"sequence":{self._sequence}}}'
        )


def _read(params: Params) -> dict[str, bool]:
    channel = params["channel"]
    flags = _FLAGS[channel]
    for name, value in params.items():
        if name in flags and not isinstance(value, bool):
            raise RefusedError(f"{name.capitalize()} field must be a boolean")
        if name not in {*flags, "channel", "token", "users"}:
            raise RefusedError(f"Unsupported field: '{name}' for the given msg type: subscribe")
    if params.get("users", "all") != "all":
        raise RefusedError("Subscription users not supported")
    options = {**flags, **{name: params[name] for name in flags if name in params}}
    for old, new in (("snapshot", "snap_orders"), ("snapshot_trades", "snap_trades")):
        if channel == "executions" and old in params and new not in params:
            options[new] = params[old]
    return options
