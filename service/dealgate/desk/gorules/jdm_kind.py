"""A decision graph of GoRules as a kind without code: its files, and what is lost."""

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from dealgate.desk.exchange import NotExported
from dealgate.desk.gorules.draft import Draft, pruned, swapped
from dealgate.desk.gorules.jdm import Example, read_jdm
from dealgate.desk.gorules.jdm_graph import GraphReader
from dealgate.desk.gorules.shapes import declared, renamed, shown
from dealgate.desk.gorules.terms import OURS, Group, ListOf, Lost, Many, Term, Tree, Value, snake
from dealgate.kinds import KINDS
from dealgate.rulebook.kind_shapes import KIND_NAME

LONGEST = 34  # of a name, and the least that is put behind it
AS_OF = "2026-01-01T00:00:00Z"


@dataclass(frozen=True, slots=True)
class AnsweredField:
    """A field of the outcome: its path in the graph, its name here, and its type."""

    path: str
    name: str
    type: str


@dataclass(frozen=True, slots=True)
class JdmKind:
    """A kind made of a graph: the text of each file, its answers, and what is lost."""

    name: str
    texts: Mapping[str, str]
    answers: Sequence[AnsweredField]
    left_out: Sequence[str]
    unread: Sequence[str]
    given: Group


def read_kind(path: Path, name: str = "") -> JdmKind:
    """Make a kind of the graph at `path`; raises NotExported."""
    jdm = read_jdm(path)
    draft = Draft()
    given = shown(each.input for each in jdm.tests)
    draft.given = given if isinstance(given, Group) else Group()
    name = name or _kind_name(path.stem)
    try:
        answers = [*_answers(GraphReader(jdm, draft).read(), draft, "")]
    except RecursionError:
        raise NotExported("its expressions are too long") from None
    answers = _plainly_named(draft, answers)
    pruned(draft, [each.name for each in answers])
    if not answers:
        raise NotExported("; ".join(["nothing of it can be taken over", *draft.left_out]))
    if draft.given.parts.get("id", "text") != "text":
        raise NotExported("its id is not a text")
    texts = _texts(name, path, draft, answers, jdm.tests)
    return JdmKind(name, texts, answers, draft.left_out, draft.unread, draft.given)


def _plainly_named(draft: Draft, answers: Sequence[AnsweredField]) -> list[AnsweredField]:
    """Call each answer what its path says; what had its name on the way has the answer's then."""
    found = list(answers)
    for index, each in enumerate(found):
        plain = snake(each.path.replace(".", "_"))
        free = plain in draft.facts and each.name in draft.facts
        if plain != each.name and free and all(plain != other.name for other in found):
            swapped(draft, each.name, plain)
            found[index] = AnsweredField(each.path, plain, each.type)
    return found


def _answers(value: Value, draft: Draft, path: str) -> Iterator[AnsweredField]:
    match value:
        case Tree(parts):
            for name, each in parts.items():
                yield from _answers(each, draft, f"{path}.{name}" if path else name)
        case Lost(why):
            draft.lose(f"output {path}: {why}")
        case Term(cel, _, _, True) if cel == _own(path):
            return  # a fact that is passed on
        case Term(_, str() as shape):
            yield AnsweredField(path, _field(value, draft, path), OURS[shape])
        case Term(_, ListOf(str() as shape)):
            yield AnsweredField(path, _field(value, draft, path), f"list({OURS[shape]})")
        case Many():
            draft.lose(f"output {path}: a list of objects")


def _own(path: str) -> str:
    return ".".join(["request", *map(snake, path.split("."))])


def _field(term: Term, draft: Draft, path: str) -> str:
    """Return the name of the fact that is answered: that of its path, if nothing has it."""
    wanted = snake(path.replace(".", "_"))
    if term.cel == wanted or (wanted in draft.taken and term.cel in draft.taken):
        return term.cel
    found = draft.called(wanted)
    draft.facts[found] = term.cel
    return found


def _kind_name(stem: str) -> str:
    """Return the name of a kind that is called like a file, but not like one with code."""
    name = snake(stem)[:LONGEST].strip("_")
    return name if KIND_NAME.fullmatch(name) and name not in KINDS else f"{name}_graph"


def _texts(
    name: str, path: Path, draft: Draft, answers: Sequence[AnsweredField], tests: Sequence[Example]
) -> Mapping[str, str]:
    texts = {
        "kind.yaml": _kind(name, path, draft.given, answers),
        "v1.yaml": _rules(name, path, draft),
        "v1.cases.yaml": _cases(tests),
    }
    for table in draft.tables:
        out = StringIO(newline="")
        csv.writer(out, lineterminator="\n").writerows(table.rows)
        texts[f"v1.{table.id}.csv"] = out.getvalue()
    return texts


def _kind(name: str, path: Path, given: Group, answers: Sequence[AnsweredField]) -> str:
    facts = Group({each: shape for each, shape in given.parts.items() if each != "id"})
    lines = [
        f"kind: {name}",
        f"because: {json.dumps(f'Taken over from {path.name} of GoRules.')}",
        "entity: {type: request, id: request.id}",
        "facts:",
        "  request:",
        "    id: {type: text, required: true, because: Your id of what is decided on.}",
        *declared(facts, 4),
        "outcome:",
        "  word: verdict",
        "  fields:",
        "    verdict: {type: enum, values: [decided], fold: gravest, because: It was decided.}",
    ]
    for each in answers:
        because = json.dumps(f"As `{each.path}` in GoRules.")
        lines.append(f"    {each.name}: {{type: {each.type}, fold: fact, because: {because}}}")
    return "\n".join([*lines, "unknown: open", "nothing: open", ""])


def _rules(name: str, path: Path, draft: Draft) -> str:
    lines = [
        f"ruleset: {name}",
        "version: 1",
        "owner: YOU",
        f"because: {json.dumps(f'Taken over from {path.name} of GoRules.')}",
    ]
    if draft.facts:
        lines.append("facts:")
        lines += [
            f"  {each}: {json.dumps(cel, ensure_ascii=False)}" for each, cel in draft.facts.items()
        ]
    lines += [
        "rules:",
        "  - id: decided",
        "    then: {verdict: decided}",
        "    because: It was decided.",
    ]
    if draft.tables:
        lines.append("tables:")
        lines += [f"  - {{id: {t.id}, hit: first, gives: {t.gives}}}" for t in draft.tables]
    return "\n".join([*lines, ""])


def _cases(tests: Sequence[Example]) -> str:
    lines = ["cases:"]
    for number, test in enumerate(tests, 1):
        facts = renamed(test.input)
        said = {"request": {"id": str(number), **(facts if isinstance(facts, Mapping) else {})}}
        lines += [
            f"  - case: test {number} of the graph",
            f"    as_of: {AS_OF}",
            f"    facts: {json.dumps(said, ensure_ascii=False)}",
            "    fired: [decided]",
        ]
    if not tests:
        lines[0] = "cases: []"
    return "\n".join([*lines, ""])
