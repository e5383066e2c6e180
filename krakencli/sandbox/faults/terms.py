"""What may be said of a fault of one kind: the fields that it has, and what silence means in each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace

from krakencli.sandbox.faults.fault import Fault, UnfitFaultError

_ALWAYS = ("name", "times")


@dataclass(frozen=True, slots=True)
class Terms:
    """A kind's fields, beside `name` and `times`: `needs` must be given, `takes` may be.

    `choices` are all the values that a field may have, and the first stands for None; `usual` is what stands
    for None in other fields.
    """

    needs: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    choices: Mapping[str, tuple[object, ...]] = field(default_factory=dict)
    usual: Mapping[str, object] = field(default_factory=dict)

    def complete(self, fault: Fault) -> Fault:
        """The fault with nothing left open. Raises UnfitFaultError for one that this kind cannot be."""
        self._refuse_strangers(fault)
        missing = [name for name in self.needs if getattr(fault, name) is None]
        if missing:
            raise UnfitFaultError(f"{fault.name} needs {' and '.join(missing)}")
        usual = {name: choices[0] for name, choices in self.choices.items()} | dict(self.usual)
        silent = {name: value for name, value in usual.items() if getattr(fault, name) is None}
        complete = replace(fault, **silent)  # type: ignore[arg-type] # the tables of kinds are typed by hand
        self._refuse_others(complete)
        return complete

    def describe(self, fault: Fault) -> dict[str, object]:
        """The fault with the fields that it has."""
        return {name: getattr(fault, name) for name in self._names()}

    def _names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*_ALWAYS, *self.needs, *self.choices, *self.takes, *self.usual)))

    def _refuse_strangers(self, fault: Fault) -> None:
        names = self._names()
        for one in fields(fault):
            if one.name not in names and getattr(fault, one.name) != one.default:
                raise UnfitFaultError(f"{fault.name} has no {one.name}; it has {', '.join(names[1:])}")

    def _refuse_others(self, fault: Fault) -> None:
        for name, choices in self.choices.items():
            value = getattr(fault, name)
            if not any(value == choice and type(value) is type(choice) for choice in choices):
                raise UnfitFaultError(f"{name} must be {' or '.join(map(str, choices))}, not {value!r}")
