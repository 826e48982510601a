"""Hold the registry to Weaver's schema: python telemetry/weaver.py PATH/semconv.schema.json.

The schema is OpenTelemetry's (schemas/semconv.schema.json in github.com/open-telemetry/weaver) and
not copied here; without a path there is nothing to do. It needs the package `jsonschema`.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

REGISTRY = Path(__file__).parent / "registry"
MANIFEST = "registry_manifest.yaml"


def files(registry: Path = REGISTRY) -> Iterator[tuple[str, Any]]:
    """Yield the name and the content of every file of the registry but its manifest."""
    for path in sorted(registry.glob("*.yaml")):
        if path.name != MANIFEST:
            yield path.name, yaml.safe_load(path.read_text("utf-8"))


def faults(schema: Path, registry: Path = REGISTRY) -> Iterator[str]:
    """Yield what the schema does not allow, by file and place."""
    # Imported here alone: whoever has no schema does not need it.
    from jsonschema import Draft202012Validator  # noqa: PLC0415

    validator = Draft202012Validator(json.loads(schema.read_text("utf-8")))
    for name, content in files(registry):
        for fault in validator.iter_errors(content):
            yield f"{name}: {fault.json_path}: {fault.message}"


def main(arguments: list[str]) -> int:
    """Print what is wrong; return the status to exit with."""
    if not arguments:
        sys.stdout.write("skipped: name the path of Weaver's semconv.schema.json\n")
        return 0
    found = list(faults(Path(arguments[0])))
    sys.stdout.writelines(f"{fault}\n" for fault in found or ["valid"])
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
