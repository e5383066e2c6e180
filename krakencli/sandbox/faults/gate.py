"""The faults before the exchange is reached: what its edge answers instead, in HTML as edges do."""

from __future__ import annotations

from http import HTTPStatus

from krakencli.sandbox.faults.task import SetFault
from krakencli.sandbox.faults.terms import Terms

REFUSE_HANDSHAKE = "refuse_handshake"

KINDS: dict[str, Terms] = {
    REFUSE_HANDSHAKE: Terms(takes=("at", "path"), choices={"status": (403, 429, 503)}),
}


def refused_status(tasks: list[SetFault], path: str, remote: str | None) -> int | None:
    """The status with which a WebSocket handshake at `path` is refused, if it is. `at` counts handshakes."""
    for task in tasks:
        fault = task.fault
        if fault.name == REFUSE_HANDSHAKE and task.left and fault.path in {None, path} and task.suits():
            task.delivered(path=path, remote=remote, status=fault.status)
            return fault.status
    return None


def page(status: int) -> str:
    """An edge's page."""
    title = f"{status} {HTTPStatus(status).phrase}"
    return f"<html>\r\n<head><title>{title}</title></head>\r\n<body><h1>{title}</h1></body>\r\n</html>\r\n"
