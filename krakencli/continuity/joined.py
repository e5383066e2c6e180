"""All trades of a stream without ids, joined with REST's rows after a loss, and compared with them in time.

Sans I/O: messages in, records and news out, in the order in which things happened. One page of REST is wanted
at a time, of the symbol that needs it most: where trades wait, then where somebody listens again, then where
REST has more, then whose turn it is to be compared.
"""

from collections import deque
from collections.abc import Iterable

import msgspec
from msgspec import Struct

from krakencli.continuity.join_news import Page, RowsWanted, Told, Unaudited
from krakencli.continuity.joining import JointFigures, Terms
from krakencli.continuity.joint import Joint
from krakencli.continuity.keeper import FILL_TIMEOUT, Batch
from krakencli.continuity.news import Malformed
from krakencli.model import Record, run_of

REMEMBERED = 1_000
REMEMBERED_FOR_AUDITS = 20_000
"""Trades of a symbol that REST is not known to have: enough to overlap with it, or to compare them all."""


class _Symbol(Struct, gc=False):
    symbol: str


_symbol_of = msgspec.json.Decoder(_Symbol).decode


class Joined:
    """`fill_timeout` 0 holds nothing; `asks` says whether REST can be asked, `audit_every` after how many
    seconds a symbol is compared, None for never. `unit` is the length of a second.
    """

    def __init__(
        self,
        *,
        fill_timeout: float = FILL_TIMEOUT,
        asks: bool = True,
        audit_every: float | None = None,
        unit: float = 1.0,
        remember: int | None = None,
    ) -> None:
        audits = audit_every is not None
        most = remember or (REMEMBERED_FOR_AUDITS if audits else REMEMBERED)
        self._terms = Terms(fill_timeout, asks, audits, most, unit)
        self._every = (audit_every or 0.0) * unit
        self._joints: dict[str, Joint] = {}
        self._open: dict[str, Joint] = {}
        self._turns: deque[tuple[float, Joint]] = deque()
        self._behind: deque[Joint] = deque()
        self._asked: RowsWanted | None = None
        self._failing: set[str] = set()

    def take(self, batches: Iterable[Batch], now: float) -> list[Told | Malformed]:
        """What messages bring, each of which is of one symbol. An item that is no trade ends the list."""
        out: list[Told | Malformed] = []
        find, decode = self._joints.get, _symbol_of
        run: list[Record] | None = None
        try:
            for batch in batches:
                data = batch.data
                if not data:
                    continue
                symbol = decode(data[0]).symbol
                joint = find(symbol) or self._find(symbol)
                if joint.calm:
                    if run is None:
                        run = run_of(out, "update")
                    for item in data:
                        joint.recent.append(item)
                        run.append((symbol, item))
                else:
                    joint.take(data, now, out)  # type: ignore[arg-type] # nothing malformed before the end
                    self._settle(joint)
                    run = None
        except (ValueError, RecursionError) as error:
            out.append(Malformed(str(error)))
        return out

    def subscribed(self, symbol: str, now: float) -> None:
        """The symbol belongs to the stream; it has figures, and is compared, from now on."""
        joint = self._find(symbol)
        if self._terms.audits:
            self._turns.append((now + self._every, joint))

    def resumed(self, symbol: str, lost: str | None, stamp: str, now: float) -> list[Told]:
        """It is subscribed to again at `stamp`; nobody listened since `lost`, where that is known."""
        out: list[Told] = []
        joint = self._find(symbol)
        joint.resume(lost, stamp, now, out)
        self._settle(joint)
        return out

    def tick(self, now: float) -> list[Told]:
        """What time brings, when all that has arrived is taken: comparisons, and a wish for the next."""
        out: list[Told] = []
        for joint in list(self._open.values()):
            joint.tick(now, out)
            more = self._terms.audits and joint.trail.behind and joint.join is None and not joint.busy
            if more and joint not in self._behind:
                self._behind.append(joint)
            self._settle(joint)
        if self._asked is None and self._terms.asks:
            self._wish(now, out)
        return out

    def answer(self, wanted: RowsWanted, page: Page, now: float) -> list[Told]:
        """The answer to a wish."""
        self._asked = None
        self._failing.discard(wanted.symbol)
        joint = self._find(wanted.symbol)
        joint.answer(wanted, page, now)
        self._settle(joint)
        return []

    def fail(self, wanted: RowsWanted, reason: str) -> list[Told]:
        """The answer to a wish: nobody can tell, and why."""
        out: list[Told] = []
        self._asked = None
        joint = self._find(wanted.symbol)
        if wanted.reason == "audit" and wanted.symbol not in self._failing:
            self._failing.add(wanted.symbol)
            out.append(Unaudited(wanted.symbol, reason))
        joint.fail(reason, out)
        self._settle(joint)
        return out

    def release(self) -> list[Told]:
        """The stream ends: all that is held, with its gaps."""
        out: list[Told] = []
        for joint in self._open.values():
            joint.release(out)
        self._open.clear()
        return out

    @property
    def waiting(self) -> bool:
        """Whether a hole is open."""
        return any(joint.join is not None for joint in self._open.values())

    def figures(self) -> dict[str, JointFigures]:
        return {symbol: joint.figures for symbol, joint in self._joints.items()}

    def _wish(self, now: float, out: list[Told]) -> None:
        joining = [
            (one.join.until is None, one.join.until or one.join.ask_at, symbol)
            for symbol, one in self._open.items()
            if one.join is not None and one.join.ask_at <= now and not one.busy
        ]
        if joining:
            joint = self._joints[min(joining)[2]]
            self._ask(joint.wish("reconnect", now, out), out)
        elif again := [one for one in self._open.values() if (one.look_again_at or now + 1) <= now]:
            self._ask(again[0].wish("reconnect", now, out), out)
        elif self._behind:
            self._ask(self._behind.popleft().wish("audit", now, out), out)
        elif self._turns and self._turns[0][0] <= now:
            _, joint = self._turns.popleft()
            self._turns.append((now + self._every, joint))
            if joint.join is None and not joint.busy:
                self._ask(joint.wish("audit", now, out), out)

    def _ask(self, wish: RowsWanted, out: list[Told]) -> None:
        self._asked = wish
        out.append(wish)

    def _find(self, symbol: str) -> Joint:
        return self._joints.get(symbol) or self._joints.setdefault(symbol, Joint(symbol, self._terms))

    def _settle(self, joint: Joint) -> None:
        if joint.idle:
            self._open.pop(joint.symbol, None)
        else:
            self._open[joint.symbol] = joint
