"""`dealgate report`: what it says when there is no page to be made."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from dealgate.cli import app, extras

RULES = Path(__file__).parents[2] / "rules"


def refused(*options: str) -> str:
    """Run it; return what it said, which must be no traceback."""
    result = CliRunner().invoke(app, ["report", "--rules", str(RULES), *options])
    assert result.exit_code == 2
    assert isinstance(result.exception, SystemExit)
    return " ".join(result.output.split())


def test_a_report_that_cannot_be_made_says_why(tmp_path: Path) -> None:
    """No journal there, or what is none; no instant, no window, no currency: and no page."""
    page, strange = tmp_path / "report.html", tmp_path / "strange.db"
    strange.write_text("not SQLite, and long enough to be looked at twice" * 40)
    to = ("-o", str(page), "--journal")
    assert "there is no journal here; name the server's" in refused(*to, str(tmp_path / "none.db"))
    assert "cannot be read as a journal" in refused(*to, str(strange))
    assert "--from soon: not a UTC timestamp" in refused(*to, str(strange), "--from", "soon")
    backwards = ("--from", "2026-02-01", "--to", "2026-01-01")
    assert "--to: must be after" in refused(*to, str(strange), *backwards)
    assert "--currency: is not an ISO 4217 currency code" in refused(
        *to, str(strange), "--currency", "eur"
    )
    assert not page.exists()


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where matplotlib is not installed, one line says how to get it."""
    monkeypatch.setattr(extras, "PLOTS", ("jinja2", "no_such_package"))
    assert "pip install 'dealgate[report]'" in refused()
