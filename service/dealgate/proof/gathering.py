"""Gathers the dimensions that the conditions of one rule set tell facts apart by."""

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from dealgate.language import syntax
from dealgate.language.scope import AS_OF, field_type
from dealgate.language.values import CONVERSIONS
from dealgate.proof.dimensions import DATE, Dimension
from dealgate.proof.terms import Term, Terms

# What lies between two of a type; of others only which is more.
SPANS = {"timestamp": "duration", "duration": "duration", "int": "int", DATE: "int"}
LIMITS = {
    FieldDescriptor.CPPTYPE_INT32: (-(2**31), 2**31 - 1),
    FieldDescriptor.CPPTYPE_INT64: (-(2**63), 2**63 - 1),
    FieldDescriptor.CPPTYPE_UINT32: (0, 2**32 - 1),
    FieldDescriptor.CPPTYPE_UINT64: (0, 2**64 - 1),
}


class Gathered:
    """The dimensions come across so far, `by_key`: equal terms share one."""

    def __init__(self, terms: Terms, message: Descriptor) -> None:
        """`message` describes the facts."""
        self.terms = terms
        self.by_key: dict[str, Dimension] = {}
        self._message = message

    def of(self, term: Term) -> Dimension:
        """Return the dimension of a term, a new one if it is the first of its kind."""
        term = self.terms.resolved(term)
        if term.function == "size":
            return self.size(term.operands[0])
        key = self.terms.key(term)
        if key not in self.by_key:
            self.by_key[key] = self._made(term, key)
        return self.by_key[key]

    def _made(self, term: Term, key: str) -> Dimension:
        if key == AS_OF:
            return Dimension(key, "timestamp", always=True, term=term)
        if self.terms.path(term) is None:
            strict = self.terms.is_strict(term)
            return Dimension(key, term.type, self._reads(term), strict=strict, term=term)
        if term.kind == "select_expr":
            return self.fact(term, key, term.tree.field(term.node))
        return self.fact(term, key, self._message.fields_by_name.get(key))

    def fact(self, term: Term, key: str, field_: FieldDescriptor | None) -> Dimension:
        """Return a new dimension for the fact at the path `key`, which `field_` describes."""
        if field_ is None:  # an element of a list of texts or numbers, which is always there
            return Dimension(key, term.type, (key,), is_path=True, always=True, term=term)
        is_message = field_.message_type and field_.message_type.full_name not in CONVERSIONS
        type_ = "message" if is_message else field_type(field_)
        low, high = LIMITS.get(field_.cpp_type, (None, None))
        return Dimension(
            key, type_, (key,), is_path=True, enum=field_.enum_type, low=low, high=high, term=term
        )

    def size(self, of: Term) -> Dimension:
        """Return the dimension of a list's or text's size."""
        of = self.terms.resolved(of)
        key = f"size({self.terms.key(of)})"
        if key not in self.by_key:
            is_known = of.type.startswith(("list(", "map(")) and self.terms.path(of) is not None
            strict = not is_known and self.terms.is_strict(of)
            self.by_key[key] = Dimension(
                key, "int", self._reads(of), strict=strict, always=is_known, low=0, size_of=of
            )
        return self.by_key[key]

    def opaque(self, term: Term) -> Dimension:
        """Return a dimension of which nothing is known but that it is true, false or neither."""
        key = self.terms.key(term)
        if key not in self.by_key:
            strict = self.terms.is_strict(term)
            self.by_key[key] = Dimension(
                key, "bool", self._reads(term), strict=strict, opaque=reason(term), term=term
            )
        return self.by_key[key]

    def _reads(self, *terms: Term) -> tuple[str, ...]:
        return tuple(dict.fromkeys(path for term in terms for path in self.terms.reads(term)))

    def between(self, left: Term, right: Term) -> Dimension:
        """Return the dimension of what lies between two terms of one type."""
        key = f"{self.terms.key(left)} - {self.terms.key(right)}"
        if key not in self.by_key:
            reads = self._reads(left, right)
            strict = self.terms.is_strict(left) and self.terms.is_strict(right)
            type_ = SPANS.get(left.type, "sign")
            made = Dimension(key, type_, reads, strict=strict, sides=(left, right))
            if type_ == "sign":
                made.low, made.high = -1, 1
                made.named |= {0}
            self.by_key[key] = made
        return self.by_key[key]


def reason(term: Term) -> str:
    """Say why a condition cannot be taken apart."""
    if term.kind == "comprehension_expr":
        return "gives a value a name" if syntax.is_bind(term.node) else "looks into a list"
    name = term.function.strip("_@")
    return f"uses {name}(…)" if name.isidentifier() else "compares what cannot be ordered"
