"""Orders against the embedded exchange, which shares no code with the client: placed, changed, gone."""

import json
import signal
import subprocess
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from breadth import thinned

from .program import Ended, Program, eventually

FAR = "30000.0"
"""A price at which nothing trades."""
SOON = (datetime.now(UTC) + timedelta(days=7)).isoformat()


class Desk:
    """One account at a served sandbox, and what it says over REST."""

    def __init__(self, program: Program, rest: str) -> None:
        self._program, self.rest = program, rest

    def run(self, *words: str, lines: str = "") -> Ended:
        words = (*words, "--json", "--sandbox-url", self.rest)
        running = self._program.start("order", *words, stdin=subprocess.PIPE)
        assert running.process.stdin is not None
        running.process.stdin.write(lines.encode())
        running.process.stdin.close()
        return running.ended()

    def done(self, *words: str, lines: str = "") -> dict[str, Any]:
        """The result of a command that succeeds."""
        ended = self.run(*words, lines=lines)
        assert (ended.status, ended.err) == (0, "")
        result: dict[str, Any] = json.loads(ended.out, parse_float=str)
        return result

    def add(self, *words: str) -> dict[str, Any]:
        return self.done("add", "buy", "0.00100000", "BTC/USD", "--price", FAR, "--yes", *words)


def served(program: Program, *more: str) -> Desk:
    """A sandbox of its own for each test: REST counts an account's calls."""
    running = program.start("sandbox", "--rate", "50", "--seed", "7", *more)
    return Desk(program, running.record()["rest"])


@pytest.fixture
def desk(program: Program) -> Desk:
    return served(program)


@pytest.mark.parametrize("via", thinned(["ws", "rest"], 1))
def test_the_life_of_an_order(desk: Desk, via: str) -> None:
    order = desk.add("--via", via, "--post-only")
    assert (order["outcome"], order["limit_price"]) == ("placed", FAR)
    name = order["cl_ord_id"]
    changed = desk.done("amend", name, "--price", "30001.0", "--qty", "0.002", "--via", via)
    assert changed["outcome"] == "amended"
    gone = desk.done("cancel", order["order_id"], "--via", via)
    assert gone["outcome"] == "canceled"
    again = desk.done("cancel", order["order_id"], "--via", via)
    assert (again["outcome"], again["looked_up"]) == ("canceled", True)


@pytest.mark.parametrize("via", thinned(["ws", "rest"], 1))
def test_an_order_with_a_number_is_edited(desk: Desk, via: str) -> None:
    order = desk.add("--userref", "7", "--via", via)
    words = ("edit", order["order_id"], "BTC/USD", "--price", "30002.0", "--qty", "0.001", "--yes")
    edited = desk.done(*words, "--via", via)
    assert edited["original_order_id"] == order["order_id"]
    assert edited["order_id"] != order["order_id"]
    assert desk.done("cancel", "--userref", "7")["outcome"] == "canceled"


def test_edit_refuses_an_order_with_a_name(desk: Desk) -> None:
    order = desk.add()
    ended = desk.run("edit", order["order_id"], "BTC/USD", "--qty", "0.002", "--yes")
    assert ended.status == 2
    assert "order amend" in json.loads(ended.error)["suggestion"]


@pytest.mark.parametrize("via", thinned(["ws", "rest"], 1))
@pytest.mark.parametrize(
    "words",
    [
        ("-t", "market"),
        ("-t", "limit", "--price", FAR, "--tif", "gtd", "--expire-time", SOON),
        ("-t", "stop-loss", "--trigger-price", "200000.0"),
        ("-t", "stop-loss-limit", "--trigger-price", "200000.0", "--price", "200000.0"),
        ("-t", "iceberg", "--price", FAR, "--display-qty", "0.00200000"),
    ],
)
def test_the_exchange_takes_every_kind(desk: Desk, words: tuple[str, ...], via: str) -> None:
    shared = ("add", "buy", "0.02", "BTC/USD", "--validate", "--no-check", "--via", via)
    assert desk.done(*shared, *words)["outcome"] == "valid"


