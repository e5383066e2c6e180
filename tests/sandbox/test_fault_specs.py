"""How a fault is asked for: as text, as an option of the command, and what of it each kind has."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from krakencli.sandbox import Fault, Settings, UnfitFaultError
from krakencli.sandbox.exchange import Exchange
from krakencli.sandbox.faults.desk import FaultDesk
from krakencli.sandbox.faults.kinds import KINDS

from .kit import START, HandClock
from .sockets import Socket

PROGRAM = [sys.executable, "-m", "krakencli", "sandbox"]


@pytest.mark.parametrize(
    ("spec", "fault"),
    [
        ("drop_connection", Fault("drop_connection")),
        ("drop_connection:after=50", Fault("drop_connection", after=50)),
        ("wrong_checksum:symbol=BTC/USD,times=3", Fault("wrong_checksum", "BTC/USD", times=3)),
        ("stall:heartbeats=false, seconds=2.5", Fault("stall", heartbeats=False, seconds=2.5)),
        (
            "close:code=1013,reason=Market data unavailable",
            Fault("close", code=1013, reason="Market data unavailable"),
        ),
        (
            "rest_error:error=EService: Throttled: {time}",
            Fault("rest_error", error="EService: Throttled: {time}"),
        ),
    ],
)
def test_a_fault_as_text(spec: str, fault: Fault) -> None:
    assert Fault.parse(spec) == fault


@pytest.mark.parametrize(
    ("spec", "error"),
    [
        ("", "unknown fault ; there are drop_update, "),
        ("drop_connection:after", "'after' is not field=value"),
        ("drop_connection:after=soon", "after must be a whole number from 0 on, not 'soon'"),
        ("drop_connection:at=3", "drop_connection has no at; it has times, after, connection"),
        ("drop_connection:symbol=BTC/USD", "drop_connection has no symbol; it has "),
        ("wrong_checksum", "wrong_checksum needs symbol"),
        ("no_delivery:symbol=BTC/USD", "no_delivery needs channel"),
        ("no_delivery:symbol=BTC/USD,channel=status", "channel must be trade or ticker or book or "),
        ("lose_trades:symbol=BTC/USD,channel=book", "channel must be trade, not 'book'"),
        ("lose_ack:symbol=XBT/USD", "the sandbox does not list XBT/USD"),
        ("close:code=1006", "code must be 1001 or 1000 or "),
        ("refuse_handshake:status=200", "status must be 403 or 429 or 503, not 200"),
        ("exceed_rate:form=4", "form must be 1 or 2 or 3, not 4"),
        ("stall:heartbeats=no", "heartbeats must be true or false, not 'no'"),
        ("stall:seconds=-1", "seconds must be a number from 0 on, not -1.0"),
        ("stall:seconds=nan", "seconds must be a number from 0 on, not nan"),
        ("rest_error", "rest_error needs error"),
        ("rest_late:when=1", "unknown field when; a fault has "),
    ],
)
def test_what_cannot_be_is_told(spec: str, error: str) -> None:
    desk = FaultDesk(Exchange(Settings(start=START, symbols=("BTC/USD",)), HandClock()))
    with pytest.raises(UnfitFaultError) as told:
        desk.set(Fault.parse(spec))
    assert str(told.value).startswith(error)


def test_silence_is_filled_and_only_its_own_fields_are_told() -> None:
    desk = FaultDesk(Exchange(Settings(start=START, symbols=("BTC/USD",)), HandClock()))
    described = [
        desk.set(Fault.parse(spec)).describe() for spec in ("delay_ack", "rest_status:path=/0/public/T")
    ]
    assert described == [
        {
            "fault": 1, "name": "delay_ack", "times": 1, "at": 1, "connection": None, "symbol": None,
            "channel": None, "seconds": 1.0,
        },
        {"fault": 2, "name": "rest_status", "times": 1, "at": 1, "path": "/0/public/T", "status": 503},
    ]  # fmt: skip


def test_a_served_sandbox_begins_with_its_faults(tmp_path: Path) -> None:
    log = tmp_path / "log"
    faults = ["--fault", "drop_connection:after=1", "--fault", "rest_error:error=EService:Busy,times=2"]
    command = [*PROGRAM, "--symbols", "BTC/USD", "--log", str(log), "--duration", "60s", *faults]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        try:
            assert running.stdout is not None
            addresses = json.loads(running.stdout.readline())
            with Socket(addresses["ws_public"]) as client:
                assert len(list(client.texts())) == 1
            answer = requests.get(f"{addresses['rest']}/0/public/Time", timeout=10)
            assert answer.json() == {"error": ["EService:Busy"]}
        finally:
            running.terminate()
    entries = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    assert [entry["name"] for entry in entries if entry["what"] == "fault"] == [
        "drop_connection",
        "rest_error",
    ]


@pytest.mark.parametrize("spec", ["melt", "drop_connection:after", "stall:seconds=x"])
def test_a_wrong_fault_is_a_mistake_of_usage(spec: str) -> None:
    ended = subprocess.run(
        [*PROGRAM, "--fault", spec], check=False, capture_output=True, text=True, timeout=30
    )
    assert ended.returncode == 2
    assert "--fault" in ended.stderr
    assert ended.stdout == ""


def test_the_help_names_every_kind() -> None:
    shown = subprocess.run(
        [*PROGRAM, "--help"], capture_output=True, text=True, check=True, timeout=30
    ).stdout
    words = shown.replace(",", " ").replace(".", " ").split()
    assert set(KINDS) - set(words) == set()
