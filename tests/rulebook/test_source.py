"""Where faults stand in a text, and how much of it they hold."""

from dealgate.model.faults import Fault
from dealgate.rulebook.source import WIDTH, Source
from dealgate.rulebook.strict_yaml import FAULTS_MOST, read_yaml


def test_a_short_line_is_shown_whole() -> None:
    """With a caret below the place."""
    fault = Source("v1.yaml", "a: 1\nwhen: lead.id\n").fault(11, "is wrong")
    assert str(fault) == "v1.yaml:2:7: is wrong\n  | when: lead.id\n  |       ^"


def test_of_a_long_line_only_a_part_is_kept() -> None:
    """The part around the place, with the caret below it; so faults cost what they show."""
    source = Source("v1.yaml", "x" * 500 + "HERE" + "y" * 50_000)
    fault = source.fault(500, "is wrong")
    assert fault.location.column == 501
    assert len(fault.line) <= WIDTH + 1
    _, line, caret = str(fault).split("\n")
    assert line[caret.index("^")] == "H"
    assert line.startswith("  | …x")
    assert line.endswith("y…")


def test_a_file_of_nothing_but_faults_is_given_up() -> None:
    """Reading ends at a bound, and what was found costs no more than it shows."""
    faults: list[Fault] = []
    read_yaml(Source("v1.yaml", "zz: [" + ", ".join(["&a b"] * 20_000) + "]\n"), faults)
    assert len(faults) == FAULTS_MOST + 1
    assert faults[-1].message == "this file has too many faults; these are first"
    assert sum(len(fault.line) for fault in faults) < 2 * WIDTH * len(faults)
