"""What no case shows: a rule or condition that is never seen true, false or unknown."""

from dataclasses import dataclass

from dealgate.cases.knowing import Paths
from dealgate.model.codes import Code
from dealgate.model.decision import Truth
from dealgate.rulebook.acceptance import Identity, one_line

Path = tuple[str | int, ...]
Key = tuple[Path, int | None]


@dataclass(frozen=True, slots=True)
class Condition:
    """A rule's condition, or one within it or within a named fact.

    `path` leads to its expression in the rule file, `node` is its id there (None: a rule without
    a condition), `root` tells that it is the whole condition of a rule. `causes` are the facts
    that leave it unknown if they are missing.
    """

    subject: str
    path: tuple[str | int, ...]
    node: int | None
    offset: int
    text: str
    root: bool
    causes: Paths = frozenset()

    @property
    def at(self) -> str:
        """Where it stands, as an author names it: `rules.too-small`, `facts.champion`."""
        name = self.subject.partition(" ")[2]
        return f"{self.path[0]}.{name}"


@dataclass(frozen=True, slots=True)
class Gap:
    """A condition that no case has seen come to `truth`."""

    condition: Condition
    truth: Truth

    @property
    def identity(self) -> Identity:
        """What it is known by, whatever the message says."""
        if self.condition.root:
            return Identity(WHOLE[self.truth], self.condition.at)
        return Identity(PART[self.truth], self.condition.at, (one_line(self.condition.text),))

    @property
    def claim(self) -> str:
        """What a case that fills it shows: `rule too-small fires`."""
        if self.condition.root:
            return f"{self.condition.subject} {CLAIMS[self.truth]}"
        text = shortened(self.condition.text)
        return f"{self.condition.subject}: {text} is {self.truth.name.lower()}"

    @property
    def message(self) -> str:
        """What is missing, in words."""
        if self.condition.root:
            return f"{self.condition.subject}: no case sees it {ROOTS[self.truth]}"
        shown = f"`{shortened(self.condition.text)}` {self.truth.name.lower()}"
        return f"{self.condition.subject}: no case sees {shown}"


WHOLE = {
    Truth.TRUE: Code.RULE_UNSEEN_FIRING,
    Truth.FALSE: Code.RULE_UNSEEN_QUIET,
    Truth.UNKNOWN: Code.RULE_UNSEEN_UNDECIDED,
}
PART = {
    Truth.TRUE: Code.CONDITION_UNSEEN_TRUE,
    Truth.FALSE: Code.CONDITION_UNSEEN_FALSE,
    Truth.UNKNOWN: Code.CONDITION_UNSEEN_UNKNOWN,
}
CLAIMS = {
    Truth.TRUE: "fires",
    Truth.FALSE: "stays quiet",
    Truth.UNKNOWN: "is undecided",
}
SHOWN = 80  # code points of an expression that a reader needs
ROOTS = {
    Truth.TRUE: "fire",
    Truth.FALSE: "stay quiet",
    Truth.UNKNOWN: "undecided",
}


def shortened(text: str) -> str:
    """Return the text, or its beginning."""
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
