"""What a fresh interpreter finds on its path: modules that stand in for slow, missing or hanging ones."""

from pathlib import Path

_MARK = "import os\nopen(os.environ['MARK'], 'w').close()\n"
_FOREVER = "import time\nwhile True:\n    time.sleep(60)\n"

_WITHOUT = """
import sys
from importlib.machinery import PathFinder

class Lacking:
    find_spec = staticmethod(
        lambda name, *more: None if name.split(".")[0] == {name!r} else PathFinder.find_spec(name, *more)
    )

sys.meta_path[sys.meta_path.index(PathFinder)] = Lacking
"""

_NO_NAMES = """
import ctypes, os, socket

def getaddrinfo(*_args, **_kwargs):
    open(os.environ["MARK"], "w").close()
    lock = ctypes.create_string_buffer(128)
    library = ctypes.CDLL(None)
    library.pthread_mutex_lock(lock)
    library.pthread_mutex_lock(lock)

socket.getaddrinfo = getaddrinfo
"""
"""A mutex locked twice waits inside the C library, as a look-up does, and no signal wakes it."""


class Shims:
    """A folder in front of the module path (see `environ`). `mark` appears when a shim is reached."""

    def __init__(self, folder: Path, root: Path) -> None:
        folder.mkdir()
        self._folder = folder
        self.mark = folder / "reached"
        self.environ = {"PYTHONPATH": f"{folder}:{root}", "MARK": str(self.mark)}

    def slow_import(self, name: str) -> None:
        """Importing `name` never comes to an end."""
        (self._folder / f"{name}.py").write_text(_MARK + _FOREVER)

    def missing(self, name: str) -> None:
        """`name` is not installed."""
        self._start_with(_WITHOUT.replace("{name!r}", repr(name)))

    def names_hang(self) -> None:
        """Looking up a host never comes to an end, and cannot be interrupted from within."""
        self._start_with(_NO_NAMES)

    def _start_with(self, text: str) -> None:
        (self._folder / "sitecustomize.py").write_text(text)
