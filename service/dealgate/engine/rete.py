"""The optional engine: rules fire only if durable_rules and the native engine both say so.

durable_rules gives wrong answers, hangs and crashes outside a small subset of what it accepts, so
nothing reaches it unguarded (docs/adr/0005-rete-is-not-the-default.md has the measurements):

    rule set → networks        conditions in the subset as they are, all others as booleans that
                               are computed before it is asked; `lint` proves the limits
    facts → fields             generated names, clamped numbers, null for what is not known
    Worker                     one child process with deadlines, restarts and a circuit breaker
    main                       what runs in that child: the C module without its threads

It is asked which rules fire. What a rule that does not fire lacked, or how it failed, is said by
the native engine; and an answer on which the two differ is not given at all.
"""

import asyncio
import contextlib
import importlib.util
import json
import logging
import math
import os
import re
import resource
import signal
import sys
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

from google.protobuf.message import Message

from dealgate.engine import syntax
from dealgate.engine.evidence import Judgement
from dealgate.engine.exact import Evaluator, compile_exact
from dealgate.engine.frame import Frame, named_frame
from dealgate.engine.native import Program, compile_ruleset, constants_of
from dealgate.engine.syntax import Node, Tree
from dealgate.engine.values import NoValue, Value
from dealgate.model.decision import Evidence
from dealgate.model.errors import RuleSetUnusable, Unavailable
from dealgate.model.rules import Each, Rule, RuleSet

# A rule's condition as durable_rules takes it: {"$and": […]}, {"$gt": {"f0": 5}}, {"f1": "DE"}.
Condition: TypeAlias = dict[str, Any]

SEMANTICS = "rete/1"
LOG = logging.getLogger(__name__)
COMMAND = (sys.executable, "-m", "dealgate.engine.rete")
HERE = f"{Path(__file__).parents[2]}{os.pathsep}"
DOWN = "the engine's durable_rules process was lost and is replaced; ask again"
RETRY_AFTER = 0.1
LONGEST_ANSWER = 2**24
AT_ONCE = 500  # inputs to one exchange: the time it may take does not depend on the caller's lists

# The subset. Integers stay clear of where the library compares through doubles, strings clear of
# where it cuts their length to 16 bits.
CONNECTIVES = {"_&&_": "$and", "_||_": "$or"}
EQUALITIES = {"_==_": "", "_!=_": "$neq"}
COMPARISONS = EQUALITIES | {"_<_": "$lt", "_<=_": "$lte", "_>_": "$gt", "_>=_": "$gte"}
ORDERINGS = {"$lt": "$gt", "$lte": "$gte", "$gt": "$lt", "$gte": "$lte"}  # each with its mirror
SCALARS = ("int", "uint", "string", "bool")
LARGEST_INT = 2**53
LONGEST_STRING = 1000
LONGEST_LIST = 16
# Its matcher keeps 64 conditions waiting at most, one of which is the sentinel's. Fewer than that
# in one network stays below its other limits too: 127 uses of a condition, 252 fields, 511
# conditions to a node, 255 rules to a path.
MOST_CONDITIONS = 59
MOST_GROUPS = 15
# Fields are found by these hashes alone, so none may share one with a name of the library's own.
LIBRARY_NAMES = (
    "sid id name all any pri count cap dist m $s $e $i $l $m $r $t $ex $nex $not $eq $neq $lt $lte"
    " $gt $gte $mt $imt $iall $iany $all $any $or $and $add $sub $mul $div $forward"
)
GENERATED = re.compile(r"[fr]\d{1,6}")


# Rule sets → networks


@dataclass(frozen=True, slots=True)
class Network:
    """Rules that are judged together: "r7" is the rule set's rule 7, counted from 0."""

    conditions: Mapping[str, Condition]

    @property
    def fields(self) -> list[str]:
        """The fields that its conditions mention."""
        return list(
            {leaf.field: None for each in self.conditions.values() for leaf in leaves(each)}
        )


