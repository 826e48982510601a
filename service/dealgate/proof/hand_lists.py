"""Names that rules write out by hand: in lists and maps, compared one by one, or claimed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import takewhile

from dealgate.language import syntax
from dealgate.language.syntax import Node, Tree
from dealgate.model.rules import AnyRuleSet, Expression, Location

LEAST = 2  # texts; one alone is not a list
EQUALITY = ("_==_", "_!=_")
Names = frozenset[str]
Texts = tuple[str, ...]
Use = tuple[str, Location, str]  # who names a text, and where


@dataclass(frozen=True, slots=True)
class HandList:
    """Texts that are named together, and where: `how` is "lists", "compares x with", …."""

    subject: str
    location: Location
    how: str
    texts: Texts


@dataclass(frozen=True, slots=True)
class Written:
    """What one expression writes out: lists, the texts that paths are compared with, all texts."""

    lists: tuple[Texts, ...]
    compared: tuple[tuple[str, str], ...]
    texts: Names


def hand_lists(ruleset: AnyRuleSet) -> Iterator[HandList]:
    """Yield all names that a rule set writes out together: lists first, then the rest."""
    compared, claimed = dict[str, list[Use]](), dict[str, list[Use]]()
    for subject, expression in expressions(ruleset):
        written = written_out(expression.ast)
        for texts in written.lists:
            yield HandList(subject, expression.location, "lists", texts)
        for path, text in written.compared:
            compared.setdefault(path, []).append((subject, expression.location, text))
    for rule in ruleset.rules:
        for key, text in claims(rule.then.model_dump(mode="json")):
            if key and "." not in text:  # neither a field of the claim nor a path of the facts
                claimed.setdefault(key, []).append((f"rule {rule.id}", rule.location, text))
    yield from (_together(f"compares {path} with", uses) for path, uses in compared.items())
    yield from (_together(f"claims {key} from", uses) for key, uses in claimed.items())


def _together(how: str, uses: Sequence[Use]) -> HandList:
    subject, location, _ = uses[0]
    return HandList(subject, location, how, tuple(text for _, _, text in uses))


def expressions(ruleset: AnyRuleSet) -> Iterator[tuple[str, Expression]]:
    """Yield every expression that names may stand in, with whose it is."""
    yield from ((f"constant {name}", constant) for name, constant in ruleset.constants.items())
    yield from ((f"fact {name}", fact) for name, fact in ruleset.facts.items())
    for rule in ruleset.rules:
        if rule.when is not None:
            yield f"rule {rule.id}", rule.when


def claims(value: object, key: str = "") -> Iterator[tuple[str, str]]:
    """Yield the texts of a claim, each with the key that it stands below."""
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, Mapping):
        for name, part in value.items():
            yield key, str(name)
            yield from claims(part, str(name))
    elif isinstance(value, list):
        for part in value:
            yield from claims(part, key)


@lru_cache(maxsize=20_000)
def written_out(ast: bytes) -> Written:
    """Return what an expression writes out: most are the same from one edit to the next."""
    lists, compared, texts = list[Texts](), list[tuple[str, str]](), set[str]()
    for node in syntax.walk(Tree(ast).root):
        which = syntax.kind(node)
        if which in {"list_expr", "struct_expr"}:
            lists.append(_listed(node))
        elif which == "call_expr" and node.call_expr.function in EQUALITY:
            compared += _compared(node)
        text = _text(node)
        texts |= set() if text is None else {text}
    words = {word for listed in lists for word in listed}
    kept = tuple(hand_list for hand_list in lists if len(hand_list) >= LEAST)
    return Written(kept, tuple(compared), frozenset(texts | words))


def _listed(node: Node) -> Texts:
    """Return the elements of a list, or the keys of a map, if all are texts or one enum's."""
    entries = node.struct_expr.entries
    parts = [entry.map_key for entry in entries] or [*node.list_expr.elements]
    texts = [text for text in map(_text, parts) if text is not None]
    if len(texts) == len(parts):
        return tuple(texts)
    constants = [part.ident_expr.name for part in parts]
    length = len(_common(constants)) if all(constants) else 0
    return tuple(name[length:].lower() for name in constants) if length else ()


def _common(constants: Sequence[str]) -> str:
    """Return what an enum's constants begin with: "SALES_ROLE_"."""
    alike = takewhile(lambda letters: len(set(letters)) == 1, zip(*constants, strict=False))
    common, mark, _ = "".join(letters[0] for letters in alike).rpartition("_")
    return common + mark


def _compared(node: Node) -> Iterator[tuple[str, str]]:
    left, right = syntax.operands(node)
    for side, other in ((left, right), (right, left)):
        path, text = syntax.path(side), _text(other)
        if path is not None and text is not None:
            yield path, text


def _text(node: Node) -> str | None:
    is_text = syntax.kind(node) == "const_expr" and node.const_expr.HasField("string_value")
    return str(node.const_expr.string_value) if is_text else None
