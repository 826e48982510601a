"""Random well-typed CEL, written twice: as a rule author would, and for cel-cpp.

cel-cpp's Python wheel knows no unknowns. So in its version each read of a fact is written
`(has(fact) ? fact : missing_…())`, where the declared function fails with a marker: what cel-cpp
does with that failure is what CEL does with an unknown.
"""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

SCALAR = {"flag": "bool", "count": "int", "total": "int", "quota": "uint", "ratio": "double"}
FIELDS = {
    **SCALAR,
    "name": "string",
    "at": "timestamp",
    "span": "duration",
    "price": "google.type.Money",
    "day": "google.type.Date",
    "share": "google.type.Decimal",
    "color": "color",
}
INTEGERS = ("0", "1", "2", "-1", "7", "50", "9223372036854775807", "1000000000000000")
DOUBLES = ("0.0", "1.5", "-2.25", "1e308", "1e-300", "75.5")
STRINGS = ('"DE"', '""', '"a"', '"é𝄞"', '"12"', '"1h"', '"true"', '"2026-03-01T10:00:00Z"')
OFFSETS = ("+99:99", "+24:00", "-00:60", "+23:59", "-05:30")
COMPARISONS = ("<", "<=", ">", ">=", "==", "!=")


@dataclass(frozen=True)
class Text:
    """One expression in both versions."""

    ours: str
    cels: str

    @staticmethod
    def both(text: str) -> "Text":
        """Return an expression that reads no fact."""
        return Text(text, text)


def join(form: str, *parts: Text) -> Text:
    """Fill a form such as "({} + {})" with parts."""
    return Text(
        form.format(*(part.ours for part in parts)), form.format(*(part.cels for part in parts))
    )


# Facts at the top: CEL's has() cannot ask for them, so cel-cpp is told.
STAGE = Text("stage", "(has_stage ? stage : missing_string())")
GOAL = Text("goal", "(has_goal ? goal : missing_money())")


