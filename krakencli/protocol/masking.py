"""A connection's token taken out of what arrives: errors echo it (limits and errors §4, rule 7). Pure."""

from collections.abc import Iterable

MASK = b"***"


def masked(frames: Iterable[bytes], token: str) -> list[bytes]:
    """The frames without the token, wherever in them it stands; JSON may write its slashes as `\\/`."""
    spellings = {token.encode(), token.replace("/", "\\/").encode()}
    found = list(frames)
    for spelling in spellings:
        found = [frame.replace(spelling, MASK) for frame in found]
    return found
