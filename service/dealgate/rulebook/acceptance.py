"""`accepted:` in a file of cases: findings that are right and intended, by code and place.

They are never matched by their words, which may be improved at any time.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from dealgate.model.codes import ACCEPTABLE, WITH_CONDITION, Code
from dealgate.model.faults import Fault
from dealgate.rulebook.case_shapes import AcceptedShape, CaseFileShape
from dealgate.rulebook.document import NULLS, Fields, Items, Node
from dealgate.rulebook.faults import did_you_mean

PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./@-]*|-?[0-9.]+")
BECAUSE = "because: …"
RAN = "`dealgate test --mutate --format json` gives what to write as `accept`"


@dataclass(frozen=True, slots=True)
class Identity:
    """What a finding is known by, whatever its message says.

    `at` is a path in the rule file, with the ids of rules and tables in it: `rules.too-small`.
    `detail` tells apart what stands there: of a mutant the text before and after, which is empty
    if something was left out; of a condition its text.
    """

    code: Code
    at: str
    detail: tuple[str, ...] = ()

    @property
    def accepted(self) -> str:
        """What an author writes below `accepted:`."""
        parts = [f"finding: {self.code}", f"at: {written(self.at)}"]
        if self.code is Code.MUTANT_SURVIVES:
            before, after = self.detail
            parts = [f"mutant: {written(self.at)}", f"from: {written(before)}"]
            parts += [f"to: {written(after)}"] if after else []
        elif self.detail:
            parts.append(f"condition: {written(*self.detail)}")
        return f"{{{', '.join([*parts, BECAUSE])}}}"


@dataclass(frozen=True, slots=True)
class Accepted:
    """A finding that is meant, and why; `node` is where it is accepted.

    What a scope has `inherited` may be found of its base alone, so it is never stale.
    """

    identity: Identity
    because: str
    node: Node
    inherited: bool = False

    @property
    def stale(self) -> Fault:
        """The fault of accepting what is not found any more."""
        identity = self.identity
        where = ": ".join(part for part in (identity.at, " → ".join(identity.detail)) if part)
        message = f"accepted: there is no {identity.code} at {where}"
        node = self.node
        return Fault(
            node.location,
            message,
            "delete this: the finding that it accepts was fixed, or never existed",
            node.fault("").line,
            Code.ACCEPTANCE_STALE,
        )


def written(text: str) -> str:
    """Return a text as it stands inside `{…}`: in quotes where YAML asks for them."""
    if PLAIN.fullmatch(text) and text not in NULLS:
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def one_line(text: str) -> str:
    """Return an expression as it is compared: line breaks do not count."""
    return " ".join(text.split())


def acceptances(document: Node, shape: CaseFileShape, faults: list[Fault]) -> Iterator[Accepted]:
    """Yield what is accepted in a file of cases; faults are added, each with what to write."""
    listed = document.get("accepted") if isinstance(document, Fields) else None
    nodes = listed.items if isinstance(listed, Items) else ()
    for node, entry in zip(nodes, shape.accepted, strict=True):
        told = _fault(node, entry)
        if told is not None:
            faults.append(told)
        else:
            yield Accepted(_identity(entry), entry.because.strip(), node)


def _identity(entry: AcceptedShape) -> Identity:
    if entry.mutant is not None:
        detail = (one_line(entry.from_ or ""), one_line(entry.to or ""))
        return Identity(Code.MUTANT_SURVIVES, entry.mutant.strip(), detail)
    condition = () if entry.condition is None else (one_line(entry.condition),)
    return Identity(Code(entry.finding or ""), (entry.at or "").strip(), condition)


def _fault(node: Node, entry: AcceptedShape) -> Fault | None:
    """Return what is wrong with one entry, with the whole of what to write instead."""
    if entry.finding is not None and " " in entry.finding.strip():
        message = "findings are accepted by code and place, not by their message"
        return _invalid(node, message, _translated(entry.finding))
    if (entry.finding is None) == (entry.mutant is None):
        mutant = "{mutant: parameters.ready_at, from: 85, to: 84, because: …}"
        hint = f"write {mutant},\nor {{finding: rule-redundant, at: rules.too-small, because: …}}"
        return _invalid(node, "accept either a `mutant` or a `finding`", hint)
    return _mutant_fault(node, entry) if entry.finding is None else _finding_fault(node, entry)


def _mutant_fault(node: Node, entry: AcceptedShape) -> Fault | None:
    if entry.from_ is None:
        return _invalid(node, "a mutant is known by what changed: `from` is missing", RAN)
    if entry.at is not None or entry.condition is not None:
        hint = "delete `at` and `condition`: `mutant` says where"
        return _invalid(node, "these keys belong to a `finding`", hint)
    return None


def _finding_fault(node: Node, entry: AcceptedShape) -> Fault | None:
    name = (entry.finding or "").strip()
    if name == Code.MUTANT_SURVIVES:
        hint = "write {mutant: parameters.ready_at, from: 85, to: 84, because: …}"
        return _invalid(node, "a mutant is accepted by its place and change", hint)
    known = {str(code) for code in ACCEPTABLE}
    if name not in known:
        refused = name in {str(code) for code in Code}
        message = f"{name} cannot be accepted" if refused else f"unknown finding '{name}'"
        hint = f"mend it: {Code(name).page}" if refused else did_you_mean(name, known)
        return _invalid(node, message, hint)
    if entry.at is None:
        return _invalid(node, f"where is the {name}: `at` is missing", "write at: rules.too-small")
    if entry.from_ is not None or entry.to is not None:
        return _invalid(node, "these keys belong to a `mutant`", "delete `from` and `to`")
    if (entry.condition is None) is (Code(name) in WITH_CONDITION):
        return (
            _invalid(node, f"which condition is it: {name} needs `condition`", RAN)
            if (entry.condition is None)
            else _invalid(node, f"{name} is about no single condition", "delete `condition`")
        )
    return None


def _invalid(node: Node, message: str, hint: str) -> Fault:
    told = node.fault(f"accepted: {message}", hint)
    return replace(told, code=Code.ACCEPTANCE_INVALID)


# ── The text that was accepted before there were codes ──────────────────────────────────────────

OF_MUTANT = re.compile(r"(.+?): no case notices `(.*)` (?:changed to `(.*)`|left out)", re.DOTALL)
OF_RULE = re.compile(r"(.+?): no case sees it (fire|stay quiet|undecided)")
OF_CONDITION = re.compile(r"(.+?): no case sees `(.*)` (true|false|unknown)", re.DOTALL)
OF_WHOLE = {
    "fire": Code.RULE_UNSEEN_FIRING,
    "stay quiet": Code.RULE_UNSEEN_QUIET,
    "undecided": Code.RULE_UNSEEN_UNDECIDED,
}
SECTIONS = {"rule": "rules", "fact": "facts", "constant": "constants", "parameter": "parameters"}


def _translated(text: str) -> str:
    """Return the entry that says today what a message was copied for."""
    text = one_line(text)
    identity: Identity | None = None
    if match := OF_MUTANT.fullmatch(text):
        at = _place_of(match[1], claim=True)
        identity = Identity(Code.MUTANT_SURVIVES, at, (match[2], match[3] or ""))
    elif match := OF_RULE.fullmatch(text):
        identity = Identity(OF_WHOLE[match[2]], _place_of(match[1]))
    elif match := OF_CONDITION.fullmatch(text):
        code = Code(f"condition-unseen-{match[3]}")
        identity = Identity(code, _place_of(match[1]), (match[2],))
    if identity is None or any(part.endswith("…") for part in identity.detail):
        return RAN
    return f"write {identity.accepted}"


def _place_of(subject: str, *, claim: bool = False) -> str:
    """Return the path for "rule too-small: code", "parameter ready_at", "fact champion"."""
    word, _, rest = subject.partition(" ")
    name, _, inner = rest.partition(": ")
    path = f"{SECTIONS.get(word, word)}.{name}"
    if word != "rule" or not claim:
        return path
    return f"{path}.then.{inner}" if inner else f"{path}.when"
