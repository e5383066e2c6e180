"""The list of pairs: REST AssetPairs, kept for a day in a file per REST base.

Light, because shell completion reads the cache: it imports neither `requests` nor anything else that is
slow, and takes a factory instead of a client. A cache that cannot be read or written is no error: a stream
never stops for want of a home directory. Facts: protocol notes REST §4 and §7.
"""

import json
import os
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import fields
from hashlib import sha256
from pathlib import Path
from threading import get_ident
from typing import TYPE_CHECKING, Any

from krakencli.errors import RemoteError, UnreachableError
from krakencli.symbols import Directory, Pair, modern

if TYPE_CHECKING:
    from krakencli.rest.client import Client

DAY = 86400.0
MOST_BYTES = 16 << 20
_SHAPE = [field.name for field in fields(Pair)]
_NAME = re.compile(r"[A-Za-z0-9.:_-]{1,40}")
_WSNAME = re.compile(r"[A-Za-z0-9.]{1,30}/[A-Za-z0-9.]{1,30}")
_FIGURE = re.compile(r"[0-9]{1,20}(\.[0-9]{1,20})?")


def load(
    client_factory: "Callable[[], Client]",
    base: str,
    cache_dir: Path | None,
    now: float,
    max_age: float = DAY,
) -> Directory:
    """The pairs of the exchange at `base`, from the cache where it is younger than `max_age` seconds.

    `now` is Unix time in seconds; `max_age=0` asks anew, as for an unknown name. The factory is called only
    then. An older cache, marked `stale`, is used where REST cannot be reached or answers with an error that
    may pass; without a cache that error is raised (see `Client.public`).
    """
    kept = _kept(base, cache_dir)
    if kept and 0 <= now - kept[0] < max_age:
        return Directory(kept[1])
    try:
        with client_factory() as client:
            pairs = parse(client.public("AssetPairs"))
    except (UnreachableError, RemoteError) as error:
        if not kept or not error.retryable:
            raise
        return Directory(kept[1], stale=True)
    if not pairs:
        raise RemoteError("REST lists no pair that can be streamed", suggestion="check KRAKEN_SPOT_URL")
    _keep(base, cache_dir, now, pairs)
    return Directory(pairs)


def cached(base: str, cache_dir: Path | None) -> Directory | None:
    """What the cache holds for `base`, however old, without any network; None where it holds nothing."""
    kept = _kept(base, cache_dir)
    return Directory(kept[1], stale=True) if kept else None


def parse(result: Any) -> list[Pair]:
    """The pairs of an AssetPairs answer that can be streamed; what is malformed is left out.

    Also left out: pairs without `wsname` (dark pools), tokenised assets, other execution venues.
    """
    entries = result.items() if isinstance(result, dict) else ()
    return [pair for name, entry in entries for pair in _pair(name, entry)]


def _pair(internal: str, entry: Any) -> Iterator[Pair]:
    if not isinstance(entry, dict) or not _streams(internal, entry):
        return
    wsname = entry["wsname"]
    symbol = modern(wsname)
    base, quote = symbol.split("/")
    yield Pair(
        internal=internal,
        altname=_name(entry, "altname") or wsname.replace("/", ""),
        wsname=wsname,
        symbol=symbol,
        base=base,
        quote=quote,
        base_id=_name(entry, "base") or base,
        quote_id=_name(entry, "quote") or quote,
        status=_name(entry, "status"),
        price_precision=_count(entry, "pair_decimals"),
        qty_precision=_count(entry, "lot_decimals"),
        tick_size=_figure(entry, "tick_size"),
        qty_min=_figure(entry, "ordermin"),
        cost_min=_figure(entry, "costmin"),
    )


def _streams(internal: str, entry: dict[str, Any]) -> bool:
    wsname = entry.get("wsname")
    return (
        isinstance(wsname, str)
        and _WSNAME.fullmatch(wsname) is not None
        and _NAME.fullmatch(internal) is not None
        and not internal.endswith(".d")
        and entry.get("aclass_base", "currency") == "currency"
        and entry.get("execution_venue", "international") == "international"
    )


def _name(entry: dict[str, Any], field: str) -> str:
    text = entry.get(field)
    return text if isinstance(text, str) and _NAME.fullmatch(text) else ""


def _figure(entry: dict[str, Any], field: str) -> str:
    text = entry.get(field)
    return text if isinstance(text, str) and _FIGURE.fullmatch(text) else ""


def _count(entry: dict[str, Any], field: str) -> int | None:
    number = entry.get(field)
    return number if type(number) is int and 0 <= number <= 30 else None


def _path(base: str, cache_dir: Path | None) -> Path:
    if cache_dir is None:
        from platformdirs import user_cache_dir  # noqa: PLC0415 - tests and callers may name a directory

        cache_dir = Path(user_cache_dir("kraken-stream"))
    return cache_dir / f"pairs-{sha256(base.strip().rstrip('/').encode()).hexdigest()[:16]}.json"


def _kept(base: str, cache_dir: Path | None) -> tuple[float, list[Pair]] | None:
    """When the list was fetched, and the list; None where the file is missing, broken or of another shape."""
    # RuntimeError: a user without a home, and JSON that is nested too deep
    with suppress(OSError, ValueError, TypeError, KeyError, RuntimeError):
        with _path(base, cache_dir).open("rb") as file:
            content = json.loads(file.read(MOST_BYTES))
        if content["shape"] == _SHAPE and content["pairs"]:
            pairs = [Pair(*row) for row in content["pairs"]]
            if all(_sound(pair) for pair in pairs):
                return float(content["fetched"]), pairs
    return None


def _sound(pair: Pair) -> bool:
    """Whether a pair of the cache is one that `parse` could have made."""
    entry = {
        **{field: getattr(pair, field) for field in ("altname", "wsname", "status", "tick_size")},
        "base": pair.base_id,
        "quote": pair.quote_id,
        "pair_decimals": pair.price_precision,
        "lot_decimals": pair.qty_precision,
        "ordermin": pair.qty_min,
        "costmin": pair.cost_min,
    }
    return list(_pair(pair.internal, entry)) == [pair]


def _keep(base: str, cache_dir: Path | None, now: float, pairs: list[Pair]) -> None:
    rows = [[getattr(pair, field) for field in _SHAPE] for pair in pairs]
    content = {"shape": _SHAPE, "fetched": int(now), "pairs": rows}
    with suppress(OSError, RuntimeError):
        path = _path(base, cache_dir)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{os.getpid()}.{get_ident()}")
        try:
            draft.write_text(json.dumps(content, separators=(",", ":")), encoding="utf-8")
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
