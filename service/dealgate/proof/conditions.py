"""A CEL condition becomes a formula over dimensions; what cannot be taken apart stays opaque.

Constants and named facts are put in place, so equivalent spellings share a dimension: `50 > x`
and `x < least`, `a.at <= as_of - a_month` and `as_of - a.at >= duration("720h")`. An opaque part
is a dimension of its own that may be true, false or neither. That only adds combinations of facts
which may not exist, so what is proved of all of them holds; what is found among them is shown
only if the engine agrees on concrete facts.
"""

import operator
from collections.abc import Callable, Mapping
from functools import partial
from itertools import product
from typing import Any, TypeVar, cast

from dealgate.language import syntax
from dealgate.language.literals import literal
from dealgate.language.scope import AS_OF
from dealgate.language.syntax import Node, Tree
from dealgate.model.rules import AnyRule, AnyRuleSet, Each, Expression
from dealgate.proof.dimensions import DATE, MONEY, Dimension
from dealgate.proof.formulas import And, Atom, Choice, Elements, Formula, Not, Or, Truth
from dealgate.proof.gathering import Gathered
from dealgate.proof.samples import NO_VALUE, Value, amount, number, whole
from dealgate.proof.terms import Term, Terms, held

# What a term is compared with: a value, or several.
Against = TypeVar("Against")
COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "_<_": operator.lt,
    "_<=_": operator.le,
    "_>_": operator.gt,
    "_>=_": operator.ge,
    "_==_": operator.eq,
    "_!=_": operator.ne,
}
MIRRORED = {"_<_": "_>_", "_<=_": "_>=_", "_>_": "_<_", "_>=_": "_<=_"}
EQUALITY = ("_==_", "_!=_")
ORDERED = {"int", "uint", "double", "timestamp", "duration", DATE, MONEY, "google.type.Decimal"}
NOMINAL = {"string", "bytes"}
PIECES = 32


