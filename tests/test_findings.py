"""Every code has a page, and every page's example really produces its code."""

from pathlib import Path

import pytest

from dealgate.model.codes import ACCEPTABLE, Code
from docs.finding_pages import INDEX, PAGES, Page, how_to_accept, index

HEADINGS = ["## Example", "## How to mend it", "## How to accept it"]


def test_every_code_has_a_page_and_every_page_a_code() -> None:
    """A code that was taken away takes its page with it."""
    names = {path.stem for path in PAGES.glob("*.md")} - {INDEX.stem}
    assert names == {str(code) for code in Code}


@pytest.mark.parametrize("code", list(Code))
def test_example_produces_its_code(code: Code) -> None:
    """The example is run, and the page says what it says: `make generate` after a change."""
    page = Page(code)
    assert code in {found.code for found in page.found()}
    assert page.text == page.fresh()


@pytest.mark.parametrize("code", list(Code))
def test_page_says_what_it_means_how_to_mend_it_and_how_to_accept_it(code: Code) -> None:
    """All pages have the same parts."""
    text = Page(code).text
    assert text.startswith(f"# {code}\n\n")
    assert [line for line in text.splitlines() if line.startswith("## ")] == HEADINGS
    assert text.endswith(f"{how_to_accept(code)}\n")


def test_the_index_is_fresh() -> None:
    """It lists every page: `make generate` after a change."""
    assert INDEX.read_text() == index()


def test_what_can_be_accepted_is_what_the_page_says() -> None:
    """Faults of proof and of reading are mended, never accepted."""
    refused = {code for code in Code if "It cannot be accepted." in Page(code).text}
    assert refused == set(Code) - ACCEPTABLE


def test_codes_name_their_page() -> None:
    """What the command line prints leads to a file that is there."""
    root = Path(__file__).parents[1]
    assert all((root / code.page).is_file() for code in Code)
