"""What a decision was made with besides rules and engine: it tells why a replay differs."""

from dataclasses import astuple, dataclass, fields


@dataclass(frozen=True, slots=True)
class Change:
    """Something an answer rests on that is not what it was: its name, then and here."""

    subject: str
    recorded: str
    here: str

    def __str__(self) -> str:
        """`holidays: 0.108 then, 0.109 here`."""
        return f"{self.subject}: {self.recorded} then, {self.here} here"


@dataclass(frozen=True, slots=True)
class Provenance:
    """Kept beside each decision, and in none of the answers: those stay as they are.

    `fold` is a digest of the code that checks, derives and concludes for the kind, `contract` one
    of its messages, `parameters` one of the rule set's parameters as they are in force, defaults
    included. `lists` are the packages whose data answers may rest on ("holidays 0.109, …"),
    `zones` the release of the time-zone database.
    """

    fold: str
    contract: str
    parameters: str
    lists: str
    zones: str

    def changes(self, here: "Provenance") -> list[Change]:
        """Return what is not here as it was then."""
        differences = [
            Change(SUBJECTS[name], before, after)
            for name in ("fold", "contract", "parameters", "zones")
            if (before := getattr(self, name)) != (after := getattr(here, name))
        ]
        return differences + _of_lists(self.lists, here.lists)

    def written(self) -> tuple[str, ...]:
        """Return it as a record keeps it."""
        return astuple(self)


SUBJECTS = {
    "fold": "code of the kind",
    "contract": "contract",
    "parameters": "parameters with their defaults",
    "zones": "time-zone data",
}
ABSENT = "none"


def read_provenance(written: object) -> Provenance | None:
    """Return what `Provenance.written` wrote; None if a record has none that we can read."""
    if not isinstance(written, list) or len(written) != len(fields(Provenance)):
        return None
    return Provenance(*map(str, written))


def _of_lists(recorded: str, here: str) -> list[Change]:
    before, after = _versions(recorded), _versions(here)
    return [
        Change(f"list {name}", before.get(name, ABSENT), after.get(name, ABSENT))
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
    ]


def _versions(lists: str) -> dict[str, str]:
    pairs = (entry.partition(" ") for entry in lists.split(", ") if entry)
    return {name: version for name, _, version in pairs}