@dataclass(slots=True)
class Group:
    """All rules that are judged over the same list, or over none, and the fields they share."""

    each: Each | None
    names: dict[bytes, str] = field(default_factory=dict)
    reads: dict[str, Evaluator] = field(default_factory=dict)
    conditions: dict[str, Condition] = field(default_factory=dict)

    def field_of(self, tree: Tree, node: Node) -> str:
        """Return the name of the field that holds what `node` comes to."""
        name = self.names.setdefault(_meaning(node), f"f{len(self.names)}")
        if name not in self.reads:
            self.reads[name] = compile_exact(tree.at(node))
        return name

    def networks(self) -> list[Network]:
        """Spread the rules over as few networks as the library's limits allow."""
        shares: list[dict[str, Condition]] = []
        room = 0
        for name, condition in self.conditions.items():
            room -= size(condition)
            if room < 0:
                shares.append({})
                room = MOST_CONDITIONS - size(condition)
            shares[-1][name] = condition
        return [Network(share) for share in shares]


def _meaning(node: Node) -> bytes:
    # Nodes that differ in their ids alone read the same facts to the same end.
    bare = Node()
    bare.CopyFrom(node)
    for part in syntax.walk(bare):
        part.id = 0
    return bare.SerializeToString(deterministic=True)


class Emitter:
    """Turns a checked condition into the library's form."""

    def __init__(self, tree: Tree, group: Group, constants: Mapping[str, Value]) -> None:
        """`constants` are the values of constant names."""
        self._tree = tree
        self._group = group
        self._constants = constants

    def emit(self, node: Node) -> Condition:
        """Return the condition; what is outside the subset becomes a boolean field."""
        function = node.call_expr.function
        if function in CONNECTIVES:
            sign = CONNECTIVES[function]
            return {sign: [self.emit(part) for part in self._chain(node, function)]}
        return self._atom(node, function) or {self._group.field_of(self._tree, node): True}

    def _chain(self, node: Node, function: str) -> Iterator[Node]:
        # a && (b && c) as one group: groups are scarce.
        for part in syntax.operands(node):
            same = part.call_expr.function == function
            yield from self._chain(part, function) if same else [part]

    def _atom(self, node: Node, function: str) -> Condition | None:
        operands = syntax.operands(node)
        if function in COMPARISONS:
            return self._comparison(COMPARISONS[function], *operands)
        if function == "@in":
            return self._membership(*operands)
        if function == "!_" and self._is_fact(operands[0]):
            return {self._group.field_of(self._tree, operands[0]): False}
        return None

    def _comparison(self, sign: str, left: Node, right: Node) -> Condition | None:
        if self._literal(left) is not None:
            left, right, sign = right, left, ORDERINGS.get(sign, sign)
        literal, type_ = self._literal(right), self._tree.type(left)
        if not self._is_fact(left) or literal is None or self._tree.type(right) != type_:
            return None
        if not in_range(literal) or (sign in ORDERINGS and type_ not in ("int", "uint")):
            return None
        test = {self._group.field_of(self._tree, left): literal}
        return {sign: test} if sign else test

    def _membership(self, item: Node, items: Node) -> Condition | None:
        listed = self._list(items)
        if not self._is_fact(item) or not listed or len(listed) > LONGEST_LIST:
            return None
        if self._tree.type(items) != f"list({self._tree.type(item)})":
            return None
        name = self._group.field_of(self._tree, item)
        return {"$or": [{name: literal} for literal in listed]}

    def _list(self, node: Node) -> list[Any]:
        if syntax.kind(node) == "list_expr":
            found = [self._literal(element) for element in node.list_expr.elements]
        else:
            constant = self._constant(node)
            found = constant if isinstance(constant, list) else []
        return list(dict.fromkeys(found)) if all(map(in_range, found)) else []

    def _is_fact(self, node: Node) -> bool:
        return (
            self._tree.type(node) in SCALARS
            and syntax.path(node) is not None
            and self._literal(node) is None
        )

    def _literal(self, node: Node) -> Value | None:
        if syntax.kind(node) == "const_expr":
            return syntax.constant(node.const_expr)
        enum = self._tree.constant(node)
        return self._constant(node) if enum is None else enum

    def _constant(self, node: Node) -> Value | None:
        bound = self._group.each and self._group.each.variable
        name = node.ident_expr.name
        return None if name == bound else self._constants.get(name)


