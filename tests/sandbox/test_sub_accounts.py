"""`users=all`: a master account hears of its sub-accounts too, and of whom each item is."""

from __future__ import annotations

import pytest

from krakencli.sandbox.exchange import Exchange
from krakencli.sandbox.settings import DEMO_KEY, AccountSettings

from .traders import Trader, quiet_exchange, reports

SUB = AccountSettings.parse(f"SUB:c2VjcmV0:USD=1000,master={DEMO_KEY}")


@pytest.fixture
def exchange() -> Exchange:
    """The third account is the first one's sub-account, the second is a stranger."""
    return quiet_exchange(accounts=(SUB,))


def test_a_master_hears_of_its_own_orders_and_of_its_sub_accounts(exchange: Exchange) -> None:
    master = Trader(exchange, 1)
    strangers, sub = Trader(exchange, 2), Trader(exchange, 3)
    sub.add(limit_price=30000)
    (answer,) = master.subscribe("executions", users="all", snap_trades=True)
    assert answer["result"]["snapshot"] is False
    strangers.add(limit_price=30000)
    below = sub.add(limit_price=30001)
    own = master.add(limit_price=30002)
    told = [(one["order_id"], one["exec_type"], one["user"]) for one in reports(master.news() + master.said)]
    assert sorted(told) == sorted(
        (order, event, user)
        for order, user in ((below, "sandbox-3"), (own, "sandbox-1"))
        for event in ("pending_new", "new")
    )


def test_ledgers_say_whose_they_are(exchange: Exchange) -> None:
    master, sub = Trader(exchange, 1), Trader(exchange, 3)
    (answer,) = master.subscribe("balances", users="all")
    assert answer["result"] == {"channel": "balances", "snapshot": False}
    sub.add(order_type="market", order_qty=0.001)
    frames = master.news()
    assert [frame["sequence"] for frame in frames] == list(range(1, len(frames) + 1))
    assert {frame["data"][0]["user"] for frame in frames} == {"sandbox-3"}
    assert {frame["data"][0]["asset"] for frame in frames} == {"BTC", "USD"}


def test_without_it_an_account_hears_of_itself_alone(exchange: Exchange) -> None:
    master, sub = Trader(exchange, 1, "executions"), Trader(exchange, 3)
    sub.add(limit_price=30000)
    assert master.news() == []
    master.add(limit_price=30000)
    assert all("user" not in one for one in reports(master.frames))


def test_who_has_no_sub_accounts_may_ask_all_the_same(exchange: Exchange) -> None:
    sub = Trader(exchange, 3)
    sub.subscribe("executions", users="all")
    Trader(exchange, 1).add(limit_price=30000)
    assert sub.news() == []
    sub.ask("unsubscribe", {"channel": "executions", "token": sub.token})
    sub.add(limit_price=30000)
    assert reports(sub.frames) == []


def test_nothing_but_all_can_be_asked_for(exchange: Exchange) -> None:
    (answer,) = Trader(exchange).subscribe("executions", users="some")
    assert (answer["success"], answer["error"]) == (False, "Subscription users not supported")


def test_a_master_is_there_before_its_sub_accounts() -> None:
    with pytest.raises(ValueError, match="master"):
        quiet_exchange(accounts=(AccountSettings("SUB", "c2VjcmV0", (), master="NOBODY"),))
