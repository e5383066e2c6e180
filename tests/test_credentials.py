"""Keys come from the environment whole or not at all, and are never shown."""

import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from krakencli.credentials import Credentials, from_environment
from krakencli.errors import CredentialsError

KEY = "ABCDefgh" * 7
SECRET = "c2VjcmV0c2VjcmV0c2VjcmV0"


def test_both_are_taken_without_the_white_space_around_them() -> None:
    found = from_environment({"KRAKEN_API_KEY": f" {KEY}\n", "KRAKEN_API_SECRET": f"\t{SECRET}\r\n"})
    assert found == Credentials(KEY, SECRET)


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        ({}, "KRAKEN_API_KEY and KRAKEN_API_SECRET are not set"),
        ({"KRAKEN_API_KEY": KEY}, "KRAKEN_API_SECRET is not set"),
        ({"KRAKEN_API_KEY": KEY, "KRAKEN_API_SECRET": " \n"}, "KRAKEN_API_SECRET is not set"),
        ({"KRAKEN_API_KEY": "", "KRAKEN_API_SECRET": SECRET}, "KRAKEN_API_KEY is not set"),
    ],
)
def test_what_is_missing_is_named_with_the_way_to_set_both(environ: dict[str, str], message: str) -> None:
    with pytest.raises(CredentialsError) as caught:
        from_environment(environ)
    assert caught.value.message == message
    assert "export KRAKEN_API_KEY=... KRAKEN_API_SECRET=..." in caught.value.suggestion
    assert SECRET not in f"{caught.value} {caught.value.suggestion}"


@pytest.mark.parametrize(
    "secret", ["c2VjcmV0c2VjcmV0c2VjcmV", "not base64 at all", "c2Vj!c2Vj", "ÄÖÜÄ", "===="]
)
def test_a_secret_that_is_no_base64_is_refused_unseen(secret: str) -> None:
    with pytest.raises(CredentialsError, match="KRAKEN_API_SECRET is not base64") as caught:
        from_environment({"KRAKEN_API_KEY": KEY, "KRAKEN_API_SECRET": secret})
    assert secret not in f"{caught.value!r} {caught.value.suggestion}"
    assert caught.value.__context__ is None


@pytest.mark.parametrize("key", ["two words", "kéy", "a\nb", "a\x00b", "a\x7f"])
def test_a_key_that_no_header_can_carry_is_refused_unseen(key: str) -> None:
    with pytest.raises(CredentialsError, match="KRAKEN_API_KEY") as caught:
        from_environment({"KRAKEN_API_KEY": key, "KRAKEN_API_SECRET": SECRET})
    assert key not in caught.value.message


@given(st.text(min_size=4), st.text(min_size=4))
def test_neither_is_shown(key: str, secret: str) -> None:
    credentials = Credentials("k" * 16 + key, "s" * 16 + secret, otp="739164")
    for text in (repr(credentials), str(credentials), f"{credentials}", f"{[credentials]}"):
        assert "sss" not in text
        assert "kkkkk" not in text
        assert "739164" not in text
    assert credentials.masked_key == "kkkk…"


def test_a_short_key_is_masked_altogether() -> None:
    assert Credentials("shortkey", SECRET).masked_key == "…"


def test_credentials_are_never_written_down_or_changed() -> None:
    credentials = Credentials(KEY, SECRET)
    with pytest.raises(TypeError, match="never written down"):
        pickle.dumps(credentials)
    with pytest.raises(TypeError, match="never written down"):
        copy.deepcopy(credentials)
    with pytest.raises(AttributeError):
        credentials.secret = "another"  # type: ignore[misc]
    assert not hasattr(credentials, "__dict__")