def in_range(literal: Value) -> bool:
    """Tell whether the library compares facts with this literal rightly."""
    if isinstance(literal, str):
        return len(literal) <= LONGEST_STRING
    return isinstance(literal, int) and abs(literal) < LARGEST_INT


# Conditions, measured


@dataclass(frozen=True, slots=True)
class Leaf:
    """One comparison: `sign` is empty for equality."""

    sign: str
    field: str
    literal: Any


def parts(condition: Condition) -> Sequence[Condition]:
    """Return the members of a group; none for a leaf."""
    return condition.get("$and") or condition.get("$or") or ()


def leaves(condition: Condition) -> Iterator[Leaf]:
    """Yield every comparison."""
    for part in parts(condition):
        yield from leaves(part)
    if not parts(condition):
        ((name, value),) = condition.items()
        if isinstance(value, dict):
            ((operand, literal),) = value.items()
            yield Leaf(name, operand, literal)
        else:
            yield Leaf("", name, value)


def groups(condition: Condition) -> int:
    """Count the groups."""
    return bool(parts(condition)) + sum(map(groups, parts(condition)))


def matches(condition: Condition) -> int:
    """Return how often the library may fire a rule at once: for each way in which it holds."""
    ways = [matches(part) for part in parts(condition)]
    if "$or" in condition and not is_membership(condition):
        return sum(ways)
    return math.prod(ways) if "$and" in condition else 1


def is_membership(condition: Condition) -> bool:
    """Tell whether all alternatives ask one field for different values: only one can hold."""
    tests = list(leaves(condition))
    plain = groups(condition) == 1 and not any(leaf.sign for leaf in tests)
    return plain and len(set(tests)) == len(tests) and len({leaf.field for leaf in tests}) == 1


def size(condition: Condition) -> int:
    """Return how much of a network's room a condition takes."""
    return max(sum(1 for _ in leaves(condition)), matches(condition))


def fnv(name: str) -> int:
    """Return the hash by which the library finds a field: FNV-1a, 32 bits."""
    value = 2_166_136_261
    for byte in name.encode():
        value = (value ^ byte) * 16_777_619 % 2**32
    return value


# The linter


@dataclass(frozen=True, slots=True)
class Finding:
    """Why durable_rules cannot be trusted with a rule; `rule` is its generated name."""

    rule: str
    reason: str


def lint(network: Network) -> list[Finding]:
    """Return everything in a network that lies beyond what the library gets right."""
    found = [*_names(network), *_room(network)]
    for name, condition in network.conditions.items():
        reasons = [*_structure(condition), *map(_fault, leaves(condition))]
        found += [Finding(name, reason) for reason in dict.fromkeys(reasons) if reason]
    return found


def _names(network: Network) -> Iterator[Finding]:
    taken = {fnv(name): name for name in LIBRARY_NAMES.split()}
    for rule, condition in network.conditions.items():
        for name in (rule, *(leaf.field for leaf in leaves(condition))):
            if not GENERATED.fullmatch(name):
                yield Finding(rule, "a name in it was not generated")
            if taken.setdefault(fnv(name), name) != name:
                yield Finding(rule, "two names in it have the same hash")


def _room(network: Network) -> Iterator[Finding]:
    room = MOST_CONDITIONS
    for rule, condition in network.conditions.items():
        room -= size(condition)
        if room < 0:
            reason = f"has too many alternatives: at most {MOST_CONDITIONS} conditions may hold"
            yield Finding(rule, f"{reason} at once; split the rule")


def _structure(condition: Condition) -> Iterator[str]:
    if groups(condition) > MOST_GROUPS:
        yield f"has more than {MOST_GROUPS} groups of && and ||; name some of them under `facts`"


