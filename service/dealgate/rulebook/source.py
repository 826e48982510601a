"""The text of one file: read completely, refused early, with the position of everything."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from dealgate.model.faults import Fault
from dealgate.model.rules import Location
from dealgate.rulebook.regular import regular_bytes

MAX_BYTES = 1_000_000
# What is shown of a long line, and of that, before a fault.
WIDTH, BEFORE = 200, 80
BOM = "\ufeff"
UNSEEN = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]|\r(?!\n)"
)


@dataclass(frozen=True, slots=True)
class Source:
    """A file's text under the name its faults are reported with."""

    file: str
    text: str = field(repr=False)

    def location(self, index: int) -> Location:
        """Return where the code point at `index` stands."""
        start = self.text.rfind("\n", 0, index) + 1
        return Location(self.file, self.text.count("\n", 0, index) + 1, index - start + 1)

    def index(self, location: Location) -> int:
        """Return the code point that stands at a location in this file."""
        lines = self.text.split("\n")[: location.line - 1]
        return sum(len(line) + 1 for line in lines) + location.column - 1

    def line(self, index: int) -> str:
        """Return the line that `index` stands on, without its end."""
        start = self.text.rfind("\n", 0, index) + 1
        end = self.text.find("\n", index)
        return self.text[start : len(self.text) if end < 0 else end].rstrip("\r")

    def fault(self, index: int, message: str, hint: str = "") -> Fault:
        """Return a fault that stands at `index`."""
        location = self.location(index)
        line, cut = self._excerpt(index, location.column)
        return Fault(location, message, hint, line, cut=cut)

    def _excerpt(self, index: int, column: int) -> tuple[str, int]:
        """Return what is shown of the line that `index` stands on, and how much before is not."""
        cut = max(column - 1 - BEFORE, 0) if column > WIDTH else 0
        start = index - (column - 1) + cut
        end = self.text.find("\n", index)
        whole = len(self.text) if end < 0 else end
        if whole - start <= WIDTH:
            return self.text[start:whole].rstrip("\r"), cut
        return self.text[start : start + WIDTH] + "…", cut


def read_source(path: Path, name: str, faults: list[Fault], *, bom: bool = False) -> Source | None:
    """Return the file at `path`, to be called `name`; None if it has faults, which are added.

    With `bom` a byte order mark is passed over: Excel writes one before every CSV in UTF-8.
    """
    try:
        data = regular_bytes(path, MAX_BYTES + 1)
    except OSError as error:
        faults.append(_whole(name, f"this file cannot be read: {error.strerror}"))
        return None
    return source_of(data.removeprefix(BOM.encode()) if bom else data, name, faults)


def source_of(data: bytes, name: str, faults: list[Fault]) -> Source | None:
    """Return the text in `data`; None if it is not text for a rule file, and the fault is added."""
    if len(data) > MAX_BYTES:
        message = f"this file is larger than {MAX_BYTES:,} bytes"
        faults.append(_whole(name, message, "split the rules over several kinds, or ask for help"))
        return None
    try:
        source = Source(name, data.decode())
    except UnicodeDecodeError as error:
        before = Source(name, data[: error.start].decode())
        hint = "save it as UTF-8; Excel and old editors write other encodings"
        faults.append(before.fault(len(before.text), "this file is not UTF-8 from here on", hint))
        return None
    return None if refused(source, faults) else source


def refused(source: Source, faults: list[Fault]) -> bool:
    """Tell whether a text has what no rule file may; the fault is added."""
    if source.text.startswith(BOM):
        hint = "save it as UTF-8 without BOM"
        faults.append(_whole(source.file, "this file begins with a byte order mark (BOM)", hint))
        return True
    unseen = UNSEEN.search(source.text)
    if unseen:
        message = f"this line contains the invisible character U+{ord(unseen[0]):04X}"
        faults.append(source.fault(unseen.start(), message, "delete it"))
    return unseen is not None


def _whole(name: str, message: str, hint: str = "") -> Fault:
    return Fault(Location(name, 1, 1), message, hint)
