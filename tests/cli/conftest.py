"""Fixtures of the command line's tests."""

from pathlib import Path

import pytest

from .kit import Shims
from .program import ROOT


@pytest.fixture
def shims(tmp_path: Path) -> Shims:
    """Modules that stand in for slow, missing or hanging ones, in a process that is started with them."""
    return Shims(tmp_path / "shims", ROOT)