def _fault(leaf: Leaf) -> str:
    if leaf.sign and leaf.sign not in {"$neq", *ORDERINGS}:
        return f"uses {leaf.sign}, which is not in the subset"
    if not in_range(leaf.literal):
        return "compares with what is not an integer, boolean or string in range"
    if leaf.sign in ORDERINGS and type(leaf.literal) is not int:
        return "puts in order what is not an integer"
    return ""


# Facts → fields


@dataclass(frozen=True, slots=True)
class Input:
    """One network's fields, of one element if it is judged over a list."""

    network: int
    element: int | None
    fields: Mapping[str, Any]


def projected(value: Value) -> Any:
    """Return a value in the form that the library compares with literals as CEL does.

    What is beyond every literal stays beyond it when cut; null matches nothing, not even `!=`.
    """
    if isinstance(value, NoValue):
        return None
    if isinstance(value, str):
        return value if len(value) <= LONGEST_STRING else "~" * (LONGEST_STRING + 1)
    if isinstance(value, bool):
        return value
    return max(-LARGEST_INT, min(LARGEST_INT, value))


@dataclass(frozen=True, slots=True)
class Projection:
    """What a group's networks read: from the facts, or from every element of a list.

    `networks` has the fields of each network, with its number.
    """

    variable: str
    items: Evaluator | None
    reads: Mapping[str, Evaluator]
    networks: Mapping[int, Sequence[str]]

    def inputs(self, frame: Frame) -> Iterator[Input]:
        """Yield the fields of every network."""
        for element, on in self._frames(frame):
            values = {name: projected(read(on)) for name, read in self.reads.items()}
            for number, names in self.networks.items():
                yield Input(number, element, {name: values[name] for name in names})

    def _frames(self, frame: Frame) -> Iterator[tuple[int | None, Frame]]:
        if self.items is None:
            yield None, frame
            return
        for element, value in enumerate(self.items(frame)):
            yield element, Frame(frame.facts, frame.names, {self.variable: value})


@dataclass(frozen=True, slots=True)
class Compiled:
    """A rule set for both engines."""

    program: Program
    constants: Mapping[str, Value]
    named: Mapping[str, Evaluator]
    networks: Sequence[Network]
    projections: Sequence[Projection]

    def inputs(self, facts: Message, as_of: int) -> list[Input]:
        """Project facts onto every network."""
        frame = named_frame(facts, self.constants, as_of, self.named)
        return [found for each in self.projections for found in each.inputs(frame)]

    def expected(self, judgements: Sequence[Judgement]) -> set[tuple[int, int | None]]:
        """Return what the native engine says fires: rule and element, both counted from 0."""
        rules = self.program.ruleset.rules
        found: set[tuple[int, int | None]] = set()
        for rule, judgement in enumerate(judgements):
            if rules[rule].when is not None and isinstance(judgement, list):
                found |= {(rule, element) for element, truth in judgement if truth is True}
            elif rules[rule].when is not None and judgement is True:
                found.add((rule, None))
        return found


def compile_rete(ruleset: RuleSet) -> Compiled:
    """Compile a rule set; raises RuleSetUnusable naming every rule beyond the limits, and why."""
    constants = constants_of(ruleset)
    networks: list[Network] = []
    projections: list[Projection] = []
    for group in _groups(ruleset, constants):
        found = dict(enumerate(group.networks(), start=len(networks)))
        networks += found.values()
        projections.append(_projection(group, found))
    _refuse(ruleset, [finding for network in networks for finding in lint(network)])
    named = {name: compile_exact(Tree(fact.ast)) for name, fact in ruleset.facts.items()}
    return Compiled(compile_ruleset(ruleset), constants, named, networks, projections)


def _groups(ruleset: RuleSet, constants: Mapping[str, Value]) -> Sequence[Group]:
    found: dict[tuple[str, str] | None, Group] = {}
    for number, rule in enumerate(ruleset.rules):
        if rule.when is not None:
            group = found.setdefault(_over(rule), Group(rule.each))
            tree = Tree(rule.when.ast)
            group.conditions[f"r{number}"] = Emitter(tree, group, constants).emit(tree.root)
    return list(found.values())


