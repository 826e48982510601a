"""A new rule and its first case: written so that check and cases hold, for an author to change."""

import shutil
import tempfile
from collections.abc import Mapping
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
    trying = _Trying(kind, checker, engine)
    for example in (*islice(examples(file), TRIES), *filter(None, [last_resort(file)])):
        tried = await trying.fired(_drafted(texts, kind, id_, example, ([id_], [])))
        if tried is not None and id_ in tried[0] and id_ not in tried[1]:
            return _drafted(texts, kind, id_, example, tried)
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


def _drafted(texts: Texts, kind: AnyKind, id_: str, example: Example, sides: Sides) -> Texts:
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
    return {path: _extended(path, text, kind, values) for path, text in texts.items()}


def _extended(path: Path, text: str, kind: AnyKind, values: Mapping[str, str]) -> str:
    if path.name.endswith(".cases.yaml"):
        return _appended(path, text, "cases", values)
    if path.suffix == ".yaml":
        return _appended(path, text, "rules", {**values, "then": claim(kind, _document(text))})
    return text


def _appended(path: Path, text: str, section: str, values: Mapping[str, str]) -> str:
    """Return `text` with what the section's template makes of `values` after its last entry."""
    name = {"cases": "cases.yaml", "rules": "rule.yaml"}[section]
    template = (files(__package__) / "templates" / name).read_text(encoding="utf-8")
    node = _document(text).get(section)
    if not isinstance(node, Items) or not node.items:
        raise NoExample
    at = _line_end(text, _end(node.items[-1]))
    piece = Template(template).substitute(values)
    faults: list[Fault] = []
    source = Source(path.name, f"{text[:at].rstrip()}\n\n{piece}{text[at:]}")
    new = formatted(source, section, faults)
    if new is None:
        raise RulebookFaults(faults)
    return new


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
