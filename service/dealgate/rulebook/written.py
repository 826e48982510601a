"""Expressions as they are written in YAML: their text, and the position of each part."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass

from dealgate.model.faults import Fault
from dealgate.rulebook.document import Items, Node, Scalar, described
from dealgate.rulebook.syntax import cure

UNBRACED = "give it a line of its own, outside the braces"
TOKENS = re.compile(
    r'(?P<text>[rRbB]{0,2}(?:"""(?:\\.|[^\\])*?"""|\'\'\'(?:\\.|[^\\])*?\'\'\'|"(?:\\.|[^"\\\n])*"'
    r"|'(?:\\.|[^'\\\n])*'))|(?P<open>[(\[{])|(?P<close>[)\]}])|(?P<comment>//[^\n]*)"
    r"|(?P<blank>\s+)|(?P<quote>[\"'])|(?P<other>\w+|.)",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Written:
    """CEL text, and the scalars it came from, each with the offset at which it begins."""

    text: str
    parts: tuple[tuple[int, Scalar], ...]

    def fault(self, offset: int, message: str, hint: str = "") -> Fault:
        """Return a fault at `offset` in the text."""
        start, scalar = [part for part in self.parts if part[0] <= max(offset, 0)][-1]
        lead = len(scalar.value) - len(scalar.value.lstrip())
        within = None if scalar.quoted and len(self.parts) > 1 else offset - start + lead
        return scalar.fault(message, hint, within)


def expression(node: Node, subject: str, faults: list[Fault]) -> Written | None:
    """Return the expression in `node`; None if it is none, or YAML cut it short."""
    if not isinstance(node, Scalar):
        message = f"{subject}: an expression is expected here, not {described(node)}"
        faults.append(node.fault(message, cure(node.source, node.start)))
        return None
    if not node.value.strip():
        if node.location not in {fault.location for fault in faults}:
            message = f"{subject}: an expression is expected here, not nothing"
            faults.append(node.fault(message, "write it, or delete the key"))
        return None
    cut = cut_short(node)
    if cut:
        hint = UNBRACED if node.inline else cure(node.source, node.start)
        faults.append(node.source.fault(node.end, f"{subject}: {cut}", hint))
        return None
    return Written(node.value.strip(), ((0, node),))


def constant(node: Node, subject: str, faults: list[Fault]) -> Written | None:
    """Return the expression for a constant: quoted text is a string, a list a list of the same."""
    if isinstance(node, Items):
        return _listed([constant(item, subject, faults) for item in node.items], node)
    if isinstance(node, Scalar) and node.quoted:
        return Written(json.dumps(node.value, ensure_ascii=False), ((0, node),))
    return expression(node, subject, faults)


def _listed(items: Iterable[Written | None], node: Items) -> Written | None:
    text, parts = "[", [(0, Scalar(node.source, node.start, node.start + 1, "["))]
    for item in items:
        if item is None:
            return None
        text += ", " if len(text) > 1 else ""
        parts += [(len(text) + start, scalar) for start, scalar in item.parts]
        text += item.text
    return Written(text + "]", tuple(parts))


def cut_short(scalar: Scalar) -> str:
    """Tell what YAML cut a plain expression short at; empty: it did not."""
    if scalar.style:
        return ""
    kinds = [match.lastgroup for match in TOKENS.finditer(scalar.value)]
    rest = scalar.source.text[scalar.end :].lstrip(" \t")
    if "quote" in kinds and rest.startswith("#"):
        return "YAML takes ` #` for a comment and ends the expression here"
    unfinished = "quote" in kinds or kinds.count("open") > kinds.count("close")
    if unfinished and scalar.inline and rest[:1] in {",", "]", "}"}:
        return f"inside braces YAML ends the expression at this `{rest[0]}`"
    return ""


def squeezed(text: str) -> str:
    """Return the expression without comments and layout, which do not change what it means."""
    tokens = TOKENS.finditer(text)
    return " ".join(match[0] for match in tokens if match.lastgroup not in {"blank", "comment"})
