"""Nonces rise strictly, whatever the clock, the threads, the processes and the disk do."""

import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from threading import Barrier, BrokenBarrierError

import pytest

from krakencli.rest.nonce import HIGHEST, next_nonce, turn

HOUR = 3600 * 10**9


@pytest.fixture
def key(request: pytest.FixtureRequest) -> str:
    """A public key that no other test has used: a process remembers the nonces that it gave."""
    return f"a public key {request.node.name}"


def stored(directory: Path, key: str) -> Path:
    return directory / f"nonce-{sha256(key.encode()).hexdigest()[:32]}"


def test_a_nonce_is_the_clock_in_nanoseconds(key: str, tmp_path: Path) -> None:
    assert next_nonce(key, tmp_path, clock=lambda: 1_750_000_000_000_000_000) == 1_750_000_000_000_000_000


@pytest.mark.parametrize("place", ["here", "/dev/null/nowhere"])
def test_nonces_rise_although_the_clock_stands_or_goes_back(key: str, place: str, tmp_path: Path) -> None:
    directory = tmp_path / place
    times = iter([5 * HOUR, 5 * HOUR, HOUR, 0, 6 * HOUR])
    nonces = [next_nonce(key, directory, clock=lambda: next(times)) for _ in range(5)]
    assert nonces == [5 * HOUR, 5 * HOUR + 1, 5 * HOUR + 2, 5 * HOUR + 3, 6 * HOUR]


def test_keys_do_not_push_each_other(tmp_path: Path) -> None:
    assert next_nonce("one", tmp_path, clock=lambda: HOUR) == next_nonce("two", tmp_path, clock=lambda: HOUR)


def test_threads_at_once(key: str, tmp_path: Path) -> None:
    def burst(_: int) -> list[int]:
        return [next_nonce(key, tmp_path, clock=lambda: 7) for _ in range(50)]

    with ThreadPoolExecutor(8) as pool:
        bursts = list(pool.map(burst, range(8)))
    assert all(burst == sorted(set(burst)) for burst in bursts)
    assert sorted(sum(bursts, [])) == list(range(7, 407))  # noqa: RUF017 - eight short lists


def test_two_threads_without_a_file_do_not_meet_between_reading_and_writing(key: str) -> None:
    both = Barrier(2)

    def clock() -> int:
        with suppress(BrokenBarrierError):  # broken is right: the other thread was kept out
            both.wait(0.2)
        return 7

    with ThreadPoolExecutor(2) as pool:
        asked = [pool.submit(next_nonce, key, Path("/dev/null/nowhere"), clock) for _ in range(2)]
        assert {future.result() for future in asked} == {7, 8}


PROGRAM = """
import sys
from pathlib import Path
from krakencli.rest.nonce import next_nonce, turn
print("ready", flush=True)
sys.stdin.readline()
for _ in range(100):
    print(next_nonce("a public key", Path(sys.argv[1]), clock=lambda: 7))
"""


def test_processes_at_once(tmp_path: Path) -> None:
    directory = tmp_path / "deep" / "state"
    command = [sys.executable, "-c", PROGRAM, str(directory)]
    programs = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(4)
    ]
    for program in programs:
        assert program.stdout is not None
        assert program.stdout.readline() == "ready\n"
    for program in programs:
        assert program.stdin is not None
        program.stdin.write("go\n")
        program.stdin.flush()
    bursts = [[int(line) for line in program.communicate(timeout=60)[0].split()] for program in programs]
    assert all(burst == sorted(burst) for burst in bursts)
    assert sorted(nonce for burst in bursts for nonce in burst) == list(range(7, 407))


HOLDER = """
import sys
from pathlib import Path
from krakencli.rest.nonce import turn
with turn("a public key", directory=Path(sys.argv[1])):
    print("mine", flush=True)
    sys.stdin.readline()
"""


@pytest.mark.parametrize("killed", [False, True])
def test_a_turn_is_one_processs_until_it_ends(tmp_path: Path, killed: bool) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdin is not None
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"mine\n"
        mine = threading.Event()

        def wait() -> None:
            with turn("a public key", directory=tmp_path):
                mine.set()

        waiting = threading.Thread(target=wait)
        waiting.start()
        assert not mine.wait(0.3)
        if killed:
            holder.kill()
        else:
            holder.stdin.close()
        assert mine.wait(10)
        waiting.join()


@pytest.mark.parametrize("place", ["here", "/dev/null/nowhere"])
def test_a_turn_is_one_threads_and_whoever_cannot_wait_goes_without(
    key: str, place: str, tmp_path: Path
) -> None:
    directory = tmp_path / place

    def waited(patience: float) -> float:
        began = time.monotonic()
        with turn(key, patience, directory):
            return time.monotonic() - began

    with ThreadPoolExecutor(1) as pool:
        with turn(key, directory=directory):
            assert 0.1 <= pool.submit(waited, 0.1).result() < 5
            with turn(f"not {key}", directory=directory):
                pass
        assert pool.submit(waited, 60).result() < 5


def test_files_are_the_users_own_and_do_not_name_the_key(key: str, tmp_path: Path) -> None:
    directory = tmp_path / "state"
    next_nonce(key, directory)
    assert directory.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in directory.iterdir()} == {0o600}
    assert stored(directory, key) in directory.iterdir()
    assert not [path for path in directory.iterdir() if "public" in path.name]


@pytest.mark.parametrize(
    "content", [b"", b"nonsense", b"-5", b"9" * 20, b"%020d" % HIGHEST, b"1" * 5000, b"\xff" * 20]
)
def test_a_broken_file_is_written_anew(key: str, content: bytes, tmp_path: Path) -> None:
    stored(tmp_path, key).write_bytes(content)
    nonce = next_nonce(key, tmp_path, clock=lambda: 9 * HOUR)
    assert 9 * HOUR <= nonce < 10 * HOUR
    assert int(stored(tmp_path, key).read_bytes()) == nonce
    assert len(stored(tmp_path, key).read_bytes()) == 20


def test_what_another_process_used_is_passed(key: str, tmp_path: Path) -> None:
    stored(tmp_path, key).write_bytes(b"%020d" % (500 * HOUR))
    assert next_nonce(key, tmp_path, clock=lambda: HOUR) == 500 * HOUR + 1


def test_a_link_in_place_of_the_file_is_not_followed(key: str, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("untouched")
    stored(tmp_path, key).symlink_to(victim)
    assert next_nonce(key, tmp_path, clock=lambda: HOUR) == HOUR
    assert victim.read_text() == "untouched"


def test_without_a_usable_home_there_is_a_nonce_all_the_same() -> None:
    program = "from krakencli.rest.nonce import next_nonce as n; print(n('k') < n('k') < n('k'))"
    environ = {**os.environ, "HOME": "/dev/null", "XDG_STATE_HOME": "/dev/null/state"}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=environ, check=True
    )
    assert (done.stdout, done.stderr) == ("True\n", "")
