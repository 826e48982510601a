"""Plots of an impact, as SVG: each shows what the table beside it says."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from dealgate.insight.report.figures import BAD, GOOD, INK, figure_of
from dealgate.model.shown import visible

Row: TypeAlias = Mapping[str, Any]
MOST, LONGEST = 15, 44
DARK = 0.6  # of the most: from there on ink would not be seen


def matrix(transitions: Sequence[Row]) -> str:
    """Draw from which outcome to which: the darker, the more; what stays is outlined."""
    words = sorted({row["old"] for row in transitions} | {row["new"] for row in transitions})
    counts = [[0] * len(words) for _ in words]
    for row in transitions:
        counts[words.index(row["old"])][words.index(row["new"])] = row["decisions"]
    flips = [
        [0 if old == new else count for new, count in enumerate(line)]
        for old, line in enumerate(counts)
    ]
    most = max((count for line in flips for count in line), default=0)
    with figure_of(0.5 * len(words) + 1.4) as (axes, drawn):
        axes.imshow(flips, cmap="Oranges", aspect="auto")
        for old, line in enumerate(counts):
            for new, count in enumerate(line):
                if count:
                    _label(axes, old, new, count, is_dark=old != new and count > DARK * most)
        names = _short(words)
        axes.set_xticks(range(len(names)), names, rotation=30, ha="right")
        axes.set_yticks(range(len(names)), names)
        axes.set_xlabel("under the new version")
        axes.set_ylabel("under the old one")
    return drawn.text


def _label(axes: Axes, old: int, new: int, count: int, *, is_dark: bool) -> None:
    """Write a count into its cell; those of flips are bold."""
    text = axes.text(new, old, f"{count:,}", ha="center", va="center")
    text.set(fontweight="normal" if old == new else "bold", color="white" if is_dark else INK)


def causes(rows: Sequence[Row]) -> str:
    """Draw how many flips each cause brings."""
    totals: dict[str, int] = {}
    for row in rows:
        totals[row["cause"]] = totals.get(row["cause"], 0) + row["decisions"]
    shown = sorted(totals.items(), key=lambda item: -item[1])[:MOST]
    with figure_of(0.36 * len(shown) + 1.0) as (axes, drawn):
        axes.barh(range(len(shown)), [count for _, count in shown], color=BAD, height=0.62)
        _named(axes, [name for name, _ in shown])
        axes.set_xlabel("decisions that flip")
    return drawn.text


def segments(rows: Sequence[Row], flips: Row) -> str:
    """Draw the share that flips in each segment, and the share of all as a line."""
    with figure_of(0.36 * len(rows) + 1.0) as (axes, drawn):
        shares = [row["flips"] / row["decisions"] for row in rows]
        axes.barh(range(len(rows)), shares, color=GOOD, height=0.62)
        axes.axvline(flips["share"], color="#888888", linestyle="--", linewidth=1)
        _named(axes, [f"{row['fact']} = {row['value']}" for row in rows])
        axes.xaxis.set_major_formatter(PercentFormatter(1))
        axes.set_xlabel("share that flips; dashed: of all decisions")
    return drawn.text


def measures(rows: Sequence[Row]) -> str:
    """Draw each number's median, first and last tenth, as shares of the old range."""
    shown = rows[:MOST]
    with figure_of(0.5 * len(shown) + 1.2) as (axes, drawn):
        for index, row in enumerate(shown):
            least = min(row["old"]["least"], row["new"]["least"])
            most = max(row["old"]["most"], row["new"]["most"])
            width = (most - least) or 1
            for side, colour, above in (("old", "#888888", -0.15), ("new", BAD, 0.15)):
                low, middle, high = (
                    (row[side][name] - least) / width for name in ("p10", "p50", "p90")
                )
                axes.plot([low, high], [index + above] * 2, color=colour, linewidth=2)
                axes.plot(middle, index + above, "o", color=colour, markersize=6)
        _named(axes, [row["measure"] for row in shown])
        axes.set_xlim(-0.02, 1.02)
        axes.set_xticks([0, 1], ["least", "most"])
        axes.set_xlabel("median, first to last tenth; grey: old, orange: new")
    return drawn.text


def _short(names: Sequence[str]) -> list[str]:
    """Return them as they are drawn: visible, and no longer than there is room for."""
    seen = [visible(name) for name in names]
    return [name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…" for name in seen]


def _named(axes: Axes, names: Sequence[str]) -> None:
    short = _short(names)
    axes.set_yticks(range(len(short)), short, color=INK)
    axes.set_ylim(len(short) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
