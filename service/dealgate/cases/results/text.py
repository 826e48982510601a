"""Results as lines for people."""

from collections.abc import Iterator

from dealgate.cases.findings import Findings
from dealgate.cases.results import Result


def summary(result: Result) -> str:
    """Return one line: `qualify@2: 155 passed, 0 failed; 100.0 % of conditions seen`."""
    passed = len(result.reports) - result.failed
    return f"{result.ruleset}: {passed} passed, {result.failed} failed{''.join(_parts(result))}"


def _parts(result: Result) -> Iterator[str]:
    if result.coverage is not None:
        yield f"; {_percent(result.coverage)} % of conditions seen"
    if result.mutation is not None:
        noticed = result.mutation.demanded - len(result.mutation.missing)
        noticed -= len(result.mutation.accepted)
        yield f"; {noticed} of {result.mutation.demanded} mutants noticed"
    if result.known is not None:
        noticed = result.known.mutants - result.known.accepted
        yield f"; {noticed} of {result.known.mutants} mutants known to be noticed"
    kept = [findings for findings in (result.coverage, result.mutation) if findings is not None]
    accepted = sum(len(findings.accepted) for findings in kept)
    accepted += result.known.accepted if result.known else 0
    if accepted:
        yield f"; {accepted} finding{'' if accepted == 1 else 's'} accepted"


def _percent(findings: Findings) -> str:
    # Rounded down: 100 % is said of what is whole.
    return f"{int(findings.percent * 10) / 10:.1f}"
