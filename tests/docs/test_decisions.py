"""The list of design decisions: every one of them, once, under its own title."""

import re
from collections.abc import Mapping

from docs.links import ROOT

FOLDER = ROOT / "docs" / "adr"
INDEX = (FOLDER / "README.md").read_text(encoding="utf-8")
LISTED = {
    int(number): (title, name)
    for number, title, name in re.findall(r"^\* (\d+)\. \[(.+)\]\((.+)\)$", INDEX, re.MULTILINE)
}


def decisions() -> Mapping[int, tuple[str, str]]:
    """Return the title and the file's name of each decision, by its number."""
    told: dict[int, tuple[str, str]] = {}
    for page in sorted(FOLDER.glob("[0-9]*.md")):
        heading, _, _ = page.read_text(encoding="utf-8").partition("\n")
        number, _, title = heading.removeprefix("# ").partition(". ")
        assert page.name.startswith(f"{int(number):04d}-"), page.name
        assert int(number) not in told, f"{page.name}: number {number} is taken"
        told[int(number)] = title, page.name
    return told


def test_every_decision_is_listed() -> None:
    """Up to the newest that is listed: who writes side by side adds the lines at the end."""
    listed = {n: page for n, page in decisions().items() if n <= max(LISTED)}
    assert listed == LISTED


def test_numbers_that_are_not_used_are_noted() -> None:
    """So nobody looks for a page that never was."""
    noted = set(map(int, re.findall(r"\d+", INDEX.partition("## Numbers not used")[2])))
    assert noted == set(range(1, max(LISTED))) - set(decisions())
