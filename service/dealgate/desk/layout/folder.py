"""Which files of a rules folder are laid out, and what each becomes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from dealgate.desk.appending import replace_durably
from dealgate.desk.layout.formatting import formatted
from dealgate.model.faults import Fault
from dealgate.rulebook.kind_folder import RULES, TABLE
from dealgate.rulebook.source import read_source
from dealgate.rulebook.strays import CASES, SIGNALS


@dataclass(frozen=True, slots=True)
class Layout:
    """A file as it is and as it should be."""

    path: Path
    before: str
    after: str

    @property
    def is_new(self) -> bool:
        """Tell whether the two differ."""
        return self.before != self.after

    def write(self) -> None:
        """Put the new text in the file's place, all or nothing."""
        replace_durably(self.path, self.after.encode())


def sort_of(path: Path) -> str:
    """Return "rules", "cases", "table", "releases", "signal" or "signal cases".

    "" for any other file.
    """
    if path.parent.name == SIGNALS and path.suffix == ".yaml":
        return "signal cases" if path.name.endswith(".cases.yaml") else "signal"
    if RULES.fullmatch(path.name):
        return "rules"
    if CASES.fullmatch(path.name):
        return "cases"
    if TABLE.fullmatch(path.name):
        return "table"
    return "releases" if path.name == "releases.yaml" else ""


def files_in(folder: Path, kind: str | None, version: int | None) -> Iterator[Path]:
    """Yield the files of a rules folder, of one kind or of one version of it."""
    patterns = (RULES, CASES, TABLE)
    within = () if kind and "/" in kind else folder.glob(f"{kind or '*'}/*/*")
    for path in sorted([*folder.glob(f"{kind or '*'}/*"), *within]):
        match = next(filter(None, (pattern.fullmatch(path.name) for pattern in patterns)), None)
        if sort_of(path) and (version is None or (match and int(match[1]) == version)):
            yield path


def files_of_signals(folder: Path, name: str) -> Iterator[Path]:
    """Yield the files that declare and try signals, or one of that name."""
    for path in sorted((folder / SIGNALS).glob("*.yaml")):
        if not name or path.name in {f"{name}.yaml", f"{name}.cases.yaml"}:
            yield path


def layouts(paths: Sequence[Path], faults: list[Fault]) -> Sequence[Layout]:
    """Return the layouts of `paths`; those that cannot be read are left out, and faults added."""
    drawn = []
    for path in paths:
        source = read_source(path, path.as_posix(), faults)
        after = formatted(source, sort_of(path), faults) if source else None
        if source is not None and after is not None:
            drawn.append(Layout(path, source.text, after))
    return drawn