def test_a_batch_and_its_end(desk: Desk) -> None:
    line = '{{"side":"buy","order_type":"limit","order_qty":0.00100000,"limit_price":{}}}\n'
    result = desk.done("batch-add", "BTC/USD", "--yes", lines=line.format("30000.0") + line.format("30000.1"))
    ids = [row["order_id"] for row in result["orders"]]
    assert len(set(ids)) == 2
    assert desk.done("batch-cancel", *ids)["count"] == 2


def test_all_go_at_once(desk: Desk) -> None:
    desk.add()
    desk.add()
    assert desk.done("cancel-all", "--yes")["count"] == 2


def test_the_timer(desk: Desk) -> None:
    assert desk.done("cancel-after", "60", "--yes")["outcome"] == "armed"
    assert desk.done("cancel-after", "0", "--yes")["outcome"] == "disarmed"


@pytest.mark.parametrize("via", thinned(["ws", "rest"], 1))
def test_refusals_are_the_exchanges_own(desk: Desk, via: str) -> None:
    too_much = ("add", "buy", "5000", "BTC/USD", "--price", FAR, "--yes", "--via", via)
    ended = desk.run(*too_much)
    assert (ended.status, json.loads(ended.out)["outcome"]) == (70, "not_placed")
    assert "EOrder:Insufficient funds" in json.loads(ended.error)["message"]


def test_deadman_disarms_what_it_armed(program: Program, desk: Desk) -> None:
    words = ("deadman", "--timeout", "3s", "--sandbox-url", desk.rest, "--", "sleep", "1.5")
    ended = program.run(*words)
    assert ended.status == 0
    assert "armed" in ended.err
    assert ended.err.endswith("disarmed\n")


def test_the_orders_of_a_command_that_dies_are_canceled(program: Program, desk: Desk) -> None:
    order = desk.add()
    words = ("deadman", "--timeout", "3s", "--sandbox-url", desk.rest, "--", "sh", "-c", "exit 9")
    ended = program.run(*words)
    assert ended.status == 9
    assert "STAYS ARMED" in ended.err
    gone = eventually(lambda: _gone(desk, order["order_id"]), "the timer fires")
    assert gone["outcome"] == "not_amended"


def test_the_orders_of_a_bot_that_is_killed_are_canceled(program: Program, desk: Desk) -> None:
    order = desk.add()
    words = ("deadman", "--timeout", "3s", "--sandbox-url", desk.rest, "--", "sh", "-c", "kill -9 $$")
    ended = program.run(*words)
    assert ended.status == 128 + signal.SIGKILL
    assert eventually(lambda: _gone(desk, order["order_id"]), "the timer fires")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_orders_are_canceled_where_deadman_itself_is_killed_or_cut_off(
    program: Program, desk: Desk, number: int
) -> None:
    """A process that stands still sends nothing more, like one whose network is gone."""
    order = desk.add()
    words = ("deadman", "--timeout", "3s", "--sandbox-url", desk.rest, "--", "sleep", "8")
    running = program.start(*words)
    running.says("armed")
    running.signal(number)
    assert eventually(lambda: _gone(desk, order["order_id"]), "the timer fires")


def _gone(desk: Desk, order_id: str) -> dict[str, Any] | None:
    """The refusal of an amendment, once the order is there no more; REST counts the calls for tokens."""
    time.sleep(1)
    ended = desk.run("amend", order_id, "--qty", "0.001")
    result: dict[str, Any] = json.loads(ended.out)
    return result if ended.status else None


SHORT = ("--timeout", "500ms", "--deadline", "1s")
LINE = '{"side":"buy","order_type":"limit","order_qty":0.00100000,"limit_price":30000.0}\n'
OVER_SOCKET = ("lose_answer", "cut_answer")


def found(desk: Desk, *words: str, lines: str = "") -> dict[str, Any]:
    """The result of a command whose answer is lost, and which is known all the same."""
    ended = desk.run(*words, lines=lines)
    result: dict[str, Any] = json.loads(ended.out, parse_float=str)
    assert (ended.status, result["looked_up"]) == (0, True)
    return result


