"""A decision graph of GoRules, from its request to its response, becomes facts and tables."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from dealgate.desk.gorules.cel import Writer
from dealgate.desk.gorules.cel_terms import chosen, listed, only_if
from dealgate.desk.gorules.draft import Draft
from dealgate.desk.gorules.jdm import Jdm, JdmNode
from dealgate.desk.gorules.jdm_table import TableReader
from dealgate.desk.gorules.terms import (
    Lost,
    Many,
    NotSaid,
    Term,
    Tree,
    Unknown,
    Value,
    both,
    merged,
    opened,
    put,
)
from dealgate.desk.gorules.zen_parser import expression
from dealgate.desk.gorules.zen_tokens import NotRead
from dealgate.desk.gorules.zen_tree import Node

OUTPUT = "outputNode"
TYPES = {
    "decisionTableNode": "table",
    "expressionNode": "expressions",
    "functionNode": "function",
    "decisionNode": "decision",
    "customNode": "custom node",
}


@dataclass(frozen=True, slots=True)
class Reached:
    """What a node hands on, and the condition under which it is reached; empty: always."""

    tree: Tree
    when: str = ""
    lost: str = ""  # why nothing is known from here on: a switch that cannot be said


class GraphReader:
    """Walks a graph, and fills a draft."""

    def __init__(self, jdm: Jdm, draft: Draft) -> None:
        """`draft.given` holds the shapes of the facts that are known from elsewhere."""
        self._jdm = jdm
        self._draft = draft
        self._reached = dict[str, Reached]()
        self._ways = dict[str, str]()  # by statement of a switch
        # Conditions of which one always holds, and the condition of the switch that they are of.
        self._complete = list[tuple[frozenset[str], str]]()
        self._own = Tree()  # what each node tells by itself, by its name

    def read(self) -> Tree:
        """Return what the graph answers."""
        for node in self._jdm.ordered():
            self._reached[node.id] = self._passed(node)
        sources = {edge.source for edge in self._jdm.edges}
        ends = [node for node in self._jdm.nodes if node.id not in sources]
        found = self._joined([self._reached[node.id] for node in ends])
        if found.lost:
            self._draft.lose(found.lost)
        return self._chosen("", [found]) if found.when else found.tree

    def _passed(self, node: JdmNode) -> Reached:
        if node.type == "inputNode":
            return Reached(Tree(base=Term("request", self._draft.given)))
        arrived = self._joined([*self._incoming(node)])
        if node.type == OUTPUT or arrived.lost:
            return arrived
        if node.type == "switchNode":
            return self._switched(node, arrived)
        return Reached(self._transformed(node, arrived.tree), arrived.when)

    def _incoming(self, node: JdmNode) -> Iterator[Reached]:
        for edge in self._jdm.edges:
            if edge.target == node.id and edge.source in self._reached:
                found = self._reached[edge.source]
                way = self._ways.get(edge.way, "") if edge.way else ""
                yield replace(found, when=both(found.when, way))

    def _switched(self, node: JdmNode, arrived: Reached) -> Reached:
        """Name the condition of each way out."""
        before = list[str]()
        for number, statement in enumerate(node.content.statements, 1):
            test = ""
            if statement.condition.strip():
                try:
                    test = _writer(arrived.tree).truth(_read(statement.condition))
                except NotSaid as error:
                    why = f"switch {node.name}: {error}"
                    return Reached(Tree(lost=why), arrived.when, why)
            test = self._draft.condition(f"{node.name}_{number}", test)
            others = [f"!{each}" for each in before] if node.content.hit != "collect" else []
            self._ways[statement.id] = " && ".join([*others, *filter(None, [test])])
            before += filter(None, [test])
        ways = [self._ways[each.id] for each in node.content.statements]
        if any(not each.condition.strip() for each in node.content.statements):
            self._complete.append((frozenset(both(arrived.when, w) for w in ways), arrived.when))
        return arrived

    def _transformed(self, node: JdmNode, tree: Tree) -> Tree:
        content = node.content
        told: Value
        try:
            told = self._tellers[node.type](node, self._scope_of(node, tree))
        except (NotSaid, KeyError) as error:
            said = f": {error}" if isinstance(error, NotSaid) else ""
            why = f"{_type_of(node)} {node.name or node.id}{said}"
            told = self._lost(node, why) if content.outputs else Tree(lost=why)
        self._own.parts[node.name] = told
        if content.output_path:
            placed = Tree()
            put(placed, content.output_path.split("."), told)
            told = placed
        if not isinstance(told, Tree):
            told = Tree(lost=f"{_type_of(node)} {node.name or node.id}: its list has no path")
        return merged(tree, told, self._met) if content.passes else told

    def _met(self, name: str, told: Value, held: Value) -> Value:
        """Say what counts where a node tells what was there before: its own, if it has one."""
        if not (isinstance(told, Term) and told.has and isinstance(held, Term)):
            return told
        try:
            return self._named(name, chosen(told.has, told, held))
        except NotSaid as error:
            return Lost(f"{name}: {error}")

    def _scope_of(self, node: JdmNode, tree: Tree) -> Tree:
        """Return what a node's expressions read; raises NotSaid."""
        if node.content.mode != "single":
            raise NotSaid("it walks over a list")
        scope = tree
        if node.content.input_field:
            scope = opened(_writer(tree).value(_read(node.content.input_field)))
        return replace(scope, parts={**scope.parts, "$nodes": self._own})

    @property
    def _tellers(self) -> Mapping[str, Callable[[JdmNode, Tree], Value]]:
        return {"decisionTableNode": self._table, "expressionNode": self._expressions}

    def _lost(self, node: JdmNode, why: str) -> Tree:
        found = Tree()
        for column in node.content.outputs:
            put(found, column.field.split("."), Lost(why))
        return found

    def _table(self, node: JdmNode, scope: Tree) -> Value:
        reader = TableReader(node, scope, self._draft)
        return reader.collected() if node.content.hit == "collect" else reader.read()

    def _expressions(self, node: JdmNode, scope: Tree) -> Tree:
        found = Tree()
        for each in node.content.expressions:
            try:
                value = _settled(Writer(scope, found).value(_read(each.value)))
            except NotSaid as error:
                value = Lost(f"expression {each.key}: {error}")
            put(found, each.key.split("."), self._named(each.key, value))
        return found

    def _named(self, path: str, value: Value) -> Value:
        match value:
            case Term():
                return self._draft.named(path.replace(".", "_"), value)
            case Many():
                try:
                    return self._named(path, listed(value))
                except NotSaid:
                    return value  # its elements may be read one by one
            case Tree(parts):
                named = {name: self._named(f"{path}.{name}", each) for name, each in parts.items()}
                return replace(value, parts=named)
        return value

    # ── Where ways meet ─────────────────────────────────────────────────────────────────────

    def _joined(self, reached: Sequence[Reached]) -> Reached:
        """Return what several nodes hand on together."""
        if not reached:
            return Reached(Tree(lost="nothing leads here"))
        lost = next((each.lost for each in reached if each.lost), "")
        if lost:
            return Reached(Tree(lost=lost), "", lost)
        if len(reached) == 1:
            return reached[0]
        when = "" if any(not each.when for each in reached) else self._any(reached)
        trees = [each.tree for each in reached]
        if all(not each.when for each in reached) or all(tree == trees[0] for tree in trees):
            first, *others = trees
            for other in others:
                first = merged(first, other)
            return Reached(first, when)
        return Reached(self._chosen("", reached), when)

    def _any(self, reached: Sequence[Reached]) -> str:
        """Say that one of these is reached: where all ways of a switch meet, it was."""
        whens = {each.when for each in reached}
        for ways, when in self._complete:
            if ways <= whens:
                return when
        return " || ".join(f"({each.when})" for each in reached)

    def _chosen(self, path: str, reached: Sequence[Reached]) -> Tree:
        names = dict.fromkeys(name for each in reached for name in each.tree.parts)
        lost = next((each.tree.lost for each in reached if each.tree.lost), "")
        base = next((each.tree.base for each in reached if each.tree.base), None)
        found = Tree({}, lost, base)
        for name in names:
            having = [
                Reached(Tree({name: each.tree.parts[name]}), each.when)
                for each in reached
                if name in each.tree.parts
            ]
            found.parts[name] = self._value(f"{path}{name}", name, having, of=len(reached))
        return found

    def _value(self, path: str, name: str, having: Sequence[Reached], of: int) -> Value:
        values = [each.tree.parts[name] for each in having]
        if all(value == values[0] for value in values) and 1 < len(having) == of:
            return values[0]
        if any(isinstance(value, Tree) for value in values):
            inner = [Reached(opened(v), e.when) for v, e in zip(values, having, strict=True)]
            return self._chosen(f"{path}_", inner)
        try:
            return self._named(path, _last(having, values, is_whole=1 < len(having) == of))
        except NotSaid as error:
            return Lost(f"{path}: {error}")


def _last(having: Sequence[Reached], values: Sequence[Value], *, is_whole: bool) -> Value:
    """Return the value of the last that is reached; the first if that must be one of them."""
    found: Value | None = None
    for each, value in zip(having, values, strict=True):
        if not each.when or (found is None and is_whole):
            found = value
        elif found is None:
            found = chosen_or_none(each.when, value)
        else:
            found = chosen(each.when, value, found)
    return found or Lost("nothing")


def chosen_or_none(test: str, value: Value) -> Value:
    """Return a value that is there only if a condition holds."""
    if isinstance(value, Term):
        return only_if(test, value)
    return value


def _settled(value: Value) -> Value:
    """Take facts for texts whose type nothing tells."""
    match value:
        case Term(_, Unknown()):
            return value.as_("text")
        case Tree(parts):
            return replace(value, parts={name: _settled(each) for name, each in parts.items()})
    return value


def _read(text: str) -> Node:
    try:
        return expression(text)
    except NotRead as error:
        raise NotSaid(str(error)) from None


def _writer(tree: Tree) -> Writer:
    return Writer(tree)


def _type_of(node: JdmNode) -> str:
    return TYPES.get(node.type, node.type)
