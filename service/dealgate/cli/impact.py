"""`dealgate impact`: what a version of the rules would have made of recorded decisions."""

import json
import re
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import typer

from dealgate.assemble.impacts import Spec, impact_of, impact_of_exported, sampled, spec_of
from dealgate.assemble.scope_impacts import deciding
from dealgate.assemble.spark import impact_on_spark, session_on, travelling
from dealgate.cli.annotations import written as annotated
from dealgate.cli.bounded import read_bound
from dealgate.cli.counting import counting
from dealgate.cli.echo import echo
from dealgate.cli.extras import need_plots
from dealgate.cli.impact_options import (
    Against,
    FailOver,
    Format,
    Output,
    Parquet,
    Sample,
    Since,
    Spark,
    Treated,
    Version,
)
from dealgate.cli.impacts import annotations, lines_of
from dealgate.cli.options import JOURNAL, RULES, Jobs, Rules, SharedJournal, Tenant, Window
from dealgate.cli.selection import named_version, read, version_or_leave
from dealgate.cli.shown import faults_as, give_up
from dealgate.foresight.assessing import Clock
from dealgate.foresight.batches import row_groups
from dealgate.foresight.bounds import exceeded
from dealgate.foresight.concluding import TREATED
from dealgate.foresight.impact import Impact
from dealgate.foresight.junit_results import junit
from dealgate.foresight.parquet import read as exported
from dealgate.foresight.reporting import AssessedVersions, document
from dealgate.journal.errors import JournalUnusable
from dealgate.journal.port import Recorded
from dealgate.journal.urls import reader
from dealgate.model.errors import DealgateError, RecordDamaged, UnknownRuleSet
from dealgate.model.instants import DAY
from dealgate.model.rules import AnyRuleSet
from dealgate.model.shown import visible_json
from dealgate.rulebook.catalog import Catalog
from dealgate.rulebook.instants import nanoseconds

AGE = re.compile(r"(\d{1,5})d")


def impact(  # noqa: PLR0913  # typer's way: an argument for each option
    version: Version,
    *,
    against: Against = None,
    since: Since = None,
    sample: Sample = None,
    window: Window = 90,
    treated: Treated = None,
    fail_over: FailOver = None,
    jobs: Jobs = 0,
    journal: SharedJournal = JOURNAL,
    tenant: Tenant = "default",
    parquet: Parquet = None,
    spark: Spark = None,
    rules: Rules = RULES,
    format_: Format = "text",
    output: Output = None,
) -> None:
    """Show how a version would have decided recorded questions, before it takes effect.

    Which outcomes flip, weighted by count and by money; the rule and condition that caused each;
    the segments hit hardest; the results of those decisions, as far as they are conclusive; rules
    that no recorded question exercises; a case to paste for each sort of flip.

    Exit status: 0, within bounds; 1, beyond a bound of --fail-over; 2, it could not be assessed, or
    there are no decisions to compare with a bound. An amount bounds its own currency: flips in
    another currency exceed it, too, unless that currency has its own bound.
    """
    bounds = list(map(read_bound, fail_over or ()))
    if format_ == "html":
        need_plots()
    now = time.time_ns()
    with faults_as(format_):
        asked = _asked(
            version, against, rules, now, _since(since, now), sample, window, treated, tenant
        )
    spec = spec_of(rules, asked.old, asked.new, Clock(now, window * DAY), tenant)
    with _failures_shown():
        if spark is None:
            assessed = _assessed(spec, asked, journal if parquet is None else parquet, jobs)
        else:
            assessed = _on_spark(spec, asked, parquet, spark)
    over = [*exceeded(bounds, assessed)]
    _tell(_written(asked, assessed, over, format_), output)
    is_unknown = bool(bounds) and not assessed.decisions
    _fail_if(over, unknown=f"{spec.kind} of the tenant {tenant}" if is_unknown else "")


@contextmanager
def _failures_shown() -> Iterator[None]:
    """Say why the impact cannot be assessed, and leave."""
    try:
        yield
    except (DealgateError, JournalUnusable) as error:
        give_up(str(error))


