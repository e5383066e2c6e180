"""What all tests share: an environment without the person who runs them, and the program as a process.

No test sees a real home, a proxy, a key or an address of the real exchange: the variables are set before the
first test, and a program that a test starts gets directories of its own.
"""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cli.program import Ended, Program, Running

HERE = Path(__file__).parent
_PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "ws_proxy", "wss_proxy")
_DIRECTORIES = ("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR")


def pytest_configure() -> None:
    """A background job of a plain shell ignores SIGINT, and so would every program that a test starts."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def _nobodys_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith("KRAKEN_") and name != "KRAKEN_RECORDINGS":
                patch.delenv(name)
        for name in (*_PROXIES, *map(str.upper, _PROXIES), "SSL_CERT_FILE", "SSL_CERT_DIR", "NO_COLOR"):
            patch.delenv(name, raising=False)
        patch.setenv("HOME", str(home))
        for name in _DIRECTORIES:
            patch.setenv(name, str(home / name.lower()))
        yield


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    """Starts the command line as a user would; whatever still runs after the test is ended."""
    home = tmp_path / "home"
    home.mkdir()
    environ = {"HOME": str(home), **{name: str(home / name.lower()) for name in _DIRECTORIES}}
    program = Program(environ)
    yield program
    program.end_all()


@pytest.fixture
def run(program: Program) -> Callable[..., Ended]:
    """Run one command line to its end."""
    return program.run


@pytest.fixture
def start(program: Program) -> Callable[..., Running]:
    """Start one command line and go on beside it."""
    return program.start


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The addresses of a busy sandbox that `kraken-stream sandbox` serves, as it prints them."""
    program = Program({"HOME": str(tmp_path_factory.mktemp("sandbox"))})
    server = program.start("sandbox", "--rate", "400", "--seed", "7")
    yield server.record()
    program.end_all()


@pytest.fixture(scope="session")
def recordings() -> Path:
    """The folder of recorded traffic; skips where there is none."""
    path = Path(os.environ.get("KRAKEN_RECORDINGS") or HERE.parents[1] / "shared" / "recordings")
    if not path.is_dir():
        pytest.skip(f"no recordings at {path} (KRAKEN_RECORDINGS)")
    return path
