"""What differs in a table as a whole between versions: its hit policy and allowed values."""

from dealgate.model.rules import AnyTable


def table_changes(old: AnyTable, new: AnyTable) -> tuple[str, ...]:
    """Say what differs in a table as a whole; its rows are rules, and reported as such."""
    lines = []
    if old.hit is not new.hit:
        lines.append(f"its hit policy is {new.hit.value}, and was {old.hit.value}")
    elif list(old.priority) != list(new.priority):
        ranks = [", ".join(map(str, table.priority)) for table in (new, old)]
        lines.append(f"its rows rank {ranks[0]}, and ranked {ranks[1]}")
    for header in {**new.allowed, **old.allowed}:
        is_, was = (", ".join(table.allowed.get(header, ())) or "anything" for table in (new, old))
        if is_ != was:
            lines.append(f"{header} may be {is_}, and might be {was}")
    return tuple(lines)