def _fail_if(over: Sequence[str], *, unknown: str) -> None:
    """Leave with 1 if the impact exceeds bounds, and say which.

    With 2 if there is nothing to compare with them: `unknown` says of what.
    """
    for words in over:
        echo(words, err=True)
    if over:
        raise typer.Exit(1)
    if unknown:
        give_up(f"no decision of {unknown} to compare with a bound: the impact is unknown")


def _asked(  # noqa: PLR0913, PLR0917  # all that may be asked
    version: str,
    against: int | None,
    rules: Path,
    now: int,
    since: int | None,
    sample: int | None,
    window: int,
    treated: str | None,
    tenant: str,
) -> AssessedVersions:
    kind, number = named_version(version, None, rules)
    catalog = read(rules, kind)
    new = version_or_leave(catalog, kind, number)
    if new.narrowing and not new.narrowing.is_visible_to(tenant):
        own = new.narrowing.tenant
        give_up(f"{kind} decides for the tenant {own} only: --tenant {own}")
    old = (
        _deciding(catalog, new, now)
        if against is None
        else version_or_leave(catalog, kind, against)
    )
    acted = TREATED.get(new.kind) if treated is None else _words(treated)
    return AssessedVersions(catalog.kinds[new.kind], old, new, tenant, since, sample, window, acted)


def _deciding(catalog: Catalog, new: AnyRuleSet, now: int) -> AnyRuleSet:
    try:
        old = deciding(catalog, new, now)
    except UnknownRuleSet as error:
        give_up(f"{error}; name a version to compare with: --against 1")
    if old.name == new.name:
        give_up(f"{new.name} decides already; name a version to compare with: --against 1")
    return old


def _words(treated: str) -> Collection[str]:
    return frozenset(word.strip() for word in treated.split(",") if word.strip())


def _since(text: str | None, now: int) -> int | None:
    if text is None:
        return None
    age = AGE.fullmatch(text)
    since = now - int(age[1]) * DAY if age else nanoseconds(text, date_too=True)
    if since is None:
        give_up(f"--since {text}: write an age in days, 90d, or a UTC date, 2026-01-31")
    return since


def _assessed(spec: Spec, asked: AssessedVersions, source: str | Path, jobs: int) -> Impact:
    records: Iterator[Recorded | RecordDamaged]
    if isinstance(source, Path) and asked.sample is None and find_spec("pyarrow"):
        groups = row_groups(source, spec.kind, asked.since, asked.tenant)
        with counting("decided again", "decisions") as count:
            return impact_of_exported(spec, groups, jobs, count)
    if isinstance(source, Path):
        records = exported(source, spec.kind, asked.since, asked.tenant)
    else:
        records = reader(source).of_tenant(asked.tenant)((spec.kind,), asked.since)
    if asked.sample is not None:
        records = sampled(records, asked.sample)
    with counting("decided again", "decisions") as count:
        return impact_of(spec, records, jobs, count)


def _on_spark(spec: Spec, asked: AssessedVersions, folder: Path | None, master: str) -> Impact:
    """Return the impact, by all workers of a cluster."""
    if folder is None or asked.sample is not None:
        give_up("--spark reads the whole output of `dealgate export`: name it with --parquet")
    if any(find_spec(name) is None for name in ("pyspark", "pyarrow")):
        give_up("Spark is an extra, and needs Java 17: pip install 'dealgate[spark]'")
    session = session_on(master)
    try:
        return impact_on_spark(travelling(spec, asked.since, asked.tenant), folder, session)
    finally:
        session.stop()


def _written(asked: AssessedVersions, assessed: Impact, over: Sequence[str], format_: str) -> str:
    told = document(asked, assessed)
    if format_ == "json":
        whole = {**told, "over": list(over)}
        return f"{visible_json(json.dumps(whole, indent=2, ensure_ascii=False))}\n"
    if format_ == "junit":
        return junit(told, over)
    if format_ == "html":
        # Imported here alone: an extra.
        from dealgate.foresight.page.page import page  # noqa: PLC0415

        return page(told, over)
    if format_ in {"github", "sarif"}:
        return annotated(annotations(asked, told, over), format_)
    return "".join(f"{line}\n" for line in lines_of(told))


def _tell(text: str, output: Path | None) -> None:
    if output is None:
        echo(text, nl=False)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        give_up(f"{output} cannot be written: {error.strerror}")
    echo(f"{output}: written")
