"""docs/conformance.md: the tests of cel-spec, by file: what rules answer as the tests say.

Usage: python docs/conformance.py FOLDER [--write]     (`make conformance`)

FOLDER holds cel-spec's `tests/simple/testdata/*.textproto`, which are not part of this project.
Tests that bind variables, name a container or test types only are left out. Exits with 1 if an
answer is wrong; the exact evaluator and the compiled engine must both give the right one.
"""

import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from google.protobuf.empty_pb2 import Empty

from dealgate.engine.emit import BUDGET, Emitter, NotCompilable
from dealgate.engine.reads import Reads
from dealgate.engine.writer import SCOPE
from dealgate.language.budget import Budget
from dealgate.language.cel import CelChecker
from dealgate.language.exact import compile_exact
from dealgate.language.frame import Frame
from dealgate.language.functions import equal
from dealgate.language.syntax import Tree
from dealgate.language.values import CelError, NoValue, Value
from dealgate.model.rules import ExpressionFaults

PAGE = Path(__file__).parent / "conformance.md"
TITLE = "## The expression language"
TOKEN = re.compile(
    r"""\s+|\#[^\n]*|(?P<text>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')|(?P<mark>[{}:<>\[\],;])"""
    r"""|(?P<word>[^\s{}:<>\[\],;"'\#]+)"""
)
ESCAPE = re.compile(
    rb"\\(x[0-9a-fA-F]{1,2}|[0-7]{1,3}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)", re.DOTALL
)
PLAIN = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"a": b"\a", b"b": b"\b", b"f": b"\f", b"v": b"\v"}
LEFT_OUT = {"bindings", "type_env", "container", "typed_result", "unknown", "any_unknowns"}
SCALARS: Mapping[str, Callable[..., Value]] = {
    "int64_value": int, "uint64_value": int, "double_value": float, "bool_value": "true".__eq__
}  # fmt: skip
DECIDED = ("can only fail", "divides", "the key twice")  # of expressions that always fail
COLUMNS = ("right", "refused at load, as it can only fail", "refused", "wrong", "left out")
Message = Mapping[str, list["str | bytes | Message"]]


def section(text: str, title: str, new: str) -> str:
    """Return a page with the section of that title written anew, or added."""
    before, found, after = text.partition(f"{title}\n")
    _, next_title, rest = after.partition("\n## ")
    behind = f"\n## {rest}" if next_title else ""
    return f"{before if found else text.rstrip() + chr(10) * 2}{new}{behind}"


def main(folder: Path | None, *, write: bool) -> int:
    """Print the table, and write the page if that is wanted; return the exit code."""
    files = sorted(folder.glob("*.textproto")) if folder else []
    if not files:
        sys.stdout.write(f"{folder or 'no folder'} holds no *.textproto: nothing is tried\n")
        return 0
    rows = {path.stem: Counter(_verdicts(path.read_text())) for path in files}
    text = page(rows)
    sys.stdout.write(text)
    if write:
        PAGE.write_text(section(PAGE.read_text(), TITLE, text))
    return 1 if any(row["wrong"] for row in rows.values()) else 0


def page(rows: Mapping[str, Counter[str]]) -> str:
    """Return the page for what each file came to."""
    total = sum(rows.values(), Counter[str]())
    lines = [
        TITLE,
        "",
        "Results of the tests of [cel-spec](https://github.com/google/cel-spec), by file.",
        "Written by `make conformance`, which takes a folder with them (`CEL_SPEC=…`), and does",
        "nothing without one. Refused are types that rules leave out: dynamic ones, null, optional",
        "values, messages built in an expression.",
        "",
        f"| file | {' | '.join(COLUMNS)} |",
        f"| --- |{' --- |' * len(COLUMNS)}",
    ]
    for name, row in [*rows.items(), ("**all**", total)]:
        lines.append(f"| {name} | {' | '.join(str(row[column]) for column in COLUMNS)} |")
    return "\n".join(lines) + "\n"


def _verdicts(text: str) -> Iterator[str]:
    document, _ = _message(_tokens(text))
    for section in document.get("section", []):
        for test in _below(section).get("test", []):
            yield _verdict(_below(test))


def _below(value: "str | bytes | Message") -> Message:
    return value if isinstance(value, Mapping) else {}


def _text(value: "str | bytes | Message") -> str:
    return value.decode() if isinstance(value, bytes) else ""


