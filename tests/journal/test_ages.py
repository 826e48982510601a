"""Claims about what is old: the same in SQL and in Python."""

import sqlite3

from hypothesis import given
from hypothesis import strategies as st

from dealgate.journal.ages import Old
from dealgate.journal.retention import Cutoff, first_covering

TENANTS, KINDS = ("acme", "zeta"), ("quota", "verify")
CUTOFFS = st.lists(
    st.builds(
        Cutoff,
        st.integers(0, 3),
        st.sampled_from((None, *TENANTS)),
        st.sampled_from((None, *KINDS)),
    ),
    min_size=1,
    max_size=5,
)


@given(CUTOFFS)
def test_sql_and_python_agree(cutoffs: list[Cutoff]) -> None:
    """The database says of every decision what the first cutoff says that applies to it."""
    old = Old(cutoffs, ":{}", "true")
    rows = [(t, k, at) for t in TENANTS for k in KINDS for at in range(4)]
    db = sqlite3.connect(":memory:")
    db.execute("CREATE TABLE decisions (tenant, kind, decided_at)")
    db.executemany("INSERT INTO decisions VALUES (?, ?, ?)", rows)
    query = f"SELECT * FROM decisions WHERE {old.condition}"
    by_sql = set(db.execute(query, dict(old.bindings)))
    db.close()
    by_python = {
        (tenant, kind, at)
        for tenant, kind, at in rows
        if (before := first_covering(cutoffs, tenant, kind)) is not None and at < before
    }
    assert by_sql == by_python