class Expressions:
    """Draws expressions; `named` are named facts already drawn, all of them bool."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self.named: dict[str, Text] = {}

    def read(self, field: str, owner: str | None = None) -> Text:
        """Read a field of a thing that may be missing."""
        owner = owner or self._random.choice(("thing", "thing", "thing.inner", "items[0]"))
        path = f"{owner}.{field}"
        test = f"{path} != 0" if field == "color" else f"has({path})"
        type_ = {"color": "int"}.get(FIELDS[field], FIELDS[field]).rsplit(".", 1)[-1].lower()
        return Text(path, f"({test} ? {path} : missing_{type_}())")

    def integer(self, depth: int) -> Text:
        """Draw an int."""
        chance = self._random.random()
        if depth <= 0 or chance < 0.45:
            return self._integer_leaf()
        if chance < 0.85:
            sign = self._random.choice("+-*/%")
            return join(f"({{}} {sign} {{}})", self.integer(depth - 1), self.integer(depth - 1))
        if chance < 0.93:
            return join(
                "({} ? {} : {})",
                self.truth(depth - 1),
                self.integer(depth - 1),
                self.integer(depth - 1),
            )
        return join("-({})", self.integer(depth - 1))

    def _integer_leaf(self) -> Text:
        if self._random.random() < 0.35:
            return Text.both(self._random.choice(INTEGERS))
        draw: Callable[[], Text] = self._random.choice(
            (
                lambda: self.read("count"),
                lambda: self.read("total"),
                lambda: Text.both("size(thing.tags)"),
                lambda: join("size({})", self.read("name")),
                lambda: join("int({})", self.read("ratio")),
                lambda: join('{}.indexOf("e")', self.read("name")),
                lambda: join('{}.split("a").size()', self.read("name")),
                lambda: join("cel.bind(b, {}, b + 1)", self.read("count")),
                lambda: Text.both("thing.sizes.transformList(i, s, i).size()"),
                lambda: join("int({})", self.read("name")),
                lambda: join("int({})", self.read("quota")),
                lambda: join("{}.getFullYear()", self.read("at")),
                lambda: join("{}.getDayOfWeek()", self.read("at")),
                lambda: join('{}.getHours("Europe/Berlin")', self.read("at")),
                lambda: join("{}.getMinutes()", self.read("span")),
                lambda: join("days_between({}, as_of)", self.read("at")),
                lambda: join("days_between({}, {})", self.read("day"), self.read("day")),
                lambda: join("business_days_between({}, {})", self.read("day"), self.read("at")),
                lambda: Text.both("thing.sizes[0]"),
            )
        )
        return draw()

    def double(self, depth: int) -> Text:
        """Draw a double."""
        chance = self._random.random()
        if depth <= 0 or chance < 0.5:
            if chance < 0.2:
                return Text.both(self._random.choice(DOUBLES))
            return self._random.choice(
                (
                    lambda: self.read("ratio"),
                    lambda: join("double({})", self.read("count")),
                    lambda: join("double({})", self.read("name")),
                )
            )()
        sign = self._random.choice("+-*/")
        return join(f"({{}} {sign} {{}})", self.double(depth - 1), self.double(depth - 1))

    def unsigned(self, depth: int) -> Text:
        """Draw a uint."""
        if depth <= 0 or self._random.random() < 0.5:
            drawn = (self.read("quota"), Text.both("3u"), join("uint({})", self.read("count")))
            return self._random.choice(drawn)
        sign = self._random.choice("+-*/%")
        return join(f"({{}} {sign} {{}})", self.unsigned(depth - 1), self.unsigned(depth - 1))

    def string(self, depth: int) -> Text:
        """Draw a string."""
        chance = self._random.random()
        if depth <= 0 or chance < 0.6:
            if chance < 0.25:
                return Text.both(self._random.choice(STRINGS))
            return self._random.choice(
                (
                    lambda: self.read("name"),
                    lambda: STAGE,
                    lambda: join("lower({})", self.read("name")),
                    lambda: join("{}.upperAscii().trim()", self.read("name")),
                    lambda: join("{}.substring(1)", self.read("name")),
                    lambda: join("{}.charAt({})", self.read("name"), self.read("count")),
                    lambda: join('{}.replace("a", "b")', self.read("name")),
                    lambda: Text.both('thing.tags.join("-").reverse()'),
                    lambda: join("string({})", self.read("count")),
                    lambda: join("string({})", self.read("flag")),
                    lambda: join("string({})", self.read("at")),
                    lambda: Text.both('thing.labels["plan"]'),
                    lambda: Text.both("thing.labels.region"),
                    lambda: Text.both("thing.tags[0]"),
                )
            )()
        if chance < 0.9:
            return join("({} + {})", self.string(depth - 1), self.string(depth - 1))
        return join(
            "({} ? {} : {})", self.truth(depth - 1), self.string(depth - 1), self.string(depth - 1)
        )

    def instant(self, depth: int) -> Text:
        """Draw a timestamp."""
        if depth <= 0 or self._random.random() < 0.6:
            return self._random.choice(
                (
                    lambda: self.read("at"),
                    lambda: Text.both("as_of"),
                    lambda: Text.both('timestamp("2026-03-01T10:00:00Z")'),
                    lambda: Text.both(
                        f'timestamp({{"a": "2026-03-01T10:00:00{self._random.choice(OFFSETS)}"}}.a)'
                    ),
                    lambda: join("timestamp({})", self.read("name")),
                )
            )()
        sign = self._random.choice("+-")
        return join(f"({{}} {sign} {{}})", self.instant(depth - 1), self.span(depth - 1))

    def span(self, depth: int) -> Text:
        """Draw a duration."""
        chance = self._random.random()
        if depth <= 0 or chance < 0.6:
            return self._random.choice(
                (
                    lambda: self.read("span"),
                    lambda: Text.both('duration("24h")'),
                    lambda: Text.both('duration("1.5s")'),
                    lambda: join("duration({})", self.read("name")),
                )
            )()
        if chance < 0.8:
            return join("({} - {})", self.instant(depth - 1), self.instant(depth - 1))
        return join("({} + {})", self.span(depth - 1), self.span(depth - 1))

    def money(self, depth: int) -> Text:
        """Draw an amount of money."""
        if depth <= 0 or self._random.random() < 0.6:
            drawn = (self.read("price"), GOAL, Text.both('money("EUR", "1000.5")'))
            return self._random.choice(drawn)
        sign = self._random.choice("+-")
        return join(f"({{}} {sign} {{}})", self.money(depth - 1), self.money(depth - 1))

    def date(self, depth: int) -> Text:
        """Draw a date."""
        drawn = (
            self.read("day"),
            Text.both('date("2026-02-28")'),
            join("date({})", self.instant(depth - 1)),
        )
        return self._random.choice(drawn)

    def decimal(self, depth: int) -> Text:
        """Draw a decimal."""
        del depth  # decimals have no arithmetic
        return self._random.choice((self.read("share"), Text.both('decimal("0.2")')))

    def truth(self, depth: int) -> Text:
        """Draw a bool."""
        if depth <= 0:
            return self._truth_leaf()
        draw = self._random.choice(
            (
                *[self._connective] * 4,
                *[self._comparison] * 5,
                self._negation,
                self._choice,
                self._membership,
                self._string_test,
                self._macro,
                self._list_macro,
                self._enumeration,
            )
        )
        return draw(depth - 1)

    def _truth_leaf(self) -> Text:
        if self.named and self._random.random() < 0.2:
            name = self._random.choice(sorted(self.named))
            return Text(name, f"({self.named[name].cels})")
        field = self._random.choice(("flag", "count", "name", "ratio", "at", "price", "tags"))
        owner = self._random.choice(("thing", "thing.inner"))
        drawn = (
            self.read("flag"),
            Text.both(f"has({owner}.{field})"),
            Text.both("has(thing.inner)"),
            Text.both("has(thing.labels.plan)"),
            Text("has(thing.color)", "thing.color != 0"),
            Text.both(self._random.choice(("true", "false"))),
        )
        return self._random.choice(drawn)

    def _connective(self, depth: int) -> Text:
        sign = self._random.choice(("&&", "||"))
        return join(f"({{}} {sign} {{}})", self.truth(depth), self.truth(depth))

    def _negation(self, depth: int) -> Text:
        return join("!({})", self.truth(depth))

    def _choice(self, depth: int) -> Text:
        return join("({} ? {} : {})", self.truth(depth), self.truth(depth), self.truth(depth))

    def _comparison(self, depth: int) -> Text:
        draw = self._random.choice(
            (
                *[self.integer] * 3,
                *[self.string] * 2,
                self.double,
                self.unsigned,
                self.instant,
                self.span,
                self.money,
                self.date,
                self.decimal,
            )
        )
        signs = COMPARISONS[:4] if draw == self.decimal else COMPARISONS
        other = draw
        if draw in (self.integer, self.double, self.unsigned) and self._random.random() < 0.3:
            other, signs = self._random.choice((self.integer, self.double)), COMPARISONS[:4]
        sign = self._random.choice(signs)
        return join(f"({{}} {sign} {{}})", draw(depth), other(depth))

    def _membership(self, depth: int) -> Text:
        return self._random.choice(
            (
                lambda: join("({} in thing.tags)", self.string(depth)),
                lambda: join("({} in [{}, {}, 50])", *[self.integer(0) for _ in range(3)]),
                lambda: join('({} in ["DE", {}])', self.string(depth), self.string(0)),
                lambda: join("({} in thing.labels)", self.string(depth)),
                lambda: join("({} in thing.sizes)", self.integer(depth)),
            )
        )()

    def _string_test(self, depth: int) -> Text:
        name = self._random.choice(("startsWith", "endsWith", "contains"))
        return join(f"{{}}.{name}({{}})", self.string(depth), self.string(depth))

    def _enumeration(self, depth: int) -> Text:
        del depth
        color = self.read("color")
        return self._random.choice(
            (
                join("({} == COLOR_RED)", color),
                join("({} != COLOR_BLUE)", color),
                join("({} in [COLOR_RED, COLOR_BLUE])", color),
            )
        )

    def element_test(self, depth: int) -> Text:
        """Draw a bool about `x`, an element of `items`."""
        return self._random.choice(
            (
                lambda: join("({} > {})", self.read("count", "x"), self.integer(depth)),
                lambda: join("({} == {})", self.read("name", "x"), self.string(0)),
                lambda: self.read("flag", "x"),
                lambda: join("(10 / ({} - 7) > 1)", self.read("count", "x")),
                lambda: join(
                    "({} && {})", self.read("flag", "x"), join("({} < as_of)", self.read("at", "x"))
                ),
                lambda: join("({} || {})", self.read("flag", "x"), self.truth(0)),
                lambda: join("({} == COLOR_RED)", self.read("color", "x")),
                lambda: join("({} > {})", self.read("price", "x"), self.money(0)),
                lambda: join("({} <= {})", self.read("share", "x"), self.decimal(0)),
                lambda: Text.both("has(x.count)"),
                lambda: Text.both("x.tags.exists(y, y in thing.tags)"),
                lambda: join("({} == {})", self.read("count", "x.inner"), self.integer(0)),
            )
        )()

    def _macro(self, depth: int) -> Text:
        name = self._random.choice(("exists", "all", "exists_one"))
        return join(f"items.{name}(x, {{}})", self.element_test(depth))

    def _list_macro(self, depth: int) -> Text:
        sign = self._random.choice(COMPARISONS)
        test = self.element_test(depth)
        return self._random.choice(
            (
                lambda: join(f"(items.filter(x, {{}}).size() {sign} {{}})", test, self.integer(0)),
                lambda: join(
                    "(items.map(x, {}) == [{}])", self.read("count", "x"), self.integer(0)
                ),
                lambda: join("(items.map(x, {}, {}).size() > 1)", test, self.read("name", "x")),
                lambda: join("({} in items.map(x, {}))", self.string(0), self.read("name", "x")),
            )
        )()