def _verdict(test: Message) -> str:
    if LEFT_OUT & test.keys() or "type_value" in str(test):
        return "left out"
    source = _text(test["expr"][0])
    fails = "eval_error" in test or "any_eval_errors" in test
    try:
        checked = CelChecker().check(source, facts=None, variables={}, expected=None)
    except ExpressionFaults as refused:
        decided = all(any(words in fault.message for words in DECIDED) for fault in refused.faults)
        return "refused at load, as it can only fail" if fails and decided else "refused"
    tree = Tree(checked.ast)
    answers = [compile_exact(tree)(Frame(Empty(), {})), _native(tree)]
    if fails:
        return "right" if all(isinstance(answer, NoValue) for answer in answers) else "wrong"
    given = test.get("value")
    try:
        expected = _value(given[0]) if given else True
    except KeyError:
        return "left out"
    return "right" if all(_same(answer, expected) for answer in answers) else "wrong"


def _native(tree: Tree) -> Value:
    reads = Reads(Empty.DESCRIPTOR)
    try:
        code = Emitter(tree, reads, {}, {}).emit().code
        value: Value = eval(code, {**SCOPE, **reads.literals, BUDGET: Budget()})  # noqa: S307  # compiled by us
    except (NotCompilable, CelError):  # as in a rule set, which leaves it to the exact evaluator
        return compile_exact(tree)(Frame(Empty(), {}))
    return value


def _same(answer: Value, expected: Value) -> bool:
    both_nan = answer != answer and expected != expected  # noqa: PLR0124
    return both_nan or (not isinstance(answer, NoValue) and equal(answer, expected))


def _value(message: "str | bytes | Message") -> Value:
    ((kind, (written, *_)),) = _below(message).items()
    if kind in SCALARS:
        read: Callable[[object], Value] = SCALARS[kind]
        return read(written)
    if kind == "string_value":
        return _text(written)
    if kind == "bytes_value" and isinstance(written, bytes):
        return written
    if kind == "list_value":
        return [_value(each) for each in _below(written).get("values", [])]
    if kind == "map_value":
        pairs = [*map(_below, _below(written).get("entries", []))]
        return {_value(pair["key"][0]): _value(pair["value"][0]) for pair in pairs}  # type: ignore[misc]
    raise KeyError(kind)


def _tokens(text: str) -> list[str]:
    return [match[0] for match in TOKEN.finditer(text) if match.lastgroup]


def _message(tokens: Sequence[str], position: int = 0) -> tuple[Message, int]:
    """Return a message in text format, its fields each with all their values, and its end."""
    fields: dict[str, list[str | bytes | Message]] = {}
    while position < len(tokens) and tokens[position] not in {"}", ">"}:
        name, position = tokens[position], position + 1
        if name in {",", ";"}:
            continue
        if name == "[":  # the type of an Any
            name, position = tokens[position], position + 2
        position += tokens[position] == ":"
        is_list = tokens[position] == "["
        position += is_list
        while True:
            value, position = _field(tokens, position)
            fields.setdefault(name, []).append(value)
            if not is_list:
                break
            position += tokens[position] == ","
            if tokens[position] == "]":
                position += 1
                break
    return fields, position + 1


def _field(tokens: Sequence[str], position: int) -> tuple[str | bytes | Message, int]:
    is_message = tokens[position] in {"{", "<"}
    return _message(tokens, position + 1) if is_message else _scalar(tokens, position)


def _scalar(tokens: Sequence[str], position: int) -> tuple[str | bytes, int]:
    if tokens[position][0] not in "\"'":
        return tokens[position], position + 1
    text = b""
    while position < len(tokens) and tokens[position][0] in "\"'":
        text += ESCAPE.sub(_unescaped, tokens[position][1:-1].encode())
        position += 1
    return text, position


def _unescaped(match: re.Match[bytes]) -> bytes:
    written = match[1]
    if written[:1] == b"x":
        return bytes([int(written[1:], 16)])
    if written.isdigit():
        return bytes([int(written, 8) & 255])
    if written[:1] in b"uU" and len(written) > 1:
        return chr(int(written[1:], 16)).encode()
    return PLAIN.get(written, written)


if __name__ == "__main__":
    arguments = [each for each in sys.argv[1:] if not each.startswith("--")]
    sys.exit(main(Path(arguments[0]) if arguments else None, write="--write" in sys.argv))
