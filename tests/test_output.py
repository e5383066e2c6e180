"""stdout into pipes that are slow, full or closed, into files and terminals: nothing lost, nothing half."""

import fcntl
import os
import select
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from krakencli.output import ReaderGoneError, StoppedError, Writer

DATA = bytes(range(256)) * 2048
PATIENCE = 10.0


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    read, write = os.pipe()
    yield read, write
    for end in (read, write):
        try:
            os.close(end)
        except OSError:
            continue


def reader(fd: int, size: int, piece: int = 1000) -> tuple[threading.Thread, list[bytes]]:
    """Someone who reads so many bytes, little by little."""
    found: list[bytes] = []

    def read() -> None:
        left = size
        while left:
            found.append(os.read(fd, min(piece, left)))
            left -= len(found[-1])

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    return thread, found


def test_a_slow_reader_gets_everything(pipe: tuple[int, int]) -> None:
    thread, found = reader(pipe[0], 2 * len(DATA))
    writer = Writer(pipe[1])
    writer.write(DATA)
    writer.write(memoryview(DATA).tobytes())
    thread.join(PATIENCE)
    assert b"".join(found) == DATA * 2


def test_a_small_pipe(pipe: tuple[int, int]) -> None:
    if not hasattr(fcntl, "F_SETPIPE_SZ"):
        pytest.skip("this system's pipes cannot be made smaller")
    fcntl.fcntl(pipe[1], fcntl.F_SETPIPE_SZ, 4096)
    thread, found = reader(pipe[0], len(DATA), 4096)
    Writer(pipe[1]).write(DATA)
    thread.join(PATIENCE)
    assert b"".join(found) == DATA


def test_nothing_to_write(pipe: tuple[int, int]) -> None:
    Writer(pipe[1]).write(b"")
    assert not select.select([pipe[0]], [], [], 0)[0]


def test_a_full_pipe_can_be_left(pipe: tuple[int, int]) -> None:
    """It waits as long as it is not told to stop, and what went out is whole pieces from the beginning."""
    asked: list[bool] = []

    def stop() -> bool:
        asked.append(len(asked) >= 2)
        return asked[-1]

    with pytest.raises(StoppedError):
        Writer(pipe[1], stop).write(DATA)
    assert asked == [False, False, True]
    os.set_blocking(pipe[0], False)
    assert DATA.startswith(os.read(pipe[0], len(DATA)))


def test_stop_does_not_cut_what_the_pipe_takes(pipe: tuple[int, int]) -> None:
    Writer(pipe[1], lambda: True).write(DATA[:5000])
    assert os.read(pipe[0], 10_000) == DATA[:5000]


def test_a_reader_that_goes_while_we_wait_for_it(pipe: tuple[int, int]) -> None:
    def stop() -> bool:
        os.close(pipe[0])
        return False

    with pytest.raises(ReaderGoneError):
        Writer(pipe[1], stop).write(DATA)


def test_a_reader_that_has_gone(pipe: tuple[int, int]) -> None:
    writer = Writer(pipe[1])
    assert not writer.reader_gone()
    os.close(pipe[0])
    assert writer.reader_gone()
    with pytest.raises(ReaderGoneError):
        writer.write(b"x")


def test_a_reader_of_a_socket() -> None:
    here, there = socket.socketpair()
    with here:
        writer = Writer(here.fileno())
        thread, found = reader(there.fileno(), len(DATA))
        writer.write(DATA)
        thread.join(PATIENCE)
        assert b"".join(found) == DATA
        assert not writer.reader_gone()
        there.close()
        assert writer.reader_gone()
        with pytest.raises(ReaderGoneError):
            writer.write(b"x")


@pytest.mark.parametrize("kind", ["pipe", "socket"])
def test_an_output_that_someone_made_non_blocking(kind: str) -> None:
    """A shell's neighbour may do that to a descriptor that we share."""
    if kind == "pipe":
        read, write = os.pipe()
    else:
        read, write = (end.detach() for end in socket.socketpair())
    try:
        os.set_blocking(write, False)
        thread, found = reader(read, len(DATA), 300)
        Writer(write).write(DATA)
        thread.join(PATIENCE)
        assert b"".join(found) == DATA
    finally:
        os.close(read)
        os.close(write)


def test_a_terminal_that_someone_made_non_blocking() -> None:
    master, slave = os.openpty()
    try:
        os.set_blocking(slave, False)
        text = b"x" * 100_000
        thread, found = reader(master, len(text), 300)
        Writer(slave).write(text)
        thread.join(PATIENCE)
        assert b"".join(found) == text
    finally:
        os.close(slave)
        os.close(master)


def test_a_file(tmp_path: Path) -> None:
    path = tmp_path / "out"
    with path.open("wb") as file:
        writer = Writer(file.fileno(), lambda: True)
        writer.write(DATA)
        writer.write(b"end")
        assert not writer.reader_gone()
    assert path.read_bytes() == DATA + b"end"


def test_a_full_disk_is_an_error() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    with Path("/dev/full").open("wb", buffering=0) as full, pytest.raises(OSError, match="No space"):
        Writer(full.fileno()).write(b"x")


def test_a_closed_output_is_an_error() -> None:
    read, write = os.pipe()
    os.close(read)
    os.close(write)
    with pytest.raises(OSError, match="Bad file descriptor"):
        Writer(write)
