"""Signals: an end at once while preparing, an orderly one while streaming, none where they are ignored."""

import os
import signal
import subprocess
import sys
import threading

import pytest

PRELUDE = """
import os, signal, sys, time
from krakencli.interrupts import Interrupts
from krakencli.errors import Interrupted
interrupts = Interrupts()
def wait():
    # In slices, as the program itself waits: a signal that comes between Python's last look and the system
    # call is seen only after the call.
    while True:
        time.sleep(0.05)
"""
PATIENCE = 20.0
BOTH = pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])


def program(body: str, **options: object) -> subprocess.Popen[str]:
    """A program that says "ready" and is then sent a signal; it is killed where it outstays its time."""
    process: subprocess.Popen[str] = subprocess.Popen(
        [sys.executable, "-c", PRELUDE + body],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,  # type: ignore[call-overload]
    )
    watchdog = threading.Timer(PATIENCE, process.kill)
    watchdog.daemon = True
    watchdog.start()
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def end(process: subprocess.Popen[str], *numbers: int) -> tuple[int, str, str]:
    """Sends signals, each once the program has answered the one before; its status and words."""
    words = ""
    for number in numbers:
        process.send_signal(number)
        if number != numbers[-1]:
            assert process.stdout is not None
            words += process.stdout.readline()
    out, err = process.communicate()
    return process.returncode, words + out, err


@BOTH
def test_while_preparing_a_signal_raises(number: int) -> None:
    process = program(
        """
try:
    interrupts.install()
    print("ready", flush=True)
    wait()
except Interrupted as interruption:
    print("left", int(interruption.status), interrupts.signum)
"""
    )
    assert end(process, number) == (0, f"left {128 + number} None\n", "")


STREAMING = """
interrupts.install()
read, write = os.pipe()
interrupts.stream(lambda: os.write(write, b"!"))
print("ready", interrupts.raised() or "", flush=True)
os.read(read, 1)
print("woken", interrupts.raised(), interrupts.signum, flush=True)
"""


@BOTH
def test_while_streaming_a_signal_wakes_the_loop(number: int) -> None:
    process = program(STREAMING.replace('"ready", interrupts.raised() or ""', '"ready"'))
    assert end(process, number) == (0, f"woken True {number}\n", "")


def test_while_streaming_a_second_signal_ends_on_the_spot() -> None:
    body = STREAMING.replace('"ready", interrupts.raised() or ""', '"ready"') + "wait()\n"
    assert end(program(body), signal.SIGINT, signal.SIGTERM) == (143, "woken True 2\n", "")
    assert end(program(body), signal.SIGTERM, signal.SIGINT) == (130, "woken True 15\n", "")


@BOTH
def test_with_nothing_left_to_tidy_up_a_signal_ends_on_the_spot(number: int) -> None:
    process = program(
        """
interrupts.install()
interrupts.leave_at_once()
try:
    print("ready", flush=True)
    wait()
finally:
    print("tidied")
"""
    )
    assert end(process, number) == (128 + number, "", "")


@BOTH
@pytest.mark.parametrize("step", ["install()", "install(); interrupts.leave_at_once()"])
def test_what_the_parent_ignores_stays_ignored(number: int, step: str) -> None:
    def ignore() -> None:
        signal.signal(number, signal.SIG_IGN)

    process = program(
        f"""
interrupts.{step}
print("ready", flush=True)
os.read(0, 1)
print("alive", interrupts.raised())
""",
        stdin=subprocess.PIPE,
        preexec_fn=ignore,  # the only way to hand down an ignored signal
    )
    process.send_signal(number)
    out, err = process.communicate("x")
    assert (process.returncode, out, err) == (0, "alive False\n", "")


def test_leaving_at_once_touches_nobody_elses_handler() -> None:
    process = program(
        """
signal.signal(signal.SIGTERM, lambda *_: print("mine", flush=True) or sys.exit(3))
interrupts.leave_at_once()
print("ready", flush=True)
wait()
"""
    )
    assert end(process, signal.SIGTERM) == (3, "mine\n", "")
    assert os.getpid() != process.pid