class Conditions:
    """Reads the conditions of one rule set; `dimensions` are those it has come across, by key."""

    def __init__(self, ruleset: AnyRuleSet, terms: Terms | None = None) -> None:
        self.ruleset = ruleset
        self.terms = terms or Terms(ruleset)
        self._gathered = Gathered(self.terms, ruleset.message)
        self.dimensions: dict[str, Dimension] = self._gathered.by_key

    def apart(self) -> "Conditions":
        """Return a reader of the same rule set that has not come across any dimension."""
        return Conditions(self.ruleset, self.terms)

    def rule(self, rule: AnyRule) -> Formula:
        """Return when a rule fires; one with `each`: for an element that is there."""
        return self.fires(rule.when, rule.each)

    def fires(self, when: Expression | None, loop: Each | None) -> Formula:
        """Return when a condition is true; one of an `each`: for an element that is there."""
        condition = self.condition(when, loop)
        return condition if loop is None else And((self._some(loop), condition))

    def condition(self, when: Expression | None, loop: Each | None = None) -> Formula:
        """Return the formula of a condition; without one it is always true."""
        if when is None:
            return Truth(value=True)
        return self.formula(self.terms.term(when, loop))

    def _some(self, loop: Each) -> Formula:
        items = Tree(loop.items.ast)
        dimension = self._gathered.size(Term(items, items.root))
        return Atom(dimension.key, _is_some, f"{dimension.key} > 0")

    # ── Formulas ────────────────────────────────────────────────────────────────────────────

    def formula(self, term: Term) -> Formula:
        """Return the formula of a term of type bool."""
        term = self.terms.resolved(term)
        value = self.terms.value(term)
        if value is not NO_VALUE:
            return Truth(value=bool(value))
        if term.kind == "select_expr" and term.node.select_expr.test_only:
            return self._presence(term)
        if self.terms.path(term) is not None:
            return Atom(self._dimension_of(term).key, lambda v: v is True, self.terms.key(term))
        return self._call(term)

    def _call(self, term: Term) -> Formula:
        function, operands = term.function, term.operands
        if function == "_&&_":
            return And(tuple(self.formula(part) for part in self.terms.flat(term, function)))
        if function == "_||_":
            return Or(tuple(self.formula(part) for part in self.terms.flat(term, function)))
        if function == "!_":
            return Not(self.formula(operands[0]))
        if function == "_?_:_":
            return self._chain(term, self.formula) or self._opaque(term)
        if function in COMPARISONS:
            return self._comparison(function, *operands) or self._opaque(term)
        if function == "@in":
            return self._membership(*operands) or self._opaque(term)
        return self._opaque(term)

    def _presence(self, term: Term) -> Formula:
        field_ = term.tree.field(term.node)
        read = Node()
        read.CopyFrom(term.node)
        read.select_expr.test_only = False
        known = Term(term.tree, read, term.variables)
        key = self.terms.path(known)
        if field_ is None or key is None:
            return self._opaque(term)
        if field_.is_repeated:
            size = self._gathered.size(known)
            return Atom(size.key, _is_some, f"has({key})")
        if key not in self.dimensions:
            self.dimensions[key] = self._gathered.fact(known, key, field_)
        return Atom(key, lambda v: v is not NO_VALUE, f"has({key})", asks_presence=True, other=True)

    def _comparison(self, function: str, left: Term, right: Term) -> Formula | None:
        a, b = self.terms.value(left), self.terms.value(right)
        if a is not NO_VALUE:
            return self._against(MIRRORED.get(function, function), right, a)
        if b is not NO_VALUE:
            return self._against(function, left, b)
        if self.terms.resolved(left).type == "bool":
            return self._same_truth(function, left, right)
        return self._difference(function, left, right, 0)

    def _same_truth(self, function: str, left: Term, right: Term) -> Formula | None:
        if function not in EQUALITY:
            return None
        a, b = self.formula(left), self.formula(right)
        same = Or((And((a, b)), And((Not(a), Not(b)))))
        return same if function == "_==_" else Not(same)

    def _against(self, function: str, term: Term, value: Value) -> Formula | None:
        """Compare a term with a constant; None if that is nothing that can be taken apart."""
        term = self.terms.resolved(term)
        if term.type == "bool" and function in EQUALITY:
            formula = self.formula(term)
            return formula if (function == "_==_") == bool(value) else Not(formula)
        if self._is_sum_of_choices(term) or term.function == "_?_:_":
            return self._by_cases(
                term, partial(self._against, function), COMPARISONS[function], value
            )
        if term.function == "_-_" and [of.type for of in term.operands] == ["timestamp"] * 2:
            left, right = term.operands
            return self._difference(function, left, right, whole(value))
        term, shift = self.terms.shifted(term)
        if not self._is_comparable(function, term):
            return None
        return self._tested(function, term, whole(value) - shift if shift else value)

    def _is_comparable(self, function: str, term: Term) -> bool:
        if term.type in NOMINAL:
            return function in EQUALITY
        # Arithmetic may result in NaN, which is neither below nor above any number.
        is_exact = term.type != "double" or self.terms.path(term) is not None
        return term.type in ORDERED and is_exact

    def _tested(self, function: str, term: Term, value: Value) -> Formula:
        compare, dimension = COMPARISONS[function], self._dimension_of(term)
        dimension.named.add(value)
        shown = f"{dimension.key} {function.strip('_')} {dimension.shown(value)}"
        if dimension.type == MONEY and function not in EQUALITY:
            holds, other = _same_currency(compare, value), None
            return Atom(dimension.key, holds, shown, other=other, values=frozenset((value,)))
        other = function == "_!=_"
        return Atom(
            dimension.key,
            partial(_compared, compare, value),
            shown,
            other=other,
            values=frozenset((value,)),
        )

    def _dimension_of(self, term: Term) -> Dimension:
        dimension = self._gathered.of(term)
        listed = dimension.size_of
        if listed is not None and dimension.elements is None and self.terms.path(listed) is None:
            dimension.elements = self._listed(listed, "size", Truth(value=True), {})
        return dimension

    def _membership(self, item: Term, items: Term) -> Formula | None:
        values = self.terms.value(items)
        item = self.terms.resolved(item)
        if not isinstance(values, list) or item.type not in ORDERED | NOMINAL | {"bool"}:
            return None
        return self._among(item, frozenset(held(value, item.type) for value in values))

    def _among(self, term: Term, values: frozenset[Value]) -> Formula | None:
        term = self.terms.resolved(term)
        if self._is_sum_of_choices(term) or term.function == "_?_:_":
            return self._by_cases(term, self._among, lambda item, many: item in many, values)
        if not self._is_comparable("_==_", term) and term.type != "bool":
            return None
        dimension = self._dimension_of(term)
        if term.type != "bool":
            dimension.named |= values
        shown = ", ".join(dimension.shown(value) for value in sorted(values, key=number))
        text_ = f"{dimension.key} in [{shown}]"
        return Atom(dimension.key, values.__contains__, text_, values=values)

    # ── `c ? a : b`, and sums of such with constants: a test of each case ───────────────────

    def _by_cases(
        self,
        term: Term,
        test: Callable[[Term, Against], Formula | None],
        holds: Callable[[Value, Against], bool],
        value: Against,
    ) -> Formula | None:
        if term.function != "_?_:_":
            on, sums = self._sums(term)
            return Choice(on, tuple((guard, Truth(value=holds(n, value))) for guard, n in sums))

        def case(branch: Term) -> Formula | None:
            fixed = self.terms.value(branch)
            return test(branch, value) if fixed is NO_VALUE else Truth(value=holds(fixed, value))

        return self._chain(term, case)

    def _chain(self, term: Term, case: Callable[[Term], Formula | None]) -> Formula | None:
        """Return `c ? a : b` with its cases; b may be such a choice again, hundreds of times."""
        met: list[tuple[Formula, Formula]] = []
        while term.function == "_?_:_" and self.terms.value(term) is NO_VALUE:
            condition, then, otherwise = term.operands
            part = case(then)
            if part is None:
                return None
            met.append((self.formula(condition), part))
            term = self.terms.resolved(otherwise)
        formula = case(term)
        for on, part in reversed(met) if formula is not None else ():
            formula = Choice((on,), ((on, part), (Not(on), cast("Formula", formula))))
        return formula

    def _is_sum_of_choices(self, term: Term) -> bool:
        if term.function != "_+_" or term.type not in {"int", "double"}:
            return False
        return 1 < len(self._sums(term)[1]) <= PIECES

    def _sums(self, term: Term) -> tuple[tuple[Formula, ...], list[tuple[Formula, Value]]]:
        """Return the possible values of a sum, each with its guard; none if it is not a sum."""
        term = self.terms.resolved(term)
        fixed = self.terms.value(term)
        if fixed is not NO_VALUE:
            return (), [(Truth(value=True), fixed)]
        if term.function == "_+_":
            (on, sums), (also, others) = (self._sums(operand) for operand in term.operands)
            if len(sums) * len(others) > PIECES:
                return (), []
            pairs = product(sums, others)
            return (*on, *also), [
                (And((g, h)), cast("Value", number(a) + b)) for (g, a), (h, b) in pairs
            ]
        if term.function != "_?_:_":
            return (), []
        then, otherwise = (self.terms.value(branch) for branch in term.operands[1:])
        if then is NO_VALUE or otherwise is NO_VALUE:
            return (), []
        condition = self.formula(term.operands[0])
        return (condition,), [(condition, then), (Not(condition), otherwise)]

    # ── Two terms: what lies between them ───────────────────────────────────────────────────

    def _difference(self, function: str, left: Term, right: Term, more: int) -> Formula | None:
        """Compare `left` with `right` plus `more`."""
        (left, a), (right, b) = self.terms.shifted(left), self.terms.shifted(right)
        if right.type != left.type or not self._is_comparable(function, left):
            return None
        if not self._is_comparable(function, right) or (
            left.type == MONEY and function in EQUALITY
        ):
            return None
        threshold = b - a + more
        if (self.terms.key(left) == AS_OF, self.terms.key(left)) > (
            self.terms.key(right) == AS_OF,
            self.terms.key(right),
        ):
            function, threshold = MIRRORED.get(function, function), -threshold
            left, right = right, left
        dimension = self._gathered.between(left, right)
        dimension.named.add(threshold)
        compare = COMPARISONS[function]
        shown = f"{self.terms.key(left)} {function.strip('_')} {self.terms.key(right)}"
        if threshold:
            span = literal(abs(threshold), "duration")
            shown += f" {'-' if threshold < 0 else '+'} {span}"
        return Atom(dimension.key, lambda v: compare(v, threshold), shown)

    # ── Dimensions ──────────────────────────────────────────────────────────────────────────

    def _opaque(self, term: Term) -> Formula:
        dimension = self._gathered.opaque(term)
        if term.kind == "comprehension_expr" and dimension.elements is None:
            dimension.elements = self._macro(term)
        return Atom(dimension.key, lambda v: v is True, dimension.key)

    # ── What macros ask of the elements of a list ───────────────────────────────────────────

    def _macro(self, term: Term) -> Elements | None:
        loop = term.node.comprehension_expr
        step = loop.loop_step.call_expr
        name = {"_||_": "exists", "_&&_": "all"}.get(step.function)
        if name is None or loop.iter_var2 or syntax.kind(loop.accu_init) != "const_expr":
            return None
        return self._listed(term.at(loop.iter_range), name, step.args[1], {loop.iter_var: term})

    def _listed(
        self, items: Term, macro: str, test: Node | Truth, variable: Mapping[str, Term]
    ) -> Elements | None:
        """Return what is asked of the elements of a list that may be filtered; None: unclear."""
        if not items.type.startswith("list("):
            return None
        filters: list[tuple[Term, Node, str]] = []
        items = self.terms.resolved(items)
        while items.kind == "comprehension_expr":
            loop = items.node.comprehension_expr
            if loop.iter_var2 or syntax.is_bind(items.node):
                return None
            step = loop.loop_step.call_expr
            if step.function != "_?_:_" or not _keeps_elements(step.args[1], loop.iter_var):
                return None
            filters.append((items, step.args[0], loop.iter_var))
            items = self.terms.resolved(items.at(loop.iter_range))
        path = self.terms.path(items)
        if path is None or "[]" in path:
            return None
        passing = [self._of_element(of, node, name, path) for of, node, name in filters]
        tested: Formula = (
            test
            if isinstance(test, Truth)
            else And(tuple(self._of_element(of, test, name, path) for name, of in variable.items()))
        )
        return Elements(path, macro, And(tuple(passing)), tested)

    def _of_element(self, of: Term, node: Node, variable: str, path: str) -> Formula:
        return self.formula(Term(of.tree, node, {**of.variables, variable: f"{path}[]"}))


def _is_some(value: Value) -> bool:
    return whole(value) > 0


def _compared(compare: Callable[[Any, Any], bool], value: Value, result: Value) -> bool:
    return compare(result, value)


def _same_currency(
    compare: Callable[[Any, Any], bool], value: Value
) -> Callable[[Value], bool | None]:
    code, nanos = amount(value)

    def holds(value: Value) -> bool | None:
        other, its = amount(value)
        return compare(its, nanos) if other == code else None

    return holds


def _keeps_elements(step: Node, variable: str) -> bool:
    """Tell a filter from a map: what it adds to the list is the element itself."""
    elements = step.call_expr.args[1].list_expr.elements
    same = [e for e in elements if syntax.kind(e) == "ident_expr" and e.ident_expr.name == variable]
    return len(same) == 1
