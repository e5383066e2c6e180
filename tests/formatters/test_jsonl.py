"""JSON lines: whatever an item holds, its line says the same, once, on one line, with the same digits."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Raw

from krakencli.formatters.jsonl import RENAMED, Jsonl, news_line
from krakencli.model import News


def lines(
    *items: bytes, type_: str = "update", sequence: int | None = None, channel: str = "trade"
) -> list[bytes]:
    text = Jsonl(channel).batch(type_, [Raw(item) for item in items], sequence)
    assert text.endswith(b"\n")
    return text[:-1].split(b"\n")


def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    assert len(names) == len(set(names)), names
    return dict(pairs)


def read(line: bytes) -> dict[str, Any]:
    """A line with its numbers as text; fails where a key stands twice in one object."""
    value = json.loads(line, parse_float=Text, parse_int=Text, object_pairs_hook=unique)
    assert isinstance(value, dict)
    return value


class Text(str):
    """The digits of a number, which are not a string's."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Text) and str(self) == str(other)

    __hash__ = str.__hash__


def test_a_record_is_its_channel_its_type_and_the_items_text() -> None:
    assert lines(b'{"symbol":"BTC/USD","price":67310.0,"qty":0.00005100}') == [
        b'{"channel":"trade","type":"update","symbol":"BTC/USD","price":67310.0,"qty":0.00005100}'
    ]


def test_many_records_are_many_lines_in_order() -> None:
    items = [f'{{"trade_id":{number}}}'.encode() for number in range(3)]
    assert lines(*items, type_="snapshot") == [
        b'{"channel":"trade","type":"snapshot","trade_id":%d}' % number for number in range(3)
    ]


def test_the_type_may_change_from_batch_to_batch() -> None:
    format_ = Jsonl("ticker")
    item = [Raw(b'{"a":1}')]
    assert [format_.batch(type_, item) for type_ in ("snapshot", "update", "snapshot", "")] == [
        b'{"channel":"ticker","type":"%s","a":1}\n' % type_
        for type_ in (b"snapshot", b"update", b"snapshot", b"")
    ]


def test_no_header() -> None:
    assert Jsonl("ticker").header == b""


def test_a_sequence_stands_behind_the_type() -> None:
    assert lines(b'{"asset":"BTC"}', channel="balances", sequence=12) == [
        b'{"channel":"balances","type":"update","sequence":12,"asset":"BTC"}'
    ]
    format_ = Jsonl("balances")
    texts = [format_.batch("update", [Raw(b'{"a":1}')], number) for number in (1, 2, None)]
    assert [json.loads(text).get("sequence") for text in texts] == [1, 2, None]


@pytest.mark.parametrize(
    "number", ["0.00000012", "64000.10", "1E-8", "5.1e-05", "-429.30", "9" * 20, "0.00000000"]
)
@pytest.mark.parametrize("more", ["", ',"type":"x"'])
def test_digits_are_kept(number: str, more: str) -> None:
    (line,) = lines(f'{{"price":{number}{more}}}'.encode())
    assert f'"price":{number}'.encode() in line


def test_own_fields_of_an_item_are_renamed() -> None:
    (line,) = lines(b'{"asset":"BTC","type":"deposit","channel":"x","sequence":7}')
    assert line == (
        b'{"channel":"trade","type":"update","asset":"BTC","ledger_type":"deposit","item_channel":"x","sequence":7}'
    )
    (line,) = lines(b'{"sequence":7,"amount":0.10}', sequence=3)
    assert line == b'{"channel":"trade","type":"update","sequence":3,"item_sequence":7,"amount":0.10}'


def test_a_renamed_field_never_replaces_another() -> None:
    (line,) = lines(b'{"type":"deposit","ledger_type":"own","item_ledger_type":"too"}')
    fields = read(line)
    assert sorted(fields.values()) == ["deposit", "own", "too", "trade", "update"]


def test_a_key_in_escapes_does_not_stand_twice() -> None:
    (line,) = lines(rb'{"\u0074ype":"deposit","price":1.10}')
    assert read(line)["ledger_type"] == "deposit"
    assert b'"price":1.10' in line


def test_words_like_own_fields_may_be_values() -> None:
    (line,) = lines(b'{"a":"type","b":["channel"],"c":{"sequence":1.0}}')
    assert line == b'{"channel":"trade","type":"update","a":"type","b":["channel"],"c":{"sequence":1.0}}'


