"""`order batch-add` as a process: lines in, one request, each order's own fate out."""

import json
import subprocess
from typing import Any

import pytest
from breadth import thinned

from .program import Ended, Program
from .server import Peer
from .trader import LOST, ORDER_ID, OTHER_ID, TOKEN, Plan, Request, Trader, cut, refused, silent, then

LINES = """
{"side":"buy","order_type":"limit","order_qty":0.00100000,"limit_price":66000.0}

{"side":"sell","order_type":"limit","order_qty":"0.002","limit_price":69000.0,"order_userref":2,"stp_type":"cancel_both"}
"""
IDS = (ORDER_ID, OTHER_ID)


def batch(trader: Trader, program: Program, *more: str, lines: str = LINES, lost: bool = False) -> Ended:
    words = ("order", "batch-add", "BTC/USD", "--json", "--yes", *more)
    settings: dict[str, Any] = {"env": trader.environ, "stdin": subprocess.PIPE}
    running = program.hurried(0.1, *words, *LOST, **settings) if lost else program.start(*words, **settings)
    assert running.process.stdin is not None
    running.process.stdin.write(lines.encode())
    running.process.stdin.close()
    return trader.discreet(running)


def placed(*which: int) -> Plan:
    def plan(trader: Trader, _peer: Peer, request: Request) -> None:
        for index in which:
            trader.place(request["params"]["orders"][index], IDS[index])

    return plan


def answered(*rows: dict[str, Any]) -> Plan:
    return lambda trader, peer, request: trader.answer(peer, request, list(rows))


def test_a_batch_is_one_request(program: Program) -> None:
    with Trader(answered({"order_id": ORDER_ID}, {"order_id": OTHER_ID, "order_userref": 2})) as trader:
        ended = batch(trader, program)
    assert (ended.status, ended.err) == (0, "")
    assert trader.methods == ["batch_add"]
    params = trader.requests[0]["params"]
    name = params["orders"][0].pop("cl_ord_id")
    assert len(name) == 32
    del params["deadline"]
    assert params == {
        "symbol": "BTC/USD",
        "orders": [
            {"order_type": "limit", "side": "buy", "order_qty": "0.00100000", "limit_price": "66000.0"},
            {
                "order_type": "limit", "side": "sell", "order_qty": "0.002", "limit_price": "69000.0",
                "order_userref": 2, "stp_type": "cancel_both",
            },
        ],
        "token": TOKEN,
    }  # fmt: skip
    result = json.loads(ended.out)
    assert result["outcome"] == "placed"
    assert [row["order_id"] for row in result["orders"]] == [ORDER_ID, OTHER_ID]


def test_orders_fall_alone(program: Program) -> None:
    with Trader(answered({"order_id": ORDER_ID}, {"error": "EOrder:Insufficient funds"})) as trader:
        ended = batch(trader, program)
    result = json.loads(ended.out)
    assert (ended.status, result["outcome"]) == (70, "partly_placed")
    assert [row["outcome"] for row in result["orders"]] == ["placed", "not_placed"]
    assert "EOrder:Insufficient funds" in json.loads(ended.error)["message"]


def test_a_batch_is_refused_as_a_whole(program: Program) -> None:
    with Trader(refused("EGeneral:Invalid arguments:volume minimum not met")) as trader:
        ended = batch(trader, program)
    assert (ended.status, json.loads(ended.out)["outcome"]) == (70, "not_placed")


@pytest.mark.parametrize(
    ("plan", "outcome", "status"),
    [
        (then(placed(0, 1), cut), "placed", 0),
        (placed(0, 1), "placed", 0),
        (placed(1), "partly_placed", 70),
        (cut, "not_placed", 70),
        (silent, "not_placed", 70),
    ],
    ids=["placed, cut", "placed, silent", "one of two", "cut", "silent"],
)
def test_a_lost_answer_is_looked_up(program: Program, plan: Plan, outcome: str, status: int) -> None:
    with Trader(plan) as trader:
        ended = batch(trader, program, lost=True)
    result = json.loads(ended.out)
    assert (ended.status, result["outcome"], result["looked_up"]) == (status, outcome, True)
    assert trader.methods == ["batch_add"]


def test_twins_are_not_taken_for_one_another(program: Program) -> None:
    """Two equal orders of one userref, one of them placed."""
    line = '{"side":"buy","order_type":"limit","order_qty":0.001,"limit_price":66000.0,"order_userref":3}\n'
    with Trader(placed(0)) as trader:
        ended = batch(trader, program, lines=line * 2, lost=True)
    assert json.loads(ended.out)["outcome"] == "partly_placed"


def test_the_exchange_checks_it(program: Program) -> None:
    with Trader(answered({}, {})) as trader:
        ended = batch(trader, program, "--validate")
    assert (ended.status, json.loads(ended.out)["outcome"]) == (0, "valid")
    assert trader.requests[0]["params"]["validate"] is True


GOOD = '{"side":"buy","order_type":"limit","order_qty":0.001,"limit_price":66000.0}\n'
HEAD = GOOD + '{"side":"buy","order_type":"limit","order_qty":1'


@pytest.mark.parametrize(
    ("lines", "said"),
    thinned([
        ("", "2 to 15 orders, and these are 0"),
        (GOOD, "these are 1"),
        (GOOD * 16, "these are 16"),
        (GOOD + "nonsense\n", "line 2: this is no JSON"),
        (GOOD + "[1]\n", "line 2: this is no JSON object"),
        (HEAD + ',"limit_price":1e5}\n', "line 2: limit_price"),
        (HEAD + ',"price":1}\n', "'price' belongs to no order"),
        (HEAD + ',"side":"sell"}\n', "'side' stands there twice"),
        (GOOD + '{"side":"up","order_type":"limit","order_qty":1}\n', "side is 'up'"),
        (GOOD + '{"order_type":"limit","order_qty":1}\n', "side is missing"),
        (GOOD + '{"side":"buy","order_type":"limit","limit_price":1}\n', "either order_qty or cash"),
        (HEAD + '}\n', "order 2: a limit order needs a price"),
        (GOOD + '{"side":"buy","order_type":"limit","order_qty":true,"limit_price":1}\n', "order_qty"),
        (HEAD + ',"limit_price":1,"post_only":1}\n', "true or false"),
        (HEAD + ',"limit_price":1,"order_userref":1.5}\n', "whole number"),
        (HEAD + ',"limit_price":1,"triggers":5}\n', "no object"),
        (HEAD + ',"limit_price":66000.05}\n', "order 2: the price 66000.05"),
        (GOOD.replace("}", ',"cl_ord_id":"a"}') * 2, "same cl_ord_id"),
    ], 6),
)  # fmt: skip
def test_mistakes_name_the_line(program: Program, lines: str, said: str) -> None:
    with Trader() as trader:
        ended = batch(trader, program, lines=lines)
    error = json.loads(ended.error)
    assert (ended.status, trader.requests) == (2, [])
    assert said in error["message"] + error["suggestion"]


def test_a_file_and_a_rehearsal(program: Program, tmp_path: Any) -> None:
    file = tmp_path / "orders.jsonl"
    file.write_text(GOOD * 2)
    words = ("order", "batch-add", "BTC/USD", str(file), "--dry-run", "--no-check")
    ended = program.run(*words)
    assert (ended.status, ended.err) == (0, "")
    orders = json.loads(ended.out)["params"]["orders"]
    assert len({order["cl_ord_id"] for order in orders}) == 2


def test_nobody_is_asked_in_a_script(program: Program) -> None:
    ended = program.run("order", "batch-add", "BTC/USD")
    assert ended.status == 2
    assert "--yes" in ended.error
