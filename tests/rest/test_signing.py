"""The exchange's documented signature, and three computed ones (protocol notes REST §2, vectors A to D)."""

import pytest

from krakencli.rest.signing import sign

from .kit import SECRET

NONCE = 1616492376594
TOKEN = "/0/private/GetWebSocketsToken"


@pytest.mark.parametrize(
    ("path", "body", "signature"),
    [
        (
            "/0/private/AddOrder",
            b"nonce=1616492376594&ordertype=limit&pair=XBTUSD&price=37500&type=buy&volume=1.25",
            "4/dpxb3iT4tp/ZCVEwSnEsLxx0bqyhLpdfOpc6fn7OR8+UClSV5n9E6aSS8MPtnRfp32bAb0nmbRn6H8ndwLUQ==",
        ),
        (
            TOKEN,
            b"nonce=1616492376594",
            "+mRDmY9Ks0Moc1zjv/BjfvYa98buO0x1yHChZR5onlfAzAUbfIYlLggUZzdQ0RsmXm4Sh+Q8iAIZdo2wSeHeiA==",
        ),
        (
            TOKEN,
            b"nonce=1616492376594&otp=123456",
            "Ar/xaIFCxoB9vYgmMdFa96Q4kobeliKYcsJVL0e/9WCP8p+91eHqwusA7xAg4PaDXeGRBOWqOD4e7jxeWmvvDQ==",
        ),
        (
            TOKEN,
            b'{"nonce":1616492376594}',
            "yl7HvQ7MH+jWgPjH8r2+qILii9+OjPXXmiYU0uJ3ZdoxQGQlSfjTrhVW8NhLKbAnVRjuuiqkn/lDVd8AhdBrfQ==",
        ),
    ],
    ids=["A", "B", "C", "D"],
)
def test_signatures_are_the_published_ones(path: str, body: bytes, signature: str) -> None:
    assert sign(SECRET, path, NONCE, body) == signature


def test_a_secret_that_is_no_base64_is_refused_without_being_shown() -> None:
    with pytest.raises(ValueError, match=r"^(?!.*c2Vj)"):
        sign("c2Vj!c2Vj", TOKEN, NONCE, b"")
