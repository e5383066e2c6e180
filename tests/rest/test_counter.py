"""The call counter of a key: what calls cost, how long they wait, and that processes share it."""

import subprocess
import sys
from pathlib import Path

import pytest

from krakencli.credentials import TIERS as NAMES
from krakencli.credentials import Credentials
from krakencli.errors import RemoteError
from krakencli.rest.client import Client
from krakencli.rest.counter import MOST_BEHIND, TIERS, Counter

from .kit import KEY, SECRET, Answer, Server, refused, result

NOON = 1_750_000_000.0


class Clock:
    """A time of day that moves only by waiting."""

    def __init__(self) -> None:
        self.now = NOON
        self.waits: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def counter(tmp_path: Path, clock: Clock) -> Counter:
    return Counter("a key", directory=tmp_path, wall=clock)


def waits(counter: Counter, method: str, times: int, tier: str = "starter") -> list[float]:
    return [round(counter.book(method, tier), 3) for _ in range(times)]


def test_the_tiers_are_those_that_can_be_chosen() -> None:
    assert tuple(TIERS) == NAMES


@pytest.mark.parametrize(
    ("tier", "burst", "seconds"), [("starter", 15, 3.03), ("intermediate", 20, 2), ("pro", 20, 1)]
)
def test_a_burst_and_then_the_pace_of_the_tier(
    counter: Counter, tier: str, burst: int, seconds: float
) -> None:
    assert waits(counter, "Balance", burst, tier) == [0] * burst
    assert waits(counter, "Balance", 3, tier) == pytest.approx([seconds, 2 * seconds, 3 * seconds], abs=0.01)


def test_a_fresh_starter_key_pages_its_trades_seven_times_and_then_every_six_seconds(
    counter: Counter, clock: Clock
) -> None:
    for _ in range(10):
        clock.sleep(counter.book("TradesHistory", "starter"))
    assert clock.waits[:7] == [0] * 7
    assert clock.waits[7:] == pytest.approx([3.03, 6.06, 6.06], abs=0.01)


def test_trading_never_waits_here(counter: Counter) -> None:
    waits(counter, "Balance", 40)
    assert waits(counter, "AddOrder", 5) == waits(counter, "CancelAllOrdersAfter", 5) == [0] * 5


def test_time_takes_away_and_a_clock_that_goes_back_does_not(counter: Counter, clock: Clock) -> None:
    waits(counter, "Balance", 15)
    clock.now += 3.1
    assert waits(counter, "Balance", 1) == [0]
    clock.now -= 3600
    (wait,) = waits(counter, "Balance", 1)
    assert wait == pytest.approx(3, abs=0.1)
    clock.now += 7200
    assert waits(counter, "Balance", 15) == [0] * 15


@pytest.mark.parametrize("content", [b"", b"nonsense", b"-1.000000 5.000000\n", b"nan nan\n", b"9" * 200])
def test_a_broken_file_counts_from_nothing(
    counter: Counter, clock: Clock, tmp_path: Path, content: bytes
) -> None:
    waits(counter, "Balance", 20)
    (file,) = (path for path in tmp_path.iterdir() if path.suffix != ".lock")
    file.write_bytes(content)
    assert waits(counter, "Balance", 1) == [0]


def test_nobody_waits_for_ever_for_what_a_file_says(counter: Counter, tmp_path: Path) -> None:
    waits(counter, "Balance", 1)
    (file,) = (path for path in tmp_path.iterdir() if path.suffix != ".lock")
    file.write_bytes(b"999999.000000 %.6f\n" % NOON)
    assert waits(counter, "Balance", 1)[0] <= MOST_BEHIND * 15 / 0.33


@pytest.mark.parametrize("shared", [True, False])
def test_without_a_file_this_process_remembers(shared: bool, clock: Clock) -> None:
    def counter() -> Counter:
        return Counter(f"no file {shared}", shared=shared, directory=Path("/dev/null/nowhere"), wall=clock)

    assert [counter().book("Balance", "starter") for _ in range(15)] == [0] * 15
    assert counter().book("Balance", "starter") > 0


