"""`dealgate new-kind` in a copy of the checkout: what it writes holds as it stands."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dealgate.cli import app
from tests.cli.several import RUN

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
GOLDEN = Path(__file__).parent / "golden" / "new_kind.txt"
# What was compiled comes along: ten processes would otherwise each compile it for themselves.
LEFT_OUT = shutil.ignore_patterns(
    ".venv", ".git", ".*_cache", ".hypothesis", "*.pyc.*", "*.egg-info", "data", "out"
)
# What `make generate` and `make check` do, for the new kind: the others are checked by the run that
# this is part of. mypy and buf's comparison with main are left out: a minute, and they need git.
# lint-imports is run by the tests of the architecture; what was generated just now is fresh.
DEALGATE = "schema --write rules", "fmt --check renew", "check renew", "test renew"
TESTS = "tests/test_architecture.py tests/kinds/test_renew.py"
CLIENT = "clients/python/tests/test_package.py"
CHECKS = (
    "python proto/check.py",
    f"pytest -q -p no:cacheprovider -k not(generated_code) {TESTS} {CLIENT}",
)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of this checkout."""
    copy = tmp_path_factory.mktemp("checkout") / "dealgate"
    shutil.copytree(ROOT, copy, ignore=LEFT_OUT)
    return copy


def run(command: str, checkout: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """Run a command, with `more` arguments, in the copy, and on its Python."""
    program, *arguments = [*command.split(), *more]
    paths = (checkout / "service", checkout / "clients/python")
    return subprocess.run(
        [BIN / program, *arguments],
        cwd=checkout,
        capture_output=True,
        text=True,
        check=False,
        env={
            "PATH": f"{BIN}:{os.environ['PATH']}",
            "PYTHONPATH": ":".join(str(path) for path in paths),
        },
    )


def test_a_new_kind_passes_all_checks(checkout: Path) -> None:
    """Contract, Python, rules, cases, client and tests are written and told; nothing is to mend."""
    written = run("python -m dealgate new-kind renew --service PipelineService", checkout)
    assert written.returncode == 0, written.stderr
    told = written.stdout.replace(f"{checkout}/", "")
    if os.environ.get("REGENERATE"):
        GOLDEN.write_text(told)
    assert told == GOLDEN.read_text()
    changed = sorted(written_in(checkout))
    results = {
        "generate": run("python proto/generate.py", checkout),
        "dealgate": run("python -c", checkout, RUN, *DEALGATE),
        "format": run("ruff format --check", checkout, *changed),
        "ruff": run("ruff check", checkout, *changed),
        **{command: run(command, checkout) for command in CHECKS},
    }
    failed = {name: f"{it.stdout}{it.stderr}" for name, it in results.items() if it.returncode}
    assert failed == {}


def written_in(checkout: Path) -> Iterator[str]:
    """Return the Python files that are not as in this checkout."""
    for path in checkout.rglob("*.py"):
        original = ROOT / path.relative_to(checkout)
        if not original.exists() or original.read_bytes() != path.read_bytes():
            yield str(path.relative_to(checkout))


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("qualify", "--service", "LeadService"), "is a kind already"),
        (("Renew", "--service", "LeadService"), "is not a name for a kind"),
        (("renew", "--service", "LedService"), "there is CustomerService, LeadService, "),
        (("renew", "--service", "LeadService", "--rpc", "renew"), "is not a name for an RPC"),
    ],
)
def test_what_cannot_be_is_said_in_a_line(arguments: tuple[str, ...], told: str) -> None:
    """A kind that cannot be generated is refused in one line, and nothing is written."""
    result = CliRunner().invoke(app, ["new-kind", *arguments, "--checkout", str(ROOT)])
    assert (result.exit_code, told in result.output) == (2, True), result.output
    assert not (ROOT / "rules" / "renew").exists()


def test_outside_of_a_checkout_nothing_is_written(tmp_path: Path) -> None:
    """A kind is code: there must be some to write it into."""
    arguments = ["new-kind", "renew", "--service", "LeadService", "--checkout", str(tmp_path)]
    result = CliRunner().invoke(app, arguments)
    assert (result.exit_code, "is not a checkout of Dealgate" in result.output) == (2, True)
    assert list(tmp_path.iterdir()) == []
