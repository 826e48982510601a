"""Whether the rules are those that the journal has decided by."""

from dealgate.journal.errors import JournalUnusable
from dealgate.journal.locations import MEMORY, shown
from dealgate.journal.urls import reader
from dealgate.rulebook.catalog import Catalog

SHOWN = 12  # digits of a digest


def refuse_other_rules(journal: str, catalog: Catalog) -> None:
    """Raise JournalUnusable if a released version means something else than when it decided.

    releases.yaml seals versions, but whoever can change a version can change its seal with it.
    """
    if journal == MEMORY:
        return
    with reader(journal).evidence() as kept:
        decided = kept.rulesets()
    here: dict[tuple[str, int], list[str]] = {}
    for ruleset in catalog.all():
        here.setdefault((ruleset.kind, ruleset.version), []).append(ruleset.digest)
    for kind, version, digest in decided:
        if kind not in catalog.served:
            continue  # it is not served any more
        released = any(line.version == version for line in catalog.releases(kind))
        if released and digest not in here.get((kind, version), [digest]):
            raise JournalUnusable(
                f"{shown(journal)}: holds decisions by {kind}@{version} of the digest "
                f"{digest[:SHOWN]}…, and the rules folder has {here[kind, version][0][:SHOWN]}…: a "
                "released version was changed; restore its file, or point the journal elsewhere"
            )
