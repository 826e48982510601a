"""Engines on the same rules: those of score@2 that need no list, no function and no named fact.

What each finds is proved equal first. An engine that is not installed is left out, by name.
"""

import asyncio
import importlib.util
import json
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from types import ModuleType
from typing import Any

from cel_expr_python import cel
from google.protobuf import descriptor_pool

from bench.question import FACTS
from bench.series import Series, measured
from dealgate.assemble.engines import make_engine
from dealgate.engine.native import NativeEngine
from dealgate.language.scope import enum_constants, field_type
from dealgate.model.rules import AnyRule, AnyRuleSet
from dealgate.rulebook.catalog import Catalog

Finds = Callable[[], list[str]]
AS_OF = 1_785_000_000 * 10**9
CONSTANTS = {name: number for name, (_, number) in enum_constants(FACTS.DESCRIPTOR).items()}
# What the facts are called in hand-written code.
SHORT = {"lead.company": "c", "lead": "l", "relationship": "r", "history": "h"}
TABLE = "application/vnd.gorules.decision"


def compared(catalog: Catalog, rounds: int) -> tuple[Series, list[str]]:
    """Return the CPU µs of each engine, and what was left out."""
    expressions, ruleset = _shared(catalog.version("score", 2))
    data = _data(ruleset)
    program = NativeEngine().prepare(ruleset)
    finds: dict[str, Finds] = {
        "native, with evidence": lambda: _ids(program.fire(FACTS, AS_OF, explain=False)),
        "hand-written Python": _hand(ruleset),
        "cel-cpp": lambda: [id_ for id_, one in expressions if one.eval(data=data).value()],
    }
    missing = []
    for name, install, add in (("zen-engine", "zen", _zen), ("rete", "durable", _rete)):
        if importlib.util.find_spec(install) is None:
            missing.append(f"{name} is not installed")
        else:
            finds |= add(ruleset)
    wanted = finds["native, with evidence"]()
    for name, find in finds.items():
        if find() != wanted:
            raise RuntimeError(f"{name} finds other rules: {find()}, not {wanted}")
    operations: dict[str, Callable[[], object]] = {
        **finds,
        "native, judged": lambda: program.judge(FACTS, AS_OF),
    }
    return measured(operations, rounds), missing


def _shared(ruleset: AnyRuleSet) -> tuple[list[tuple[str, Any]], AnyRuleSet]:
    """Return the rules that cel-cpp can judge by itself, compiled, and the set of them alone."""
    fields = [field for field in FACTS.DESCRIPTOR.fields if not field.is_repeated]
    types = {field.name: cel.Type(field_type(field)) for field in fields}
    types |= dict.fromkeys(CONSTANTS, cel.Type.INT)
    environment = cel.NewEnv(descriptor_pool.Default(), variables=types)
    known: list[tuple[str, Any]] = []
    rules = []
    for rule in ruleset.rules:
        if rule.each is None and "has(" not in _source(rule):
            with suppress(RuntimeError):
                expression = environment.compile(_source(rule))
                known.append((rule.id, expression))
                rules.append(rule)
    return known, replace(ruleset, rules=rules, facts={}, tables=())


def _data(ruleset: AnyRuleSet) -> dict[str, Any]:
    fields = [field for field in FACTS.DESCRIPTOR.fields if not field.is_repeated]
    text = " ".join(_source(rule) for rule in ruleset.rules)
    used = {name: number for name, number in CONSTANTS.items() if name in text}
    return {**used, **{field.name: getattr(FACTS, field.name) for field in fields}}


def _source(rule: AnyRule) -> str:
    return rule.when.source if rule.when is not None else "true"


def _ids(evidence: Any) -> list[str]:
    return [fired.rule.id for fired in evidence.fired]


def _hand(ruleset: AnyRuleSet) -> Finds:
    """Write the rules as a person would who reads a message, knows its facts, and is in a hurry."""
    lines = ["def find():", " out = []", *(f" {short} = F.{path}" for path, short in SHORT.items())]
    for rule in ruleset.rules:
        text = _numbered(_source(rule))
        for path, short in SHORT.items():
            text = re.sub(rf"\b{re.escape(path)}\.", f"{short}.", text)
        lines.append(f" if {text.replace('[', '{').replace(']', '}')}: out.append({rule.id!r})")
    scope: dict[str, Any] = {"F": FACTS}
    exec("\n".join([*lines, " return out"]), scope)  # our own text
    find: Finds = scope["find"]
    return find


def _numbered(source: str) -> str:
    """Write a condition with numbers for constants, and words for operators."""
    for name in sorted(CONSTANTS, key=len, reverse=True):
        source = re.sub(rf"\b{name}\b", str(CONSTANTS[name]), source)
    words = (("&&", " and "), ("||", " or "), ("!=", "≠"), ("!", " not "), ("≠", "!="))
    for sign, word in words:
        source = source.replace(sign, word)
    return re.sub(r"\s+", " ", source).strip()


def _zen(ruleset: AnyRuleSet) -> dict[str, Finds]:
    """Return GoRules' engine, asked by one table and by one expression after the other."""
    zen: ModuleType = importlib.import_module("zen")
    context = _plain(FACTS)
    texts = [(rule.id, _numbered(_source(rule))) for rule in ruleset.rules]
    table = zen.ZenEngine().create_decision(json.dumps(_decision(texts)))
    compiled = [(id_, zen.compile_expression(text)) for id_, text in texts]
    return {
        "zen-engine, a table": lambda: [row["id"] for row in table.evaluate(context)["result"]],
        "zen-engine, expressions": lambda: [
            id_ for id_, expression in compiled if expression.evaluate(context) is True
        ],
    }


def _decision(texts: Sequence[tuple[str, str]]) -> dict[str, Any]:
    rows = [{"_id": id_, "in": text, "out": json.dumps(id_)} for id_, text in texts]
    content = {
        "hitPolicy": "collect",
        "inputs": [{"id": "in", "name": "condition", "type": "expression"}],
        "outputs": [{"id": "out", "name": "rule", "field": "id", "type": "expression"}],
        "rules": rows,
    }
    kinds: Sequence[tuple[str, str, dict[str, Any]]] = (
        ("i", "inputNode", {}),
        ("t", "decisionTableNode", content),
        ("o", "outputNode", {}),
    )
    nodes = [
        {"id": id_, "type": kind, "name": id_, "position": {"x": 0, "y": 0}, "content": said}
        for id_, kind, said in kinds
    ]
    edges = [
        {"id": f"{source}{target}", "sourceId": source, "targetId": target, "type": "edge"}
        for source, target in ("it", "to")
    ]
    return {"contentType": TABLE, "nodes": nodes, "edges": edges}


def _plain(message: Any) -> dict[str, Any]:
    """Write a message as plain values, constants as numbers, absent facts left out."""
    return {
        field.name: _plain(value) if field.message_type is not None else value
        for field, value in message.ListFields()
        if not field.is_repeated
    }


def _rete(ruleset: AnyRuleSet) -> dict[str, Finds]:
    engine = make_engine("rete")
    loop = asyncio.new_event_loop()

    def find() -> list[str]:
        fired = engine.fire(ruleset, FACTS, AS_OF, explain=False)
        return _ids(loop.run_until_complete(fired))

    return {"rete, without its own process": find}
