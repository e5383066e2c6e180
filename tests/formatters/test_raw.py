"""raw: byte for byte, but for line breaks between tokens and for secrets."""

import pytest

from krakencli.formatters import raw


@pytest.mark.parametrize(
    "frame", [b'{"channel":"heartbeat"}', '{"error":"käse \\n", "x": 1E-8 }'.encode(), b"CloudFlare", b""]
)
def test_a_frame_is_its_line(frame: bytes) -> None:
    assert raw.line(frame) == frame + b"\n"


def test_line_breaks_become_blanks() -> None:
    assert raw.line(b'{\r\n"a":1,\n"b":2}\n') == b'{  "a":1, "b":2} \n'


@pytest.mark.parametrize("space", [b"", b" ", b"\n"])
def test_a_token_is_masked(space: bytes) -> None:
    frame = b'{"params":{"token"' + space + b":" + space + b'"G38a1tGF","x":"token"},"token":"second"}'
    line = raw.line(frame)
    assert b"G38a1tGF" not in line
    assert b"second" not in line
    assert line.count(b'"***"') == 2
    assert b'"x":"token"' in line


def test_other_secrets_words_are_left_alone() -> None:
    frame = b'{"error":"Token(s) not found","tokens":"x"}'
    assert raw.mask(frame) == frame
