"""`deadman` as a process: armed before the command, renewed beside it, disarmed only where it ends well."""

import re
import signal
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from krakencli.budget import LIMIT, Budget
from krakencli.cli.exchange import Exchange
from krakencli.cli.order_desk import desk_of
from krakencli.cli.state import State
from krakencli.config import Endpoints
from krakencli.credentials import Credentials
from krakencli.errors import UnreachableError
from krakencli.interrupts import Interrupts

from .program import COMMAND, Program
from .server import Peer
from .terminal import Terminal, plain
from .trader import TOKEN, Plan, Request, Trader, refused, silent
from .trader_v1 import TraderV1

SHORT = ("deadman", "--timeout", "3s")
PYTHON = sys.executable


def timed(trader: Trader, peer: Peer, request: Request) -> None:
    """Sets the timer and says so."""
    seconds = request["params"]["timeout"]
    now = datetime.now(UTC).replace(microsecond=0)
    fires = (now + timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z") if seconds else "0"
    trader.answer(peer, request, {"currentTime": now.isoformat(), "triggerTime": fires})


def over_rest(trader: Trader) -> None:
    trader.rest["CancelAllOrdersAfter"] = lambda _peer, fields: {
        "currentTime": "2026-11-26T15:00:00Z",
        "triggerTime": "2026-11-26T15:01:00Z" if fields["timeout"] != "0" else "0",
    }


def timeouts(trader: Trader) -> list[int]:
    return [one["params"]["timeout"] for one in trader.requests if one["method"] != "ping"]


def test_armed_while_the_command_runs_and_disarmed_when_it_ends_well(program: Program) -> None:
    with Trader(timed) as trader:
        ended = trader.run(program, *SHORT, "--", "sh", "-c", "echo out; sleep 2.3")
    assert (ended.status, ended.out) == (0, "out\n")
    *renewals, last = timeouts(trader)
    assert (last, set(renewals)) == (0, {3})
    assert len(renewals) >= 3
    assert [line.split(": ", 2)[2].split(":")[0] for line in ended.err.splitlines()] == [
        "armed",
        "the command ended well",
    ]


@pytest.mark.parametrize(("script", "status"), [("exit 7", 7), ("kill -KILL $$", 137), ("exit 70", 70)])
def test_a_command_that_fails_leaves_it_armed(program: Program, script: str, status: int) -> None:
    with Trader(timed) as trader:
        ended = trader.run(program, *SHORT, "--", "sh", "-c", script)
    assert ended.status == status
    assert timeouts(trader) == [3]
    assert "STAYS ARMED" in ended.err
    assert str(datetime.now(UTC).year) in ended.err.split("STAYS ARMED")[1]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1])
def test_signals_reach_the_command(program: Program, number: int) -> None:
    script = (
        "import signal, sys, time\n"
        f"signal.signal({number}, lambda *_: sys.exit(9))\n"
        "print('ready', flush=True)\n"
        "time.sleep(60)"
    )
    with Trader(timed) as trader:
        running = program.start(*SHORT, "--", PYTHON, "-c", script, env=trader.environ)
        assert running.line() == "ready"
        running.signal(number)
        ended = running.ended()
    assert ended.status == 9
    assert "STAYS ARMED" in ended.err


def test_renewals_survive_a_lost_connection(program: Program) -> None:
    def plan(trader: Trader, peer: Peer, request: Request) -> None:
        timed(trader, peer, request)
        if len(timeouts(trader)) == 2:
            peer.cut()

    with Trader(plan) as trader:
        ended = trader.run(program, *SHORT, "--", "sleep", "3")
        sockets = [peer for peer in trader.server.peers if peer.wants_websocket]
    assert ended.status == 0
    assert len(sockets) == 2
    assert timeouts(trader)[-1] == 0
    assert len(timeouts(trader)) >= 4
    assert "connected again" in ended.err
    assert len(trader.called("GetWebSocketsToken")) == 2
    assert trader.called("CancelAllOrdersAfter") == []


def until(path: Path) -> tuple[str, ...]:
    """A command that ends well once a file is there."""
    return ("sh", "-c", f"while [ ! -e {path} ]; do sleep 0.05; done")


def test_rest_steps_in_where_the_socket_is_silent(program: Program, tmp_path: Path) -> None:
    renewed = tmp_path / "renewed"

    def plan(trader: Trader, peer: Peer, request: Request) -> None:
        if len(timeouts(trader)) == 1:
            timed(trader, peer, request)

    def rest(_peer: Peer, fields: dict[str, str]) -> dict[str, str]:
        renewed.touch()
        return {"currentTime": "2026-11-26T15:00:00Z", "triggerTime": "0" if fields["timeout"] == "0" else ""}

    with Trader(plan) as trader:
        trader.rest["CancelAllOrdersAfter"] = rest
        ended = trader.hurried(program, 0.3, *SHORT, "--", *until(renewed))
    assert ended.status == 0
    assert {"3", "0"} >= {fields["timeout"] for fields in trader.called("CancelAllOrdersAfter")} >= {"3"}
    assert "connection lost: no answer" in ended.err


