"""The documentation does what it says: links lead somewhere, commands run, the site is built."""

from importlib.util import find_spec
from pathlib import Path

import pytest

from docs import site
from docs.links import ROOT, broken, pages, slug
from docs.pages import Wrong, done, steps

# The session is run by a test of its own, which compares every word.
ALL = [page for page in sorted((ROOT / "docs").rglob("*.md")) if page.stem != "session"]
DOING = [page for page in ALL if any(steps(page))]


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    """To a file of the repository, and to a heading in it."""
    assert list(broken(page)) == []


@pytest.mark.parametrize("page", DOING, ids=lambda page: page.stem)
def test_a_page_can_be_done(page: Path, tmp_path: Path) -> None:
    """Its commands succeed, or fail where it says so, and its changes fit the files."""
    assert done(page, tmp_path) > 0


def test_the_tutorial_and_how_tos_are_done() -> None:
    """The pages that promise it hold something that can be done."""
    assert {"tutorial", "threshold-per-country", "new-reason-code"} <= {p.stem for p in DOING}


def test_what_does_not_hold_is_told(tmp_path: Path) -> None:
    """A command that fails, and a change of lines that are not there, are faults of the page."""
    page = tmp_path / "page.md"
    page.write_text("```console\n$ dealgate check\n```\n")
    with pytest.raises(Wrong, match="dealgate check: status 1"):
        done(page, tmp_path)
    page.write_text('```diff title="other.md"\n-nowhere\n+here\n```\n')
    with pytest.raises(Wrong, match="stand there 0 times"):
        done(page, tmp_path)


@pytest.mark.parametrize(
    ("heading", "anchor"),
    [("Amounts, days and hours", "amounts-days-and-hours"), ("`each` and [x](y)", "each-and-x")],
)
def test_anchors_are_those_of_github(heading: str, anchor: str) -> None:
    """Words in lower case, joined by hyphens, without signs."""
    assert slug(heading) == anchor


def test_the_site_is_built(tmp_path: Path) -> None:
    """Without a warning, with a page for each kind."""
    if find_spec("mkdocs") is None:
        pytest.skip("mkdocs is not installed: pip install 'dealgate[docs]'")
    assert site.main(tmp_path) == 0
    assert (tmp_path / "html" / "docs" / "reference" / "qualify" / "index.html").exists()
