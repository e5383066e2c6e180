"""What a live table says about the stream beneath its rows: figures only, their looks are the table's."""

from dataclasses import dataclass
from typing import Literal

State = Literal["connecting", "live", "reconnecting", "waiting", "ended"]


@dataclass(frozen=True, slots=True)
class Caption:
    """The stream at one moment. `rate` is records a second, `elapsed` seconds since the start;
    `remarks` are further figures in words, the most wanted first."""

    state: State
    detail: str
    records: int
    rate: float
    subscriptions: int
    rejected: int
    elapsed: float
    remarks: tuple[str, ...] = ()
