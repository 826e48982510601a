"""Decision graphs of GoRules become kinds without code, which decide as the graphs do."""

import json
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict
from google.protobuf.struct_pb2 import Struct

from dealgate.desk.exchange import NotExported
from dealgate.desk.gorules.checking import check_kind
from dealgate.desk.gorules.jdm_kind import JdmKind, read_kind
from dealgate.engine.native import compile_ruleset
from dealgate.judge import judged
from docs import conformance, conformance_gorules
from tests.cli.saying import said

Row = tuple[Sequence[str], Sequence[str]]


def table(
    name: str, inputs: Sequence[str], outputs: Sequence[str], *rows: Row, **more: Any
) -> dict[str, Any]:
    """A decision table; each row has the cells of its inputs and outputs."""
    return {
        "id": name,
        "name": name,
        "type": "decisionTableNode",
        "content": {
            "hitPolicy": "first",
            "passThrough": True,
            "inputs": [{"id": f"i{n}", "field": field} for n, field in enumerate(inputs)],
            "outputs": [{"id": f"o{n}", "field": field} for n, field in enumerate(outputs)],
            "rules": [
                {f"i{n}": cell for n, cell in enumerate(asked)}
                | {f"o{n}": cell for n, cell in enumerate(told)}
                for asked, told in rows
            ],
            **more,
        },
    }


def expressions(name: str, *, passes: bool = True, **values: str) -> dict[str, Any]:
    """A node of expressions."""
    listed = [{"id": key, "key": key, "value": value} for key, value in values.items()]
    return {
        "id": name,
        "name": name,
        "type": "expressionNode",
        "content": {"expressions": listed, "passThrough": passes},
    }


def written(
    folder: Path, nodes: Sequence[Mapping[str, Any]], given: object, edges: Sequence[str] = ()
) -> Path:
    """Write a graph, its nodes in a row unless `edges` say otherwise: `switch.way>node`."""
    all_nodes = [{"id": "in", "name": "request", "type": "inputNode"}, *nodes]
    names = [node["id"] for node in all_nodes]
    pairs = [edge.partition(">")[::2] for edge in edges] or [*pairwise(names)]
    drawn = [
        {"id": f"{source}>{target}", "sourceId": source.partition(".")[0], "targetId": target}
        | ({"sourceHandle": source.partition(".")[2]} if "." in source else {})
        for source, target in pairs
    ]
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "price-of-it.json"
    graph = {"nodes": all_nodes, "edges": drawn, "tests": [{"input": given, "output": {}}]}
    path.write_text(json.dumps(graph))
    return path


def answers(kind: JdmKind, facts: Mapping[str, Any]) -> dict[str, object]:
    """Decide, and return what is answered by its path in the graph."""
    catalog = check_kind(kind)
    (ruleset,) = catalog.all()
    own = catalog.kinds[kind.name]
    given = Struct()
    given.update({"request": {"id": "1", **facts}})
    outcome = judged(own, compile_ruleset(ruleset), given, 0).answer.outcome
    assert own.write_outcome
    told = MessageToDict(Struct.FromString(own.write_outcome(outcome)))
    return {
        each.path: float(told[each.name]) if each.type == "decimal" else told.get(each.name)
        for each in kind.answers
    }


RATES = table(
    "Base rates",
    ["customer.tier", "amount"],
    ["fee.rate", "fee.label"],
    (["'gold', 'silver'", "[100..500)"], ["0.05", "'low'"]),
    (["'gold'", "> 500 and < 900"], ["0.04", "'lower'"]),
    (["not in ['none']", "<= limit"], ["0.1", '"by limit"']),
    (["", ""], ["0.2", "`${customer.tier} pays`"]),
)
FEE = expressions(
    "fee",
    passes=False,
    total="round(amount * fee.rate, 2)",
    share="$.total / amount",
    parts="map(filter(items, #.price > 1), #.price * 2)",
    flags="['always', fee.label]",
)
GIVEN = {"customer": {"tier": "gold"}, "amount": 5, "limit": 5, "items": [{"price": 2.5}]}
ASKED: Sequence[tuple[str, int, int, Mapping[str, object]]] = [
    ("gold", 100, 0, {"total": 5, "flags": ["always", "low"]}),
    ("silver", 500, 0, {"total": 100, "flags": ["always", "silver pays"]}),
    ("gold", 600, 0, {"total": 24, "share": 0.04}),
    ("tin", 7, 7, {"total": 0.7, "flags": ["always", "by limit"]}),
]


