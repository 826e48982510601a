"""Write `service/dealgate/telemetry/names.py` from the registry: python telemetry/naming.py.

Every name that leaves the process is declared in `telemetry/registry`, and code gets it from there.
"""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
REGISTRY = HERE / "registry"
TARGET = HERE.parent / "service/dealgate/telemetry/names.py"
OURS = "dealgate."
HEADER = '''"""Every name that leaves this process in telemetry; what is not here is not sent.

Generated from telemetry/registry by telemetry/naming.py: change it there, then `make generate`.
"""

from dealgate.telemetry.metric import Metric

SCOPE = "dealgate"
SCHEMA_URL = "https://opentelemetry.io/schemas/1.44.0"
'''


def groups(registry: Path = REGISTRY) -> Iterator[dict[str, Any]]:
    """Yield every group of the registry."""
    for path in sorted(registry.glob("*.yaml")):
        if path.name != "registry_manifest.yaml":
            yield from yaml.safe_load(path.read_text("utf-8"))["groups"]


def constant(name: str) -> str:
    """Return what a name is called in Python: dealgate.rule.fired_ids is RULE_FIRED_IDS."""
    return name.removeprefix(OURS).replace(".", "_").upper()


def declared(all_groups: Sequence[dict[str, Any]]) -> set[str]:
    """Return every attribute that any group declares or refers to."""
    attributes = [attribute for group in all_groups for attribute in group.get("attributes", [])]
    return {attribute.get("id") or attribute["ref"] for attribute in attributes}


def text() -> str:
    """Return the module."""
    found = list(groups())
    parts = [HEADER, "# Attributes."]
    parts += [f'{constant(name)} = "{name}"' for name in sorted(declared(found))]
    parts += ["", "# Log events."]
    events = sorted(group["name"] for group in found if group["type"] == "event")
    parts += [f'EVENT_{constant(name)} = "{name}"' for name in events]
    parts += ["", "# Metrics, with their attributes in order."]
    parts += [_metric(group) for group in found if group["type"] == "metric"]
    ruff = [str(Path(sys.executable).with_name("ruff")), "format", "-"]
    made = "\n".join(parts) + "\n"
    run = subprocess.run(  # noqa: S603 - our own formatter
        ruff, input=made, capture_output=True, text=True, check=True
    )
    return run.stdout


def _metric(group: dict[str, Any]) -> str:
    name = group["metric_name"]
    attributes = "".join(f'"{attribute["ref"]}", ' for attribute in group["attributes"])
    return (
        f"{constant(name)} = Metric(\n"
        f'    name="{name}",\n'
        f'    instrument="{group["instrument"]}",\n'
        f'    unit="{group["unit"]}",\n'
        f'    brief="{group["brief"]}",\n'
        f"    attributes=({attributes.rstrip()}),\n"
        ")"
    )


if __name__ == "__main__":
    Path(sys.argv[1] if len(sys.argv) > 1 else TARGET).write_text(text(), encoding="utf-8")
