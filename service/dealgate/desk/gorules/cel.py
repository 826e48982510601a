"""Writes expressions of ZEN in CEL, with the types that they are found to have."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from dealgate.desk.gorules.calls import CALLS, CLOSURES
from dealgate.desk.gorules.cel_terms import (
    PLACES,
    alike,
    any_of,
    applied,
    chosen,
    equal,
    factors,
    is_missing,
    listed,
    literal,
    member_of,
    only_if,
    plain_type,
    quotient,
    text_of,
)
from dealgate.desk.gorules.terms import (
    Group,
    ListOf,
    Lost,
    Many,
    NotSaid,
    Term,
    Tree,
    Unknown,
    Value,
    both,
    member,
    opened,
)
from dealgate.desk.gorules.zen_tree import (
    Call,
    Choice,
    Fields,
    Index,
    Interval,
    Items,
    Literal,
    Member,
    Name,
    Node,
    Pair,
    Prefixed,
)

OPPOSITE: Mapping[str, str] = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}
JOINED: Mapping[str, str] = {"and": "&&", "or": "||"}


class Writer:
    """Writes expressions that read the values of a scope."""

    def __init__(self, scope: Tree, this: Value | None = None, depth: int = 0) -> None:
        """`this` is what `$` stands for; `depth` counts the lists that are being walked."""
        self._scope = scope
        self._this = this
        self._depth = depth
        self._element: Value | None = None

    def value(self, node: Node) -> Value:
        """Return what an expression comes to; raises NotSaid."""
        match node:
            case Name(name):
                return self._named(name)
            case Member(of, name):
                return member(self.value(of), name)
            case Index(of, Literal(str() as name)):
                return member(self.value(of), name)
            case Fields(fields):
                return Tree({name: self.value(each) for name, each in fields})
            case Choice(test, yes, no):
                return self._chosen(self.truth(test), yes, no)
            case Literal(None):
                return Tree()  # a field that is not there
        return self._list_or_term(node)

    def _list_or_term(self, node: Node) -> Value:
        match node:
            case Items(items):
                return self._written_out([self.value(each) for each in items])
            case Call(name, arguments):
                return self._called(name, arguments)
            case Pair("??", left, _) if isinstance(found := self.value(left), Many):
                return found
        return self.term(node)

    def term(self, node: Node) -> Term:
        """Return an expression that is one value; raises NotSaid."""
        match node:
            case Literal(value):
                return literal(value)
            case Prefixed(operator, of):
                return self._prefixed(operator, of)
            case Pair(operator, left, right):
                return self._pair(operator, left, right)
            case Index(of, at):
                return self._indexed(of, at)
            case Interval():
                raise NotSaid("a range that is a value")
        found = self.value(node)
        match found:
            case Lost(why):
                raise NotSaid(why)
            case Tree():
                raise NotSaid("an object that is a value")
            case Many():
                return listed(found)
        return found

    def truth(self, node: Node) -> str:
        """Return a condition."""
        return self.term(node).as_("bool").inner

    def test(self, node: Node) -> str:
        """Return a condition that is false, too, where GoRules cannot compute it."""
        term = self.term(node).as_("bool")
        return both(term.needs, term.inner)

    def number(self, node: Node) -> str:
        """Return a number."""
        return self.term(node).as_("number").inner

    def _named(self, name: str) -> Value:
        if name == "#":
            if self._element is None:
                raise NotSaid("# outside a list")
            return self._element
        if name == "$":
            if self._this is None:
                raise NotSaid("$ outside a cell")
            return self._this
        if name.startswith("$") and name not in self._scope.parts:
            raise NotSaid(name)
        return member(self._scope, name)

    def _written_out(self, values: Sequence[Value]) -> Value:
        """Return a list: of scalars as CEL has it, of anything else value by value."""
        many = Many(tuple(values), ("",) * len(values))
        if values and all(isinstance(t, Term) and isinstance(t.shape, str) for t in values):
            return listed(many)
        return many

    def _prefixed(self, operator: str, of: Node) -> Term:
        match operator, of:
            case "not", _:
                term = self.term(of).as_("bool")
                return Term(f"!{term.inner}", "bool", needs=term.needs)
            case "-", Literal(Decimal() as value):
                return literal(-value)
            case "-", _:
                term = self.term(of).as_("number")
                needs = both(term.has, term.needs)
                return Term(f'decimal("0") - {term.inner}', "number", needs=needs)
        return self.term(of)

    def _pair(self, operator: str, left: Node, right: Node) -> Term:
        if operator in JOINED:
            return self._logical(operator, left, right)
        if operator in {"==", "!="}:
            return self._equal(left, right, negated=operator == "!=")
        if operator in OPPOSITE and "bool" in {self._type(left), self._type(right)}:
            return Term("false", "bool")  # GoRules cannot compare these, so the row never matches
        if operator in OPPOSITE:
            a, b = (self.term(each).as_("number") for each in (left, right))
            needs = both(a.has, b.has, a.needs, b.needs)
            return Term(f"{a.inner} {operator} {b.inner}", "bool", needs=needs)
        if operator in {"in", "not in"}:
            return self._within(left, right, negated=operator == "not in")
        if operator == "??":
            return self._or_else(left, right)
        return self._computed(operator, left, right)

    def _logical(self, operator: str, left: Node, right: Node) -> Term:
        """Join two conditions; the second one is not looked at if the first decides."""
        first, second = (self.term(each).as_("bool") for each in (left, right))
        cel = f"{first.inner} {JOINED[operator]} {second.inner}"
        decided = first.inner if operator == "or" else f"!{first.inner}"
        needed = f"{decided} || ({second.needs})" if second.needs else ""
        return Term(cel, "bool", needs=both(first.needs, needed))

    def _type(self, node: Node) -> object:
        """Return the type of a value that is read; None: of anything else."""
        if not isinstance(node, Name | Member | Literal) or node == Literal(None):
            return None
        value = self.value(node)
        return plain_type(value.shape) if isinstance(value, Term) else None

    def _equal(self, left: Node, right: Node, *, negated: bool) -> Term:
        if left == Literal(None):
            left, right = right, left
        one = self.term(left)
        if right == Literal(None):
            return Term(is_missing(one) if negated is False else f"!{is_missing(one)}", "bool")
        other = self.term(right)
        one, other = alike(one, other)
        return Term(equal(one, other, negated=negated), "bool")

    def _within(self, left: Node, right: Node, *, negated: bool) -> Term:
        one = self.term(left)
        if isinstance(right, Interval):
            found = both(one.has, self._between(one.as_("number"), right))
        elif isinstance(right, Items):
            terms = [alike(one, self.term(each)) for each in right.items]
            found = any_of(terms)
        else:
            found = member_of(one, self.term(right))
        return Term(f"!({found})" if negated else found, "bool")

    def _between(self, number: Term, interval: Interval) -> str:
        if interval.is_outside:
            low = f"{number.inner} {'<=' if interval.has_low else '<'} {self.number(interval.low)}"
            high = (
                f"{number.inner} {'>=' if interval.has_high else '>'} {self.number(interval.high)}"
            )
            return f"{low} || {high}"
        low = f"{number.inner} {'>=' if interval.has_low else '>'} {self.number(interval.low)}"
        high = f"{number.inner} {'<=' if interval.has_high else '<'} {self.number(interval.high)}"
        return f"{low} && {high}"

    def _or_else(self, left: Node, right: Node) -> Term:
        one = self.term(left)
        if isinstance(one.shape, ListOf):
            return one  # a list is never missing
        test = f"has({one.cel})" if one.is_fact else one.has
        if not test:
            return one
        one, other = alike(one, self.term(right))
        return Term(f"{test} ? {one.inner} : {other.inner}", one.shape, other.has)

    def _computed(self, operator: str, left: Node, right: Node) -> Term:
        one, other = self.term(left), self.term(right)
        needs = both(one.has, other.has, one.needs, other.needs)
        if operator == "+" and "text" in {plain_type(one.shape), plain_type(other.shape)}:
            return Term(f"{text_of(one)} + {text_of(other)}", "text", needs=needs)
        a, b = one.as_("number").inner, other.as_("number").inner
        match operator:
            case "/":
                cel = quotient(a, b, right)
            case "%":
                cel = f"{a} - {b} * math.trunc(divide({a}, {b}, {PLACES}))"
            case "^":
                cel = " * ".join([a] * factors(right))
            case _:
                cel = f"{a} {operator} {b}"
        return Term(cel, "number", needs=needs)

    def _chosen(self, test: str, yes: Node, no: Node) -> Value:
        if isinstance(yes, Literal) and yes.value is None:
            return only_if(f"!{test}", self.term(no))
        if isinstance(no, Literal) and no.value is None:
            return only_if(test, self.term(yes))
        return chosen(test, self.value(yes), self.value(no))

    def _indexed(self, of: Node, at: Node) -> Term:
        many = self.term(of)
        if not isinstance(many.shape, ListOf) or not isinstance(at, Literal):
            raise NotSaid("a look-up by a computed key")
        return Term(f"{many.inner}[{at.value}]", many.shape.of)

    def _called(self, name: str, arguments: Sequence[Node]) -> Value:
        if name in CLOSURES and len(arguments) == 2:  # a list, and a test
            return self._walked(name, *arguments)
        if name == "values" and len(arguments) == 1:
            values = tuple(opened(self.value(arguments[0])).parts.values())
            return Many(values, ("",) * len(values))
        if name == "flatten" and len(arguments) == 1:
            return self._flattened(self.value(arguments[0]))
        if name == "string" and len(arguments) == 1:
            term = self.term(arguments[0])
            return Term(text_of(term), "text", needs=both(term.has, term.needs))
        if name == "len" and len(arguments) == 1:
            return self._length(self.value(arguments[0]))
        if name in CALLS:
            terms = [self.term(each) for each in arguments]
            needs = both(*(each for t in terms for each in (t.has, t.needs)))
            return replace(applied(name, terms), needs=needs, has="")
        raise NotSaid(f"the function {name}")

    def _length(self, value: Value) -> Value:
        if not isinstance(value, Many):
            return applied("len", [value]) if isinstance(value, Term) else value
        one, none = literal(Decimal(1)).cel, literal(Decimal(0)).cel
        parts = [f"({when} ? {one} : {none})" if when else one for when in value.whens]
        return Term(" + ".join(parts) or none, "number")

    def _flattened(self, value: Value) -> Term:
        parts = list(value.items) if isinstance(value, Many) else [value]
        terms = [part for part in parts if isinstance(part, Term)]
        shapes = [t.shape for t in terms]
        if len(terms) < len(parts) or any(each != shapes[0] for each in shapes):
            raise NotSaid("a list of lists")
        return Term(" + ".join(t.inner for t in terms), shapes[0])

    def _walked(self, name: str, of: Node, test: Node) -> Value:
        value = self.value(of)
        if isinstance(value, Many):
            return self._each(name, value, test)
        many = self.term(of).as_(ListOf(Group()))
        if not isinstance(many.shape, ListOf):
            raise NotSaid(f"{name} of what is not a list")
        if isinstance(many.shape.of, Unknown):
            raise NotSaid("a list of unknown elements")
        called = f"e{self._depth + 1}"
        return CLOSURES[name](many, called, self._with(Term(called, many.shape.of)).term(test))

    def _with(self, element: Value) -> "Writer":
        within = Writer(self._scope, self._this, self._depth + 1)
        within._element = element
        return within

    def _each(self, name: str, many: Many, test: Node) -> Value:
        """Walk over a list that is written out."""
        if name == "map":
            return self._mapped(many, test)
        tests = [self._with(each).truth(test) for each in many.items]
        held = [both(when, each) for when, each in zip(many.whens, tests, strict=True)]
        match name:
            case "filter":
                return Many(many.items, tuple(held))
            case "count":
                parts = [f'({each} ? decimal("1") : decimal("0"))' for each in held]
                return Term(" + ".join(parts), "number")
            case "some":
                return Term(" || ".join(f"({each})" for each in held), "bool")
            case "none":
                return Term(" && ".join(f"!({each})" for each in held), "bool")
            case "all" if not any(many.whens):
                return Term(" && ".join(held), "bool")
        raise NotSaid(f"{name} of a list of objects")

    def _mapped(self, many: Many, to: Node) -> Value:
        mapped = Many(tuple(self._with(each).value(to) for each in many.items), many.whens)
        scalars = all(isinstance(each, Term) for each in mapped.items)
        return listed(mapped) if scalars else mapped
