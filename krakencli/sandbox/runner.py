"""The sandbox as a thread of the caller's process: started, asked for its addresses, stopped."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from concurrent.futures import Future
from pathlib import Path
from types import TracebackType
from typing import Any

from krakencli.sandbox.log import Log
from krakencli.sandbox.server import Server, authority
from krakencli.sandbox.settings import AccountSettings, Addresses, Settings
from krakencli.sandbox.tls import ServerTls

_STOP_SECONDS = 5


class Sandbox:
    """An exchange in a daemon thread with an event loop of its own. Use it as a context manager, once."""

    def __init__(self, settings: Settings = Settings()) -> None:  # noqa: B008 - frozen, so sharing it is harmless
        """Raises ValueError for a symbol that the sandbox does not list, or a fault that cannot be."""
        self.settings = settings
        self._log = Log(settings.log, settings.keep_log)
        self._server = Server(settings, self._log)
        self._tls: ServerTls | None = None
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._addresses: Addresses | None = None

    @property
    def addresses(self) -> Addresses:
        """Where it answers. Raises RuntimeError before `start`."""
        if self._addresses is None:
            raise RuntimeError("the sandbox has not been started")
        return self._addresses

    @property
    def api_key(self) -> str:
        """The demo key; it opens nothing but this sandbox."""
        return self.settings.api_key

    @property
    def api_secret(self) -> str:
        """The demo key's secret, as public as the key."""
        return self.settings.api_secret

    @property
    def accounts(self) -> tuple[AccountSettings, ...]:
        """Every account with its key, the demo key's first."""
        return self.settings.all_accounts()

    @property
    def ca_file(self) -> Path | None:
        """The certificate to trust, with `tls`, while it runs."""
        return self._tls.ca_file if self._tls else None

    @property
    def entries(self) -> list[dict[str, Any]]:
        """The log's records so far, with `keep_log`."""
        return self._log.entries

    def start(self) -> Addresses:
        """Returns once it accepts connections. Raises OSError when it cannot listen, RuntimeError when used
        twice.
        """
        if self._addresses is not None:
            raise RuntimeError("the sandbox has been started before")
        listener = _listen(self.settings.host, self.settings.port)
        if self.settings.tls:
            self._tls = ServerTls()
        ready: Future[None] = Future()
        self._thread = threading.Thread(
            target=self._run, args=(listener, ready), name="kraken-sandbox", daemon=True
        )
        self._addresses = Addresses.of(authority(listener), self.settings.tls)
        self._thread.start()
        ready.result()
        return self._addresses

    def stop(self) -> None:
        """Closes every connection and ends the thread; does nothing the second time."""
        thread, self._thread = self._thread, None
        if thread is None:
            return
        if self._loop is not None and self._task is not None and thread.is_alive():
            # The thread may end by itself between the question and the call; then there is nothing to cancel.
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._task.cancel)
        thread.join(_STOP_SECONDS)
        self._log.close()
        if self._tls is not None:
            self._tls.remove()

    def __enter__(self) -> Sandbox:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _run(self, listener: socket.socket, ready: Future[None]) -> None:
        with asyncio.Runner() as runner:
            self._loop = runner.get_loop()
            runner.run(self._serve(listener, ready))

    async def _serve(self, listener: socket.socket, ready: Future[None]) -> None:
        listening = asyncio.Event()
        tls = self._tls.context if self._tls else None
        self._task = asyncio.ensure_future(self._server.serve(listener, tls, listening))
        waiting = asyncio.ensure_future(listening.wait())
        await asyncio.wait({self._task, waiting}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if not self._task.done():
            ready.set_result(None)
        try:
            await self._task
        except asyncio.CancelledError:
            return
        except BaseException as error:
            if not ready.done():
                ready.set_exception(error)
                return
            raise


def _listen(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(128)
    except OSError:
        listener.close()
        raise
    return listener