def test_tables_read_tables_and_expressions_compute(tmp_path: Path) -> None:
    """Cells, outputs that are computed, texts put together, and lists, as GoRules has them."""
    kind = read_kind(written(tmp_path, [RATES, FEE], GIVEN))

    assert (kind.name, kind.left_out) == ("price_of_it", [])
    for tier, amount, limit, wanted in ASKED:
        facts = {"customer": {"tier": tier}, "amount": amount, "limit": limit}
        found = answers(kind, {**facts, "items": [{"price": 1}, {"price": 4}]})
        assert {**found, **wanted} == found
        assert found["parts"] == ["8"]


SWITCH = {
    "id": "by size",
    "name": "by size",
    "type": "switchNode",
    "content": {"statements": [{"id": "big", "condition": "size > 10"}, {"id": "other"}]},
}
WAYS = ["in>by size", "by size.big>big", "by size.other>small", "big>end", "small>end"]


def test_a_switch_chooses_what_is_told(tmp_path: Path) -> None:
    """Where its ways meet, the value of the way that was taken counts."""
    nodes = [
        SWITCH,
        expressions("big", way="'big'", extra="1"),
        expressions("small", way="'small'"),
        expressions("end", passes=False, way="way + '!'", extra="extra ?? 7"),
    ]
    kind = read_kind(written(tmp_path, nodes, {"size": 1}, WAYS))

    assert kind.left_out == []
    assert answers(kind, {"size": 11}) == {"way": "big!", "extra": 1}
    assert answers(kind, {"size": 10}) == {"way": "small!", "extra": 7}


def test_where_no_row_matches_the_value_is_missing(tmp_path: Path) -> None:
    """It is 0 where it is answered, null where it is asked for, and stops what computes with it."""
    nodes = [
        table("rate", ["kind"], ["rate"], (["'a'"], ["2"])),
        table("price", [""], ["price"], (["size > 1"], ["rate * size"]), ([""], ["9"])),
        expressions("end", passes=False, rate="rate", price="price", known="rate != null"),
    ]
    kind = read_kind(written(tmp_path, nodes, {"kind": "a", "size": 1}))

    assert answers(kind, {"kind": "a", "size": 3}) == {"rate": 2, "price": 6, "known": True}
    assert answers(kind, {"kind": "b", "size": 3}) == {"rate": 0, "price": 9, "known": False}


def test_what_compares_with_a_missing_value_does_not_match(tmp_path: Path) -> None:
    """Though 0 stands for it: neither in a cell, nor in a condition, nor in a header."""
    nodes = [
        table("rate", ["kind"], ["rate"], (["'a'"], ["2"])),
        table("cell", ["rate"], ["cell"], (["< 5"], ["'low'"]), ([""], ["'other'"])),
        table("test", [""], ["test"], (["rate < 5"], ["'low'"]), ([""], ["'other'"])),
        table("sum", ["rate + 1"], ["sum"], (["< 5"], ["'low'"]), ([""], ["'other'"])),
        expressions("end", passes=False, said="cell + test + sum"),
    ]
    kind = read_kind(written(tmp_path, nodes, {"kind": "a"}))

    assert answers(kind, {"kind": "a"}) == {"said": "lowlowlow"}
    assert answers(kind, {"kind": "b"}) == {"said": "otherotherother"}


def test_what_is_collected_can_be_counted(tmp_path: Path) -> None:
    """Rows of the policy collect are a list; as an answer, a list of objects is named as lost."""
    rows: list[Row] = [(["> 1"], ["'x'", "1"]), (["> 2"], ["'y'", "2"]), ([""], ["'z'", "4"])]
    nodes = [
        table("rows", ["size"], ["word", "points"], *rows, hitPolicy="collect", outputPath="rows"),
        expressions(
            "end",
            passes=False,
            count="len(rows)",
            points="sum(map(rows, #.points))",
            words="map(filter(rows, #.points > 1), #.word)",
            rows="rows",
        ),
    ]
    kind = read_kind(written(tmp_path, nodes, {"size": 1}))

    assert kind.left_out == ["output rows: a list of objects"]
    assert answers(kind, {"size": 2}) == {"count": 2, "points": 5, "words": ["z"]}
    assert answers(kind, {"size": 9}) == {"count": 3, "points": 7, "words": ["y", "z"]}


