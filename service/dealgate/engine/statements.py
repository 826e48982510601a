"""Turns checked expressions into Python statements that know unknown and failed operands.

Every value is computed once and in the order of the source, and each may be a value, an Unknown or
a Failure; what cannot be either is known when the text is written, so most of it is plain Python.
A node that is not written here (a map, a list of what may be unknown, …) becomes one plain
expression if everything it needs is there, and is left to the exact evaluator if not.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from google.protobuf.descriptor import FieldDescriptor

from dealgate.engine.emit import LITERALS, Emitter, NotCompilable, is_literal_set, paid
from dealgate.engine.names import Element, Names, set_of
from dealgate.engine.reads import Reads, attribute, elements, read
from dealgate.language import syntax
from dealgate.language.operations import OPERATIONS, takes_money
from dealgate.language.scope import AS_OF
from dealgate.language.syntax import Node, Tree
from dealgate.language.values import Value

# Python refuses a hundred levels of indentation; nobody writes a tenth of that.
DEEPEST = 12


@dataclass(frozen=True, slots=True)
class Term:
    """A Python expression, and whether its value may be Unknown or a Failure."""

    code: str
    partial: bool


class Statements:
    """Writes one expression; `lines` must run before the term that `write` returns."""

    def __init__(self, tree: Tree, names: Names, element: Element | None = None) -> None:
        """`element` is the one that a rule over a list is at."""
        self._tree = tree
        self._names = names
        self._element = element
        self._depth = 0
        self.lines: list[str] = []

    def write(self, node: Node | None = None) -> Term:
        """Write the expression, or a node of it."""
        node = self._tree.root if node is None else node
        writer = getattr(self, f"_{syntax.kind(node)}", None)
        mark = len(self.lines)
        if writer is not None and self._depth < DEEPEST:
            try:
                term: Term = writer(node)
            except NotCompilable:
                del self.lines[mark:]
            else:
                return term
        return self._plain(self._tree.at(node))

    def assign(self, term: Term) -> str:
        """Return a variable that holds the term."""
        if term.code.isidentifier():
            return term.code
        variable = self._names.reads.variable()
        self.lines.append(f"{variable} = {term.code}")
        return variable

    def absent(self, variable: str) -> str:
        """Write the test whether a variable holds no value."""
        return self._names.absent(variable)

    # ── Leaves ──────────────────────────────────────────────────────────────────────────────

    def _const_expr(self, node: Node) -> Term:
        value = syntax.constant(node.const_expr)
        if value is None:
            raise NotCompilable
        return Term(literal(value), partial=False)

    def _ident_expr(self, node: Node) -> Term:
        constant = self._tree.constant(node)
        if constant is not None:
            return Term(literal(constant), partial=False)
        name = node.ident_expr.name
        if self._element and name == self._element.variable:
            return Term(self._element.code, partial=False)
        if name in self._names.facts:
            variable = self._names.facts[name]
            return Term(variable, variable in self._names.partial)
        if name in self._names.constants:
            return Term(self._constant(name), partial=False)
        if name == AS_OF:
            return Term(AS_OF, partial=False)
        return self._fact(node, name, self._names.reads.message_type.fields_by_name.get(name))

    def _constant(self, name: str) -> str:
        value = self._names.constants[name]
        return literal(value) if isinstance(value, LITERALS) else f"k_{name}"

    def _fact(self, node: Node, path: str, field_: FieldDescriptor | None) -> Term:
        if self._tree.type(node).startswith(("list(", "map(")):
            return Term(self._names.reads.items(path, field_), partial=False)
        if field_ is None:
            raise NotCompilable
        return Term(self._names.reads.fact(path, field_).variable, partial=True)

    def _select_expr(self, node: Node) -> Term:
        constant = self._tree.constant(node)
        if constant is not None:
            return Term(literal(constant), partial=False)
        field_ = self._tree.field(node)
        path = syntax.path(node.select_expr.operand)
        if field_ is None or not path or self._reads_map(node.select_expr.operand):
            raise NotCompilable
        root, _, below = path.partition(".")
        if self._element and root == self._element.variable:
            return self._of_element(self._element, below, node, field_)
        if root in self._names.facts or root in self._names.constants:
            raise NotCompilable
        if node.select_expr.test_only:
            return Term(self._names.reads.present(path, field_), partial=False)
        return self._fact(node, f"{path}.{field_.name}", field_)

    def _reads_map(self, node: Node) -> bool:
        """Whether a path of selects goes through a map."""
        if syntax.kind(node) != "select_expr":
            return False
        return self._tree.field(node) is None or self._reads_map(node.select_expr.operand)

    def _of_element(
        self, element: Element, below: str, node: Node, field_: FieldDescriptor
    ) -> Term:
        path = f"{below}.{field_.name}" if below else field_.name
        if node.select_expr.test_only:
            return Term(element.present(path, field_), partial=False)
        source = element.message(below)
        if field_.is_repeated:
            return Term(elements(attribute(source, field_.name), field_), partial=False)
        is_there = element.present(path, field_)
        code = read(source, field_, self._names.reads.unknown_in(element.path, path), is_there)
        if below or field_.message_type or (field_.has_presence and not field_.enum_type):
            return Term(self.assign(Term(code, partial=True)), partial=True)
        variable, _ = element.reads.setdefault(path, (f"e_{path}", code))
        return Term(variable, partial=True)

    # ── Calls ───────────────────────────────────────────────────────────────────────────────

    def _call_expr(self, node: Node) -> Term:
        function = node.call_expr.function
        if function in {"_&&_", "_||_"}:
            return self._logical(node, absorbing=function == "_||_")
        if function == "_?_:_":
            return self._conditional(node)
        if function == "@not_strictly_false":
            raise NotCompilable
        if syntax.is_literal_call(node):
            return Term(self._emitter(self._tree.at(node)).emit().code, partial=False)
        return self._operation(node)

    def _logical(self, node: Node, *, absorbing: bool) -> Term:
        """Write `&&` or `||`: the right side is not looked at if the left one absorbs it."""
        first, second = syntax.operands(node)
        left = self.write(first)
        result = self._names.reads.variable()
        self.lines.append(f"{result} = {left.code}")
        right, lines = self._nested(second)
        lines += combined(result, left, right, absorbing=absorbing, into=self._names.reads)
        self.lines += [f"if {result} is not {absorbing}:", *indented(lines)]
        return Term(result, left.partial or right.partial)

    def _conditional(self, node: Node) -> Term:
        condition, *branches = syntax.operands(node)
        asked = self.write(condition)
        result = self._names.reads.variable()
        test = self.assign(asked) if asked.partial else asked.code
        if asked.partial:
            self.lines += [f"if {self.absent(test)}:", f"    {result} = {test}"]
        terms = []
        for word, branch in zip((f"if {test}:", "else:"), branches, strict=True):
            term, lines = self._nested(branch)
            head = f"el{word}" if asked.partial and word != "else:" else word
            self.lines += [head, *indented([*lines, f"{result} = {term.code}"])]
            terms.append(term)
        return Term(result, asked.partial or any(term.partial for term in terms))

    def _nested(self, node: Node) -> tuple[Term, list[str]]:
        """Return a term and the lines before it, which run one level deeper."""
        outer, self.lines = self.lines, []
        self._depth += 1
        try:
            term = self.write(node)
            return term, self.lines
        finally:
            self._depth -= 1
            self.lines = outer

    def _operation(self, node: Node) -> Term:
        terms = [self.write(operand) for operand in syntax.operands(node)]
        codes = [self.assign(term) if term.partial else term.code for term in terms]
        partial = list(
            dict.fromkeys(c for c, term in zip(codes, terms, strict=True) if term.partial)
        )
        code, total = self._applied(node, codes)
        if total and not partial:
            return Term(code, partial=False)
        result = self._names.reads.variable()
        lines = [f"{result} = {code}"]
        if not total:
            caught = ["except CelError as error:", f"    {result} = Failure(str(error))"]
            lines = ["try:", *indented(lines), *self._unread(node, result), *caught]
        self.lines += self._unless_absent(result, partial, lines)
        return Term(result, partial=True)

    def _unread(self, node: Node, result: str) -> list[str]:
        """Amounts of two currencies are not known: which ones, the exact evaluator says."""
        if not takes_money(self._tree.overloads(node)[0]):
            return []
        slow = self._names.leave(self._tree.at(node), self._element)
        return ["except CurrenciesDiffer:", f"    {result} = {slow}"]

    def _unless_absent(self, result: str, partial: Sequence[str], lines: list[str]) -> list[str]:
        if not partial:
            return lines
        test = " or ".join(map(self.absent, partial))
        first = partial[0] if len(partial) == 1 else f"first_without_value(({', '.join(partial)}))"
        return [f"if {test}:", f"    {result} = {first}", "else:", *indented(lines)]

    def _applied(self, node: Node, codes: list[str]) -> tuple[str, bool]:
        """Write an operation on operands that are there, and tell whether it cannot fail."""
        function, operands = node.call_expr.function, syntax.operands(node)
        deep = self._tree.type(operands[0]).startswith(("list(", "map("))
        if function in {"_==_", "_!=_"} and not deep:
            return f"({codes[0]} {function.strip('_')} {codes[1]})", True
        if function == "@in":
            held = self._as_set(operands[1], codes[1])
            if held:
                return f"({codes[0]} in {held})", True
        operation = OPERATIONS[self._tree.overloads(node)[0]]
        once = [self._once(code, operation.text, rank) for rank, code in enumerate(codes)]
        codes, free = paid(self._tree, node, once)
        return operation.text.format(*codes), operation.total and free

    def _once(self, code: str, text: str, index: int) -> str:
        """Return an operand that its operation mentions more than once as a variable."""
        return code if text.count(f"{{{index}}}") < 2 else self.assign(Term(code, partial=False))

    def _as_set(self, node: Node, code: str) -> str:
        if is_literal_set(self._tree, node, self._names.constants):
            return f"{{{code[1:-1]}}}"
        return set_of(self._names, node)

    def _list_expr(self, node: Node) -> Term:
        terms = [self.write(element) for element in node.list_expr.elements]
        if any(term.partial for term in terms):
            raise NotCompilable
        return Term(f"[{', '.join(term.code for term in terms)}]", partial=False)

    # ── What is not written above ───────────────────────────────────────────────────────────

    def _emitter(self, tree: Tree) -> Emitter:
        names = self._names
        return Emitter(tree, names.reads, names.facts, names.constants)

    def _plain(self, tree: Tree) -> Term:
        """Write one plain expression, left to the exact evaluator where it cannot be right."""
        result = self._names.reads.variable()
        bound = {self._element.variable: self._element.code} if self._element else None
        slow = f"{result} = {self._names.leave(tree, self._element)}"
        try:
            block = self._emitter(tree).emit(bound)
        except NotCompilable:
            self.lines.append(slow)
            return Term(result, partial=True)
        lines = [f"{result} = {block.code}"]
        if not block.total:
            lines = ["try:", *indented(lines), "except LEAVE:", f"    {slow}"]
        if block.needs:
            test = " or ".join(map(self.absent, block.needs))
            lines = [f"if {test}:", f"    {slow}", "else:", *indented(lines)]
        self.lines += lines
        return Term(result, bool(block.needs) or not block.total)


def combined(result: str, left: Term, right: Term, *, absorbing: bool, into: Reads) -> list[str]:
    """Write what `result`, which holds `left` and does not absorb, becomes with `right`."""
    if not left.partial:
        return [f"{result} = {right.code}"]
    lines, code = [], right.code
    if not code.isidentifier():
        code = into.variable()
        lines.append(f"{code} = {right.code}")
    neutral = not absorbing
    lines += [f"if {result} is {neutral} or {code} is {absorbing}:", f"    {result} = {code}"]
    if right.partial:
        both = f"first_without_value(({result}, {code}))"
        lines += [f"elif {code} is not {neutral}:", f"    {result} = {both}"]
    return lines


def literal(value: Value) -> str:
    """Write a literal; never what an author wrote, always its `repr`."""
    if isinstance(value, float) and not abs(value) < float("inf"):
        return f"float({str(value)!r})"
    return f"({value!r})" if isinstance(value, int | float) else repr(value)


def indented(lines: Sequence[str]) -> list[str]:
    """Return the lines one level deeper."""
    return ["    " + line for line in lines]
