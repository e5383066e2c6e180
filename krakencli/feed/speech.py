"""How the connections of a feed speak: the codec of each, and who listens."""

from collections.abc import Callable
from dataclasses import dataclass

from krakencli.model import Api
from krakencli.protocol import v2
from krakencli.protocol.dialect import Dialect


def codec(api: Api, stamp: Callable[[], str]) -> Dialect:
    """A new connection's codec; `stamp` tells the time here."""
    if api == "v1":
        from krakencli.protocol.v1 import Codec  # noqa: PLC0415 - most streams speak v2

        return Codec(stamp)
    return v2


@dataclass(frozen=True, slots=True)
class Speech:
    """`keep_frames` has every frame given as it came instead of decoded updates; `trace` sees every frame
    that is sent (">") or has come ("<").
    """

    api: Api = "v2"
    keep_frames: bool = False
    trace: Callable[[str, bytes], None] | None = None
