"""Tables of what came out."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from rich.console import Console
from rich.table import Table

from dealgate.learn.measures import auc, lift

TOP = 12


def distribution(console: Console, title: str, values: Iterable[str]) -> None:
    """Print how often each value came out, the most frequent first; nothing if there is none."""
    counts = Counter(values)
    if not counts:
        return
    table = _table(title, "count", "share")
    for value, count in counts.most_common(TOP):
        table.add_row(value, f"{count:,}", f"{count / counts.total():.1%}")
    console.print(table)


def outcomes(
    console: Console, title: str, groups: Sequence[str], converted: Sequence[bool]
) -> None:
    """Print for every group how many leads are in it and how many of them converted."""
    table = _table(title, "leads", "converted", "rate")
    sizes = Counter(groups)
    hits = Counter(group for group, hit in zip(groups, converted, strict=True) if hit)
    for group in sorted(sizes):
        rate = f"{hits[group] / sizes[group]:.1%}"
        table.add_row(group, f"{sizes[group]:,}", f"{hits[group]:,}", rate)
    table.add_row("all", f"{sizes.total():,}", f"{hits.total():,}", f"{_share(converted):.1%}")
    console.print(table)


def ranking(
    console: Console, title: str, scores: Mapping[str, Sequence[float]], converted: Sequence[bool]
) -> None:
    """Print how well each score ranks the conversions: 0.5 and 1.0 are what chance would do."""
    table = _table(title, "AUC", "lift@10%")
    for name, values in scores.items():
        area, best = auc(values, converted), lift(values, converted)
        told = "none" if area is None else f"{area:.4f}"
        table.add_row(name, told, "none" if best is None else f"{best:.3f}")
    console.print(table)


def dirt(console: Console, title: str, counts: Counter[str], cure: str) -> None:
    """Print what was refused as it was recorded, and what was done about it."""
    if not counts:
        console.print(f"{title}: no row was refused")
        return
    table = _table(f"{title}: refused as recorded, accepted cleaned ({cure})", "rows")
    for violation, count in counts.most_common():
        table.add_row(violation, f"{count:,}")
    console.print(table)


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, title_style="bold")
    table.add_column("", min_width=24)
    for column in columns:
        table.add_column(column, justify="right", style="cyan")
    return table


def _share(outcomes: Sequence[bool]) -> float:
    return sum(outcomes) / len(outcomes)
