"""Who entered which stage when, and when they ended: what conversions and times are made of.

A subject (a lead or an opportunity) that is seen in a stage has passed through all before it, at
the latest then; of entries into one stage the first counts.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from dealgate.insight.numbers import share
from dealgate.insight.tables import Tables
from dealgate.insight.window import Window, bounded
from dealgate.v1 import insight_pb2 as pb

ENTRIES = {"subject": "VARCHAR", "rank": "INTEGER", "moment": "BIGINT"}
ENDINGS = {"subject": "VARCHAR", "moment": "BIGINT"}
PASSAGES = """
    CREATE TEMP TABLE passages AS
    WITH ranks AS (SELECT unnest(range($stages)) AS rank),
    seen AS (
        SELECT subject, rank, min(moment) AS moment FROM entries
        WHERE moment <= $as_of GROUP BY ALL
    ),
    reached AS (
        SELECT subject, ranks.rank, min(moment) AS entered, bool_or(seen.rank = ranks.rank) AS seen
        FROM seen JOIN ranks ON seen.rank >= ranks.rank GROUP BY ALL
    ),
    ended AS (
        SELECT subject, max(moment) AS moment FROM endings WHERE moment <= $as_of GROUP BY ALL
    )
    SELECT one.subject, one.rank, one.entered, one.seen, next.entered AS passed,
        CASE WHEN next.entered IS NULL AND ended.moment >= one.entered THEN ended.moment END
            AS ended
    FROM reached one
    LEFT JOIN reached next ON next.subject = one.subject AND next.rank = one.rank + 1
    LEFT JOIN ended ON ended.subject = one.subject
"""
COHORT = """
    SELECT rank, count(*), count(passed), count(ended), count(*) FILTER (NOT seen)
    FROM passages WHERE entered >= $first AND entered < $before AND entered <= $as_of GROUP BY rank
"""
# At the window's end a subject is open that has entered and neither passed nor ended by then.
PERIOD = """
    WITH ends AS (SELECT *, least($before, $as_of + 1) AS until FROM passages)
    SELECT rank, count(*),
        count(*) FILTER (passed < until), count(*) FILTER (passed IS NULL AND ended < until),
        count(*) FILTER (NOT seen)
    FROM ends
    WHERE entered < until AND coalesce(passed, ended, until) >= $first GROUP BY rank
"""
# Times are of those who were seen in the stage itself.
TIMES = """
    WITH seen AS (
        SELECT subject, rank, min(moment) AS moment FROM entries
        WHERE moment <= $as_of GROUP BY ALL
    ),
    left_at AS (
        SELECT seen.subject, seen.rank, seen.moment, min(later.moment) AS passed
        FROM seen LEFT JOIN seen later
        ON later.subject = seen.subject AND later.rank > seen.rank AND later.moment >= seen.moment
        GROUP BY ALL
    )
    SELECT rank, moment, coalesce(passed, (
        SELECT max(endings.moment) FROM endings
        WHERE endings.subject = left_at.subject AND endings.moment BETWEEN left_at.moment AND $as_of
    )) AS gone
    FROM left_at WHERE moment >= $first AND moment < $before ORDER BY rank, moment
"""


@dataclass(slots=True)
class Passages:
    """Entries into stages by their place among them, from 0, and ends without success."""

    entries: list[tuple[str, int, int]] = field(default_factory=list)
    endings: list[tuple[str, int]] = field(default_factory=list)

    def enter(self, subject: str, rank: int, at: int) -> None:
        """Somebody was in a stage at an instant."""
        self.entries.append((subject, rank, bounded(at)))

    def end(self, subject: str, at: int) -> None:
        """Somebody ended without passing on."""
        self.endings.append((subject, bounded(at)))

    def into(self, tables: Tables) -> None:
        """Put them into tables."""
        tables.fill("entries", ENTRIES, self.entries)
        tables.fill("endings", ENDINGS, self.endings)


def conversions(
    passages: Passages, stages: Sequence[str], window: Window
) -> tuple[list[pb.StageConversion], list[pb.StageConversion]]:
    """Return conversion by cohort and by period, for each stage but the last."""
    with Tables() as tables:
        passages.into(tables)
        given = {"stages": len(stages), "as_of": window.as_of}
        tables.ask(PASSAGES, given)
        cohort = tables.ask(COHORT, window.bindings)
        period = tables.ask(PERIOD, window.bindings)
    return (
        [_of_cohort(stages, rank, cohort) for rank in range(len(stages) - 1)],
        [_of_period(stages, rank, period) for rank in range(len(stages) - 1)],
    )


def times(passages: Passages, window: Window) -> dict[int, list[tuple[int, bool]]]:
    """Return, by the place of a stage, how long each stayed (ns), and whether it is over."""
    with Tables() as tables:
        passages.into(tables)
        rows = tables.ask(TIMES, window.bindings)
    durations: dict[int, list[tuple[int, bool]]] = {}
    for rank, at, gone in rows:
        over = gone is not None
        durations.setdefault(rank, []).append(((gone if over else window.as_of) - at, over))
    return durations


Counts = Iterable[Sequence[int]]


def _counts(counts: Counts, rank: int) -> Sequence[int]:
    return next((row[1:] for row in counts if row[0] == rank), (0, 0, 0, 0))


def _of_cohort(stages: Sequence[str], rank: int, counts: Counts) -> pb.StageConversion:
    entered, passed, ended, skipped = _counts(counts, rank)
    still_open = entered - passed - ended
    shown = _conversion(stages, rank, (entered, passed, ended, skipped))
    shown.conversion.CopyFrom(share(passed, entered, "nobody entered it in the window"))
    if entered:
        best = share(passed + still_open, entered).value
        shown.value_if_open_pass.CopyFrom(best)
    return shown


def _of_period(stages: Sequence[str], rank: int, counts: Counts) -> pb.StageConversion:
    entered, passed, ended, skipped = _counts(counts, rank)
    shown = _conversion(stages, rank, (entered, passed, ended, skipped))
    shown.conversion.CopyFrom(share(passed, passed + ended, "nobody left it in the window"))
    return shown


def _conversion(
    stages: Sequence[str], rank: int, counts: tuple[int, int, int, int]
) -> pb.StageConversion:
    entered, passed, ended, skipped = counts
    return pb.StageConversion(
        stage=stages[rank],
        next_stage=stages[rank + 1],
        entered=entered,
        passed=passed,
        ended=ended,
        open=entered - passed - ended,
        skipped=skipped,
    )
