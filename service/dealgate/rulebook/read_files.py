"""One file of a rules folder as a tree or a table, and the name it is reported under."""

from pathlib import Path

from dealgate.model.codes import Code
from dealgate.model.faults import Fault
from dealgate.model.rules import Location
from dealgate.rulebook.document import Node
from dealgate.rulebook.faults import coded_as
from dealgate.rulebook.sheet import Sheet, read_sheet
from dealgate.rulebook.source import read_source
from dealgate.rulebook.strict_yaml import read_yaml


def is_listed(folder: Path, home: Path, faults: list[Fault]) -> bool:
    """Tell whether a folder is there; adds a fault if what it holds cannot be listed."""
    if not home.is_dir():
        return False
    try:
        next(home.iterdir(), None)
    except OSError as error:
        location = Location(named(folder, home), 1, 1)
        message = f"this folder cannot be read: {error.strerror}"
        faults.append(Fault(location, message, code=Code.FILE_UNREADABLE))
        return False
    return True


def named(folder: Path, path: Path) -> str:
    """Return the name to report `path` under: "rules/qualify/v2.yaml"."""
    shown = folder if not folder.is_absolute() else Path(folder.name)
    return (shown / path.relative_to(folder)).as_posix()


def read_document(folder: Path, path: Path, faults: list[Fault]) -> Node | None:
    """Return the tree in the file at `path`; None if it cannot be read, and faults are added."""
    return read_named(path, named(folder, path), faults)


def read_named(path: Path, name: str, faults: list[Fault]) -> Node | None:
    """Return the tree as `read_document` does, for a file reported under `name`."""
    with coded_as(Code.FILE_UNREADABLE, faults):
        source = read_source(path, name, faults)
    with coded_as(Code.YAML_INVALID, faults):
        return None if source is None else read_yaml(source, faults)


def read_table(folder: Path, path: Path, faults: list[Fault]) -> Sheet | None:
    """Return the cells in the CSV at `path`; None if it cannot be read, and faults are added."""
    with coded_as(Code.FILE_UNREADABLE, faults):
        source = read_source(path, named(folder, path), faults, bom=True)
    with coded_as(Code.TABLE_INVALID, faults):
        return None if source is None else read_sheet(source, faults)