@pytest.mark.parametrize("api", ["v2", "v1"])
def test_a_connection_is_pinged_between_renewals(program: Program, tmp_path: Path, api: str) -> None:
    """A renewal comes every 20 s, a ping 15 s after the connection was opened; a second lasts a tenth."""
    pinged = tmp_path / "pinged"

    def plan(trader: Trader, peer: Peer, request: Request) -> None:
        trader.answer(peer, request, {"currentTime": "2026-11-26T15:00:00Z", "triggerTime": "0"})
        if trader.pings:
            pinged.touch()

    with (TraderV1 if api == "v1" else Trader)(plan) as trader:
        over_rest(trader)  # a slow machine's answer may come too late
        words = ("deadman", "--timeout", "60s", "--api", api, "--", *until(pinged))
        ended = trader.hurried(program, 0.1, *words)
    assert ended.status == 0
    assert trader.pings >= 1
    ping = re.sub(r"\d", "", next(text for text in trader.texts if "ping" in text))
    assert ping == ('{"event":"ping","reqid":}' if api == "v1" else '{"method":"ping","req_id":}')


def test_rest_arms_it_where_there_is_no_socket(program: Program) -> None:
    with Trader() as trader:
        over_rest(trader)
        env = {"KRAKEN_WS_AUTH_URL": "ws://127.0.0.1:1/v2"}
        ended = trader.hurried(program, 0.1, *SHORT, "--", "true", env=env)
    assert ended.status == 0
    assert [fields["timeout"] for fields in trader.called("CancelAllOrdersAfter")] == ["3", "0"]


@pytest.mark.parametrize(
    ("plan", "status"), [(refused("EGeneral:Permission denied"), 77), (refused("EService:Busy"), 70)]
)
def test_the_command_does_not_start_unarmed(program: Program, plan: Plan, status: int) -> None:
    with Trader(plan) as trader:
        trader.rest["CancelAllOrdersAfter"] = lambda *_: {"error": [trader_error(status)]}
        ended = trader.run(program, *SHORT, "--", "echo", "started")
    assert (ended.status, ended.out) == (status, "")


def trader_error(status: int) -> str:
    return "EGeneral:Permission denied" if status == 77 else "EService:Busy"


def test_a_timer_that_cannot_be_disarmed_is_an_error(program: Program) -> None:
    def plan(trader: Trader, peer: Peer, request: Request) -> None:
        (timed if request["params"]["timeout"] else silent)(trader, peer, request)

    with Trader(plan) as trader:
        trader.rest["CancelAllOrdersAfter"] = lambda *_: {"error": ["EService:Busy"]}
        ended = trader.run(program, *SHORT, "--", "true")
    assert ended.status == 70
    assert "not known to be disarmed" in ended.err
    assert "cancel-after 0" in ended.err


def test_it_is_loud_when_it_cannot_renew(program: Program) -> None:
    with Trader(timed) as trader:
        trader.rest["CancelAllOrdersAfter"] = lambda *_: {"error": ["EService:Busy"]}
        running = program.start(*SHORT, "--", "sleep", "60", env=trader.environ)
        running.says("armed")
        trader.plan = silent
        running.says("NOT RENEWED")
        running.says("THE TIMER RAN OUT")
        trader.plan = timed
        running.says("renewed again")
        running.signal(signal.SIGTERM)
        assert running.ended().status == 143


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("deadman",), "no command"),
        (("deadman", "--timeout", "1s", "--", "true"), "whole seconds"),
        (("deadman", "--timeout", "2.5s", "--", "true"), "whole seconds"),
        (("deadman", "--", "no-such-program-here"), "there is no command"),
        (("deadman", "--", "true", "--json"), ""),
    ],
)
def test_mistakes(program: Program, words: tuple[str, ...], said: str) -> None:
    with Trader(timed) as trader:
        ended = trader.run(program, *words)
    if said:
        assert (ended.status, trader.requests) == (2, [])
        assert said in ended.error
    else:
        assert ended.status == 0


@pytest.mark.parametrize("urgent", [True, False])
def test_a_spent_budget_never_holds_up_what_is_urgent(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, urgent: bool
) -> None:
    """At an address that is reserved for documents: loopback has no budget."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    budget = Budget("192.0.2.1")
    for _ in range(LIMIT):
        budget.book()
    (url, rest) = ("ws://192.0.2.1:9/v2", None)
    found = Exchange(Endpoints(url, rest), None, lambda: Credentials("", ""), lambda _host: url)
    state = State(Interrupts(), environ={"KRAKEN_WS_TOKEN": TOKEN})
    with pytest.raises(UnreachableError) as caught:
        desk_of(found, state, None, urgent=urgent).open(tries=(0.0,), within=0.5)
    assert ("too many connection attempts" in caught.value.message) is not urgent


def test_ctrl_c_on_a_terminal_reaches_the_command_once(program: Program) -> None:
    """deadman itself hears of it later than the command, so that two signals would not look like one."""
    script = (
        "import signal, sys, time\n"
        "count = []\n"
        "signal.signal(signal.SIGINT, lambda *_: (count.append(1), print('heard', flush=True)))\n"
        "print('ready', flush=True)\n"
        "end = time.monotonic() + 30\n"
        "while not count and time.monotonic() < end: time.sleep(0.01)\n"
        "time.sleep(1.5)\n"
        "sys.exit(len(count))"
    )
    with Trader(timed) as trader, Terminal(program) as terminal:
        terminal.start([*COMMAND, *SHORT, "--", PYTHON, "-c", script], env=trader.environ)
        terminal.shows("ready")
        terminal.running.signal(signal.SIGSTOP)
        terminal.type("\x03")
        terminal.shows("heard")
        terminal.running.signal(signal.SIGCONT)
        ended = terminal.ended()
    assert ended.status == 1
    assert "STAYS ARMED" in plain(ended.out)
