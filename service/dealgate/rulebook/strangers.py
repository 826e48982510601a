"""Rules that cases name and that do not exist: each is reported once, and so is a whole table's."""

from collections.abc import Iterator, Sequence

from dealgate.model.faults import Fault
from dealgate.model.sentences import joined
from dealgate.rulebook.document import Scalar
from dealgate.rulebook.faults import did_you_mean

NAMED = 3  # rows that a fault of a table names


class Strangers:
    """Gathers the names that belong to no rule; `rules` are the ids there are."""

    def __init__(self, rules: Sequence[str]) -> None:
        self._rules = rules
        self._places: dict[str, list[tuple[Scalar, str]]] = {}

    def add(self, item: Scalar, subject: str) -> None:
        """Add a name; `subject` says where it stands: "case a small one: fired"."""
        self._places.setdefault(item.value, []).append((item, subject))

    def faults(self) -> Iterator[Fault]:
        """Yield a fault for each table whose rows are all called otherwise, and each other name."""
        tables: dict[str, list[str]] = {}
        for name in self._places:
            tables.setdefault(name.rpartition("/")[0], []).append(name)
        for table, names in tables.items():
            rows = [id_ for id_ in self._rules if id_.startswith(f"{table}/")]
            known = [row for row in rows if row.rpartition("/")[2].isdecimal()]
            if table and len(names) > 1 and len(known) == len(rows):
                yield self._of_table(table, names, is_there=bool(rows))
            else:
                yield from map(self._of_rule, names)

    def _of_table(self, table: str, names: Sequence[str], *, is_there: bool) -> Fault:
        item, subject = self._places[names[0]][0]
        ids = [name.rpartition("/")[2] for name in names]
        listed = joined(ids) if len(ids) <= NAMED else f"{', '.join(ids[:NAMED])} …"
        count = sum(len(self._places[name]) for name in names)
        if is_there:
            why = f"table {table} has no rows called {listed}: they are numbered"
            hint = "give its CSV file a column `id`, or name rows by their numbers here"
        else:
            why, hint = (
                f"there is no table {table}, with rows {listed}",
                "list the table under `tables:`, or name other rules here",
            )
        return item.fault(f"{subject}: {why}{_more(count)}", hint)

    def _of_rule(self, name: str) -> Fault:
        item, subject = self._places[name][0]
        rows = [id_ for id_ in self._rules if id_.endswith(f"/{name}")]
        count = len(self._places[name])
        message = f"{subject}: unknown rule '{name}'{_more(count)}"
        return item.fault(message, did_you_mean(name, rows or self._rules))


def _more(count: int) -> str:
    """Say how many more places there are."""
    return f" ({count - 1} more place{'' if count == 2 else 's'} below)" if count > 1 else ""
