"""Requests that keep every digit, and answers in each of the shapes that the exchange gives them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from krakencli.protocol.trading import (
    MASK,
    Answer,
    Fate,
    Id,
    Number,
    attribute,
    cancel_params,
    read,
    request,
)

STAMPS = b'"time_in":"2026-03-02T14:07:06.634870Z","time_out":"2026-03-02T14:07:06.637575Z"}'


@pytest.mark.parametrize(
    "digits", ["67310.0", "0.00000012", "100", "12345678901234567890.12345678901234567890"]
)
def test_digits_reach_the_wire_as_they_are(digits: str) -> None:
    params = {
        "limit_price": Number(digits),
        "triggers": {"price": Number(digits)},
        "orders": [{"a": Number(digits)}],
    }
    frame = request("add_order", params, 7, "SECRET")
    assert (
        frame
        == (
            f'{{"method":"add_order","params":{{"limit_price":{digits},"triggers":{{"price":{digits}}},'
            f'"orders":[{{"a":{digits}}}],"token":"SECRET"}},"req_id":7}}'
        ).encode()
    )
    assert request("add_order", params, 7, MASK) == frame.replace(b"SECRET", b"***")


@given(st.decimals(min_value=0, allow_nan=False, allow_infinity=False, places=18))
def test_any_decimal_keeps_its_digits(value: object) -> None:
    text = f"{value:f}"
    assert f'"q":{text},'.encode() in request("m", {"q": Number(text)}, 1, "t")


def test_other_values_are_json() -> None:
    frame = request("cancel_order", {"a": 'x"y', "b": True, "c": 5, "d": ["e"]}, 1, "t")
    assert (
        frame
        == b'{"method":"cancel_order","params":{"a":"x\\"y","b":true,"c":5,"d":["e"],"token":"t"},"req_id":1}'
    )


def test_an_order_was_taken() -> None:
    frame = (
        b'{"method":"add_order","req_id":101,"result":{"cl_ord_id":"strat-0001","order_id":"O5ORI4-WNTKR-CHOYU2",'
        b'"warnings":["old"]},"success":true,' + STAMPS
    )
    answer = read(frame, "add_order", 101)
    assert answer is not None
    assert (answer.success, answer.error, answer.warnings) == (True, "", ("old",))
    assert answer.result["order_id"] == "O5ORI4-WNTKR-CHOYU2"


@pytest.mark.parametrize(
    "frame",
    [
        b'{"method":"add_order","req_id":100,"success":true,"result":{},' + STAMPS,
        b'{"method":"pong","req_id":101,' + STAMPS,
        b'{"channel":"heartbeat"}',
        b'{"channel":"status","type":"update","data":[{"system":"online"}]}',
        b"no json",
        b'{"method":"subscribe","success":true,"result":{},' + STAMPS,
    ],
)
def test_frames_that_answer_something_else(frame: bytes) -> None:
    assert read(frame, "add_order", 101) is None


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (
            b'{"error":"EOrder:Unknown order","method":"add_order","req_id":101,"success":false,',
            "EOrder:Unknown order",
        ),
        (b'{"error":"Malformed request","method":"error","success":false,', "Malformed request"),
        (b'{"Error":"Exceeded msg rate","x":1,', "Exceeded msg rate"),
        (b'{"method":"add_order","req_id":101,', "refused without a reason"),
    ],
)
def test_refusals(frame: bytes, words: str) -> None:
    assert read(frame + STAMPS, "add_order", 101) == Answer(success=False, error=words)


@pytest.mark.parametrize(
    "form",
    [b'"orders_cancelled":2,"req_id":1,', b'"req_id":1,"result":{"count":2},', b'"result":{"count":2},'],
)
def test_both_forms_of_a_batch_cancel(form: bytes) -> None:
    answer = read(b'{"method":"batch_cancel",' + form + b'"success":true,' + STAMPS, "batch_cancel", 1)
    assert answer is not None
    assert (answer.success, answer.count) == (True, 2)


def test_the_rows_of_a_batch() -> None:
    frame = (
        b'{"method":"batch_add","req_id":1,"result":[{"order_id":"A"},{"error":"EOrder:x"},7],"success":true,'
    )
    answer = read(frame + STAMPS, "batch_add", 1)
    assert answer is not None
    assert answer.rows == [{"order_id": "A"}, {"error": "EOrder:x"}, {}]


A, B, C = Id("order_id", "OAAAAA-AAAAA-AAAAAA"), Id("cl_ord_id", "mine"), Id("order_userref", 7)
YES_A, YES_B = Answer(True, result={"order_id": A.value}), Answer(True, result={"cl_ord_id": "mine"})
NO, WORSE = Answer(False, "EOrder:Unknown order"), Answer(False, "EService:Busy")
NAMELESS = Answer(True)
EITHER = f"one of: {NO.error}; {WORSE.error}"


def test_the_lists_of_a_cancel() -> None:
    assert cancel_params([A, B, C, Id("order_id", "x")]) == {
        "order_id": [A.value, "x"],
        "cl_ord_id": ["mine"],
        "order_userref": [7],
    }


@pytest.mark.parametrize(
    ("answers", "fates"),
    [
        ([YES_B, YES_A], [Fate(A, True), Fate(B, True)]),
        ([NO, YES_A], [Fate(A, True), Fate(B, False, NO.error)]),
        ([NO, NO], [Fate(A, False, NO.error), Fate(B, False, NO.error)]),
        ([NO, WORSE], [Fate(A, False, EITHER), Fate(B, False, EITHER)]),
        ([NO], [Fate(A, None, NO.error), Fate(B, None, NO.error)]),
        ([YES_A], [Fate(A, True), Fate(B, None)]),
        ([], [Fate(A, None), Fate(B, None)]),
        ([NAMELESS, NAMELESS], [Fate(A, True), Fate(B, True)]),
        ([NAMELESS, NO], [Fate(A, None, NO.error), Fate(B, None, NO.error)]),
        ([NAMELESS, YES_A], [Fate(A, True), Fate(B, True)]),
    ],
)  # fmt: skip
def test_whose_answer_it_is(answers: list[Answer], fates: list[Fate]) -> None:
    assert attribute([A, B], answers) == fates


def test_the_orders_of_a_userref_answer_by_their_own_ids() -> None:
    other = Answer(True, result={"order_id": "OBBBBB-BBBBBB-BBBBBB"})
    assert attribute([C], [other, YES_A]) == [Fate(C, True)]
    assert attribute([A, C], [YES_A, other]) == [Fate(A, True), Fate(C, True)]
    assert attribute([A, C], [YES_A]) == [Fate(A, True), Fate(C, None)]
    assert attribute([C], [YES_A, NO]) == [Fate(C, None, NO.error)]
