"""Where an expression stands in its file, however YAML was asked to carry it."""

from hypothesis import given
from hypothesis import strategies as st

from dealgate.model.faults import Fault
from dealgate.rulebook.document import Fields, Scalar
from dealgate.rulebook.source import Source
from dealgate.rulebook.strict_yaml import read_yaml

WORD = st.text("abcxyz.()<=+-!é€𝄞_\"'", min_size=1, max_size=8)
LINE = st.lists(WORD, min_size=1, max_size=4).map(" ".join)
LINES = st.lists(LINE, min_size=1, max_size=4)
STYLES = {
    "plain": lambda lines: "x" + "\n    ".join(line.replace('"', "q") for line in lines),
    "literal": lambda lines: "|\n    " + "\n    ".join(lines),
    "literal, stripped": lambda lines: "|- # why\n    " + "\n      ".join(lines),
    "folded": lambda lines: ">\n    " + "\n    ".join(lines),
    "folded, with paragraphs": lambda lines: ">-\n    " + "\n\n    ".join(lines),
    "single quoted": lambda lines: "'" + "\n    ".join(lines).replace("'", "''") + "'",
    "double quoted": lambda lines: '"' + "\n    ".join(lines).replace('"', '\\"') + '"',
    "escaped": lambda lines: '"' + "".join(f"\\U{ord(c):08x}" for c in "\n".join(lines)) + '"',
}


def scalar(text: str) -> Scalar:
    """Read the second `when` of a document."""
    faults: list[Fault] = []
    document = read_yaml(Source("rules.yaml", f"# é𝄞\nwhy: 𝄞\nwhen: {text}\nthen: x\n"), faults)
    assert faults == []
    assert isinstance(document, Fields)
    found = document.get("when")
    assert isinstance(found, Scalar)
    return found


@given(lines=LINES, style=st.sampled_from(sorted(STYLES)))
def test_every_visible_letter_is_found_again(lines: list[str], style: str) -> None:
    """In every style, each visible code point of the value maps to that one in the file."""
    node = scalar(STYLES[style](lines))
    text = node.source.text
    last = -1
    for offset, letter in enumerate(node.value):
        if letter.isspace():
            continue
        index = node.index(offset)
        assert index > last
        last = index
        written = f"\\U{ord(letter):08x}" if style == "escaped" else letter
        if style == "double quoted" and letter == '"':
            written = '\\"'
        assert text.startswith(written, index)


@given(lines=LINES, style=st.sampled_from(sorted(STYLES)))
def test_end_is_right_after_the_last_letter(lines: list[str], style: str) -> None:
    """What is missing at the end is missed right behind the last visible code point."""
    node = scalar(STYLES[style](lines))
    end = node.index(len(node.value))
    assert node.source.text[end - 1] not in " \n"
    assert node.source.text[end : end + 1] in {"\n", "'", '"'}


def test_line_breaks_of_windows_do_not_move_places() -> None:
    """A file with CRLF line ends has the same lines and columns as one with LF."""
    text = "why: x\nwhen: |\n  a < b\n  && c\n"
    for variant in (text, text.replace("\n", "\r\n")):
        faults: list[Fault] = []
        document = read_yaml(Source("rules.yaml", variant), faults)
        assert isinstance(document, Fields)
        node = document.get("when")
        assert isinstance(node, Scalar)
        fault = node.fault("wrong", offset=node.value.index("c"))
        assert str(fault.location) == "rules.yaml:4:6"
        assert fault.line == "  && c"
