"""An installed package in an empty folder: rules to begin with, and contracts for any language."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from grpc_tools import protoc
from typer.testing import CliRunner, Result

from dealgate.cli import app
from tests.cli.several import RUN

ROOT = Path(__file__).parents[2]


def run(*arguments: str) -> Result:
    """Run a command."""
    return CliRunner().invoke(app, [*arguments])


def test_a_starter_decides_at_once(tmp_path: Path) -> None:
    """The kinds chosen, as version 1 and released; the check and the cases hold."""
    begun = run("init", str(tmp_path), "--kinds", "qualify, advance")
    assert begun.exit_code == 0, begun.output
    rules = tmp_path / "rules"
    assert sorted(path.name for path in rules.iterdir() if path.is_dir()) == ["advance", "qualify"]
    assert "(../" not in (rules / "README.md").read_text()
    for command in (("check", "qualify"), ("test", "qualify@1"), ("fmt", "--check", "qualify")):
        result = run(*command, "--rules", str(rules))
        assert result.exit_code == 0, result.output
    releases = run("releases", "qualify", "--rules", str(rules))
    assert (releases.exit_code, "qualify@1" in releases.output) == (0, True)


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    """A folder with rules in it stays as it is."""
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "mine.txt").write_text("mine")
    again = run("init", str(tmp_path), "--kinds", "qualify")
    assert (again.exit_code, "is not changed" in again.output) == (2, True)
    assert [path.name for path in (tmp_path / "rules").iterdir()] == ["mine.txt"]


def test_an_unknown_kind_is_told(tmp_path: Path) -> None:
    """The nearest name is offered, and nothing is written."""
    wrong = run("init", str(tmp_path), "--kinds", "qualfy")
    assert (wrong.exit_code, "did you mean 'qualify'?" in wrong.output) == (2, True)
    assert list(tmp_path.iterdir()) == []


def test_the_contracts_are_all_that_a_compiler_needs(tmp_path: Path) -> None:
    """A protoc that knows only google.protobuf compiles every file of the folder."""
    assert run("protos", str(tmp_path / "proto")).exit_code == 0
    sources = sorted(str(path) for path in (tmp_path / "proto").rglob("*.proto"))
    well_known = Path(protoc.__file__).parent / "_proto"
    command = ["protoc", f"-I{tmp_path / 'proto'}", f"-I{well_known}"]
    assert protoc.main([*command, f"--descriptor_set_out={tmp_path}/image", *sources]) == 0


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built and unpacked: what an installation has of ours."""
    folder = tmp_path_factory.mktemp("wheel")
    build = "import sys; from hatchling.build import build_wheel; build_wheel(sys.argv[1])"
    for number in ("first", "second"):
        (folder / number).mkdir()
        command = [sys.executable, "-c", build, str(folder / number)]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = (folder / "first").glob("*.whl")
    with zipfile.ZipFile(wheel) as files:
        files.extractall(folder / "site")
    return folder / "site"


def test_the_wheel_is_reproducible(installed: Path) -> None:
    """Building it again gives the same bytes, so that anybody can compare it with its source."""
    first, second = (path.read_bytes() for path in sorted(installed.parent.glob("*/*.whl")))
    assert first == second


def test_the_wheel_brings_what_it_writes(installed: Path, tmp_path: Path) -> None:
    """Outside a checkout, `dealgate init` and `dealgate check` work."""
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    done = subprocess.run(
        [sys.executable, "-c", RUN, "init --kinds score", "check", "protos"],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    where = [sys.executable, "-c", "import dealgate; print(dealgate.__file__)"]
    told = subprocess.run(where, env=environment, capture_output=True, text=True, check=True)
    assert Path(told.stdout.strip()).is_relative_to(installed)
    assert (tmp_path / "proto/dealgate/v1/lead_service.proto").is_file()
