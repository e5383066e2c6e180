"""How records come, and who has fallen mute: by each one's own habits, while the others go on."""

import pytest

from krakencli.pulse import KNOWN_AFTER, LATELY, MUTE_AFTER, TIMES_USUAL, Key, Pulse

A, B, C = ("trade", "A/USD"), ("trade", "B/USD"), ("ticker", "C/USD")


class Watch:
    """A pulse looked at once a second; `rates` are records a second of those that still bring some."""

    def __init__(self, **unit: float) -> None:
        self.pulse = Pulse(**unit)
        self.unit = unit.get("unit", 1.0)
        self.now = 100.0
        self.counts: dict[Key, float] = {}
        self.pulse.look({}, self.now)

    def run(self, seconds: int, rates: dict[Key, float]) -> list[tuple[Key, float]]:
        found: list[tuple[Key, float]] = []
        for _ in range(seconds):
            self.now += self.unit
            for key, rate in rates.items():
                self.counts[key] = self.counts.get(key, 0.0) + rate
            self.pulse.look({key: int(count) for key, count in self.counts.items()}, self.now)
            found += self.pulse.mute(self.now, [A, B, C])
        return found


def test_a_rate_is_that_of_the_last_seconds() -> None:
    watch = Watch()
    watch.run(2, {A: 10})
    assert watch.pulse.rate(A) == pytest.approx(10)
    watch.run(int(LATELY) * 6, {A: 2})
    assert watch.pulse.rate(A) == pytest.approx(2, rel=0.1)
    watch.run(int(LATELY) * 6, {})
    assert watch.pulse.rate(A) < 0.1
    assert watch.pulse.rate(B) == 0


def test_one_of_several_falls_mute_and_it_is_told_once() -> None:
    watch = Watch()
    assert watch.run(60, {A: 3, B: 2}) == []
    (told,) = watch.run(int(MUTE_AFTER) + 60, {B: 2})
    assert told[0] == A
    assert MUTE_AFTER <= told[1] <= MUTE_AFTER + 2
    assert watch.run(60, {A: 3, B: 2}) == []
    assert [key for key, _ in watch.run(int(MUTE_AFTER) + 5, {B: 2})] == [A]


def test_where_all_are_silent_nobody_is_mute() -> None:
    watch = Watch()
    watch.run(60, {A: 3, B: 2, C: 5})
    assert watch.run(600, {}) == []


def test_who_is_alone_is_never_mute() -> None:
    watch = Watch()
    watch.run(60, {A: 3})
    assert watch.run(600, {}) == []


def test_a_quiet_market_may_be_silent_for_long() -> None:
    watch = Watch()
    every = 20
    watch.run(KNOWN_AFTER * every + every, {A: 1 / every, B: 2})
    assert watch.run(TIMES_USUAL * every - 2 * every, {B: 2}) == []
    assert [key for key, _ in watch.run(3 * every, {B: 2})] == [A]


def test_too_little_is_known_of_who_brought_few() -> None:
    watch = Watch()
    watch.run(KNOWN_AFTER - 2, {A: 1, B: 2})
    assert watch.run(600, {B: 2}) == []


def test_a_new_subscription_begins_anew() -> None:
    watch = Watch()
    watch.run(60, {A: 3, B: 2})
    watch.run(int(MUTE_AFTER) - 5, {B: 2})
    watch.pulse.begin([A, C], watch.now)
    assert watch.run(int(MUTE_AFTER) - 5, {B: 2}) == []
    assert len(watch.run(10, {B: 2})) == 1


def test_time_in_which_nobody_looked_is_nobodys_silence() -> None:
    watch = Watch()
    watch.run(60, {A: 3, B: 2})
    watch.now += 3600
    assert watch.run(int(MUTE_AFTER) - 5, {B: 2}) == []
    assert [key for key, _ in watch.run(30, {B: 2})] == [A]


def test_only_who_is_asked_about_counts() -> None:
    watch = Watch()
    watch.run(60, {A: 3, B: 2})
    watch.run(int(MUTE_AFTER) - 2, {B: 2})
    watch.now += 5
    watch.pulse.look({A: 180, B: 1000}, watch.now)
    assert list(watch.pulse.mute(watch.now, [B])) == []
    assert [key for key, _ in watch.pulse.mute(watch.now, [A, B])] == [A]


def test_a_shorter_second_shortens_all() -> None:
    watch = Watch(unit=0.01)
    watch.run(60, {A: 3, B: 2})
    (told,) = watch.run(int(MUTE_AFTER) + 5, {B: 2})
    assert told[1] == pytest.approx(MUTE_AFTER * 0.01, rel=0.1)
