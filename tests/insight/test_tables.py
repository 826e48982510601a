"""Tables of an insight: in memory, and nowhere else."""

from pathlib import Path

import pytest

from dealgate.insight import tables
from dealgate.insight.tables import Tables


def test_what_does_not_fit_is_not_put_on_a_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DuckDB would leave rows in the clear in a folder that everybody may read."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(tables.LIMITS, "memory_limit", "8MB")
    rows = ((f"lead-{number}" * 20,) for number in range(100_000))
    with Tables() as db, pytest.raises(MemoryError):
        db.fill("leads", {"id": "VARCHAR"}, rows)
    assert not list(tmp_path.iterdir())
