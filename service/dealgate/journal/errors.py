"""What goes wrong with a journal that no caller of a decision can cure."""


class JournalUnusable(Exception):
    """The file cannot serve as a journal; the message names it, what is wrong, and the cure."""


class AlreadyRecorded(Exception):
    """A decision id was appended twice without a key.

    A fault of ours, not of the caller: ids are given once, at the edge.
    """

    def __init__(self, decision_id: str) -> None:
        super().__init__(f"decision {decision_id} is already recorded: give each decision a new id")