def test_answers_are_called_what_the_graph_calls_them(tmp_path: Path) -> None:
    """What had the name on the way, as in the branch of a switch, has another one."""
    nodes = [
        SWITCH,
        expressions("big", rate="size * 2"),
        expressions("small", rate="size * 3"),
        table("end", [""], ["note"], (["rate > 20"], ["'dear'"]), ([""], ["'fair'"])),
    ]
    kind = read_kind(written(tmp_path, nodes, {"size": 1}, WAYS))

    assert {each.path: each.name for each in kind.answers} == {"rate": "rate", "note": "note"}
    assert answers(kind, {"size": 11}) == {"rate": 22, "note": "dear"}
    assert answers(kind, {"size": 6}) == {"rate": 18, "note": "fair"}


LOST = {
    "a call": (expressions("e", a="fuzzyMatch(name, 'x')"), "the function fuzzyMatch"),
    "a method": (expressions("e", a="name.format()"), "calls the method format"),
    "a number in a text": (expressions("e", a="`${size * 2} of it`"), "computed number within"),
    "two types": (expressions("e", a="name == 1"), "a number stands where a text is needed"),
    "too many values": (expressions("e", a="round(size, 1, 2)"), "round of 3 values"),
    "its root": (expressions("e", a="$root.size"), "$root"),
    "not ZEN": (expressions("e", a="size +"), "is not complete"),
    "a walk": (table("t", ["size"], ["a"], ([""], ["1"]), executionMode="loop"), "walks over a"),
}


@pytest.mark.parametrize("what", LOST)
def test_what_cannot_be_taken_over_is_named(tmp_path: Path, what: str) -> None:
    """Whatever depends on it is left out; the rest is taken over."""
    node, told = LOST[what]
    nodes = [expressions("first", sure="size > 1"), node, expressions("last", b="a", c="sure")]
    path = written(tmp_path, nodes, {"size": 1, "name": "n"})
    kind = read_kind(path)
    assert told in "; ".join(kind.left_out)
    assert answers(kind, {"size": 2, "name": "n"})["c"] is True


def test_nothing_behind_a_function_is_taken_over(tmp_path: Path) -> None:
    """Nobody knows what JavaScript returns; the reason names it."""
    node = {"id": "f", "name": "js", "type": "functionNode", "content": "return 1"}
    with pytest.raises(NotExported, match="output a: function js"):
        read_kind(written(tmp_path, [node, expressions("e", passes=False, a="b")], {"b": 1}))


def test_nothing_behind_a_switch_that_cannot_be_said_is_taken_over(tmp_path: Path) -> None:
    """Which of its ways is taken is not known, and so not what is told there."""
    content = {"statements": [{"id": "big", "condition": "fuzzyMatch(a, 'x')"}, {"id": "other"}]}
    nodes = [
        {**SWITCH, "content": content},
        expressions("big", way="'big'"),
        expressions("small", way="'small'"),
        expressions("end", passes=False, way="way"),
    ]
    with pytest.raises(NotExported, match="switch by size: the function fuzzyMatch"):
        read_kind(written(tmp_path, nodes, {"size": 1}, WAYS))


ODD = {
    "no JSON": "{",
    "a list": "[]",
    "no graph": '{"nodes": 3}',
    "a circle": json.dumps(
        {
            "nodes": [{"id": "a", "type": "inputNode"}, {"id": "b", "type": "switchNode"}],
            "edges": [
                {"sourceId": "a", "targetId": "b"},
                {"sourceId": "b", "targetId": "a"},
            ],
        }
    ),
    "nothing": '{"nodes": []}',
    "length": json.dumps(
        {
            "nodes": [
                {"id": "a", "type": "inputNode"},
                expressions("e", a=" + ".join(["b"] * 3000)),
            ],
            "edges": [{"sourceId": "a", "targetId": "e"}],
        }
    ),
    "depth": json.dumps(
        {
            "nodes": [
                {"id": "a", "type": "inputNode"},
                expressions("e", a="(" * 300 + "1" + ")" * 300),
            ],
            "edges": [{"sourceId": "a", "targetId": "e"}],
        }
    ),
}


