"""Which tier and which second factor go with a key, and what is said to a user without a home."""

import io
from pathlib import Path

import pytest

from krakencli.credentials import Credentials
from krakencli.credentials.sources import Found, Wanted, find, is_there
from krakencli.errors import CredentialsError, UsageError

KEY, SECRET = "k" * 56, "c2VjcmV0" * 11
ENVIRON = {"KRAKEN_API_KEY": KEY, "KRAKEN_API_SECRET": SECRET}
PROFILES = f"""
tier = "intermediate"

[profiles.default]
api_key = "{KEY}"
api_secret = "{SECRET}"

[profiles.fast]
api_key = "{KEY}"
api_secret = "{SECRET}"
tier = "Pro"
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(PROFILES)
    path.chmod(0o600)
    return path


def test_the_tier_of_the_option_goes_before_the_profiles_and_that_before_the_files(config: Path) -> None:
    def tier(wanted: Wanted, environ: dict[str, str]) -> str:
        return find(wanted, environ, config).credentials.tier

    assert tier(Wanted(profile="fast", tier="starter"), {}) == "starter"
    assert tier(Wanted(profile="fast"), ENVIRON) == "pro"
    assert tier(Wanted(), {}) == tier(Wanted(), ENVIRON) == "intermediate"
    config.unlink()
    assert tier(Wanted(), ENVIRON) == "starter"


def test_a_key_is_there_before_anybody_looks_at_it(config: Path) -> None:
    half = {"KRAKEN_API_KEY": KEY}
    assert is_there(Wanted(), {}, config)
    assert is_there(Wanted(), half, None)
    assert is_there(Wanted(profile="nobody's"), {}, None)
    assert is_there(Wanted(key_file="a", secret_file="b"), {}, None)
    assert is_there(Wanted(stdin=io.BytesIO), {}, None)
    assert not is_there(Wanted(), {}, None)
    config.write_text(PROFILES.replace("[profiles.default]", "[profiles.other]"))
    assert not is_there(Wanted(), {}, config)
    config.chmod(0o644)
    config.write_text(PROFILES)
    with pytest.raises(CredentialsError, match="others"):
        is_there(Wanted(), {}, config)


def test_a_second_factor_goes_with_every_source(config: Path) -> None:
    environ = {"KRAKEN_API_OTP": "739164"}
    for wanted, more in ((Wanted(), {}), (Wanted(), ENVIRON), (Wanted(profile="fast"), {})):
        found = find(wanted, {**environ, **more}, config)
        assert found.credentials.otp == "739164"
        assert "739164" not in repr(found)
        assert SECRET[:8] not in repr(found)


def test_two_lines_are_read_and_no_more() -> None:
    stream = io.BytesIO(f"{KEY}\n{SECRET}\nwhat follows\n".encode())
    found = find(Wanted(stdin=lambda: stream), {}, None)
    assert found == Found(Credentials(KEY, SECRET), "standard input")
    assert stream.read() == b"what follows\n"


def test_a_user_without_a_home_has_the_environment() -> None:
    assert find(Wanted(), ENVIRON, None).credentials.key == KEY
    with pytest.raises(CredentialsError, match=r"are not set$"):
        find(Wanted(), {}, None)
    with pytest.raises(CredentialsError, match="no home directory"):
        find(Wanted(profile="main"), {}, None)


@pytest.mark.parametrize(
    "names",
    [
        {"key_file": "a"},
        {"secret_file": "a"},
        {"key_file": "a", "secret_file": "b", "profile": "c"},
        {"profile": "c", "stdin": io.BytesIO},
    ],
)
def test_names_that_exclude_one_another(names: dict[str, str]) -> None:
    with pytest.raises(UsageError):
        Wanted(**names)  # type: ignore[arg-type]
