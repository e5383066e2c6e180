"""What the exchange's clock says, from the times in its answers (protocol notes v2 §2.2). Sans I/O.

An answer tells when its request arrived and when it was sent itself. With the moments of sending and hearing
here that gives the difference of the clocks, as exact as half the time that was spent on the way.
"""

from krakencli.times import unix


class ServerTime:
    """`ahead` is the exchange's Unix time minus `now` (monotonic seconds), within `uncertainty` seconds; both
    None before the first answer. The answer that was quickest counts.
    """

    def __init__(self) -> None:
        self.ahead: float | None = None
        self.uncertainty: float | None = None

    def answered(self, asked_at: float, heard_at: float, time_in: str, time_out: str) -> None:
        """An answer; texts that are no times say nothing."""
        try:
            came, went = unix(time_in), unix(time_out)
        except ValueError:
            return
        uncertainty = max(0.0, (heard_at - asked_at) - (went - came)) / 2
        if self.uncertainty is None or uncertainty <= self.uncertainty:
            self.ahead = (came + went) / 2 - (asked_at + heard_at) / 2
            self.uncertainty = uncertainty
