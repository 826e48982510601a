"""vN.cases.yaml: facts, and what must follow from them, read as strictly as the rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from google.protobuf.message import Message

from dealgate.model.codes import Code
from dealgate.model.faults import Fault
from dealgate.model.kind import AnyKind
from dealgate.model.rules import AnyRuleSet, Location
from dealgate.rulebook.acceptance import Accepted, acceptances
from dealgate.rulebook.case_reader import CaseReader
from dealgate.rulebook.case_shapes import CaseFileShape, CaseShape
from dealgate.rulebook.document import Fields, Node
from dealgate.rulebook.faults import RulebookFaults, coded_as
from dealgate.rulebook.inherited_cases import with_inherited
from dealgate.rulebook.narrowing import at_home
from dealgate.rulebook.read_files import named, read_document
from dealgate.rulebook.validation import validated


@dataclass(frozen=True, slots=True)
class Case:
    """Facts, the instant (ns) to judge them at, and what must follow; None: anything may.

    `fired`, `undecided` and `failed` are rule ids; `outcome` is the part of the outcome message
    that is fixed, as it stands in the file, and `error` the name of the error class. `entry` is
    the whole of it in the file.
    """

    name: str
    entry: Fields
    as_of: int
    facts: Message
    fired: tuple[str, ...] | None
    undecided: tuple[str, ...] | None
    failed: tuple[str, ...]
    outcome: Fields | None
    error: str | None
    violations: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class CaseFile:
    """The cases of one rule set of a kind; `bases` are the facts they start from, by name.

    `beside` are versions of other scopes that may decide when the rule set of a scope does.
    """

    ruleset: AnyRuleSet
    location: Location
    cases: Sequence[Case]
    bases: Mapping[str, Node]
    kind: AnyKind
    accepted: Sequence[Accepted] = ()
    beside: Sequence[AnyRuleSet] = ()


def load_cases(
    folder: Path, kinds: Mapping[str, AnyKind], rulesets: Sequence[AnyRuleSet]
) -> Sequence[CaseFile]:
    """Return the cases of `rulesets`; raise RulebookFaults with everything wrong in any file."""
    faults: list[Fault] = []
    files = read_case_files(folder, kinds, rulesets, faults)
    if faults:
        raise RulebookFaults(faults)
    return files


def read_case_files(
    folder: Path, kinds: Mapping[str, AnyKind], rulesets: Sequence[AnyRuleSet], faults: list[Fault]
) -> Sequence[CaseFile]:
    """Return the cases of `rulesets` that can be read; faults are added."""
    with coded_as(Code.CASES_INVALID, faults):
        case_files = [_case_file(folder, kinds[r.kind], r, faults) for r in rulesets]
    return tuple(file for file in case_files if file is not None)


def _case_file(
    folder: Path, kind: AnyKind, ruleset: AnyRuleSet, faults: list[Fault]
) -> CaseFile | None:
    if ruleset.narrowing is not None:
        return _scopes_file(folder, kind, ruleset, ruleset.narrowing.base, faults)
    path = folder / ruleset.shelf / f"v{ruleset.version}.cases.yaml"
    location = Location(named(folder, path), 1, 1)
    if not path.exists():
        faults.append(Fault(location, f"{ruleset.name} has no cases", f"write them in {path.name}"))
        return None
    document = read_document(folder, path, faults)
    return None if document is None else read_cases(document, kind, ruleset, faults)


def _scopes_file(
    folder: Path, kind: AnyKind, ruleset: AnyRuleSet, base: int, faults: list[Fault]
) -> CaseFile | None:
    """Return a scope's cases with those of its base; it need not have any of its own."""
    home = folder / ruleset.shelf
    path, under = (
        home / f"v{ruleset.version}.cases.yaml",
        folder / kind.name / f"v{base}.cases.yaml",
    )
    inherited = read_document(folder, under, []) if under.exists() else None
    own = read_document(folder, path, faults) if path.exists() else None
    if path.exists() and own is None:
        return None
    document = own or inherited
    if document is None:
        location = Location(named(folder, path), 1, 1)
        faults.append(Fault(location, f"{ruleset.name} has no cases", f"write them in {path.name}"))
        return None
    if own is not None and inherited is not None:
        document = with_inherited(own, inherited, faults)
    told: list[Fault] = []
    file = read_cases(document, kind, ruleset, told)
    at = named(folder, home)
    faults += at_home(told, at, own or document, under.name)
    if file is None:
        return None
    accepted = [
        replace(accepted, inherited=not accepted.node.source.file.startswith(f"{at}/"))
        for accepted in file.accepted
    ]
    return replace(file, accepted=tuple(accepted))


def read_cases(
    document: Node, kind: AnyKind, ruleset: AnyRuleSet, faults: list[Fault]
) -> CaseFile | None:
    """Return the cases in `document`; None if it has faults, which are added."""
    before = len(faults)
    shape = validated(document, CaseFileShape, faults)
    reader = CaseReader(document, kind, ruleset, faults)
    questions = [reader.question(entry) for entry in reader.entries]
    reader.check_bases()
    reader.check_rules()
    accepted = () if shape is None else tuple(acceptances(document, shape, faults))
    if shape is None or len(faults) > before:
        return None
    cases = zip(reader.entries, questions, shape.cases, strict=True)
    location = document.source.location(0)
    read = tuple(_case(*parts) for parts in cases)
    return CaseFile(ruleset, location, read, reader.bases, kind, accepted)


def _case(entry: Fields, question: tuple[int, Message], shape: CaseShape) -> Case:
    outcome = entry.get("outcome")
    return Case(
        name=shape.case.strip(),
        entry=entry,
        as_of=question[0],
        facts=question[1],
        fired=_ids(shape.fired),
        undecided=_ids(shape.undecided),
        failed=tuple(shape.failed),
        outcome=outcome if isinstance(outcome, Fields) else None,
        error=shape.error,
        violations=_ids(shape.violations),
    )


def _ids(given: list[str] | None) -> tuple[str, ...] | None:
    return None if given is None else tuple(given)