def _over(rule: Rule[Any]) -> tuple[str, str] | None:
    return (rule.each.variable, rule.each.items.source) if rule.each else None


def _projection(group: Group, networks: Mapping[int, Network]) -> Projection:
    fields = {number: network.fields for number, network in networks.items()}
    if group.each is None:
        return Projection("", None, group.reads, fields)
    items = compile_exact(Tree(group.each.items.ast))
    return Projection(group.each.variable, items, group.reads, fields)


def _refuse(ruleset: RuleSet, findings: Sequence[Finding]) -> None:
    if findings:
        reasons = [f"rule {ruleset.rules[int(f.rule[1:])].id} {f.reason}" for f in findings]
        advice = "the engine rete cannot judge it, the engine native can"
        raise RuleSetUnusable(ruleset.name, f"{'; '.join(reasons)} ({advice})")


# The engine


class ReteEngine:
    """Fires rule sets in a child process; one engine serves one event loop."""

    name = SEMANTICS

    def __init__(self, worker: "Worker | None" = None) -> None:
        """Raises ModuleNotFoundError if durable_rules is not there; starts no process yet."""
        require_durable_rules()
        self._worker = worker or Worker()
        self._compiled: dict[str, Compiled] = {}
        self._rejected: dict[str, str] = {}

    def prepare(self, ruleset: RuleSet) -> Compiled:
        """Compile and lint a rule set once; raises RuleSetUnusable."""
        key = _key(ruleset)
        if key in self._rejected:
            raise RuleSetUnusable(ruleset.name, self._rejected[key])
        compiled = self._compiled.get(key)
        if compiled is None:
            compiled = self._compiled[key] = compile_rete(ruleset)
        return compiled

    def keep(self, rulesets: Iterable[RuleSet]) -> None:
        """Let go of all other programs; one that is fired all the same is compiled again.

        The child process lets go of their networks when it is replaced, as it is now and then.
        """
        kept = {_key(ruleset) for ruleset in rulesets}
        self._compiled = {key: one for key, one in self._compiled.items() if key in kept}
        self._rejected = {key: why for key, why in self._rejected.items() if key in kept}

    async def fire(
        self, ruleset: RuleSet, facts: Message, as_of: int, *, explain: bool
    ) -> Evidence:
        """Judge every rule on these facts; see decide.Engine."""
        compiled = self.prepare(ruleset)
        program = compiled.program
        judgements, values = program.judge(facts, as_of)
        fired = await self._ask(ruleset, compiled, compiled.inputs(facts, as_of))
        differing = compiled.expected(judgements) ^ fired
        if differing:
            await self._reject(ruleset, sorted({rule for rule, _ in differing}))
        explained = program.explainer.explain(facts, as_of) if explain else ()
        return program.evidence(judgements, values, explained)

    async def close(self) -> None:
        """End the child process, after the call in flight."""
        await self._worker.close()

    async def _ask(
        self, ruleset: RuleSet, compiled: Compiled, inputs: Sequence[Input]
    ) -> set[tuple[int, int | None]]:
        if not inputs:
            return set()
        networks = [network.conditions for network in compiled.networks]
        try:
            names = await self._worker.judge(_key(ruleset), networks, inputs)
        except CannotBuild as error:
            self._rejected[_key(ruleset)] = str(error)
            raise RuleSetUnusable(ruleset.name, str(error)) from None
        return {
            (int(name[1:]), asked.element)
            for asked, rules in zip(inputs, names, strict=True)
            for name in rules
        }

    async def _reject(self, ruleset: RuleSet, rules: Sequence[int]) -> None:
        ids = ", ".join(ruleset.rules[rule].id for rule in rules)
        LOG.error("durable_rules and the native engine differ on %s: %s", ruleset.name, ids)
        reason = f"two engines judged rules differently ({ids}); decide with the engine native"
        self._rejected[_key(ruleset)] = reason
        await self._worker.close()
        raise Unavailable(f"{ruleset.name}: {reason}", RETRY_AFTER)


