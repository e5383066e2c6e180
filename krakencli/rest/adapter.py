"""`requests` without its habits: our certificates instead of certifi's, and failures as plain values.

An adapter is used without a session, so nothing of the environment but the proxies is looked at: no
`.netrc`, no `REQUESTS_CA_BUNDLE`, no cookies, no redirects. What `requests` raises may hold the whole
request, signature included, so it never leaves this module.
"""

import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from requests.exceptions import ConnectTimeout, InvalidProxyURL, InvalidSchema, ProxyError, RequestException
from requests.utils import get_environ_proxies
from urllib3.exceptions import HTTPError, NewConnectionError, ReadTimeoutError

CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer; `body` is None where it was longer than the bound."""

    status: int
    body: bytes | None


@dataclass(frozen=True, slots=True)
class Problem:
    """Why there is no answer. `sent`: the request may have arrived. `lasting`: it will fail again."""

    reason: str
    suggestion: str = "check the network"
    sent: bool = False
    lasting: bool = False


class TrustedAdapter(HTTPAdapter):
    """Connections that trust `context` and nothing else, to the host and to a TLS proxy before it."""

    def __init__(self, context: ssl.SSLContext | None) -> None:
        self._context = context
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, ssl_context=self._context, **kwargs)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        if not proxy.lower().startswith("socks"):
            kwargs["proxy_ssl_context"] = self._context
        return super().proxy_manager_for(proxy, ssl_context=self._context, **kwargs)

    def build_connection_pool_key_attributes(
        self, request: PreparedRequest, verify: bool | str, cert: str | tuple[str, str] | None = None
    ) -> tuple[Any, Any]:
        host, _ = super().build_connection_pool_key_attributes(request, verify, cert)
        return host, {"cert_reqs": "CERT_REQUIRED", "ssl_context": self._context}

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """Nothing: `requests` would load certifi's bundle into our context here."""


def send(
    adapter: HTTPAdapter, request: PreparedRequest, *, timeout: tuple[float, float], most: int, direct: bool
) -> Reply | Problem:
    """One attempt. `timeout` is (connect, read) in seconds, `most` bounds the body in bytes after decoding.

    `direct` goes past the proxies of the environment.
    """
    try:
        proxies = {} if direct else get_environ_proxies(str(request.url), no_proxy=None)
        response = adapter.send(request, stream=True, timeout=timeout, verify=True, proxies=proxies)
        try:
            return Reply(response.status_code, _body(response, most))
        finally:
            response.close()
    except (RequestException, HTTPError, OSError) as error:
        return _problem(error, timeout)


def _body(response: Response, most: int) -> bytes | None:
    body = bytearray()
    for chunk in response.iter_content(CHUNK):
        body += chunk
        if len(body) > most:
            return None
    return bytes(body)


def _problem(error: Exception, timeout: tuple[float, float]) -> Problem:
    """`error` in our own words: the library's may hold a proxy's password, or the request."""
    causes = tuple(_causes(error))
    for kinds, problem in _PROBLEMS:
        for cause in causes:
            if isinstance(cause, kinds):
                return problem(cause, causes, timeout)
    return Problem("the connection broke off", sent=True)


def _untrusted(cause: BaseException, *_: object) -> Problem:
    why = getattr(cause, "verify_message", "") or "no reason given"
    return Problem(
        f"its certificate is not trusted: {why}", "name the authority to trust with --ca-file", lasting=True
    )


def _unconnected(_: object, causes: tuple[BaseException, ...], __: object) -> Problem:
    words = (cause.strerror for cause in causes if isinstance(cause, OSError) and cause.strerror)
    return Problem(next(words, "no connection").lower())


_Kinds = tuple[type[BaseException], ...]
_Describe = Callable[[BaseException, tuple[BaseException, ...], tuple[float, float]], Problem]
_PROBLEMS: tuple[tuple[_Kinds, _Describe], ...] = (
    ((ssl.SSLCertVerificationError,), _untrusted),
    (
        (ProxyError, InvalidProxyURL, InvalidSchema),
        lambda *_: Problem("the proxy cannot be used", "check HTTPS_PROXY and NO_PROXY"),
    ),
    (
        (socket.gaierror, UnicodeError),
        lambda *_: Problem("its name cannot be resolved", "check the network and the name"),
    ),
    ((ConnectTimeout,), lambda _, __, timeout: Problem(f"no connection within {timeout[0]:g} s")),
    ((NewConnectionError,), _unconnected),
    (
        (ReadTimeoutError, TimeoutError),
        lambda _, __, timeout: Problem(f"no answer within {timeout[1]:g} s", sent=True),
    ),
    (
        (ssl.SSLError,),
        lambda cause, *_: Problem(f"TLS failed: {getattr(cause, 'reason', None) or cause}", sent=True),
    ),
)
"""What happened, by the first kind found among an exception's causes; the order decides."""


def _causes(error: BaseException) -> Iterator[BaseException]:
    """`error` and every exception that it holds, wraps or follows."""
    waiting: list[object] = [error]
    seen: set[int] = set()
    while waiting:
        cause = waiting.pop(0)
        if isinstance(cause, BaseException) and id(cause) not in seen:
            seen.add(id(cause))
            yield cause
            waiting += [cause.__cause__, getattr(cause, "reason", None), *cause.args, cause.__context__]
