"""Orders over API v1 against the embedded exchange, which shares no code with the client."""

import json
import signal
from typing import Any

import pytest

from .program import Program, eventually
from .test_order_sandbox import FAR, Desk, _gone, served


class DeskV1(Desk):
    """The same account, spoken to over v1."""

    def run(self, *words: str, lines: str = "") -> Any:
        return super().run(*words, "--api", "v1", lines=lines)


@pytest.fixture
def desk(program: Program) -> DeskV1:
    return DeskV1(program, served(program).rest)


def test_the_life_of_an_order(desk: DeskV1) -> None:
    order = desk.add("--post-only", "--tif", "gtc")
    assert (order["outcome"], order["limit_price"], order["symbol"]) == ("placed", FAR, "BTC/USD")
    changed = desk.done("amend", order["cl_ord_id"], "--price", "30001.0", "--qty", "0.002")
    assert (changed["outcome"], changed["cl_ord_id"]) == ("amended", order["cl_ord_id"])
    gone = desk.done("cancel", order["order_id"])
    assert (gone["outcome"], "looked_up" in gone) == ("canceled", False)
    again = desk.done("cancel", order["order_id"])
    assert (again["outcome"], again["looked_up"]) == ("canceled", True)


def test_orders_with_a_number(desk: DeskV1) -> None:
    """One is edited; both go by their number, and one that has none by its id in the same request."""
    order = desk.add("--userref", "7")
    words = ("edit", order["order_id"], "BTC/USD", "--price", "30002.0", "--qty", "0.001", "--yes")
    edited = desk.done(*words, "--userref", "7")
    assert edited["original_order_id"] == order["order_id"]
    assert edited["order_id"] != order["order_id"]
    desk.add("--userref", "7")
    other = desk.add()
    gone = desk.done("cancel", other["order_id"], "--userref", "7")
    assert [row["outcome"] for row in gone["orders"]] == ["canceled", "canceled"]
    assert desk.done("cancel-all", "--yes")["count"] == 0


def test_names_of_ours(desk: DeskV1) -> None:
    names = [desk.add("--cl-ord-id", name)["cl_ord_id"] for name in ("mine", "other")]
    gone = desk.done("cancel", *names)
    assert [(row["cl_ord_id"], row["outcome"]) for row in gone["orders"]] == [
        ("mine", "canceled"),
        ("other", "canceled"),
    ]


def test_what_a_trigger_means_is_what_v2_means(program: Program) -> None:
    """The same stop over either protocol stands on record with the same prices."""
    v2 = served(program)
    v1 = DeskV1(program, v2.rest)
    stop = ("add", "sell", "0.001", "BTC/USD", "-t", "stop-loss-limit", "--yes", "--no-check",
            "--trigger-price", "20000.0", "--price", "19000.0")  # fmt: skip
    ids = [one.done(*stop, "--userref", "7")["order_id"] for one in (v1, v2)]
    edits = [
        one.done("edit", order, "BTC/USD", "--price", "19500.0", "--yes")
        for one, order in zip((v1, v2), ids, strict=True)
    ]
    records = [orders(program, v2.rest)[edit["order_id"]] for edit in edits]
    shown = [{name: one[name] for name in ("limit_price", "triggers", "order_type")} for one in records]
    assert shown[0] == shown[1]
    assert shown[0]["limit_price"] == "19500.0"


def orders(program: Program, rest: str) -> dict[str, dict[str, Any]]:
    """The open orders by their ids, as v2 streams them."""
    running = program.start("executions", "--sandbox-url", rest, "--json", "-n", "2")
    return {record["order_id"]: record for record in running.ended().records}


def test_the_timer(desk: DeskV1) -> None:
    armed = desk.done("cancel-after", "60", "--yes")
    assert (armed["outcome"], armed["triggerTime"][-1]) == ("armed", "Z")
    assert desk.done("cancel-after", "0", "--yes")["outcome"] == "disarmed"


def test_a_refusal_is_the_exchanges_own(desk: DeskV1) -> None:
    ended = desk.run("add", "buy", "5000", "BTC/USD", "--price", FAR, "--yes")
    assert (ended.status, json.loads(ended.out)["outcome"]) == (70, "not_placed")
    assert "EOrder:Insufficient funds" in json.loads(ended.error)["message"]


def test_deadman_disarms_what_it_armed(program: Program, desk: DeskV1) -> None:
    words = ("deadman", "--timeout", "3s", "--api", "v1", "--sandbox-url", desk.rest, "--", "sleep", "1.3")
    ended = program.run(*words)
    assert ended.status == 0
    assert "armed" in ended.err
    assert ended.err.endswith("disarmed\n")


def test_the_orders_of_a_deadman_that_is_killed_are_canceled(program: Program, desk: DeskV1) -> None:
    order = desk.add()
    words = ("deadman", "--timeout", "3s", "--api", "v1", "--sandbox-url", desk.rest, "--", "sleep", "8")
    running = program.start(*words)
    running.says("armed")
    running.signal(signal.SIGKILL)
    assert eventually(lambda: _gone(desk, order["order_id"]), "the timer fires")
