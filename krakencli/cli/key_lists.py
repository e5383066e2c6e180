"""What `keys show` prints: every source of a key, in the order in which they are asked, masked."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from krakencli.credentials import KEY, SECRET, TIERS, Credentials
from krakencli.credentials.sources import in_environment
from krakencli.credentials.store import Profile, Store
from krakencli.formatters.columns import aligned


@dataclass(frozen=True, slots=True)
class Source:
    """Where a key is. `used` marks the one that commands take which name none; `key` is masked."""

    name: str
    where: str
    key: str
    tier: str
    used: bool


def sources(environ: Mapping[str, str], store: Store) -> list[Source]:
    return list(_sources(environ, store))


def _sources(environ: Mapping[str, str], store: Store) -> Iterator[Source]:
    tier = store.tier or TIERS[0]
    by_environment = in_environment(environ)
    if by_environment:
        lacking = [name for name in (KEY, SECRET) if not environ.get(name, "").strip()]
        where = f"the environment, but {lacking[0]} is not set" if lacking else "the environment"
        yield Source("", where, _masked(environ.get(KEY, "").strip()), tier, used=True)
    for profile in store.profiles.values():
        used = not by_environment and profile.name == store.default
        yield Source(profile.name, _where(profile, store), _masked(profile.key), profile.tier or tier, used)


def _where(profile: Profile, store: Store) -> str:
    if profile.secret:
        return str(store.path)
    return "the keyring" if profile.keyring else "nowhere: it has no key"


def _masked(key: str) -> str:
    return Credentials(key, "").masked_key if key else ""


def as_lines(listed: Sequence[Source]) -> str:
    records = (
        {
            "profile": one.name or None,
            "source": one.where,
            "key": one.key or None,
            "tier": one.tier,
            "used": one.used,
        }
        for one in listed
    )
    return "".join(json.dumps(r, separators=(",", ":"), ensure_ascii=False) + "\n" for r in records)


def as_table(listed: Sequence[Source]) -> str:
    if not listed:
        return "there are no keys; kraken-stream keys set keeps one\n"
    rows = [("", "profile", "key", "tier", "source")]
    rows += [("→" if one.used else "", one.name or "-", one.key, one.tier, one.where) for one in listed]
    return "\n".join(aligned(rows)) + "\n"
