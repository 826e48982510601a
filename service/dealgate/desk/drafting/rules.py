"""A new rule and its first case: written so that check and cases hold, for an author to change."""

import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from itertools import islice
from pathlib import Path
from string import Template
from typing import Any

from dealgate.desk.drafting.claims import choices, claim
from dealgate.desk.drafting.examples import Example, examples, last_resort
from dealgate.desk.drafting.versions import Texts
from dealgate.desk.layout.entries import end_of
from dealgate.desk.layout.formatting import formatted
from dealgate.desk.trials import trial
from dealgate.judge import Engine, judge
from dealgate.model.errors import DealgateError, OperatorError
from dealgate.model.faults import Fault
from dealgate.model.kind import AnyKind
from dealgate.model.rules import AnyRuleSet
from dealgate.rulebook.cases import Case, CaseFile, load_cases
from dealgate.rulebook.catalog import Catalog
from dealgate.rulebook.checker import ExpressionChecker
from dealgate.rulebook.document import Fields, Items
from dealgate.rulebook.faults import RulebookFaults
from dealgate.rulebook.loading import load_catalog
from dealgate.rulebook.pipelines import pipelines_in
from dealgate.rulebook.source import Source
from dealgate.rulebook.strict_yaml import read_yaml

# Which rules fire where the new one does, and where it stays quiet.
Sides = tuple[list[str], list[str]]

BECAUSE = "Say why, as callers will read it."
TRIES = 20


class NoExample(OperatorError):
    """No case can be made into one that only the new rule fires in."""

    reason = "NO_EXAMPLE"


async def new_rule(
    texts: Texts,
    kind: AnyKind,
    id_: str,
    file: CaseFile,
    checker: ExpressionChecker,
    engine: Engine,
) -> Texts:
    """Return `texts`, the files of a draft, with one rule more, and a case on each side of it.

    It fires in no other case, and none of them comes out otherwise. `file` has the cases that the
    draft's were copied from. Raises NoExample.
    """
    trying, places = _Trying(kind, checker, engine), _places(texts, kind)
    # Only what is kept is laid out: that takes longer than to decide all cases.
    for example in (*islice(examples(file), TRIES), *filter(None, [last_resort(file)])):
        tried = await trying.fired(_drafted(texts, places, kind, id_, example, ([id_], [])))
        if tried is not None and id_ in tried[0] and id_ not in tried[1]:
            return _laid_out(_drafted(texts, places, kind, id_, example, tried), places)
    raise NoExample


class _Trying:
    """Decides the cases of a draft, in a folder of their own."""

    def __init__(self, kind: AnyKind, checker: ExpressionChecker, engine: Engine) -> None:
        self._kind = kind
        self._checker = checker
        self._engine = engine

    async def fired(self, texts: Texts) -> Sides | None:
        """Return which rules fire in the new rule's two cases; None if another case fails."""
        kinds = {self._kind.name: self._kind}
        with tempfile.TemporaryDirectory() as folder:
            home = Path(folder) / "rules" / self._kind.name
            home.mkdir(parents=True)
            for path, text in texts.items():
                (home / path.name).write_text(text, encoding="utf-8")
            for path in pipelines_in(next(iter(texts)).parent.parent):
                shutil.copy(path, home.parent)
            catalog = load_catalog(home.parent, kinds, self._checker)
            try:
                (file,) = load_cases(home.parent, kinds, catalog.all())
            except RulebookFaults:
                return None  # a value that the fact cannot have
        return await self._decided(catalog, file)

    async def _decided(self, catalog: Catalog, file: CaseFile) -> Sides | None:
        (ruleset,) = catalog.all()
        *others, hit, miss = file.cases
        try:
            sides = [await self._rules(ruleset, case) for case in (hit, miss)]
        except DealgateError:
            return None
        for case in others:
            if await trial(self._kind, self._engine, ruleset, case):
                return None
        return sides[0], sides[1]

    async def _rules(self, ruleset: AnyRuleSet, case: Case) -> list[str]:
        verdict = await judge(self._kind, ruleset, self._engine, case.facts, case.as_of)
        if verdict.refusal is not None:
            raise verdict.refusal
        return [id_ for fired in verdict.evidence.fired for id_ in fired.ids]


def _places(texts: Texts, kind: AnyKind) -> Mapping[Path, "_Place"]:
    """Return where each file of a draft gets an entry; a file that gets none is left out."""
    places = {}
    for path, text in texts.items():
        if path.name.endswith(".cases.yaml"):
            places[path] = _place(text, "cases", {})
        elif path.suffix == ".yaml":
            places[path] = _place(text, "rules", {"then": claim(kind, _document(text))})
    return places


def _drafted(
    texts: Texts,
    places: Mapping[Path, "_Place"],
    kind: AnyKind,
    id_: str,
    example: Example,
    sides: Sides,
) -> Texts:
    """Return `texts` with a rule and its cases, not laid out."""
    values = {
        "id": id_,
        "when": example.condition,
        "because": BECAUSE,
        "choices": choices(kind),
        "base": example.base,
        "as_of": example.as_of,
        "facts": example.facts,
        "fired": ", ".join(sides[0]),
        "quiet_as_of": example.quiet_as_of,
        "quiet_facts": example.quiet_facts,
        "quiet_fired": ", ".join(sides[1]),
    }
    return {
        path: places[path].filled(values) if path in places else text
        for path, text in texts.items()
    }


def _laid_out(texts: Texts, places: Mapping[Path, "_Place"]) -> Texts:
    return {
        path: _formatted(path, text, places[path].section) if path in places else text
        for path, text in texts.items()
    }


def _formatted(path: Path, text: str, section: str) -> str:
    faults: list[Fault] = []
    new = formatted(Source(path.name, text), section, faults)
    if new is None:
        raise RulebookFaults(faults)
    return new


@dataclass(frozen=True, slots=True)
class _Place:
    """After the last entry of a file's `section`: between what stands before and after it.

    `values` are those of the template that are the same for each example.
    """

    section: str
    before: str
    after: str
    template: Template
    values: Mapping[str, str]

    def filled(self, values: Mapping[str, str]) -> str:
        """Return the file's text with what the template makes of `values`."""
        return f"{self.before}{self.template.substitute({**values, **self.values})}{self.after}"


def _place(text: str, section: str, values: Mapping[str, str]) -> _Place:
    name = {"cases": "cases.yaml", "rules": "rule.yaml"}[section]
    template = (files(__package__) / "templates" / name).read_text(encoding="utf-8")
    node = _document(text).get(section)
    if not isinstance(node, Items) or not node.items:
        raise NoExample
    at = _line_end(text, _end(node.items[-1]))
    return _Place(section, f"{text[:at].rstrip()}\n\n", text[at:], Template(template), values)


def _end(node: Any) -> int:
    if isinstance(node, Fields) and node.fields:
        return max(_end(value) for _, value in node)
    return end_of(node)


def _line_end(text: str, at: int) -> int:
    if text[:at].endswith("\n"):
        return at
    end = text.find("\n", at)
    return len(text) if end < 0 else end + 1


def _document(text: str) -> Fields:
    document = read_yaml(Source("", text), [])
    return document if isinstance(document, Fields) else Fields(Source("", text), 0, ())
