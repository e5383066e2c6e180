"""The command line as a process: started, listened to, signalled, waited for; nothing here waits for ever."""

import contextlib
import fcntl
import json
import os
import select
import signal
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

PATIENCE = 30.0
"""Seconds that a busy machine may take for what must come."""

ROOT = Path(__file__).parents[2]
HURRIED = Path(__file__).with_name("hurried.py")
COMMAND = (sys.executable, "-m", "krakencli")


@dataclass(frozen=True)
class Ended:
    """How a run ended; `seconds` is how long it took from its start, or from the signal that ended it."""

    status: int
    out: str
    err: str
    seconds: float

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()

    @property
    def records(self) -> list[dict[str, Any]]:
        """JSON lines; numbers as the texts that they were."""
        return decoded(self.lines)

    @property
    def error(self) -> str:
        """The one line on stderr."""
        assert self.err.endswith("\n"), self.err
        assert self.err.count("\n") == 1, self.err
        return self.err[:-1]


def decoded(lines: Iterable[str]) -> list[dict[str, Any]]:
    return [json.loads(line, parse_float=str, parse_int=str) for line in lines]


def eventually(condition: Callable[[], Any], what: str) -> Any:
    """The condition's value once it is true. Looks again and again; fails when it does not come in time."""
    end = time.monotonic() + PATIENCE
    while not (value := condition()):
        assert time.monotonic() < end, f"it never came: {what}"
        time.sleep(0.002)
    return value


class Running:
    """A process under way. stdout is read only when asked for, so that a test may leave the pipe full."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self.process = process
        self.pid = process.pid
        self._began = time.monotonic()
        self._out = b""
        self._err = bytearray()
        self._heard = threading.Condition()
        self._listener = threading.Thread(target=self._listen, args=(process.stderr,), daemon=True)
        if process.stderr is not None:
            self._listener.start()

    def _listen(self, stream: IO[bytes]) -> None:
        while piece := os.read(stream.fileno(), 65536):
            with self._heard:
                self._err += piece
                self._heard.notify_all()

    @property
    def err(self) -> str:
        return bytes(self._err).decode()

    @property
    def stdout(self) -> int:
        assert self.process.stdout is not None
        return self.process.stdout.fileno()

    def says(self, words: str) -> None:
        """Wait until stderr holds the words."""
        with self._heard:
            assert self._heard.wait_for(lambda: words in self.err, PATIENCE), f"{words!r} not in {self.err!r}"

    def line(self) -> str:
        """The next line of stdout."""
        end = time.monotonic() + PATIENCE
        while b"\n" not in self._out:
            assert select.select([self.stdout], [], [], max(0.0, end - time.monotonic()))[0], self.err
            piece = os.read(self.stdout, 65536)
            assert piece, f"stdout ended; stderr: {self.err!r}"
            self._out += piece
        line, self._out = self._out.split(b"\n", 1)
        return line.decode()

    def record(self) -> dict[str, Any]:
        return decoded([self.line()])[0]

    def piped(self) -> int:
        """How many bytes wait in the pipe."""
        buffer = bytearray(4)
        fcntl.ioctl(self.stdout, termios.FIONREAD, buffer)
        return int.from_bytes(buffer, sys.byteorder)

    def signal(self, number: int) -> None:
        self._began = time.monotonic()
        self.process.send_signal(number)

    def ended(self) -> Ended:
        """Read to the end and wait for it."""
        rest = bytearray(self._out)
        if self.process.stdout is not None:
            end = time.monotonic() + PATIENCE
            while select.select([self.stdout], [], [], max(0.0, end - time.monotonic()))[0]:
                piece = os.read(self.stdout, 1 << 20)
                if not piece:
                    break
                rest += piece
        return self._close(rest.decode())

    def left(self) -> Ended:
        """Wait for its end without reading stdout; what it left in the pipe is read afterwards."""
        self.process.wait(PATIENCE)
        seconds = time.monotonic() - self._began
        ended = self.ended()
        return Ended(ended.status, ended.out, ended.err, seconds)

    def _close(self, out: str) -> Ended:
        status = self.process.wait(PATIENCE)
        seconds = time.monotonic() - self._began
        if self.process.stderr is not None:
            self._listener.join(PATIENCE)
        return Ended(status, out, self.err, seconds)

    def kill(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.pid, signal.SIGKILL)  # a shell's children with it
            self.process.wait()
        if self.process.stderr is not None:
            self._listener.join(PATIENCE)
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()


class Program:
    """Starts processes in one environment and ends those that are left over."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = {**os.environ, "PYTHONPATH": str(ROOT), **environ}
        self._running: list[Running] = []

    def start(self, *arguments: str, env: Mapping[str, str] | None = None, **popen: Any) -> Running:
        """Start `kraken-stream` with these arguments; stdout and stderr are pipes unless `popen` differs."""
        return self.start_other([*COMMAND, *arguments], env=env, **popen)

    def start_other(
        self, command: Sequence[str | Path], env: Mapping[str, str] | None = None, **popen: Any
    ) -> Running:
        """Start any program in the same environment, as the leader of a session and of its processes."""
        settings = {
            "stdin": subprocess.DEVNULL,
            "stdout": subprocess.PIPE,
            "stderr": subprocess.PIPE,
            "start_new_session": True,
            **popen,
        }
        environ = {**self.environ, **(env or {})}
        running = Running(subprocess.Popen(command, env=environ, bufsize=0, **settings))
        self._running.append(running)
        return running

    def hurried(
        self, unit: float, *arguments: str, env: Mapping[str, str] | None = None, **popen: Any
    ) -> Running:
        """Start it on a clock whose seconds are so long, and nothing else changed."""
        environ = {**(env or {}), "UNIT": str(unit)}
        return self.start_other([sys.executable, HURRIED, *arguments], env=environ, **popen)

    def run(self, *arguments: str, env: Mapping[str, str] | None = None, **popen: Any) -> Ended:
        """Run `kraken-stream` to its end."""
        return self.start(*arguments, env=env, **popen).ended()

    def shell(self, script: str, *, env: Mapping[str, str] | None = None) -> Ended:
        """Run a script of bash in which `kraken-stream` is the program."""
        words = " ".join(f"'{word}'" for word in COMMAND)
        command = ["bash", "-c", f'kraken-stream() {{ {words} "$@"; }}\n{script}']
        return self.start_other(command, env=env).ended()

    def interrupt(self, running: Running, number: int = signal.SIGINT) -> Ended:
        """Signal a process and wait for its end, stdout unread; says how long it took."""
        running.signal(number)
        ended = running.left()
        sys.stdout.write(f"{signal.Signals(number).name} -> {ended.status} in {ended.seconds * 1e3:.0f} ms\n")
        return ended

    def end_all(self) -> None:
        for running in self._running:
            running.kill()
        self._running.clear()
