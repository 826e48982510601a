"""Statements that archive and prune a journal in PostgreSQL."""

# ruff: noqa: S608 - statements are built from constants, and from nothing else

from dealgate.journal.postgres.rows import COLUMNS, RESULT_COLUMNS
from dealgate.journal.retention import OWN_BOOKMARKS

READ = 1000  # decisions at a time
TAKEN = 200  # in one transaction, for which some writers wait
DECISIONS = f"SELECT d.seq, {', '.join(f'd.{c}' for c in COLUMNS.split(', '))} FROM decisions AS d"
THESE = f"{DECISIONS} WHERE d.seq = ANY(%s) ORDER BY d.seq"
WANTED = "FROM unnest(%s::text[], %s::uuid[]) AS w (tenant, decision)"
RESULTS = f"""
    SELECT {", ".join(f"r.{column}" for column in RESULT_COLUMNS.split(", "))}
    {WANTED} JOIN results AS r ON r.tenant = w.tenant AND r.decision = w.decision
    ORDER BY r.tenant, r.decision, r.revision
"""
# With an index: it is looked into for each transaction.
GOING = (
    "CREATE TEMP TABLE going (seq bigint PRIMARY KEY, tenant text, id uuid)",
    "INSERT INTO going SELECT d.seq, d.tenant, d.id FROM decisions AS d WHERE {old}",
    "ANALYZE going",
)
NEXT = f"SELECT seq FROM going WHERE seq > %s ORDER BY seq LIMIT {TAKEN}"
READ_LAST = """
    (SELECT d.xid::text::bigint, d.seq FROM going JOIN decisions AS d USING (seq)
        ORDER BY d.xid DESC, d.seq DESC LIMIT 1)
    UNION ALL
    (SELECT r.xid::text::bigint, r.seq FROM going AS g
        JOIN results AS r ON r.tenant = g.tenant AND r.decision = g.id
        ORDER BY r.xid DESC, r.seq DESC LIMIT 1)
"""
BOOKMARKS = f"""
    SELECT name, first, second FROM bookmarks WHERE NOT starts_with(name, '{OWN_BOOKMARKS}')
"""
COUNT_RESULTS = f"""
    SELECT count(*) {WANTED} JOIN results AS r ON r.tenant = w.tenant AND r.decision = w.decision
"""
TAKE_RESULTS = f"""
    DELETE FROM results USING (SELECT * {WANTED}) AS w
    WHERE results.tenant = w.tenant AND results.decision = w.decision
"""
TAKE_MARKS = """
    DELETE FROM marks
    USING unnest(%s::text[], %s::text[], %s::bigint[]) AS w (tenant, mark, seq)
    WHERE marks.tenant = w.tenant AND marks.mark = w.mark AND marks.seq = w.seq
"""
# What may go: nobody's last turn, and under no key that is still remembered. Neither comes back.
FREE = """
    NOT EXISTS (SELECT FROM turns AS t WHERE t.tenant = d.tenant AND t.id = d.id)
    AND NOT EXISTS (SELECT FROM keys AS k WHERE k.tenant = d.tenant AND k.id = d.id)
"""
TAKE = "DELETE FROM decisions WHERE seq = ANY(%s) RETURNING seq"
