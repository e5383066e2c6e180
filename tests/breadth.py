"""Cases that show for further channels, formats or orders what others have shown: `-m breadth` runs them.

The suite starts thousands of processes; a change is to hear from it within minutes.
"""

from collections.abc import Iterable
from typing import Any

import pytest


def thinned(cases: Iterable[Any], most: int) -> list[Any]:
    """The first `most` of a test's cases run always, the rest with `-m breadth`."""
    return [case if number < most else broad(case) for number, case in enumerate(cases)]


def broad(case: Any) -> Any:
    """A case, by itself or with its values in a tuple, that runs with `-m breadth` only."""
    if isinstance(case, type(pytest.param())):
        return pytest.param(*case.values, marks=[*case.marks, pytest.mark.breadth], id=case.id)
    values = case if isinstance(case, tuple) else (case,)
    return pytest.param(*values, marks=pytest.mark.breadth)
