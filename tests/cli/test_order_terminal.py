"""`order` before a person: questions, tables, and Ctrl-C while an answer is awaited."""

import json
import signal
from pathlib import Path

import pytest

from .program import COMMAND, Program
from .terminal import Terminal, plain
from .trader import ORDER_ID, OTHER_ID, Trader, silent

ADD = ("order", "add", "buy", "0.01", "BTC/USD")


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ((*ADD, "--price", "67310.0"), "BUY 0.01 BTC of BTC/USD, limit, price 67310.0, value 673.1 USD"),
        ((*ADD, "-t", "market"), "market, value about 673.1 USD (last trade at 67310.0)"),
        ((*ADD, "-t", "market", "--cash"), "BUY 0.01 USD of BTC/USD, market, value 0.01 USD"),
        (("order", "cancel-all"), "CANCEL ALL open orders"),
        (("order", "cancel-after", "60"), "CANCEL ALL orders in 60 s"),
        (("order", "edit", OTHER_ID, "BTC/USD", "--price", "5.0"), "price 5.0, value 0.05 USD"),
    ],
)  # fmt: skip
def test_no_sends_nothing(program: Program, words: tuple[str, ...], shown: str) -> None:
    with Trader() as trader, Terminal(program, columns=140) as terminal:
        trader.place({"limit_price": "4.0", "order_qty": "0.01"}, OTHER_ID)
        check = ("--no-check",) if "--cash" in words else ()
        terminal.start([*COMMAND, *words, *check], env=trader.environ)
        terminal.shows("[y/N]")
        assert shown in plain(terminal.text)
        terminal.type("\n")
        ended = terminal.ended()
        assert "nothing was sent" in plain(ended.out)
        assert (ended.status, trader.requests) == (2, [])


def test_yes_sends_it_and_shows_a_table(program: Program) -> None:
    with Trader() as trader, Terminal(program) as terminal:
        terminal.start([*COMMAND, *ADD, "--price", "67310.0"], env=trader.environ)
        terminal.shows("[y/N]")
        terminal.type("y\n")
        ended = terminal.ended()
    text = plain(ended.out)
    assert ended.status == 0
    assert f"order id     {ORDER_ID}" in text
    assert "outcome      placed" in text
    assert trader.methods == ["add_order"]


def test_a_batch_is_shown_order_by_order(program: Program, tmp_path: Path) -> None:
    file = tmp_path / "orders.jsonl"
    file.write_text('{"side":"buy","order_type":"limit","order_qty":0.001,"limit_price":66000.0}\n' * 2)
    rows = [{"order_id": ORDER_ID}, {"order_id": OTHER_ID}]
    with Terminal(program) as terminal, Trader(lambda t, p, r: t.answer(p, r, rows)) as trader:
        terminal.start([*COMMAND, "order", "batch-add", "BTC/USD", str(file)], env=trader.environ)
        terminal.shows("[y/N]")
        assert plain(terminal.text).count("BUY 0.001 BTC of BTC/USD, limit, price 66000.0, value 66 USD") == 2
        terminal.type("yes\n")
        ended = terminal.ended()
    assert ended.status == 0
    assert plain(ended.out).splitlines()[-2:] == [f"placed   {ORDER_ID}", f"placed   {OTHER_ID}"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_at_the_question_sends_nothing(program: Program, number: int) -> None:
    with Trader() as trader, Terminal(program) as terminal:
        terminal.start([*COMMAND, *ADD, "--price", "67310.0"], env=trader.environ)
        terminal.shows("[y/N]")
        terminal.running.signal(number)
        assert (terminal.ended().status, trader.requests) == (128 + number, [])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_the_answer_is_awaited_says_that_nothing_is_known(
    program: Program, number: int
) -> None:
    sent: list[object] = []
    with Trader(lambda trader, peer, request: sent.append(request)) as trader:
        running = program.start(*ADD, "--price", "67310.0", "--yes", "--json", "-vv", env=trader.environ)
        running.says('"method":"add_order"')
        running.signal(number)
        ended = running.ended()
    result = json.loads(ended.out)
    assert (ended.status, result["outcome"]) == (128 + number, "unknown")
    assert result["cl_ord_id"]
    assert ended.seconds < 5


def test_frames_are_shown_masked(program: Program) -> None:
    with Trader() as trader:
        ended = trader.run(program, *ADD, "--price", "67310.0", "--yes", "-vv")
    assert ended.status == 0
    assert '> {"method":"add_order"' in ended.err
    assert '"token":"***"' in ended.err
    assert '< {"method":"add_order"' in ended.err


def test_a_person_hears_that_it_is_looked_up(program: Program) -> None:
    with Trader(silent) as trader:
        ended = trader.lose(program, *ADD, "--price", "67310.0", "--yes")
    assert ended.status == 70
    first, second = ended.err.splitlines()
    assert "looking it up" in first
    assert "add_order: not placed" in second
