"""The stable names of what is found about rules and cases, and how grave it is.

Messages may be worded better at any time; a code never changes its meaning. Each has a page,
`docs/findings/<code>.md`, whose example a test runs.
"""

from enum import Enum, StrEnum


class Severity(Enum):
    """A fault fails the check; a warning is likely a mistake; a note is good to know."""

    FAULT = "fault"
    WARNING = "warning"
    NOTE = "note"


class Code(StrEnum):
    """What a finding says, whatever its words."""

    # Files that cannot be read as they stand.
    FILE_MISPLACED = "file-misplaced"
    FILE_UNREADABLE = "file-unreadable"
    YAML_INVALID = "yaml-invalid"
    RULES_INVALID = "rules-invalid"
    PROPERTIES_INVALID = "properties-invalid"
    EXPRESSION_INVALID = "expression-invalid"
    TABLE_INVALID = "table-invalid"
    NAME_UNUSED = "name-unused"
    COST_EXCEEDED = "cost-exceeded"
    RELEASE_INVALID = "release-invalid"
    RELEASE_WAITING = "release-waiting"
    APPROVALS_INVALID = "approvals-invalid"
    CASES_INVALID = "cases-invalid"
    BASE_UNUSED = "base-unused"
    ACCEPTANCE_INVALID = "acceptance-invalid"
    # What is proved of rules that can be read.
    RULE_NEVER_FIRES = "rule-never-fires"
    RULE_NEVER_FALSE = "rule-never-false"
    RULE_REDUNDANT = "rule-redundant"
    RULE_MASKED = "rule-masked"
    CONDITION_POINTLESS = "condition-pointless"
    WAIVER_POINTLESS = "waiver-pointless"
    VALUE_IMPOSSIBLE = "value-impossible"
    TABLE_GAP = "table-gap"
    TABLE_OVERLAP = "table-overlap"
    TABLE_OVERLAP_RESOLVED = "table-overlap-resolved"
    ROW_MASKED = "row-masked"
    ROW_REDUNDANT = "row-redundant"
    SCOPES_OVERLAP = "scopes-overlap"
    STAGE_UNREACHABLE = "stage-unreachable"
    STAGE_DEAD_END = "stage-dead-end"
    STAGE_NEVER_WON = "stage-never-won"
    STAGE_UNGUARDED = "stage-unguarded"
    STAGE_PASSED_BY = "stage-passed-by"
    LISTS_DIFFER = "lists-differ"
    SCORE_UNATTAINABLE = "score-unattainable"
    THRESHOLD_UNATTAINABLE = "threshold-unattainable"
    FACTS_UNREAD = "facts-unread"
    NOT_PROVED = "not-proved"
    # What cases show, and what they leave out.
    CASE_FAILS = "case-fails"
    RULE_UNSEEN_FIRING = "rule-unseen-firing"
    RULE_UNSEEN_QUIET = "rule-unseen-quiet"
    RULE_UNSEEN_UNDECIDED = "rule-unseen-undecided"
    CONDITION_UNSEEN_TRUE = "condition-unseen-true"
    CONDITION_UNSEEN_FALSE = "condition-unseen-false"
    CONDITION_UNSEEN_UNKNOWN = "condition-unseen-unknown"
    VALUE_UNSEEN = "value-unseen"
    MUTANT_SURVIVES = "mutant-survives"
    ACCEPTANCE_STALE = "acceptance-stale"

    @property
    def page(self) -> str:
        """Where the repository explains it."""
        return f"docs/findings/{self}.md"


# What is only likely a mistake, or not done yet: rules that have it decide as they say.
WARNED = frozenset({Code.NAME_UNUSED, Code.RELEASE_WAITING})
# What no case has seen of a whole rule, and of a condition or a value, which must be named to be
# accepted.
RULE_UNSEEN = frozenset(
    {Code.RULE_UNSEEN_FIRING, Code.RULE_UNSEEN_QUIET, Code.RULE_UNSEEN_UNDECIDED}
)
CONDITION_UNSEEN = frozenset(
    {Code.CONDITION_UNSEEN_TRUE, Code.CONDITION_UNSEEN_FALSE, Code.CONDITION_UNSEEN_UNKNOWN}
)
UNSEEN = RULE_UNSEEN | CONDITION_UNSEEN | {Code.VALUE_UNSEEN}
# What is accepted with the condition that no case shows.
WITH_CONDITION = CONDITION_UNSEEN | {Code.VALUE_UNSEEN}
# What is proved and may yet be meant: an author can say why.
PROVED_ACCEPTABLE = frozenset({
    Code.RULE_NEVER_FALSE,
    Code.RULE_REDUNDANT,
    Code.RULE_MASKED,
    Code.CONDITION_POINTLESS,
    Code.WAIVER_POINTLESS,
    Code.VALUE_IMPOSSIBLE,
    Code.TABLE_GAP,
    Code.TABLE_OVERLAP_RESOLVED,
    Code.ROW_REDUNDANT,
    Code.SCORE_UNATTAINABLE,
    Code.STAGE_PASSED_BY,
    Code.LISTS_DIFFER,
})  # fmt: skip
ACCEPTABLE = UNSEEN | PROVED_ACCEPTABLE | {Code.MUTANT_SURVIVES}
