"""Open orders merged from sparse reports; balances merged from snapshots and entries."""

import json
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from krakencli.account import Orders
from krakencli.account.holdings import Holdings, Wallet
from krakencli.account.report import read

from .kit import fill, order, time


def open_orders(*items: bytes) -> dict[str, dict[str, Any]]:
    orders = Orders()
    for item in items:
        orders.take(read(item))
    return {
        name: {key: json.loads(bytes(raw)) for key, raw in one.items()} for name, one in orders.open.items()
    }


def test_sparse_reports_are_merged() -> None:
    found = open_orders(
        order("O1", 1, "pending_new", symbol="BTC/USD", order_qty=2, limit_price=5),
        order("O1", 2, "new"),
        fill("T1", "O1", 3, cum_qty=1, order_status="partially_filled"),
        order("O1", 4, "amended", order_status="partially_filled", limit_price=6),
    )
    assert found["O1"] == {
        "order_id": "O1", "exec_type": "amended", "order_status": "partially_filled", "timestamp": time(4),
        "symbol": "BTC/USD", "order_qty": 2, "limit_price": 6, "cum_qty": 1,
    }  # fmt: skip


def test_an_order_is_opened_by_its_first_report() -> None:
    orders = Orders()
    for second, status in ((1, "pending_new"), (2, "new")):
        orders.take(read(order("O1", second, status)))
    assert orders.opened == {"O1": time(1)}


@pytest.mark.parametrize("status", ["filled", "canceled", "expired"])
def test_an_order_leaves_with_its_end_and_not_with_a_trade_that_says_so(status: str) -> None:
    assert set(open_orders(order("O1"), fill("T1", "O1", order_status="filled"))) == {"O1"}
    assert open_orders(order("O1"), order("O1", status=status)) == {}


def snap(asset: str, *wallets: tuple[str, str, str], balance: str) -> bytes:
    parts = ",".join(f'{{"type":"{t}","id":"{i}","balance":{b}}}' for t, i, b in wallets)
    return f'{{"asset":"{asset}","asset_class":"currency","wallets":[{parts}],"balance":{balance}}}'.encode()


def entry(
    asset: str, amount: str, fee: str, balance: str, place: tuple[str, str] = ("spot", "main")
) -> bytes:
    return (
        f'{{"ledger_id":"L","asset":"{asset}","wallet_type":"{place[0]}","wallet_id":"{place[1]}",'
        f'"amount":{amount},"fee":{fee},"balance":{balance}}}'
    ).encode()


def test_a_snapshot_names_the_wallets_and_entries_move_them() -> None:
    holdings = Holdings()
    holdings.take(
        "snapshot", snap("USD", ("spot", "main", "800.4943"), ("earn", "flex", "1.5"), balance="801.9943")
    )
    holdings.take("update", entry("USD", "-26.9240", "0.0673", "775.0030"))
    holdings.take("update", entry("BTC", "0.0004000000", "0.0000000000", "0.0004000000"))
    assert list(holdings.wallets()) == [
        Wallet("USD", "spot", "main", Decimal("773.5030"), Decimal("775.0030")),
        Wallet("USD", "earn", "flex", Decimal("1.5"), Decimal("775.0030")),
        Wallet("BTC", "spot", "main", Decimal("0.0004000000"), Decimal("0.0004000000")),
    ]


def test_an_asset_without_wallets_has_its_total() -> None:
    holdings = Holdings()
    holdings.take("snapshot", snap("KAR", balance="774.6366982600"))
    (wallet,) = holdings.wallets()
    assert wallet == Wallet("KAR", "", "", Decimal("774.6366982600"), Decimal("774.6366982600"))
    assert f"{wallet.balance:f}" == "774.6366982600"


def test_only_what_changed_is_new() -> None:
    holdings = Holdings()
    before = [snap("USD", ("spot", "main", "1.50"), balance="1.50"), snap("BTC", balance="2")]
    for item in before:
        holdings.take("snapshot", item)
    moved = [before[0], snap("BTC", balance="3"), snap("ETH", balance="1")]
    assert holdings.changed(map(Raw, before)) == []
    assert [bytes(item) for item in holdings.changed(map(Raw, moved))] == moved[1:]
    shifted = snap("USD", ("earn", "flex", "1.50"), balance="1.50")
    assert len(holdings.changed([Raw(shifted)])) == 1


@given(st.lists(st.tuples(st.integers(-(10**12), 10**12), st.integers(0, 10**6)), max_size=30))
def test_the_wallets_of_an_asset_sum_up_to_the_last_digit(moves: list[tuple[int, int]]) -> None:
    holdings, total = Holdings(), Decimal(0)
    holdings.take("snapshot", snap("USD", ("spot", "main", "0.0000"), balance="0.0000"))
    for amount, fee in moves:
        moved, cost = Decimal(amount).scaleb(-4), Decimal(fee).scaleb(-4)
        total += moved - cost
        holdings.take("update", entry("USD", f"{moved:f}", f"{cost:f}", f"{total:f}"))
    (wallet,) = holdings.wallets()
    assert wallet.balance == wallet.total == total


def test_what_is_no_balance_is_an_error() -> None:
    with pytest.raises(msgspec.DecodeError):
        Holdings().take("update", b'{"asset":"USD"}')
