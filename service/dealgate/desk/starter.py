"""What comes with the package: rules to begin with, and the contracts for any language."""

import re
import shutil
from collections.abc import Collection, Sequence
from pathlib import Path

from dealgate.desk.appending import appended
from dealgate.desk.drafting.versions import files_of, newest, next_version
from dealgate.model.errors import OperatorError
from dealgate.model.kind import AnyKind
from dealgate.model.rules import Release
from dealgate.rulebook.checker import ExpressionChecker
from dealgate.rulebook.instants import nanoseconds
from dealgate.rulebook.loading import load_catalog
from dealgate.rulebook.rates import RATES

BECAUSE = "To begin with: the rules that come with Dealgate."
FROM = "2000-01-01T00:00:00Z"  # so that facts of any time can be tried
TO_OTHERS = re.compile(r"\[([^\]]+)\]\(\.\./(?:\.\./)?(?:docs|proto)/[^)]*\)")
RULES = "rules"
PROTO = "proto"


class NotEmpty(OperatorError):
    """There is something already where a starter is to be written."""

    reason = "NOT_EMPTY"

    def __init__(self, folder: Path) -> None:
        """`folder` is not empty."""
        self.folder = folder
        super().__init__(folder)

    def __str__(self) -> str:
        """Say what to do."""
        return f"{self.folder} already exists and is not changed; name another folder"


def shipped(name: str) -> Path:
    """Return the folder `rules` or `proto` of this installation: a wheel's, or the checkout's."""
    package = Path(__file__).parents[1]
    packed = package / "starter" / name
    return packed if packed.is_dir() else package.parents[1] / name


def begin_rules(
    target: Path, kinds: Sequence[AnyKind], checker: ExpressionChecker
) -> Sequence[Path]:
    """Write rules for `kinds` into the new folder `target`; return what was written.

    Of each kind the newest version is taken, as version 1, which decides at once. Raises NotEmpty.
    """
    if target.exists() and any(target.iterdir()):
        raise NotEmpty(target)
    source = shipped(RULES)
    target.mkdir(parents=True, exist_ok=True)
    for path in _shared(source):
        _copy(path, target / path.name)
    for kind in kinds:
        _begin_kind(source / kind.name, target / kind.name)
    catalog = load_catalog(target, {kind.name: kind for kind in kinds}, checker)
    for kind in kinds:
        digest = catalog.version(kind.name, 1).digest
        line = Release(1, nanoseconds(FROM) or 0, digest, "dealgate init", BECAUSE)
        (target / kind.name / "releases.yaml").write_bytes(appended(None, line))
    return sorted(path for path in target.rglob("*") if path.is_file())


def _shared(source: Path) -> Collection[Path]:
    """Return what lies beside the kinds: schemas, the README and the stages that kinds share."""
    return [path for path in source.iterdir() if path.is_file() and path.name != RATES]


def _begin_kind(source: Path, target: Path) -> None:
    target.mkdir()
    number = newest(source)
    texts = next_version(source, number, BECAUSE, texts=files_of(source, number), number=1)
    for path, text in texts.items():
        (target / path.name).write_text(text, encoding="utf-8")
    for name in ("README.md", "cases.schema.json"):
        if (source / name).is_file():
            _copy(source / name, target / name)


def _copy(source: Path, target: Path) -> None:
    """Copy a file; a page's links into docs and contracts lead nowhere from here."""
    if source.suffix == ".md":
        target.write_text(
            TO_OTHERS.sub(r"\1", source.read_text(encoding="utf-8")), encoding="utf-8"
        )
    else:
        shutil.copyfile(source, target)


def write_contracts(target: Path) -> Sequence[Path]:
    """Write the contracts and the google protos they import into the new folder `target`.

    Any language's protoc takes the folder as its only import path. Raises NotEmpty.
    """
    if target.exists() and any(target.iterdir()):
        raise NotEmpty(target)
    source = shipped(PROTO)
    for path in sorted(source.rglob("*.proto")):
        relative = path.relative_to(source)
        if relative.parts[:2] != ("dealgate", "language"):  # how CEL reads rules: not for callers
            (target / relative).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target / relative)
    return sorted(target.rglob("*.proto"))
