"""Functions of ZEN that CEL has, too, and how they are written there."""

from collections.abc import Callable, Mapping, Sequence

from dealgate.desk.gorules.terms import ListOf, NotSaid, Scalar, Term, worded

Written = Callable[[Sequence[Term]], Term]
NUMBERS = ListOf("number")
NOW = '"now"'


def _size(terms: Sequence[Term]) -> Term:
    (of,) = terms
    return Term(f"decimal(size({of.cel}))", "number")


def _contains(terms: Sequence[Term]) -> Term:
    many, one = terms
    if isinstance(many.shape, ListOf):
        if not isinstance(many.shape.of, str):
            raise NotSaid(f"contains of a list of {worded(many.shape.of)}s")
        inner = one.as_(many.shape.of).inner
        if many.shape.of == "number":
            return Term(f"{many.inner}.exists(n, n >= {inner} && n <= {inner})", "bool")
        return Term(f"{inner} in {many.inner}", "bool")
    return Term(f"{many.as_('text').inner}.contains({one.as_('text').cel})", "bool")


def _method(name: str, of: Scalar, gives: Scalar) -> Written:
    def written(terms: Sequence[Term]) -> Term:
        this, *others = [each.as_(of) for each in terms]
        return Term(f"{this.inner}.{name}({', '.join(each.cel for each in others)})", gives)

    return written


def _lower(terms: Sequence[Term]) -> Term:
    (of,) = terms
    return Term(f"lower({of.as_('text').cel})", "text")


def _math(name: str, most: int = 1) -> Written:
    def written(terms: Sequence[Term]) -> Term:
        first, *places = terms
        if len(places) >= most:
            raise NotSaid(f"{name} of {len(terms)} values")
        said = [first.as_("number").cel]
        for each in places:
            if not each.cel.startswith('decimal("'):
                raise NotSaid(f"{name} to a computed number of places")
            said.append(each.cel.removeprefix('decimal("').removesuffix('")'))
        return Term(f"math.{name}({', '.join(said)})", "number")

    return written


def _over(method: str, function: str = "") -> Written:
    """Write what a list of numbers comes to; if its items are written out, by a function."""

    def written(terms: Sequence[Term]) -> Term:
        (of,) = terms
        many = of.as_(NUMBERS)
        if not isinstance(many.shape, ListOf) or many.shape.of != "number":
            raise NotSaid(f"{method} of a {worded(many.shape)}")
        if function and many.cel.startswith("["):
            return Term(f"math.{function}({many.cel})", "number")
        return Term(f"{many.inner}.{method}()", "number")

    return written


def _same(shape: Scalar) -> Written:
    def written(terms: Sequence[Term]) -> Term:
        (of,) = terms
        if of.shape == "text" and shape == "number":
            return Term(f"decimal({of.cel})", "number")
        return of.as_(shape)

    return written


def _split(terms: Sequence[Term]) -> Term:
    text, by = (each.as_("text") for each in terms)
    return Term(f"{text.inner}.split({by.cel})", ListOf("text"))


def _type(terms: Sequence[Term]) -> Term:
    """Say of which type a fact is, as ZEN calls it."""
    (of,) = terms
    named = {"number": "number", "text": "string", "bool": "bool"}
    if not isinstance(of.shape, str):
        raise NotSaid(f"the type of a {worded(of.shape)}")
    said = f'"{named[of.shape]}"'
    return Term(f'has({of.cel}) ? {said} : "null"' if of.is_fact else said, "text")


def _date(terms: Sequence[Term]) -> Term:
    """Return the seconds since 1970 of a text that is a day or an instant, or of `as_of`."""
    (of,) = terms
    if of.cel == NOW:
        return Term("decimal(int(as_of))", "number")
    said = of.as_("text").inner
    instant = f'{said}.contains("T") ? {said} : {said} + "T00:00:00Z"'
    return Term(f"decimal(int(timestamp({instant})))", "number")


def _day_of_year(terms: Sequence[Term]) -> Term:
    (of,) = terms
    if of.cel != NOW:
        raise NotSaid("the day of the year of a fact")
    return Term("decimal(as_of.getDayOfYear() + 1)", "number")


CALLS: Mapping[str, Written] = {
    "len": _size,
    "contains": _contains,
    "startsWith": _method("startsWith", "text", "bool"),
    "endsWith": _method("endsWith", "text", "bool"),
    "matches": _method("matches", "text", "bool"),
    "trim": _method("trim", "text", "text"),
    "upper": _method("upperAscii", "text", "text"),
    "lower": _lower,
    "split": _split,
    "type": _type,
    "date": _date,
    "dayOfYear": _day_of_year,
    "abs": _math("abs"),
    "floor": _math("floor"),
    "ceil": _math("ceil"),
    "trunc": _math("trunc"),
    "round": _math("round", 2),
    "sum": _over("sum"),
    "avg": _over("avg"),
    "min": _over("min", "least"),
    "max": _over("max", "greatest"),
    "number": _same("number"),
    "bool": _same("bool"),
}

Closure = Callable[[Term, str, Term], Term]


def _tested(macro: str, mark: str = "") -> Closure:
    def written(many: Term, name: str, test: Term) -> Term:
        return Term(f"{mark}{many.inner}.{macro}({name}, {test.as_('bool').cel})", "bool")

    return written


def _filtered(many: Term, name: str, test: Term) -> Term:
    return Term(f"{many.inner}.filter({name}, {test.as_('bool').cel})", many.shape)


def _counted(many: Term, name: str, test: Term) -> Term:
    return Term(f"decimal(size({_filtered(many, name, test).cel}))", "number")


def _mapped(many: Term, name: str, to: Term) -> Term:
    return Term(f"{many.inner}.map({name}, {to.cel})", ListOf(to.shape))


CLOSURES: Mapping[str, Closure] = {
    "some": _tested("exists"),
    "all": _tested("all"),
    "none": _tested("exists", "!"),
    "one": _tested("exists_one"),
    "filter": _filtered,
    "count": _counted,
    "map": _mapped,
}
