"""Expressions are tried on facts, by whoever writes a rule."""

from pathlib import Path

from typer.testing import CliRunner

from dealgate.cli import app

FACTS = "lead: {id: L1, company: {employees: 120}}\n"


def _said(tmp_path: Path, *lines: str) -> str:
    facts = tmp_path / "facts.yaml"
    facts.write_text(FACTS)
    arguments = ["repl", "qualify@2", "--facts", str(facts), "--as-of", "2026-03-01"]
    result = CliRunner().invoke(app, arguments, input="\n".join(lines) + "\n")
    assert result.exit_code == 0, result.output
    return result.output


def test_an_expression_comes_to_a_value_or_says_why_not(tmp_path: Path) -> None:
    """Known, unknown with the facts that are missing, failed, or not understood."""
    said = _said(
        tmp_path,
        "lead.company.employees * 2",
        "lead.company.country",
        "1 / (lead.company.employees - 120)",
        "lead.company.employes",
        "as_of.getMonth()",
    )

    assert said.splitlines() == [
        "240  (int)",
        "unknown: lead.company.country missing",
        "failed: divide by zero",
        "             ^ Company has no field 'employes'",
        "  did you mean 'employees'?",
        "2  (int)",
    ]


def test_names_and_help_are_told(tmp_path: Path) -> None:
    """Constants and named facts with their types, until the author leaves."""
    said = _said(tmp_path, ":names", ":help", ":quit", "1 + 1")

    assert "mql_composite: int" in said
    assert ":facts FILE" in said
    assert "2  (int)" not in said


def test_facts_that_cannot_be_read_end_nothing(tmp_path: Path) -> None:
    """The faults are said, and the facts before stay."""
    odd = tmp_path / "odd.yaml"
    odd.write_text("lead: [1]\n")
    said = _said(tmp_path, f":facts {odd}", ":facts nowhere.yaml", "lead.company.employees")

    assert "odd.yaml:1:7: " in said
    assert "nowhere.yaml:1:1: this file cannot be read" in said
    assert said.endswith("120  (int)\n")


def test_what_is_no_character_is_told_where_it_stands() -> None:
    """Input that is not UTF-8 ends nothing."""
    arguments = ["repl", "qualify@2"]
    result = CliRunner().invoke(app, arguments, input=b"1 + \xff\n1 + 1\n")

    assert result.exit_code == 0, result.output
    assert "    ^ this is no character" in result.output
    assert result.output.endswith("2  (int)\n")
