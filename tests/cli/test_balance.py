"""`balance` as a program: what it asks, what it prints in each format, and what a refusal says."""

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from breadth import thinned

from .program import COMMAND, Ended, Program
from .server import Peer, Server
from .terminal import Terminal, plain

KEYS = {"KRAKEN_API_KEY": "k" * 56, "KRAKEN_API_SECRET": "c2VjcmV0" * 11}
BALANCES = {
    "XXBT": {"balance": "0.5000000000", "hold_trade": "0.1000000000"},
    "XXDG": {"balance": "0.0000000000", "hold_trade": "0.0000000000"},
    "ZUSD": {"balance": "20000000000000000.0001", "hold_trade": "0.0000"},
    "USDT.F": {"balance": "0.00000012", "hold_trade": "0.00000000"},
}
ASSETS = {"XXBT": {"altname": "XBT"}, "XXDG": {"altname": "XDG"}, "ZUSD": {"altname": "USD"}}


def rest(balances: Any = BALANCES, error: str = "") -> Callable[[Peer], None]:
    def answer(peer: Peer) -> None:
        result = ASSETS if peer.path == "/0/public/Assets" else balances
        peer.answer({"error": [error]} if error else {"error": [], "result": result})

    return answer


def shown(program: Program, *more: str, script: Callable[[Peer], None] | None = None) -> Ended:
    with Server(Peer.hang, rest=script or rest()) as server:
        ended = program.run("balance", *more, env={**KEYS, "KRAKEN_SPOT_URL": server.rest})
        assert server.peers[0].path == "/0/private/BalanceEx"
    return ended


def test_a_pipe_gets_what_is_there_digit_for_digit(program: Program) -> None:
    ended = shown(program)
    assert (ended.status, ended.err) == (0, "")
    assert ended.lines == [
        '{"asset":"BTC","balance":0.5000000000,"hold_trade":0.1000000000,"available":0.4000000000}',
        '{"asset":"USD","balance":20000000000000000.0001,"hold_trade":0.0000,"available":20000000000000000.0001}',
        '{"asset":"USDT.F","balance":0.00000012,"hold_trade":0.00000000,"available":0.00000012}',
    ]


def test_all_of_it(program: Program) -> None:
    records = shown(program, "--all", "--json").records
    assert [record["asset"] for record in records] == ["BTC", "DOGE", "USD", "USDT.F"]
    assert records[1]["available"] == "0.0000000000"


def test_csv(program: Program) -> None:
    rows = list(csv.reader(io.StringIO(shown(program, "-f", "csv").out)))
    assert rows[0] == ["asset", "balance", "hold_trade", "available"]
    assert rows[1] == ["BTC", "0.5000000000", "0.1000000000", "0.4000000000"]
    assert len(rows) == 4


def test_a_credit_line_has_columns_of_its_own(program: Program) -> None:
    lent = {"ZUSD": {"balance": "1.0", "hold_trade": "0.5", "credit": "10.00", "credit_used": "2.00"}}
    (line,) = shown(program, script=rest(lent)).lines
    assert line == (
        '{"asset":"USD","balance":1.0,"hold_trade":0.5,"available":8.50,"credit":10.00,"credit_used":2.00}'
    )
    table = shown(program, "-f", "table", script=rest(lent)).lines
    assert table[0].split("  ") == ["asset", "balance", "hold trade", "available", "credit", "credit used"]


def test_a_terminal_gets_a_table(program: Program) -> None:
    with Server(Peer.hang, rest=rest()) as server, Terminal(program) as terminal:
        terminal.start([*COMMAND, "balance"], env={**KEYS, "KRAKEN_SPOT_URL": server.rest})
        ended = terminal.ended()
    assert ended.status == 0
    assert plain(ended.out).splitlines() == [
        "asset                  balance    hold trade               available",
        "BTC               0.5000000000  0.1000000000            0.4000000000",
        "USD     20000000000000000.0001        0.0000  20000000000000000.0001",
        "USDT.F              0.00000012    0.00000000              0.00000012",
    ]


@pytest.mark.parametrize(
    ("script", "status", "words"),
    thinned(
        [
            (rest(error="EGeneral:Permission denied"), 77, "give the key the right 'Funds – Query'"),  # noqa: RUF001
            (rest(error="EAPI:Invalid signature"), 77, "check KRAKEN_API_SECRET"),
            (rest(error="EGeneral:Invalid arguments"), 70, "BalanceEx was refused"),
            (rest("nonsense"), 76, "BalanceEx was answered in an unknown form"),
        ],
        5,
    ),
)
@pytest.mark.parametrize("more", [(), ("--json",), ("-f", "jsonl")])
def test_what_goes_wrong_is_one_line(
    program: Program, script: Callable[[Peer], None], status: int, words: str, more: tuple[str, ...]
) -> None:
    ended = shown(program, *more, script=script)
    assert (ended.status, ended.out) == (status, "")
    assert words in ended.error
    assert ended.error.startswith("{" if more else "kraken-stream: ")


def test_without_keys_nothing_is_asked(program: Program) -> None:
    with Server(Peer.hang) as server:
        ended = program.run("balance", env={"KRAKEN_SPOT_URL": server.rest})
        assert server.peers == []
    assert ended.status == 78
    assert "KRAKEN_API_KEY and KRAKEN_API_SECRET are not set" in ended.error
