"""The session in the docs is what happens."""

from pathlib import Path

from docs import session

PAGE = Path(session.__file__).with_suffix(".md")


def test_the_session_is_fresh() -> None:
    """Its commands are run anew, and say what stands there: `make generate` after a change."""
    assert session.main() == PAGE.read_text()