PROGRAM = """
import sys
from pathlib import Path
from krakencli.rest.counter import Counter
print("ready", flush=True)
sys.stdin.readline()
counter = Counter("a key", directory=Path(sys.argv[1]), wall=lambda: 1_750_000_000.0)
for _ in range(5):
    print(counter.book("Balance", "pro"))
"""


def test_processes_share_it_and_each_call_has_a_place_of_its_own(tmp_path: Path) -> None:
    command = [sys.executable, "-c", PROGRAM, str(tmp_path / "state")]
    programs = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(8)
    ]
    for program in programs:
        assert program.stdout is not None
        assert program.stdout.readline() == "ready\n"
    said = []
    for program in programs:
        assert program.stdin is not None
        program.stdin.write("go\n")
        program.stdin.flush()
    for program in programs:
        said += map(float, program.communicate(timeout=60)[0].split())
    assert sorted(said) == [0.0] * 20 + [float(second) for second in range(1, 21)]
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "state").iterdir()} == {0o600}
    assert not [path for path in (tmp_path / "state").iterdir() if "a key" in path.name]


def rest(server: Server, clock: Clock, said: list[str]) -> Client:
    return Client(server.base, delays=(0, 0), sleep=clock.sleep, wall=clock, say=said.append)


def test_a_client_waits_and_says_for_how_long_and_why(clock: Clock) -> None:
    said: list[str] = []
    key = Credentials(KEY, SECRET, tier="pro")
    with Server(result({})) as server:
        for _ in range(22):
            with rest(server, clock, said) as client:  # each call by another client of this process
                client.private("Balance", key)
    assert said == ["waiting 1 s: the key's call counter is full"] * 2
    assert clock.waits == pytest.approx([1, 1])


def test_attempts_that_failed_count_too(clock: Clock) -> None:
    said: list[str] = []
    trouble = Answer(b"<html>", 502)
    with Server(trouble) as server, rest(server, clock, said) as client:
        for _ in range(5):
            with pytest.raises(RemoteError):
                client.private("Balance", Credentials(KEY, SECRET))
        assert [wait for wait in clock.waits if wait] == []
        with pytest.raises(RemoteError):
            client.private("Balance", Credentials(KEY, SECRET))
    assert len(said) == 3


def test_an_exchange_that_counts_more_than_we_do_is_believed(clock: Clock) -> None:
    said: list[str] = []
    full = refused("EAPI:Rate limit exceeded")
    with Server(full, full, result("here"), result("on")) as server, rest(server, clock, said) as client:
        key = Credentials(KEY, SECRET)
        assert client.private("OpenOrders", key) == "here"
        assert clock.waits == [5.0, 10.0]
        assert said == [
            f"waiting {wait} s: the exchange says that the key's call counter is full" for wait in (5, 10)
        ]
        clock.now += 1
        for _ in range(3):
            client.private("OpenOrders", key)
    assert said[2:] == ["waiting 2 s: the key's call counter is full"]  # nearly full since then
    assert len(server.seen) == 6


def test_an_exchange_that_goes_on_refusing_is_left_in_peace(clock: Clock) -> None:
    with Server(refused("EAPI:Rate limit exceeded")) as server, rest(server, clock, []) as client:
        with pytest.raises(RemoteError, match="Rate limit") as caught:
            client.private("Balance", Credentials(KEY, SECRET))
        assert len(server.seen) == 3
    assert caught.value.retryable


@pytest.mark.parametrize("entry", ["EAPI:Rate limit exceeded", "EGeneral:Temporary lockout"])
def test_an_order_and_a_lockout_are_never_tried_again(clock: Clock, entry: str) -> None:
    method = "AddOrder" if "Rate" in entry else "Balance"
    with Server(refused(entry)) as server, rest(server, clock, []) as client:
        with pytest.raises(Exception, match=entry):
            client.private(method, Credentials(KEY, SECRET))
        assert len(server.seen) == 1
    assert clock.waits == []