@pytest.mark.parametrize(
    ("fault", "named"),
    thinned(
        [
            ("lose_answer", ()),
            ("cut_answer", ()),
            ("lose_answer", ("--userref", "7")),
            ("cut_answer", ("--cl-ord-id", "mine")),
        ],
        2,
    ),
)
def test_an_order_whose_answer_is_lost_is_there_once(
    program: Program, fault: str, named: tuple[str, ...]
) -> None:
    desk = served(program, "--fault", f"{fault}:method=add_order")
    words = ("add", "buy", "0.00100000", "BTC/USD", "--price", FAR, "--yes", *SHORT, *named)
    result = found(desk, *words)
    assert (result["outcome"], result["order_status"]) == ("placed", "open")
    assert desk.done("cancel-all", "--yes")["count"] == 1


@pytest.mark.parametrize("fault", thinned(OVER_SOCKET, 1))
def test_a_batch_whose_answer_is_lost_is_there_once(program: Program, fault: str) -> None:
    desk = served(program, "--fault", f"{fault}:method=batch_add")
    result = found(desk, "batch-add", "BTC/USD", "--yes", *SHORT, lines=LINE * 2)
    assert result["outcome"] == "placed"
    assert desk.done("cancel-all", "--yes")["count"] == 2


@pytest.mark.parametrize("fault", thinned(OVER_SOCKET, 1))
def test_an_amendment_whose_answer_is_lost(program: Program, fault: str) -> None:
    desk = served(program, "--fault", f"{fault}:method=amend_order")
    name = desk.add()["cl_ord_id"]
    assert found(desk, "amend", name, "--price", "30001.0", *SHORT)["outcome"] == "amended"


@pytest.mark.parametrize("fault", thinned(OVER_SOCKET, 1))
def test_an_edit_whose_answer_is_lost(program: Program, fault: str) -> None:
    desk = served(program, "--fault", f"{fault}:method=edit_order")
    order = desk.add("--userref", "7")
    words = ("edit", order["order_id"], "BTC/USD", "--price", "30001.0", "--yes", *SHORT)
    result = found(desk, *words)
    assert result["outcome"] == "placed"
    assert result["order_id"] != order["order_id"]
    assert desk.done("cancel-all", "--yes")["count"] == 1


@pytest.mark.parametrize("fault", thinned(OVER_SOCKET, 1))
def test_cancellations_whose_answer_is_lost(program: Program, fault: str) -> None:
    methods = ("cancel_order", "batch_cancel", "cancel_all")
    desk = served(program, *(word for one in methods for word in ("--fault", f"{fault}:method={one}")))
    ids = [desk.add()["order_id"] for _ in range(4)]
    short = ("--timeout", "500ms")
    assert found(desk, "cancel", ids[0], *short)["outcome"] == "canceled"
    assert found(desk, "batch-cancel", *ids[1:3], *short)["outcome"] == "canceled"
    assert found(desk, "cancel-all", "--yes", *short)["outcome"] == "canceled"
    assert desk.done("cancel-all", "--yes")["count"] == 0


def test_a_token_that_ends_is_refused_and_nothing_placed(program: Program) -> None:
    desk = served(program, "--fault", "expire_token:method=add_order")
    words = ("add", "buy", "0.00100000", "BTC/USD", "--price", FAR, "--yes")
    ended = desk.run(*words)
    assert (ended.status, json.loads(ended.out)["outcome"]) == (77, "not_placed")
    assert desk.done("cancel-all", "--yes")["count"] == 0


def test_deadman_lives_through_a_connection_that_is_cut(program: Program) -> None:
    desk = served(program, "--fault", "cut_answer:method=cancel_all_orders_after,at=2")
    words = ("deadman", "--timeout", "3s", "--sandbox-url", desk.rest, "--", "sleep", "3")
    ended = program.run(*words)
    assert ended.status == 0
    assert "connection lost" in ended.err
    assert "connected again" in ended.err
    assert ended.err.endswith("disarmed\n")
