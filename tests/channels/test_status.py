"""`status`: sent without being asked for."""

from krakencli.channels.status import STATUS

from .kit import assert_columns, from_sandbox, recorded

NEW = {"upcoming_maintenance", "emergency"}


def test_what_it_asks_for() -> None:
    assert (STATUS.wire, STATUS.subscribes, STATUS.snapshot, STATUS.symbols) == (
        "status",
        False,
        None,
        "none",
    )
    assert (STATUS.params, STATUS.key) == ((), ("api_version",))


def test_its_columns_are_the_wires() -> None:
    """A recorded maintenance frame has no connection (protocol notes v2 §3.1)."""
    assert_columns(STATUS, [fields for _, fields in recorded(STATUS)], rare={"connection_id"}, unshown=NEW)


def test_its_columns_are_the_sandboxs(url: str) -> None:
    (record,) = from_sandbox(url, STATUS)
    assert_columns(STATUS, [record], unshown=NEW)
    assert (record["system"], record["api_version"]) == ("online", "v2")
