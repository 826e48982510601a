"""Draw the dashboards from a Prometheus: python -m deploy.observability.render URL FOLDER [SECONDS].

One picture a dashboard, laid out as in Grafana, of the last SECONDS (default: an hour).
"""

import json
import re
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from deploy.observability import dashboards

if TYPE_CHECKING:  # an extra has it
    from matplotlib.axes import Axes

POINTS, NAMED = 120, 10  # instants; series that the legend names, the largest
COLUMNS, WIDTH, HEIGHT, DPI = 2, 11, 2.0, 80
LONGEST = 32
DECIDING = "max by (dealgate_ruleset_name, dealgate_ruleset_version) (dealgate_ruleset_info)"
Series: TypeAlias = Mapping[str, Any]
Ask: TypeAlias = Callable[[str], list[Series]]


def plain(query: str, interval: str) -> str:
    """Return a query with Grafana's variables filled in."""
    values = {"$__rate_interval": interval, "$job": ".*", "$instance": ".*"}
    for name, value in values.items():
        query = query.replace(name, value)
    return query


def asking(url: str, seconds: float) -> Ask:
    """Return what asks a Prometheus for the series of a query over the last `seconds`."""
    end = time.time()
    span = {"start": end - seconds, "end": end, "step": max(1, seconds / POINTS)}
    interval = f"{max(5, round(seconds / 12))}s"

    def ask(query: str) -> list[Series]:
        text = urllib.parse.urlencode({"query": plain(query, interval), **span})
        with urllib.request.urlopen(f"{url}/api/v1/query_range?{text}") as response:  # noqa: S310 - the operator's own
            series: list[Series] = json.load(response)["data"]["result"]
        return series

    return ask


def draw(dashboard: dashboards.Dashboard, ask: Ask, path: Path) -> None:
    """Write a dashboard as a picture."""
    from matplotlib.figure import Figure  # noqa: PLC0415  # an extra has it

    rows = -(-len(dashboard.panels) // COLUMNS)
    figure = Figure(figsize=(WIDTH, HEIGHT * rows), layout="constrained", dpi=DPI)
    figure.suptitle(dashboard.title)
    releases = _releases(ask)
    panels, drawn = iter(dashboard.panels), list["Axes"]()
    for axes in figure.subplots(rows, COLUMNS, squeeze=False).flat:
        panel = next(panels, None)
        if panel is None:
            axes.set_axis_off()
            continue
        _panel(axes, panel, ask)
        if axes.has_data():
            drawn.append(axes)
    bounds = [axes.get_xlim() for axes in drawn]
    for axes in drawn:
        axes.set_xlim(min(low for low, _ in bounds), max(high for _, high in bounds))
        for release in releases:
            axes.axvline(release, color="purple", linestyle="--", linewidth=1)
    figure.savefig(path)
    shrink(path)


def shrink(path: Path) -> None:
    """Keep 256 colours, by a method that does not move those of thin lines: a third of the bytes."""
    from PIL import Image  # noqa: PLC0415  # comes with matplotlib

    with Image.open(path) as image:
        few = image.convert("RGB").quantize(
            256, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE
        )
    few.save(path, optimize=True)


def _panel(axes: "Axes", panel: dashboards.Panel, ask: Ask) -> None:
    axes.set_title(panel.title, loc="left", fontsize=9)
    lines: dict[str, dict[float, float]] = {}
    for legend, query in panel.queries.items():
        for series in ask(query):
            points = {float(at): float(value) for at, value in series["values"] if value != "NaN"}
            if points:
                lines[_legend(legend, series["metric"])] = points
    if not lines:
        axes.text(0.5, 0.5, "nothing happened", ha="center", color="grey", transform=axes.transAxes)
        axes.set(xticks=[], yticks=[])
        return
    if panel.stacked:
        instants = sorted({at for points in lines.values() for at in points})
        heights = [[points.get(at, 0) for at in instants] for points in lines.values()]
        axes.stackplot(instants, heights, labels=[*lines], alpha=0.6)
    else:
        for legend, points in lines.items():
            axes.plot([*points], [*points.values()], label=legend, linewidth=1)
    _dress(axes, panel.unit)
    _name(axes, sorted(lines, key=lambda name: -max(lines[name].values())))


def _legend(template: str, labels: Mapping[str, str]) -> str:
    text = re.sub(r"\{\{(\w+)\}\}", lambda name: labels.get(name[1], "-"), template)
    return text if len(text) <= LONGEST else f"…{text[1 - LONGEST :]}"  # a digest


def _name(axes: "Axes", legends: Sequence[str]) -> None:
    """Name the largest beside the graph."""
    handles, labels = axes.get_legend_handles_labels()
    by_label = dict(zip(labels, handles, strict=True))
    shown = [*legends[:NAMED]]
    axes.legend(
        [by_label[label] for label in shown],
        shown,
        fontsize=6,
        loc="upper left",
        bbox_to_anchor=(1, 1),
        frameon=False,
    )


def _dress(axes: "Axes", unit: str) -> None:
    from matplotlib.ticker import EngFormatter, FuncFormatter, PercentFormatter  # noqa: PLC0415

    engineering = {"s": "s", "bytes": "B", "reqps": "/s", "h": "h", "d": "d"}
    if unit == "percentunit":
        axes.yaxis.set_major_formatter(PercentFormatter(1))
    elif unit in engineering:
        axes.yaxis.set_major_formatter(EngFormatter(engineering[unit]))
    axes.xaxis.set_major_formatter(
        FuncFormatter(lambda at, _: time.strftime("%H:%M:%S", time.gmtime(at)))
    )
    axes.locator_params(axis="x", nbins=5)
    axes.set_ylim(0, axes.dataLim.ymax * 1.08 or 1)
    axes.tick_params(labelsize=7)
    axes.grid(alpha=0.2)


def _releases(ask: Ask) -> Sequence[float]:
    """Return when another version of a kind began to decide."""
    starts = [float(series["values"][0][0]) for series in ask(DECIDING)]
    return sorted({start for start in starts if start > min(starts)})


def rendered(url: str, folder: Path, seconds: float) -> None:
    """Write a picture of each dashboard."""
    folder.mkdir(parents=True, exist_ok=True)
    ask = asking(url, seconds)
    for dashboard in dashboards.DASHBOARDS:
        draw(dashboard, ask, folder / f"{dashboard.uid}.png")


if __name__ == "__main__":
    rendered(sys.argv[1], Path(sys.argv[2]), float(sys.argv[3]) if len(sys.argv) > 3 else 3600)
