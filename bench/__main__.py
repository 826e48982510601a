"""Measures engines, kinds, growth and whole services in one run: `make bench`.

Usage: python -m bench [FOLDER]

Prints medians, ranges and ratios, and writes `results.json` and plots into FOLDER (`.bench`).
Sides that are compared take turns, so that both meet the same weather: others share the machine,
and only ratios within a run mean anything. Everything stays on loopback.
"""

import asyncio
import json
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import uvloop
from rich.console import Console
from rich.table import Table

from bench import commands, engines, growth, kinds, services
from bench.local_server import RULES
from bench.plots import plotted
from dealgate.assemble.process import loading
from dealgate.desk.reading import read_rules

ROUNDS, SERVICE_ROUNDS = 7, 5
FOLDER = Path(".bench")


def main(folder: Path) -> None:
    """Measure, print, write."""
    console, start = Console(highlight=False), time.monotonic()
    with loading():
        catalog = read_rules(RULES)
    told, missing = engines.compared(catalog, ROUNDS)
    results: dict[str, Any] = {"engines": told.told("native, with evidence")}
    shown(console, "Engines on the same rules, results equal", results["engines"])
    results["kinds"] = kinds.compared(catalog, ROUNDS)
    shown(console, "Rooms of each kind", results["kinds"])
    results["growth"] = growth.grown(catalog, ROUNDS)
    _grown(console, results["growth"])
    results["commands"] = commands.compared()
    shown(console, "Commands of an author, and keystrokes: CPU", results["commands"])
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        results["services"], left_out = runner.run(services.compared(SERVICE_ROUNDS))
    shown(console, "Services: CPU of the server a call, saturated", results["services"]["CPU"])
    shown(console, "Services: latency", results["services"]["latency"])
    shown(console, "Services: calls rejected", results["services"]["rejected at 70 %"])
    folder.mkdir(exist_ok=True)
    results["left out"] = [*missing, *left_out]
    (folder / "results.json").write_text(json.dumps(results, indent=1) + "\n")
    plots = plotted(results, folder)
    for line in (*results["left out"], *plots):
        console.print(line)
    console.print(f"{time.monotonic() - start:.0f} s; results and plots are in {folder}/")


def shown(console: Console, title: str, told: Mapping[str, Any]) -> None:
    """Print medians, ranges and ratios."""
    table = Table(title, "median", "range", "ratio", box=None, pad_edge=False)
    for name, one in told.items():
        low, high = one.get("low"), one.get("high")
        span = "" if low is None else f"{low:,.1f} - {high:,.1f}"
        ratio = f"{one['ratio']:,.2f}" if "ratio" in one else ""
        table.add_row(name, f"{one['median']:,.1f} {one['unit']}", span, ratio)
    console.print(table, "")


def _grown(console: Console, told: Mapping[str, Any]) -> None:
    table = Table("Growth", "cost by size", "exponent", box=None, pad_edge=False)
    for name, one in told.items():
        sizes = ", ".join(f"{size}: {cost:,.0f}" for size, cost in one["sizes"].items())
        power = f"{one['exponent']:.2f}" if "exponent" in one else ""
        table.add_row(name, f"{sizes} {one['unit']}", power)
    console.print(table, "")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else FOLDER)
