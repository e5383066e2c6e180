"""The cells of a record: what stands in each of a channel's columns, as the exchange wrote it.

Owns the way from an item's JSON text to rows of texts. Knows no format: quoting is `csv`'s, looks are
`table`'s. Numbers stay text from the socket to the screen, so this module never makes one.
"""

from collections.abc import Callable, Iterator, Sequence

import msgspec

from krakencli.model import Channel

Wire = bytes | msgspec.Raw
"""The JSON text of one value; empty where the record has none."""

_Levels = Sequence[msgspec.Struct] | None

_ABSENT = msgspec.Raw(b"")
_decode_string = msgspec.json.Decoder(str).decode


class Cells:
    """Rows of one channel's records, in the order of `channel.columns`.

    Where the channel has `expand`, each element of that array is a row, and one row stands where it is empty.
    Where the channel has `sides`, each level is a row: a column is the level's field where the level has
    one, else the item's, and the column `side` names the side. The column `type` is the item's own field of
    that name, else the frame's type; with a column `ledger_type`, that one takes the item's field and `type`
    is always the frame's. The column `sequence` is the frame's.
    """

    def __init__(self, channel: Channel) -> None:
        self._names = [column.field for column in channel.columns]
        self._sides = channel.sides
        self._expand = None if channel.expand is None else _Expand(*channel.expand, self._names)
        self._decode = _decoder(self._names, channel.sides)
        self._filled = [name for name in ("type", "sequence") if name in self._names]

    def rows(self, type_: str, item: Wire, sequence: int | None = None) -> list[tuple[str, ...]]:
        """One tuple of texts a row: strings decoded, numbers as sent, null and missing as "".

        Raises msgspec.DecodeError (ValidationError is one) where the item is no record of the channel.
        """
        return [tuple(map(text, row)) for row in self.wire(type_, item, sequence)]

    def wire(self, type_: str, item: Wire, sequence: int | None = None) -> Iterator[Sequence[Wire]]:
        """The same rows as the JSON texts of their values; raises as `rows` does."""
        values = msgspec.structs.astuple(self._decode(item))
        if self._expand is not None:
            cells = list(values)
            self._fill(cells, type_, sequence)
            yield from self._expand.rows(cells, item)
            return
        if not self._filled and not self._sides:
            yield values
            return
        cells = list(values[: len(self._names)])
        self._fill(cells, type_, sequence)
        if not self._sides:
            yield cells
            return
        yield from self._levels(cells, values[len(self._names) :])

    def _fill(self, cells: list[Wire], type_: str, sequence: int | None) -> None:
        for name in self._filled:
            index = self._names.index(name)
            if name == "type" and not cells[index]:
                cells[index] = msgspec.json.encode(type_)
            elif name == "sequence":
                cells[index] = b"" if sequence is None else b"%d" % sequence

    def _levels(
        self, cells: list[Wire], sides: Sequence[Sequence[msgspec.Struct] | None]
    ) -> Iterator[list[Wire]]:
        for side, levels in zip(self._sides, sides, strict=True):
            if "side" in self._names:
                cells[self._names.index("side")] = b'"%s"' % side.removesuffix("s").encode()
            for level in levels or ():
                own = msgspec.structs.astuple(level)
                yield [mine or shared for mine, shared in zip(own, cells, strict=True)]


class _Expand:
    """The array of an item that makes rows: `columns` say which column shows which field of an element."""

    def __init__(self, name: str, columns: Sequence[tuple[str, str]], names: Sequence[str]) -> None:
        element = _struct("Element", [field for _, field in columns], {})
        holder = msgspec.defstruct(
            "Holder",
            [("elements", list[element] | None, None)],  # type: ignore[valid-type]
            rename={"elements": name},
            gc=False,
        )
        self._decode = msgspec.json.Decoder(holder).decode
        self._places = [names.index(column) for column, _ in columns]

    def rows(self, cells: list[Wire], item: Wire) -> Iterator[list[Wire]]:
        """`cells` once for each element."""
        elements = msgspec.structs.astuple(self._decode(item))[0]
        if not elements:
            yield cells
        for element in elements or ():
            row = list(cells)
            for place, value in zip(self._places, msgspec.structs.astuple(element), strict=True):
                row[place] = value or row[place]
            yield row


def text(wire: Wire) -> str:
    """What a JSON text says: a string's characters, nothing for null, any other value as it is written."""
    written = bytes(wire)
    try:
        if written[:1] == b'"':
            return _decode_string(written)
        return "" if written == b"null" else written.decode()
    except UnicodeDecodeError as error:
        raise msgspec.DecodeError(f"text is not UTF-8: {error.reason}") from error


def _decoder(names: Sequence[str], sides: Sequence[str]) -> Callable[[Wire], msgspec.Struct]:
    """A decoder into a struct whose fields are the columns, then the sides, all of them optional."""
    row = _struct("Row", names, _wire_names(names))
    if not sides:
        return msgspec.json.Decoder(row).decode
    level = _struct("Level", names, {})
    record = msgspec.defstruct(
        "Record",
        [(f"s{index}", list[level] | None, None) for index in range(len(sides))],  # type: ignore[valid-type]
        bases=(row,),
        rename={f"s{index}": side for index, side in enumerate(sides)},
        gc=False,
    )
    return msgspec.json.Decoder(record).decode


def _struct(title: str, names: Sequence[str], wire_names: dict[str, str]) -> type[msgspec.Struct]:
    fields = [(f"c{index}", msgspec.Raw, _ABSENT) for index in range(len(names))]
    rename = {f"c{index}": wire_names.get(name, name) for index, name in enumerate(names)}
    return msgspec.defstruct(title, fields, rename=rename, gc=False)


def _wire_names(names: Sequence[str]) -> dict[str, str]:
    """Columns whose name is not the wire's; a name that no field can have keeps a column from the item."""
    never = {"sequence": "(sequence)"}
    return {**never, "ledger_type": "type", "type": "(type)"} if "ledger_type" in names else never
