"""A hundred attempts in ten minutes, together, in turn, and for nobody a reason not to stream."""

import random
import threading
from pathlib import Path

import pytest

from krakencli.budget import LIMIT, PLENTY, WINDOW, Budget

HOST = "ws.exchange.test"


class Wall:
    """A clock moved by hand."""

    def __init__(self, now: float = 1_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def most_in_any_window(attempts: list[float], window: float = WINDOW) -> int:
    times = sorted(attempts)
    return max(sum(begin <= one < begin + window for one in times) for begin in times)


def test_a_hundred_are_free_and_the_next_waits_for_the_first_to_be_forgotten(tmp_path: Path) -> None:
    wall = Wall()
    budget = Budget(HOST, tmp_path, wall)
    for _ in range(LIMIT):
        assert budget.book() == 0.0
        wall.now += 1
    assert budget.book() == pytest.approx(WINDOW - LIMIT, abs=0.01)
    assert budget.book() == pytest.approx(WINDOW - LIMIT + 1, abs=0.01)
    wall.now += 2 * WINDOW
    assert budget.book() == 0.0


def test_ten_workers_on_one_file_keep_the_law_and_nobody_starves(tmp_path: Path) -> None:
    """Each connects again as soon as it may, for an hour of a clock that goes from one event to the next."""
    wall, rng = Wall(), random.Random(1)
    workers = [Budget(HOST, tmp_path, wall) for _ in range(10)]
    due = [wall.now] * len(workers)
    attempts: dict[int, list[float]] = {number: [] for number in range(len(workers))}
    end = wall.now + 3600
    while (moment := min(due)) < end:
        number = due.index(moment)
        wall.now = moment
        begins = moment + workers[number].book()
        attempts[number].append(begins)
        due[number] = begins + rng.uniform(0.01, 2.0)
    together = [one for times in attempts.values() for one in times if one < end]
    assert most_in_any_window(together) <= LIMIT
    assert len(together) >= 6 * LIMIT
    counts = [len(times) for times in attempts.values()]
    assert min(counts) > 0.5 * max(counts)


def test_threads_that_book_at_once_never_get_the_same_place(tmp_path: Path) -> None:
    wall, waits, lock = Wall(), [], threading.Lock()

    def work() -> None:
        budget = Budget(HOST, tmp_path, wall, limit=5)
        for _ in range(5):
            seconds = budget.book()
            with lock:
                waits.append(seconds)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    due = [WINDOW * turn for turn in range(4) for _ in range(5)]
    assert sorted(waits) == pytest.approx(due, abs=0.01)


def test_where_there_is_plenty_an_attempt_does_not_wait_for_its_booking(tmp_path: Path) -> None:
    budget = Budget(HOST, tmp_path, Wall())
    assert budget.admit() == 0.0
    for thread in threading.enumerate():
        if thread.name == "budget":
            thread.join(10)
    (line,) = (tmp_path / f"attempts-{HOST}").read_text().splitlines()
    assert line == "1000000.000000"


def test_where_it_is_short_the_booking_comes_first(tmp_path: Path) -> None:
    budget = Budget(HOST, tmp_path, Wall())
    for _ in range(LIMIT):
        budget.book()
    assert budget.admit() == pytest.approx(WINDOW, abs=0.01)
    assert PLENTY < LIMIT


def test_hosts_have_budgets_of_their_own(tmp_path: Path) -> None:
    for host in ("a.test", "b.test", "[::1]"):
        assert Budget(host, tmp_path, Wall(), limit=1).book() == 0.0


@pytest.mark.parametrize("text", ["", "garbage\n", "nan\ninf\n-1\n", "9999999999999\n", "1" * 10000])
def test_a_file_that_something_else_has_written_is_no_obstacle(tmp_path: Path, text: str) -> None:
    (tmp_path / f"attempts-{HOST}").write_text(text)
    assert Budget(HOST, tmp_path, Wall()).book() == 0.0


def test_a_clock_that_went_back_does_not_lock_anybody_out(tmp_path: Path) -> None:
    wall = Wall()
    for _ in range(LIMIT):
        Budget(HOST, tmp_path, wall).book()
    wall.now -= 100 * WINDOW
    assert Budget(HOST, tmp_path, wall).book() == 0.0


def test_without_a_place_to_write_there_is_no_budget(tmp_path: Path) -> None:
    nowhere = tmp_path / "file"
    nowhere.write_text("")
    budget = Budget(HOST, nowhere / "below", Wall(), limit=1)
    assert [budget.admit(), budget.book(), budget.book()] == [0.0, 0.0, 0.0]
