"""Failures of a journal that no caller of a decision can fix."""

from dealgate.model.errors import Defect, OperatorError


class JournalUnusable(OperatorError):
    """The file cannot serve as a journal; the message names it, what is wrong, and the cure."""

    reason = "JOURNAL_UNUSABLE"


class AlreadyRecorded(Defect):
    """A decision id was appended twice without a key.

    A fault of ours, not of the caller: ids are given once, at the edge.
    """

    reason = "ALREADY_RECORDED"

    def __init__(self, decision_id: str) -> None:
        super().__init__(decision_id)
        self.decision_id = decision_id

    def __str__(self) -> str:
        """Name the decision, and the cure."""
        return f"decision {self.decision_id} is already recorded: give each decision a new id"
