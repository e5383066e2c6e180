"""The one loop of a stream: events in, records out, until something ends it.

Runs in the main thread. Every wait in it is short, so that signals, `-n`, `--duration`, a closed pipe and the
table's `q` all end it within a moment.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import msgspec

from krakencli.clock import Clock
from krakencli.errors import ExitStatus, StreamError, UntrustedError, undecodable
from krakencli.feed import Feed, RawFrame
from krakencli.formatters.caption import Caption
from krakencli.interrupts import Interrupts
from krakencli.model import News, Run, Subscription
from krakencli.output import ReaderGoneError, StoppedError
from krakencli.protocol.messages import Update
from krakencli.pulse import Key
from krakencli.refusals import Refusals
from krakencli.sinks import Sink
from krakencli.stage import Step, Strand, routes
from krakencli.status import statuses
from krakencli.talk import Talk
from krakencli.tally import Tally

LOOK_EVERY = 0.1


@dataclass(frozen=True, slots=True)
class Limits:
    """When a stream is done by itself, and what it bears."""

    count: int | None = None
    duration: float | None = None
    keep_going: bool = False
    strict: bool = False


class _Done(Exception):  # noqa: N818 - the way out of the loop, no error
    def __init__(self, reason: str, status: ExitStatus = ExitStatus.OK) -> None:
        self.reason, self.status = reason, status


class Pipeline:
    """`run` it once. `suggest` finds "did you mean" for a symbol that the exchange refused. Only with
    `detailed` the statuses tell age and lateness.
    """

    def __init__(
        self,
        strands: Sequence[Strand],
        feed: Feed,
        sink: Sink,
        *,
        limits: Limits,
        talk: Talk,
        interrupts: Interrupts,
        clock: Clock,
        suggest: Callable[[list[str]], str] = lambda _: "",
        detailed: bool = False,
    ) -> None:
        self._strands, self._feed, self._sink = strands, feed, sink
        self._routes = routes(strands, feed.places)
        self._limits, self._talk, self._interrupts, self._clock = limits, talk, interrupts, clock
        self._tally = Tally(detailed=detailed, unit=clock.unit)
        self._started_at = clock.monotonic()
        self._detail = ""
        self._refusals = Refusals(suggest, keep_going=limits.keep_going)

    def run(self) -> ExitStatus:
        """Stream until the end; raises the StreamError that ended it, after the `end` record."""
        self._sink.open()
        try:
            self._feed.start()
            return self._loop()
        except StreamError as error:
            self._release()
            self._finish(error.code, error.message)
            raise
        finally:
            self._sink.close()
            self._feed.close()

    def counts(self) -> list[dict[str, Any]]:
        """What came of each symbol of each channel."""
        return self._tally.counts(self._strands, self._feed.wanted, self._clock.monotonic())

    def statuses(self) -> list[dict[str, Any]]:
        """What is known of each subscription now."""
        clock = self._clock
        self._tally.look(clock.monotonic())
        return statuses(self._strands, self._feed.standings(), self._tally, clock.wall(), clock.monotonic())

    def summary(self) -> str:
        """What has been streamed, in a line."""
        now = self._clock.monotonic()
        return self._tally.summary(self._strands, now - self._started_at, now)

    def _loop(self) -> ExitStatus:
        try:
            while True:
                self._turn()
        except _Done as done:
            if done.reason != "count":
                self._release()
            self._finish(done.reason)
            return done.status
        except ReaderGoneError:
            return ExitStatus.OK
        except StoppedError:
            return self._stopped().status

    def _release(self) -> None:
        """Print what was held back, as far as it is wanted and the output takes it."""
        now = self._clock.monotonic()
        with suppress(_Done, ReaderGoneError, StoppedError):
            for strand in self._strands:
                self._follow(strand, strand.stage.release(now))

    def _turn(self) -> None:
        events = self._feed.poll(self._timeout())
        now = self._clock.monotonic()
        try:
            self._handle(events, now)
            for strand in self._strands:
                self._follow(strand, strand.stage.tick(now))
            self._look_for_the_mute(now)
        except _Done:
            self._end_if_refused()
            raise
        self._sink.flush(now, lambda: self._caption(now))
        self._end_if_refused()
        self._end_if_over(now)

    def _look_for_the_mute(self, now: float) -> None:
        """Renew what has brought nothing for oddly long, while the others go on."""
        pulse = self._tally.pulse
        if not pulse.due(now):
            return
        self._tally.look(now)
        active = self._feed.active
        places: dict[Key, Subscription] = {
            (strand.name, one.symbol): one
            for strand in self._strands
            for one in strand.subscriptions
            if one in active and one.symbol is not None
        }
        for key, silent in pulse.mute(now, places):
            wire, symbol = places[key].wire, str(key[1])
            self._feed.renew(wire, symbol, 0.0)
            reason = f"silent for {silent / self._clock.unit:.0f} s, while the others go on"
            more = {"subscription": wire, "reason": reason, "remedy": "subscribing again"}
            self._tell(self._feed.news("stall", wire, symbol, **more))

    def _handle(self, events: list[Update | News | RawFrame], now: float) -> None:
        """Print data, tell news; refusals are kept until the batch is done."""
        run: list[Update] = []
        owners: list[Strand] = []
        here = self._routes[self._feed.source]
        for event in events:
            if type(event) is Update and (due := here.get(event.channel)):
                if run and (due is not owners or event.type != run[0].type or event.sequence is not None):
                    self._print_run(owners, run, now)
                owners = due
                run.append(event)
                if not event.members:
                    continue
            self._print_run(owners, run, now)
            if isinstance(event, Update):
                for strand in self._strands:
                    self._follow(strand, strand.stage.aside(event, now))
            elif isinstance(event, RawFrame):
                self._print_frame(event)
            else:
                self._hear(event, now)
        self._print_run(owners, run, now)

    def _hear(self, news: News, now: float) -> None:
        for strand in self._strands:
            strand.stage.hear(news, now)
        self._tell(news)
        if news.type == "subscribed":
            names = [(strand.name, news.fields.get("symbol")) for strand in self._strands]
            self._tally.pulse.begin(names, now)
        self._refusals.hear(news)

    def _print_run(self, owners: list[Strand], run: list[Update], now: float) -> None:
        """Print updates that are alike in all that is not in their items, and forget them."""
        if run:
            for strand in owners:
                self._follow(strand, strand.stage.take(run, now, self._left()))
            run.clear()

    def _follow(self, strand: Strand, steps: Iterable[Step]) -> None:
        try:
            for step in steps:
                if isinstance(step, Run):
                    self._print(strand, step)
                else:
                    self._tell(step)
        except (msgspec.DecodeError, ValueError) as error:
            raise undecodable(strand.channel.name, str(error)) from None

    def _left(self) -> int | None:
        """How many records are still wanted."""
        return None if self._limits.count is None else self._limits.count - self._tally.records

    def _print(self, strand: Strand, run: Run) -> None:
        left, records = self._left(), run.records
        if not records:
            return
        if left is not None:
            records = records[:left]
        self._sink.records(strand.name, run.type, records, run.sequence)
        self._talk.settled = True
        self._tally.printed(strand, run.type, records, self._clock.wall())
        if left is not None and len(records) == left:
            self._flush_and_end("count")

    def _print_frame(self, frame: RawFrame) -> None:
        self._sink.frame(frame)
        if frame.is_data:
            self._talk.settled = True
            self._tally.records += 1
            if self._tally.records == self._limits.count:
                self._flush_and_end("count")

    def _flush_and_end(self, reason: str) -> None:
        now = self._clock.monotonic()
        self._sink.flush(now, lambda: self._caption(now))
        raise _Done(reason)

    def _tell(self, news: News) -> None:
        self._sink.news(news)
        self._talk.news(news)
        self._tally.heard(news)
        self._detail = str(news.fields.get("reason", "")) if news.type in ("reconnecting", "rejected") else ""
        if news.type == "gap":
            self._end_if_strict(news)

    def _end_if_strict(self, gap: News) -> None:
        if self._limits.strict:
            what = f"{gap.fields['subscription']} {gap.fields.get('symbol', '')}".strip()
            raise UntrustedError(
                f"{what} was not heard from {gap.fields['from']} to {gap.fields['to']}",
                suggestion="without --strict the stream goes on",
                retryable=True,
            )

    def _end_if_refused(self) -> None:
        if words := self._refusals.settle(others=bool(self._feed.wanted)):
            self._talk.say(words)

    def _end_if_over(self, now: float) -> None:
        if self._interrupts.raised():
            raise self._stopped()
        if self._limits.duration is not None and now - self._started_at >= self._limits.duration:
            raise _Done("duration")
        if reason := self._sink.wants_to_end():
            raise _Done(reason)

    def _stopped(self) -> _Done:
        status = ExitStatus(128 + (self._interrupts.signum or 15))
        return _Done("interrupted" if status is ExitStatus.INTERRUPTED else "terminated", status)

    def _timeout(self) -> float:
        look_every = LOOK_EVERY * self._clock.unit
        if self._limits.duration is None:
            return look_every
        left = self._limits.duration - (self._clock.monotonic() - self._started_at)
        return max(0.0, min(look_every, left))

    def _caption(self, now: float) -> Caption:
        self._tally.measure(now)
        return Caption(
            state=self._feed.state,
            detail=self._detail,
            records=self._tally.records,
            rate=self._tally.rate,
            subscriptions=len(self._feed.active),
            rejected=self._tally.rejected,
            elapsed=now - self._started_at,
            remarks=tuple(remark for strand in self._strands for remark in strand.stage.remarks(now)),
        )

    def _finish(self, reason: str, message: str = "") -> None:
        """The `end` record, where the output still takes it."""
        fields = {"reason": reason, "records": self._tally.records, "subscriptions": self.counts()}
        if message:
            fields["message"] = message
        self._sink.news(News("end", self._clock.stamp(), fields))
        try:
            now = self._clock.monotonic()
            self._sink.flush(now, lambda: self._caption(now))
        except (ReaderGoneError, StoppedError):
            pass
