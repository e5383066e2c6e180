"""The terminal while a table is shown: taken, painted, given back as it was found.

Owns the alternate screen, the cursor, automatic wrapping, the input mode and the handlers of SIGTSTP and
SIGCONT. It touches nothing while its process group is in the background. Belongs to the main thread.
"""

import contextlib
import os
import select
import signal
import termios
from collections.abc import Callable, Iterator, Sequence
from types import FrameType
from typing import IO, Any, Self

_Handler = Callable[[int, FrameType | None], Any] | int | None

_TAKE = "\x1b[?1049h\x1b[?25l\x1b[?7l"
_GIVE_BACK = "\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l"
_CLEAR = "\x1b[2J"
_WHOLE_EVERY = 20
"""So often all lines are written: what another program scribbled over them goes away by itself."""


class Terminal:
    """`output` is written by its descriptor where it has one; `stdin` is a descriptor."""

    def __init__(self, output: IO[str], stdin: int) -> None:
        self._output = output
        self._descriptor = _descriptor(output)
        self._stdin = stdin
        self._taken = False
        self._lost = False
        self._mode: list[Any] | None = None
        self._busy = False
        self._stop_asked = False
        self._handlers: dict[signal.Signals, _Handler] = {}
        self._painted: list[str] = []
        self._paintings = 0

    def __enter__(self) -> Self:
        try:
            self._replace(signal.SIGTSTP, self._on_stop)
            self._replace(signal.SIGCONT, self._on_continue)
            self.ready()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Gives everything back; an interruption of the first try does not spoil the second."""
        self._busy = True
        try:
            self._give_back()
        finally:
            self._give_back()
            self._restore_handlers()
        if self._stop_asked:
            os.kill(os.getpid(), signal.SIGTSTP)

    def ready(self) -> bool:
        """Whether there is a screen to paint, which it takes if need be; in the background there is none."""
        if _in_background(self._descriptor):
            return False
        if not self._taken or self._lost:
            with self._undisturbed():
                self._take()
        return True

    def size(self) -> os.terminal_size | None:
        """The window's size now, None where the output is no terminal."""
        try:
            size = None if self._descriptor is None else os.get_terminal_size(self._descriptor)
        except OSError:
            return None
        return size if size and size.columns and size.lines else None

    def forget(self) -> None:
        """Makes the next painting a whole one, on a cleared screen."""
        self._painted = []

    def paint(self, lines: Sequence[str]) -> None:
        """Shows `lines` from the top; only those that changed are written, and now and then all of them."""
        with self._undisturbed():
            same_height = len(self._painted) == len(lines)
            parts = [] if same_height else [_CLEAR]
            self._paintings += 1
            whole = not same_height or self._paintings % _WHOLE_EVERY == 0
            before = [""] * len(lines) if whole else self._painted
            for number, (line, old) in enumerate(zip(lines, before, strict=True), 1):
                if line != old:
                    parts.append(f"\x1b[{number};1H{line}")
            self._painted = list(lines)
            self._write("".join(parts))

    def typed(self) -> bytes:
        """What was typed since the last call; reads only while it has set the terminal's mode for that."""
        if not self._taken or self._mode is None or not _in_foreground(self._stdin):
            return b""
        try:
            waiting, _, _ = select.select([self._stdin], [], [], 0)
            return os.read(self._stdin, 4096) if waiting else b""
        except OSError:
            return b""

    def _take(self) -> None:
        self._lost = False
        if self._mode is None and _in_foreground(self._stdin):
            self._mode = termios.tcgetattr(self._stdin)
        self._taken = True
        if self._mode is not None:
            termios.tcsetattr(self._stdin, termios.TCSANOW, _unbuffered(self._mode))
        self.forget()
        self._write(_TAKE)

    def _give_back(self) -> None:
        if not self._taken:
            return
        try:
            with contextlib.suppress(OSError):
                self._write(_GIVE_BACK)
        finally:
            if self._mode is not None and _in_foreground(self._stdin):
                with contextlib.suppress(termios.error):
                    termios.tcflush(self._stdin, termios.TCIFLUSH)
                    termios.tcsetattr(self._stdin, termios.TCSANOW, self._mode)
        self._mode = None
        self._taken = False

    def _on_stop(self, _signal: int, _frame: FrameType | None) -> None:
        if self._busy:
            self._stop_asked = True
        else:
            self._stop()

    def _stop(self) -> None:
        """Stops this process with the terminal given back, and takes it again when it goes on in front."""
        self._give_back()
        signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTSTP)
        signal.signal(signal.SIGTSTP, self._on_stop)
        self.ready()

    def _on_continue(self, number: int, frame: FrameType | None) -> None:
        self._lost = True
        previous = self._handlers.get(signal.SIGCONT)
        if callable(previous):
            previous(number, frame)

    def _replace(self, number: signal.Signals, handler: Callable[[int, FrameType | None], None]) -> None:
        """An ignored signal stays ignored: whoever started us wanted it so."""
        if signal.getsignal(number) is not signal.SIG_IGN:
            self._handlers[number] = signal.signal(number, handler)

    def _restore_handlers(self) -> None:
        while self._handlers:
            number, previous = self._handlers.popitem()
            signal.signal(number, signal.SIG_DFL if previous is None else previous)

    @contextlib.contextmanager
    def _undisturbed(self) -> Iterator[None]:
        """A stop asked for in here waits for the end, so that it never cuts a frame in two."""
        self._busy = True
        try:
            yield
        finally:
            self._busy = False
            if self._stop_asked:
                self._stop_asked = False
                self._stop()

    def _write(self, text: str) -> None:
        if self._descriptor is None:
            self._output.write(text)
            self._output.flush()
            return
        rest = text.encode(getattr(self._output, "encoding", None) or "utf-8", "replace")
        while rest:
            try:
                rest = rest[os.write(self._descriptor, rest) :]
            except BlockingIOError:
                select.select([], [self._descriptor], [])


def _descriptor(output: IO[str]) -> int | None:
    """The output's descriptor; a stream in memory has none."""
    try:
        return output.fileno()
    except (AttributeError, OSError):
        return None


def _in_background(descriptor: int | None) -> bool:
    """Whether the terminal has another foreground group; one that does not control us has no say."""
    try:
        return descriptor is not None and os.tcgetpgrp(descriptor) != os.getpgrp()
    except OSError:
        return False


def _in_foreground(descriptor: int) -> bool:
    """Whether the descriptor is the terminal that controls us and our group is the one in front."""
    try:
        return os.isatty(descriptor) and os.tcgetpgrp(descriptor) == os.getpgrp()
    except OSError:
        return False


def _unbuffered(mode: list[Any]) -> list[Any]:
    """`mode` without lines and echo; signals and the translation of line ends stay as they are."""
    changed = [*mode[:3], mode[3] & ~(termios.ICANON | termios.ECHO), *mode[4:6], list(mode[6])]
    changed[6][termios.VMIN], changed[6][termios.VTIME] = 1, 0
    return changed
