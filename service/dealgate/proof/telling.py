"""What is proved of tables that tell facts by `unique` or `any`: their rows never tell two."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from dealgate.model.kind import AnyKind
from dealgate.model.rules import AnyRuleSet
from dealgate.proof.findings import Finding, Unknown
from dealgate.proof.prover import Prover, Unproved
from dealgate.proof.tables import TableAnalysis
from dealgate.proof.witness import Witness


def telling_findings(
    ruleset: AnyRuleSet, kind: AnyKind, examples: Sequence[Witness], unknown: list[Unknown]
) -> Iterator[Finding]:
    """Yield pairs of rows that hold at once and may not; what stays open is added to `unknown`."""
    kind = replace(kind, proofs=None)  # rows that tell are none of the kind's effects
    told: set[str] = set()
    for table in ruleset.telling:
        rows = replace(ruleset, rules=table.rows, tables=(table,))
        try:
            findings = [*TableAnalysis(Prover(rows, kind, examples=examples), table).overlaps()]
        except Unproved as error:
            unknown.append(Unknown(table.location, f"table {table.id}", error.reason, error.detail))
            continue
        # Rows of a table that tells several facts meet once.
        yield from (finding for finding in findings if finding.message not in told)
        told |= {finding.message for finding in findings}
