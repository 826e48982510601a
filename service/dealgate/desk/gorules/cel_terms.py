"""Single values in CEL: literals, written-out lists, choices, comparisons, quotients."""

import json
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from dealgate.desk.gorules.calls import CALLS
from dealgate.desk.gorules.terms import (
    ListOf,
    Lost,
    Many,
    NotSaid,
    Term,
    Tree,
    Value,
    both,
    member,
    nothing,
)
from dealgate.desk.gorules.zen_tree import Literal, Node

PLACES = 18  # of a quotient
MOST_FACTORS = 8  # a power is written out


def applied(name: str, terms: Sequence[Term]) -> Term:
    """Call a function; raises NotSaid if it takes fewer or more than these."""
    try:
        return CALLS[name](terms)
    except NotSaid:
        raise
    except (ValueError, IndexError):
        raise NotSaid(f"{name} of {len(terms)} values") from None


def literal(value: Decimal | str | bool | None) -> Term:  # noqa: FBT001  # as they are written
    """Return a value as CEL writes it."""
    match value:
        case bool():
            return Term("true" if value else "false", "bool")
        case Decimal():
            return Term(f'decimal("{value:f}")', "number", text=f'"{value:f}"')
        case str():
            return Term(json.dumps(value, ensure_ascii=False), "text")
    raise NotSaid("null as a value")


def listed(many: Many) -> Term:
    """Return a list that is written out, as CEL has it; raises NotSaid."""
    terms = [each for each in many.items if isinstance(each, Term)]
    shape = next((t.shape for t in terms if isinstance(t.shape, str)), None)
    if shape is None or len(terms) < len(many.items):
        raise NotSaid("a list of objects")
    terms = [t.as_(shape) for t in terms]
    if not any(many.whens):
        needs = both(*(t.needs for t in terms))
        return Term(f"[{', '.join(t.cel for t in terms)}]", ListOf(shape), needs=needs)
    parts = [
        f"({when} ? [{t.cel}] : [])" if when else f"[{t.cel}]"
        for t, when in zip(terms, many.whens, strict=True)
    ]
    return Term(" + ".join(parts), ListOf(shape))


def alike(left: Term, right: Term) -> tuple[Term, Term]:
    """Return two values of one type; raises NotSaid if they are of two."""
    shape = next((t.shape for t in (left, right) if isinstance(t.shape, str)), None)
    if shape is None:
        raise NotSaid(f"{left.cel} compared with {right.cel}: of which type?")
    return left.as_(shape), right.as_(shape)


def equal(left: Term, right: Term, *, negated: bool = False) -> str:
    """Say that two values of one type are equal, or not."""
    a, b = left.inner, right.inner
    if left.shape == "number":
        return f"{a} < {b} || {a} > {b}" if negated else f"{a} >= {b} && {a} <= {b}"
    if right.cel in {"true", "false"}:
        return a if (right.cel == "true") != negated else f"!{a}"
    return f"{a} {'!=' if negated else '=='} {b}"


def chosen(test: str, yes: Value, no: Value) -> Value:
    """Return what is one value if a condition holds, and another if not."""
    match yes, no:
        case (Tree(), _) | (_, Tree()):
            names = {**getattr(yes, "parts", {}), **getattr(no, "parts", {})}
            return Tree({n: chosen(test, member(yes, n), member(no, n)) for n in names})
        case (Lost(), _):
            return yes
        case (_, Lost()):
            return no
        case (Term() as one, Term() as other):
            if one.shape != other.shape:
                one, other = alike(one, other)
            cel = f"{test} ? {one.inner} : {other.inner}"
            has, needs = _either(test, one.has, other.has), _either(test, one.needs, other.needs)
            text = f"({test} ? {one.text} : {other.text})" if one.text and other.text else ""
            return Term(cel, one.shape, has, needs=needs, text=text)
    return Lost("a choice between a value and an object")


def _either(test: str, yes: str, no: str) -> str:
    """Say that what a choice comes to fulfils its condition; empty: always."""
    return f"{test} ? ({yes or 'true'}) : ({no or 'true'})" if yes or no else ""


def only_if(test: str, term: Term) -> Term:
    """Return a value that is there only if a condition holds."""
    cel = f"{test} ? {term.inner} : {nothing(term.shape)}"
    return Term(cel, term.shape, both(test, term.has), needs=term.needs)


def is_missing(term: Term) -> str:
    """Say that a value is not there."""
    if term.is_fact:
        return f"!has({term.cel})"
    return f"!({term.has})" if term.has else "false"


def any_of(pairs: Sequence[tuple[Term, Term]]) -> str:
    """Say that one of the pairs is equal."""
    if not pairs:
        return "false"
    if pairs[0][0].shape == "number":
        return " || ".join(f"({equal(one, other)})" for one, other in pairs)
    return f"{pairs[0][0].inner} in [{', '.join(other.cel for _, other in pairs)}]"


def member_of(item: Term, many: Term) -> str:
    """Say that a list contains an item."""
    return CALLS["contains"]([many, item]).cel


def plain_type(shape: object) -> object:
    """Return the type of a scalar; None: of anything else."""
    return shape if isinstance(shape, str) else None


def text_of(term: Term) -> str:
    """Return what a value is called in a text; of a number, only if it is written somewhere."""
    if term.shape != "number":
        return term.as_("text").inner
    if not term.text:
        raise NotSaid("a computed number within a text")
    return term.text


def quotient(a: str, b: str, divisor: Node) -> str:
    """Divide; by a constant whose reciprocal is written out in a few digits, exactly."""
    match divisor:
        case Literal(Decimal() as value) if value:
            share = 1 / Fraction(value)
            rest = share.denominator
            for prime in (2, 5):
                while rest % prime == 0:
                    rest //= prime
            if rest == 1 and len(str(share.denominator)) < PLACES:
                exact = Decimal(share.numerator) / Decimal(share.denominator)
                return f'{a} * decimal("{exact:f}")'
    return f"divide({a}, {b}, {PLACES})"


def factors(power: Node) -> int:
    """Return how often a power multiplies its base; raises NotSaid if that is computed."""
    match power:
        case Literal(Decimal() as value) if value in range(1, MOST_FACTORS + 1):
            return int(value)
    raise NotSaid("a power that is computed")
