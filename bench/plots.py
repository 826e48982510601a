"""Plots of what was measured; without matplotlib there are none, and that is said."""

import importlib.util
from collections.abc import Mapping
from pathlib import Path
from typing import Any

BARS = {"engines": ("engines",), "services": ("services", "CPU")}
WIDTH, ROW = 9, 0.35


def plotted(results: Mapping[str, Any], folder: Path) -> list[str]:
    """Write an SVG a comparison into `folder`; return what is to be said."""
    if importlib.util.find_spec("matplotlib") is None:
        return ["no plots: matplotlib is not installed (dealgate[report])"]
    for name, path in BARS.items():
        told = results
        for step in path:
            told = told[step]
        _bars(told, folder / f"{name}.svg")
    _growth(results["growth"], folder / "growth.svg")
    return []


def _figure(height: float) -> Any:
    from matplotlib.figure import Figure  # noqa: PLC0415  # an extra has it

    return Figure(figsize=(WIDTH, height), layout="constrained")


def _bars(told: Mapping[str, Any], path: Path) -> None:
    """Draw medians as bars on a scale of powers, their ranges as lines."""
    names = [*told][::-1]
    figure = _figure(1 + ROW * len(names))
    axes = figure.add_subplot()
    medians = [told[name]["median"] for name in names]
    below = [told[name]["median"] - told[name]["low"] for name in names]
    above = [told[name]["high"] - told[name]["median"] for name in names]
    axes.barh(names, medians, xerr=(below, above), color="#4c72b0", log=True)
    axes.set_xlabel(f"CPU, {told[names[0]]['unit']}, median and range")
    figure.savefig(path)


def _growth(told: Mapping[str, Any], path: Path) -> None:
    """Draw costs over sizes, both on scales of powers: a straight line is a power."""
    figure = _figure(5)
    axes = figure.add_subplot()
    for name, one in told.items():
        if "exponent" in one:
            label = f"{name} (exponent {one['exponent']:.2f})"
            axes.plot([*map(int, one["sizes"])], [*one["sizes"].values()], marker="o", label=label)
    axes.set(xscale="log", yscale="log", xlabel="size", ylabel="CPU, µs")
    axes.legend(fontsize="small")
    figure.savefig(path)
