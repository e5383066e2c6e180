"""A blocking call returns and raises as if it were called, and never keeps a signal waiting."""

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from krakencli.background import OneByOne, run


class Interruption(BaseException):
    """What the handler of these tests raises."""


@contextmanager
def handler(signum: signal.Signals) -> Iterator[None]:
    def handle(*_: object) -> None:
        raise Interruption

    before = signal.signal(signum, handle)
    try:
        yield
    finally:
        signal.signal(signum, before)


def test_the_result_comes_back() -> None:
    assert run(lambda: 42) == 42
    assert run(lambda: None) is None


def test_it_runs_in_a_thread_that_holds_no_program_back() -> None:
    thread = run(threading.current_thread)
    assert thread is not threading.main_thread()
    assert thread.daemon


@pytest.mark.parametrize("error", [ValueError("mine"), SystemExit(3), KeyboardInterrupt()])
def test_an_exception_is_raised_in_the_caller(error: BaseException) -> None:
    def fail() -> None:
        raise error

    with pytest.raises(type(error)) as caught:
        run(fail)
    assert caught.value is error


def test_a_handler_that_raises_ends_the_wait_while_the_call_still_blocks() -> None:
    release, left = threading.Event(), threading.Event()

    def block() -> None:
        signal.raise_signal(signal.SIGUSR1)
        release.wait(30)
        left.set()

    with handler(signal.SIGUSR1), pytest.raises(Interruption):
        run(block)
    assert not left.is_set()
    release.set()
    assert left.wait(30)


PROGRAM = """
import signal, sys, time
from krakencli.background import OneByOne, run

def leave(signum, frame):
    sys.exit(128 + signum)

def block():
    print("blocking", flush=True)
    time.sleep(3600)

signal.signal(signal.SIGTERM, leave)
signal.signal(signal.SIGINT, leave)
run(block)
"""


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
def test_a_program_ends_at_once_while_a_call_blocks(signum: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == b"blocking\n"
        program.send_signal(signum)
        _, errors = program.communicate(timeout=20)
    assert program.returncode == 128 + signum
    assert errors == b""


def test_wishes_are_answered_one_by_one_and_in_their_order() -> None:
    gates = {number: threading.Event() for number in (1, 2, 3)}
    begun: list[int] = []

    def answer(number: int) -> int:
        begun.append(number)
        gates[number].wait(30)
        if number == 2:
            raise ValueError("no")
        return number * 10

    calls = OneByOne(answer)
    for number in gates:
        calls.ask(number)
    found: list[tuple[int, list[int], bool]] = []
    for number, gate in gates.items():
        assert list(calls.answers()) == []
        gate.set()
        while not (news := list(calls.answers())):
            threading.Event().wait(0.001)
        found += [(wish, call.result, call.error is None) for wish, call in news]
        assert begun == [one for one in gates if one <= number + 1][: len(begun)]
    assert found == [(1, [10], True), (2, [], False), (3, [30], True)]
    assert list(calls.answers()) == []