@pytest.mark.parametrize("item", [b"{}", b"{ }", b"{\n}", b" {} "])
def test_an_empty_item(item: bytes) -> None:
    assert lines(item) == [b'{"channel":"trade","type":"update"}']
    assert lines(item, sequence=1) == [b'{"channel":"trade","type":"update","sequence":1}']


@pytest.mark.parametrize(
    "item",
    [
        b'{\n"price":1.10,\r\n "ids":[1,\n2]}',
        b'{ "price" : 1.10 , "ids" : [1, 2] }',
        b'{"price":1.10\n,"ids":[1,2]}',
    ],
)
def test_white_space_between_tokens_breaks_no_line(item: bytes) -> None:
    for found in (lines(item), lines(b'{"a":1}', item)[1:]):
        (line,) = found
        assert read(line) == read(b'{"channel":"trade","type":"update","price":1.10,"ids":[1,2]}')


@pytest.mark.parametrize("item", [b"7", b"[]", b'"{"', b"null"])
def test_an_item_that_is_no_object_is_an_error(item: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        lines(b'{"a":1}', item)


NUMBERS = st.sampled_from(["0.00000012", "64000.10", "1E-8", "-0.0", "1e400", "9" * 20, "7", "5.1e-05"])
VALUES = st.recursive(
    NUMBERS
    | st.text(max_size=6).map(json.dumps)
    | st.sampled_from(["null", "true", "{}", "[ ]", '"type"', r'"\\"']),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda parts: f"[{', '.join(parts)}]")
        | st.dictionaries(st.text(max_size=4), inner, max_size=3).map(
            lambda fields: "{" + ",".join(f"{json.dumps(name)}:{text}" for name, text in fields.items()) + "}"
        )
    ),
    max_leaves=6,
)
NAMES = st.sampled_from([*RENAMED, *RENAMED.values(), "price", "a\nb", "\0", '{"']) | st.text(max_size=5)


@st.composite
def items(draw: st.DrawFn) -> bytes:
    """An object's text in any spacing and with any escapes, its keys unique and its numbers in many forms."""
    fields = draw(st.dictionaries(NAMES, VALUES, max_size=5))
    blank = draw(st.sampled_from(["", "", " ", "\n", "\r\n\t"]))
    ascii_only = draw(st.booleans())
    body = f",{blank}".join(
        f"{json.dumps(name, ensure_ascii=ascii_only)}{blank}:{text}" for name, text in fields.items()
    )
    return f"{{{blank}{body}{blank}}}".encode()


@given(st.lists(items(), min_size=1, max_size=4), st.none() | st.integers(0, 9))
@settings(deadline=None, max_examples=300)
def test_every_item_is_one_line_that_says_the_same(batch: list[bytes], sequence: int | None) -> None:
    found = lines(*batch, sequence=sequence)
    assert len(found) == len(batch)
    for item, line in zip(batch, found, strict=True):
        fields = read(line)
        head = [
            fields.pop("channel"),
            fields.pop("type"),
            *([] if sequence is None else [fields.pop("sequence")]),
        ]
        assert head == ["trade", "update", *([] if sequence is None else [Text(sequence)])]
        expected = read(item)
        taken = {"channel", "type"} | (set() if sequence is None else {"sequence"})
        assert {
            name: fields.get(name) for name in expected.keys() - RENAMED.keys() - set(RENAMED.values())
        } == {
            name: value
            for name, value in expected.items()
            if name not in RENAMED and name not in RENAMED.values()
        }
        assert len(fields) == len(expected)
        assert not fields.keys() & taken
        assert sorted(map(repr, fields.values())) == sorted(map(repr, expected.values()))


def test_news_are_lines_of_their_own_channel() -> None:
    news = News("connected", "2026-03-02T14:05:00.000000Z", {"connection": 1, "url": "wss://h/v2"})
    assert news_line(news) == (
        b'{"channel":"_feed","type":"connected","time":"2026-03-02T14:05:00.000000Z","connection":1,'
        b'"url":"wss://h/v2"}\n'
    )


def test_news_that_quote_a_record_stay_one_line() -> None:
    candle = Raw(b'{\n  "close": 1.10,\r\n  "trades": 2\n}')
    line = news_line(News("revised", "t", {"candle": candle, "reason": "a\nb"}))
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")
    assert json.loads(line)["candle"] == {"close": 1.10, "trades": 2}
    assert b"1.10" in line
    assert json.loads(line)["reason"] == "a\nb"
