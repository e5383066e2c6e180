"""JSON with the digits that were given."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from krakencli.exact import Number, encoded


def test_numbers_keep_their_digits() -> None:
    assert encoded({"a": Number("0.00000010"), "b": [Number("-1.50"), "1.50", True, None]}) == (
        b'{"a":0.00000010,"b":[-1.50,"1.50",true,null]}'
    )


@pytest.mark.parametrize("text", ["", "1.", ".5", "01", "1e5", "+1", "NaN", "1,5", "1\n"])
def test_what_is_no_number(text: str) -> None:
    with pytest.raises(ValueError, match="is no number"):
        Number(text)


PLAIN = st.none() | st.booleans() | st.integers() | st.text()


@given(st.recursive(PLAIN, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_everything_else_is_json(value: object) -> None:
    assert json.loads(encoded(value)) == value
