"""How the records of each subscription come, looked at once a second: their rate, and who has fallen mute.

Heartbeats prove a connection, never a subscription (protocol notes v2 §3.2): one that is acknowledged may
stop delivering while the others go on. Each is measured by its own habits, for quiet markets are silent for
minutes with everything in order. Sans I/O; `now` is monotonic seconds.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

Key = tuple[str, str | None]
"""The name of a strand and a symbol of it."""

LOOK_EVERY = 1.0
LATELY = 5.0
"""Seconds over which a rate is smoothed."""
MUTE_AFTER = 60.0
TIMES_USUAL = 30
"""A silence is odd when it lasts so many times the usual time between two records, and a minute at least."""
KNOWN_AFTER = 30
"""Records from which on the usual time is known; it follows the last so many."""
OTHERS_ALIVE = 0.5
"""The others go on where they bring this part of what they usually do."""


@dataclass(slots=True)
class Beat:
    """One subscription. `rate` is records a second lately, `usual` the seconds between two, `heard_at` when
    the last one was noticed.
    """

    began_at: float
    heard_at: float
    count: int = 0
    rate: float = 0.0
    usual: float = 0.0
    told: bool = False


class Pulse:
    """`look` at the counts once a second. `unit` is the length of a second."""

    def __init__(self, unit: float = 1.0) -> None:
        self._unit = unit
        self._beats: dict[Key, Beat] = {}
        self._looked_at: float | None = None

    def due(self, now: float) -> bool:
        return self._looked_at is None or now - self._looked_at >= LOOK_EVERY * self._unit

    def look(self, counts: Mapping[Key, int], now: float) -> None:
        """Take how many records of each there have been so far."""
        before = now if self._looked_at is None else self._looked_at
        passed, self._looked_at = now - before, now
        if passed > LATELY * self._unit:  # nobody looked, so that nobody was silent
            for beat in self._beats.values():
                beat.heard_at += passed
        for key, count in counts.items():
            beat = self._beats.setdefault(key, Beat(began_at=before, heard_at=before))
            if passed > 0:
                self._follow(beat, count, now, passed)

    def begin(self, keys: Iterable[Key], now: float) -> None:
        """These are subscribed to anew: silence counts from here."""
        for key in keys:
            if (beat := self._beats.get(key)) is not None:
                beat.heard_at, beat.told = now, False

    def rate(self, key: Key) -> float:
        """Records a second lately."""
        beat = self._beats.get(key)
        return 0.0 if beat is None else beat.rate

    def mute(self, now: float, among: Iterable[Key]) -> Iterator[tuple[Key, float]]:
        """Who of these has brought nothing for oddly long, while the others go on; each silence once."""
        beats = {key: beat for key in among if (beat := self._beats.get(key)) is not None}
        usual = sum(1 / beat.usual for beat in beats.values() if beat.usual)
        lately = sum(beat.rate for beat in beats.values())
        for key, beat in beats.items():
            silent = now - beat.heard_at
            if beat.told or not beat.usual or beat.count < KNOWN_AFTER:
                continue
            others = (usual - 1 / beat.usual) * OTHERS_ALIVE
            alive = others > 0 and lately - beat.rate >= others
            if alive and silent >= max(MUTE_AFTER * self._unit, TIMES_USUAL * beat.usual):
                beat.told = True
                yield key, silent

    def _follow(self, beat: Beat, count: int, now: float, passed: float) -> None:
        new = count - beat.count
        lately = min(LATELY * self._unit, now - beat.began_at)
        beat.rate += (new / passed - beat.rate) * min(1.0, passed / lately)
        if new > 0:
            between = (now - beat.heard_at) / new
            beat.usual += (between - beat.usual) * min(1.0, new / KNOWN_AFTER if beat.usual else 1.0)
            beat.count, beat.heard_at, beat.told = count, now, False
