"""What was told already: the newest fills and the newest ends of orders, each once."""

MOST = 10_000
"""So many of each are remembered."""


class Known:
    """Names in the order in which they were told, each with its time."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._times: dict[str, str] = {}

    def __contains__(self, name: object) -> bool:
        return name in self._times

    def __bool__(self) -> bool:
        return bool(self._times)

    def __len__(self) -> int:
        return len(self._times)

    def add(self, name: str, time: str) -> bool:
        """Whether it is new; it is known from now on."""
        if name in self._times:
            return False
        self._times[name] = time
        if len(self._times) > self._most:
            del self._times[next(iter(self._times))]
        return True

    @property
    def newest(self) -> tuple[str, str] | None:
        """Name and time of the newest, None where nothing was told."""
        return max(self._times.items(), key=lambda one: one[1], default=None)