@pytest.mark.parametrize("what", ODD)
def test_odd_files_are_refused_with_a_reason(tmp_path: Path, what: str) -> None:
    """None ends in a traceback."""
    path = tmp_path / "odd.json"
    path.write_text(ODD[what])
    with pytest.raises(NotExported):
        read_kind(path)


@pytest.mark.parametrize("given", [[1], {"x": 1}, 5])
def test_an_id_that_is_no_text_is_refused(tmp_path: Path, given: object) -> None:
    """The id of a question is a text, whatever a graph takes for one."""
    nodes = [expressions("end", double="n * 2")]
    with pytest.raises(NotExported, match="its id is not a text"):
        read_kind(written(tmp_path, nodes, {"id": given, "n": 1}))


def test_a_long_name_is_that_of_a_file(tmp_path: Path) -> None:
    """A table is in a file of its name, and names of files end somewhere."""
    long = table("fee" * 100, ["n"], ["fee"], (["> 1"], ["1"]), ([""], ["2"]))
    kind = read_kind(written(tmp_path, [long], {"n": 1}))
    check_kind(kind)

    assert max(map(len, kind.texts)) < 100


def test_tables_of_one_name_have_numbers_that_are_free(tmp_path: Path) -> None:
    """Another table may be called as the second of a name would be."""
    rows = ((["> 1"], ["1"]), ([""], ["2"]))
    nodes = [
        table("fee", ["n"], ["a"], *rows),
        {**table("third", ["n"], ["b"], *rows), "name": "fee 3"},
        {**table("second", ["n"], ["c"], *rows), "name": "fee"},
    ]
    kind = read_kind(written(tmp_path, nodes, {"n": 1}))

    assert {"v1.fee.csv", "v1.fee-2.csv", "v1.fee-3.csv"} <= kind.texts.keys()


def test_the_command_writes_a_draft_that_holds(tmp_path: Path) -> None:
    """Its files are sound, its cases hold, and nothing is overwritten."""
    path = written(tmp_path / "graphs", [RATES, FEE], GIVEN)
    rules = tmp_path / "rules"
    rules.mkdir()
    command = f"table import {path} --rules {rules}"
    assert "not written" in said(command, "--dry-run")
    assert [*rules.iterdir()] == []

    assert "total is answered as total" in said(command)
    home = rules / "price_of_it"
    assert {each.name for each in home.iterdir()} == {
        *("kind.yaml", "v1.yaml", "v1.cases.yaml", "v1.base-rates.csv")
    }
    assert "1 passed, 0 failed" in said(f"test price_of_it --rules {rules}")
    assert "exists already" in said(command)


@pytest.mark.parametrize(
    ("file", "name"),
    [("g.json", "g_graph"), ("score.json", "score_graph"), ("2-Go.json", "x_2_go")],
)
def test_a_kind_has_a_name_that_is_free(tmp_path: Path, file: str, name: str) -> None:
    """Its file's, but for what kinds with code are called, and what no kind can be called."""
    path = written(tmp_path, [expressions("e", passes=False, a="size + 1")], {"size": 1})
    kind = read_kind(path.rename(tmp_path / file))
    assert kind.name == name
    assert answers(kind, {"size": 1}) == {"a": 2}


def test_the_page_counts_graphs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is a row; those that are whole and answer the same are counted."""
    rows = [
        conformance_gorules.Row("a", tables=1, outputs=2, asked=300),
        conformance_gorules.Row("b", asked=300, differ=1),
        conformance_gorules.Row("c", lost=["x | y", "z"]),
    ]
    text = conformance_gorules.page(rows)
    assert "**1 of 3**" in text
    assert "| c | 0 | 0 | 0 | 0 | x \\| y (and 1 more) |" in text
    monkeypatch.setattr(conformance, "PAGE", tmp_path / "page.md")
    assert conformance_gorules.main(tmp_path, write=True) == 0
    assert conformance_gorules.main(None, write=False) == 0


def test_random_facts_are_answered_as_by_gorules(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Beside GoRules' own engine, where it is installed."""
    pytest.importorskip("zen")
    written(tmp_path, [RATES, FEE], GIVEN)
    assert conformance_gorules.main(tmp_path, write=False) == 0
    assert "| price-of-it | 1 | 4 | 300 | 0 |  |" in capsys.readouterr().out
