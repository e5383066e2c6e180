"""What the commands of one run share: signals, clock, environment, and how to talk to the person."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from krakencli.clock import Clock
from krakencli.interrupts import Interrupts

if TYPE_CHECKING:
    from krakencli.talk import Talk


@dataclass(slots=True)
class State:
    """Made once at the program's door. `verbosity` and `json_errors` are set by the command's options."""

    interrupts: Interrupts
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    clock: Clock = field(default_factory=Clock)
    verbosity: int = 0
    json_errors: bool = False

    def take_verbosity(self, options: dict[str, Any]) -> None:
        """Take `-q` and `-v` out of a command's options."""
        quiet, verbose = options.pop("quiet"), options.pop("verbose")
        self.verbosity = -1 if quiet else verbose

    def talk(self) -> "Talk":
        from krakencli.talk import Talk

        return Talk(sys.stderr, level=self.verbosity, as_json=self.json_errors)