def require_durable_rules() -> None:
    """Raise ModuleNotFoundError, with the cure, if the library cannot be loaded."""
    if sys.version_info >= (3, 13):
        raise ModuleNotFoundError(
            "the engine rete needs durable_rules, which Python 3.13 cannot load:"
            " use Python 3.11 or 3.12, or the engine native"
        )
    if importlib.util.find_spec("durable_rules_engine") is None:
        raise ModuleNotFoundError("the engine rete needs durable_rules: pip install dealgate[rete]")


def _key(ruleset: RuleSet) -> str:
    return f"{ruleset.name}:{ruleset.digest}"


# The worker


@dataclass(frozen=True, slots=True)
class Limits:
    """Deadlines in seconds; a child is replaced after so many calls, or with so many bytes."""

    start: float = 20.0
    build: float = 10.0
    call: float = 2.0
    calls: int = 1_000_000
    resident: int = 256 * 2**20


class CannotBuild(Exception):
    """The library does not take a network; says why."""


class Lost(Exception):
    """The child is gone, or is of no use any more; says why."""


class Breaker:
    """Says how long to wait before another child is started: longer the more have died lately."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """`clock` gives seconds that never go back."""
        self._clock = clock
        self._deaths: deque[float] = deque(maxlen=16)

    def count(self) -> None:
        """Note that a child died."""
        self._deaths.append(self._clock())

    def wait(self) -> float:
        """Return the seconds that must still pass. The first two deaths in a minute are free."""
        now = self._clock()
        recent = sum(now - death < 60 for death in self._deaths)
        delay = min(30.0, 0.1 * 4 ** (recent - 3)) if recent > 2 else 0.0
        return max(0.0, self._deaths[-1] + delay - now) if delay else 0.0


@dataclass(frozen=True, slots=True)
class Child:
    """The process, and what was built in it."""

    process: asyncio.subprocess.Process
    built: set[str] = field(default_factory=set)

    async def exchange(self, request: Mapping[str, Any], within: float) -> dict[str, Any]:
        """Send a request and return its answer; raises Lost."""
        try:
            async with asyncio.timeout(within):
                answer = await self._exchange(framed({**request, "within": within}))
        except TimeoutError:
            raise Lost(f"it did not answer within {within:g} s") from None
        except (OSError, EOFError, ValueError, RuntimeError) as error:
            raise Lost(f"its answer could not be read: {type(error).__name__}") from None
        if not isinstance(answer, dict):
            raise Lost("its answer is not an object")
        if "fault" in answer:
            raise Lost(f"it failed: {answer['fault']}")
        return answer

    async def _exchange(self, request: bytes) -> Any:
        writer, reader = self._pipes()
        writer.write(request)
        await writer.drain()
        length = int.from_bytes(await reader.readexactly(4))
        return json.loads(await reader.readexactly(min(length, LONGEST_ANSWER)))

    def _pipes(self) -> tuple[asyncio.StreamWriter, asyncio.StreamReader]:
        writer, reader = self.process.stdin, self.process.stdout
        if writer is None or reader is None:
            raise Lost("it was started without pipes")
        return writer, reader

    async def end(self) -> None:
        """Kill it; it holds nothing that could be lost."""
        if self.process.returncode is None:
            self.process.kill()
        self._pipes()[0].close()
        await self.process.wait()


class Worker:
    """Keeps one child alive and asks it one thing at a time."""

    def __init__(
        self,
        command: Sequence[str] = COMMAND,
        limits: Limits | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`command` starts a child that speaks as `main` does."""
        self._command = command
        self._limits = limits or Limits()
        self._breaker = Breaker(clock)
        self._child: Child | None = None
        self._turn = asyncio.Lock()
        self._failed_builds: Counter[str] = Counter()

    @property
    def pid(self) -> int | None:
        """The child's process id; None if there is no child."""
        return self._child.process.pid if self._child else None

    async def judge(
        self, key: str, networks: Sequence[Mapping[str, Condition]], inputs: Sequence[Input]
    ) -> list[set[str]]:
        """Return the names of the rules that fire, for every input.

        `networks` are built first, once per child, under `key`. Raises Unavailable if the child
        dies or cannot be started, and CannotBuild if it died of these networks before.
        """
        # A caller that gives up must not leave half an exchange behind.
        return await asyncio.shield(self._in_turn(key, networks, inputs))

    async def _in_turn(
        self, key: str, networks: Sequence[Any], inputs: Sequence[Input]
    ) -> list[set[str]]:
        async with self._turn:
            child = await self._ready()
            try:
                await self._build(child, key, networks)
                return await self._judge(child, key, networks, inputs)
            except Lost as error:
                raise await self._lose(child, error) from None

    async def close(self) -> None:
        """End the child."""
        async with self._turn:
            await self._drop()

    async def _build(self, child: Child, key: str, networks: Sequence[Any]) -> None:
        if key in child.built:
            return
        if self._failed_builds[key] > 1:
            raise CannotBuild("durable_rules failed twice to build its network")
        self._failed_builds[key] += 1
        await child.exchange({"build": key, "networks": networks}, self._limits.build)
        del self._failed_builds[key]
        child.built.add(key)

    async def _judge(
        self, child: Child, key: str, networks: Sequence[Any], inputs: Sequence[Input]
    ) -> list[set[str]]:
        fired: list[set[str]] = []
        answer: dict[str, Any] = {}
        for start in range(0, len(inputs), AT_ONCE):
            some = inputs[start : start + AT_ONCE]
            asked = [(each.network, each.fields) for each in some]
            answer = await child.exchange({"judge": key, "inputs": asked}, self._limits.call)
            fired += answered(answer.get("fired"), [networks[each.network] for each in some])
        if answer.get("spent"):
            await self._drop()
        return fired

    async def _ready(self) -> Child:
        if self._child is not None and self._child.process.returncode is not None:
            await self._lose(self._child, Lost(f"it ended: {self._child.process.returncode}"))
        if self._child is None:
            wait = self._breaker.wait()
            if wait:
                raise Unavailable(DOWN, wait)
            self._child = await self._start()
        return self._child

    async def _start(self) -> Child:
        child = Child(await self._spawn())
        limits = self._limits
        try:
            await child.exchange({"calls": limits.calls, "resident": limits.resident}, limits.start)
        except Lost as error:
            raise await self._lose(child, error) from None
        return child

    async def _spawn(self) -> asyncio.subprocess.Process:
        try:
            return await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                env={**os.environ, "PYTHONPATH": HERE + os.environ.get("PYTHONPATH", "")},
                start_new_session=True,  # ctrl-c is the server's to handle: it may be draining
            )
        except OSError as error:
            LOG.warning("a durable_rules process cannot be started: %s", error.strerror)
            raise self._unavailable() from None

    async def _lose(self, child: Child, reason: Lost) -> Unavailable:
        LOG.warning("the durable_rules process %s is replaced: %s", child.process.pid, reason)
        self._child = None
        await child.end()
        return self._unavailable()

    def _unavailable(self) -> Unavailable:
        self._breaker.count()
        return Unavailable(DOWN, max(RETRY_AFTER, self._breaker.wait()))

    async def _drop(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            await child.end()


def answered(fired: Any, networks: Sequence[Mapping[str, Any]]) -> list[set[str]]:
    """Return the fired rules for every input; raises Lost if the answer cannot be one."""
    rules = fired if isinstance(fired, list) else []
    if len(rules) != len(networks) or not all(map(_are_of, rules, networks)):
        raise Lost("its answer makes no sense")
    return [set(names) for names in rules]


def _are_of(names: Any, network: Mapping[str, Any]) -> bool:
    return isinstance(names, list) and all(
        isinstance(name, str) and name in network for name in names
    )


def framed(message: Mapping[str, Any]) -> bytes:
    """Return JSON behind its length in four bytes."""
    body = json.dumps(message, allow_nan=False).encode()
    return len(body).to_bytes(4) + body


# The child


class Library:
    """The C module, driven as it was measured to be right and safe."""

    def __init__(self) -> None:
        """Load it. Only a child does: it can take its process down."""
        import durable_rules_engine  # noqa: PLC0415  # the server must never load it

        self._c = durable_rules_engine
        self._built: dict[str, list[int]] = {}
        self._limits = Limits()
        self._calls = 0

    def answer(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Answer one request; after an error the library is not to be used again."""
        if "build" in request:
            self._built[request["build"]] = [self._build(each) for each in request["networks"]]
            return {}
        if "calls" in request:
            self._limits = Limits(calls=request["calls"], resident=request["resident"])
            return {}
        handles = self._built[request["judge"]]
        fired = [self._fire(handles[network], fields) for network, fields in request["inputs"]]
        self._calls += 1
        return {"fired": fired, "spent": self._is_spent()}

    def _build(self, conditions: Mapping[str, Condition]) -> int:
        rules: dict[str, Any] = {
            name: {"all": [{"m": condition}], "pri": position}
            for position, (name, condition) in enumerate(conditions.items())
        }
        # A rule that always fires, and last: without it an unmatched fact leaves the library with
        # memory that was never initialised.
        rules["end"] = {"all": [{"m": {"$ex": {"$e": 1}}}], "pri": 65_535}
        handle: int = self._c.create_ruleset("rules", compact(rules))
        _, state = self._c.assert_fact(handle, '{"sid":"s","id":"w","$e":1}')
        self._drain(handle, state)
        self._c.retract_fact(handle, '{"sid":"s","id":"w"}')
        return handle

    def _fire(self, handle: int, fields: Mapping[str, Any]) -> list[str]:
        fact = compact({**fields, "sid": "s", "id": "q", "$e": 1})
        _, state = self._c.assert_fact(handle, fact)
        fired = self._drain(handle, state)
        # Retracted, never deleted: to delete a state is what corrupts memory.
        self._c.retract_fact(handle, '{"sid":"s","id":"q"}')
        return fired

    def _drain(self, handle: int, state: int) -> list[str]:
        fired: list[str] = []
        first = self._c.start_action_for_state(handle, state)
        action = first and first[1]
        while action and len(fired) < MOST_CONDITIONS + 2:
            # {"r7":{"m":{…the whole fact…}}}: the name is enough, and is one of ours.
            fired.append(action.split('"', 2)[1])
            action = self._c.complete_and_start_action(handle, state)
        if action or fired[-1:] != ["end"]:
            raise RuntimeError("the sentinel did not fire last")
        return fired[:-1]

    def _is_spent(self) -> bool:
        check = self._calls % 256 == 0
        return self._calls >= self._limits.calls or (check and resident() > self._limits.resident)


def compact(message: Mapping[str, Any]) -> str:
    """Write JSON as the library needs it: it compares strings as they are spelt."""
    return json.dumps(message, ensure_ascii=False, allow_nan=False)


def resident() -> int:
    """Return this process's memory in bytes; 0 where only Linux would say it cheaply."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def frames(source: BinaryIO) -> Iterator[dict[str, Any]]:
    """Yield messages until the other side is gone."""
    while len(header := source.read(4)) == 4:
        length = int.from_bytes(header)
        body = source.read(length)
        if len(body) < length:
            return
        yield json.loads(body)


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer requests until the parent is gone or something goes wrong."""
    library: Library | None = None
    for request in frames(requests):
        # Kills this process even if C code never returns and the parent is not there to do it.
        signal.setitimer(signal.ITIMER_REAL, request["within"] + 1)
        try:
            library = library or Library()
            answer = library.answer(request)
        except Exception as error:  # noqa: BLE001  # whatever it is, the parent decides
            answer = {"fault": f"{type(error).__name__}: {error}"}
        answers.write(framed(answer))
        answers.flush()
        signal.setitimer(signal.ITIMER_REAL, 0)
        if "fault" in answer:
            return


def main() -> None:
    """Serve on the standard streams."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what the library prints must not get between frames
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a dump would hold facts
    with contextlib.suppress(BrokenPipeError):
        serve(sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
