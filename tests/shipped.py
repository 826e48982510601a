"""The rules we ship: each kind is read once a process, when a test first asks for it."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from dealgate.decide import Decider
from dealgate.desk.expressions import expression_checker
from dealgate.engine.native import NativeEngine
from dealgate.kinds import KINDS
from dealgate.model.rules import AnyRuleSet
from dealgate.rulebook.cases import CaseFile, load_cases
from dealgate.rulebook.catalog import Catalog
from dealgate.rulebook.loading import load_catalog
from dealgate.rulebook.shelf import Shelf
from tests.unrecorded import NoJournal

RULES = Path(__file__).parents[1] / "rules"
# Keeps what it compiled: a test that compiles the rules anew for each example takes minutes.
ENGINE = NativeEngine()


class _Shelves(Mapping[str, Shelf]):
    """Reads a kind's folder when it is asked for."""

    def __getitem__(self, kind: str) -> Shelf:
        if kind not in KINDS:
            raise KeyError(kind)
        return _shelf(kind)

    def __iter__(self) -> Iterator[str]:
        return iter(KINDS)

    def __len__(self) -> int:
        return len(KINDS)


class _Shipped(Catalog):
    def __init__(self) -> None:
        super().__init__({}, kinds=KINDS)
        self._shelves = _Shelves()  # type: ignore[assignment]  # a catalog never changes its shelves


@cache
def _shelf(kind: str) -> Shelf:
    alone = load_catalog(RULES, KINDS, expression_checker(), only=(kind,))
    return alone._shelves[kind]


@cache
def catalog() -> Catalog:
    """Every shipped rule set: only the kinds that are asked for are read."""
    return _Shipped()


def rulesets(kind: str) -> Sequence[AnyRuleSet]:
    """Return the versions of a kind, oldest first."""
    versions = _shelf(kind).versions
    return [versions[number] for number in sorted(versions)]


def cases(kind: str) -> Sequence[CaseFile]:
    """Return the cases of every version of a kind, oldest first."""
    return [cases_of(kind, ruleset.version) for ruleset in rulesets(kind)]


def newest_cases(kind: str) -> CaseFile:
    """Return the cases of a kind's newest version."""
    return cases_of(kind, rulesets(kind)[-1].version)


@cache
def cases_of(kind: str, version: int) -> CaseFile:
    """Return the cases of one version."""
    (file,) = load_cases(RULES, KINDS, [catalog().version(kind, version)])
    return file


def folder_of(folder: Path, *kinds: str) -> Path:
    """Make a rules folder with these kinds only: a server that reads all takes seconds longer."""
    rules = folder / "shipped"
    rules.mkdir()
    for shared in RULES.glob("pipelines.v*.yaml"):
        (rules / shared.name).symlink_to(shared)
    for kind in kinds:
        (rules / kind).symlink_to(RULES / kind)
    return rules


def decider() -> Decider:
    """Return what answers dry runs by these rules."""
    return Decider(KINDS, catalog(), ENGINE, NoJournal())
