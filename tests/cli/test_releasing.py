"""What people read when they release rules: a golden transcript of the commands."""

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from dealgate.rulebook.instants import nanoseconds
from tests.cli.saying import said
from tests.small import copied

ROOT = Path(__file__).parents[2]
GOLDEN = Path(__file__).parent / "golden" / "releasing.txt"
COMMANDS = (
    "releases qualify --at 2026-08-01",
    "releases qualify --at 2025-12-31",
    'release qualify 1 --from 2999-01-01 --by ann@example.com --because "Q1: back" --dry-run',
    'release qualify 1 --from 2999-01-01 --by ann@example.com --because "Q1: back"',
    'release qualify 2 --from 2998-12-31 --by ann@example.com --because "A day before"',
    'rollback qualify --by bob@example.com --because "Not yet"',
    'rollback qualify --from 2999-01-02T08:00:00Z --by bob@example.com --because "Not yet"',
    "releases qualify --at 2999-01-01",
    'release qualify 2 --from 2999-02-01 --by ann@example.com --because "Again"',
    'release qualify 1 --from 2026-07-15 --by ann@example.com --because "Late"',
    'release qualify 1 --from tomorrow --by ann@example.com --because "Soon"',
    'release qualify 7 --from 2999-02-01 --by ann@example.com --because "Lucky"',
    'release qualify 1 --by ann@example.com --because "When?"',
)

Run = Callable[[str], str]


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """Two kinds of two versions, both released."""
    return copied(tmp_path)


@pytest.fixture
def run(rules: Path) -> Run:
    """Run a command on those rules, and return all that it says, with its exit status if not 0."""

    def running(command: str) -> str:
        return said(command, "--rules", str(rules))

    return running


def test_transcript(run: Run) -> None:
    """Releasing, going back, looking up and every refusal read exactly like this.

    `REGENERATE=1 .venv/bin/pytest tests/cli/test_releasing.py` writes it anew: read it.
    """
    shown = "\n".join(f"$ dealgate {command}\n{run(command)}" for command in COMMANDS)
    if os.environ.get("REGENERATE"):
        GOLDEN.write_text(shown)
    assert shown == GOLDEN.read_text()


def test_a_kind_that_is_none_is_named(run: Run) -> None:
    """Who mistypes a kind reads which there are."""
    assert run("releases kwalify").startswith("there are no rules for kind 'kwalify', only of: adv")


def test_a_release_is_one_more_line_and_nothing_else(rules: Path, run: Run) -> None:
    """Every byte of the file stays: comments, order, layout."""
    path = rules / "qualify" / "releases.yaml"
    before = path.read_bytes()
    run("release qualify 1 --from 2999-01-01 --by ann --because Agreed")
    after = path.read_bytes()
    assert after.startswith(before)
    assert after.count(b"- version:") == before.count(b"- version:") + 1


def test_a_dry_run_writes_nothing(rules: Path, run: Run) -> None:
    """Who only looks changes nothing."""
    before = {path: path.read_bytes() for path in rules.rglob("*") if path.is_file()}
    assert "would decide" in run("rollback qualify --by ann --because Looking --dry-run")
    assert {path: path.read_bytes() for path in rules.rglob("*") if path.is_file()} == before


def test_now_is_the_next_full_second(rules: Path, run: Run) -> None:
    """`--now` gives an instant that has not passed when the line is written, and is near."""
    said = run("release qualify 1 --now --by ann --because Agreed")
    found = re.search(r"decides from (\S+) on", said)
    assert found is not None
    start = nanoseconds(found[1])
    wrote = (rules / "qualify" / "releases.yaml").stat().st_mtime_ns
    assert start is not None
    assert abs(start - wrote) < 60 * 1_000_000_000
    assert start % 1_000_000_000 == 0


def test_a_released_file_that_changed_is_refused_by_name(rules: Path, run: Run) -> None:
    """Nothing can be released beside a version that no longer means what was released."""
    path = rules / "qualify" / "v2.yaml"
    path.write_text(path.read_text().replace("owner: ", "owner: really-", 1))
    said = run("release qualify 1 --from 2999-01-01 --by ann --because Agreed")
    assert "qualify@2 was released and has changed since" in said
    assert "take back the changes in v2.yaml" in said
    assert "[exit status 1]" in said


def test_a_failing_case_is_shown_and_nothing_is_released(rules: Path, run: Run) -> None:
    """The case that does not hold is named with its place."""
    cases, releases = (rules / "qualify" / name for name in ("v1.cases.yaml", "releases.yaml"))
    before = releases.read_bytes()
    cases.write_text(re.sub(r"fired: \[[^\]]+\]", "fired: []", cases.read_text(), count=1))
    said = run("release qualify 1 --from 2999-01-01 --by ann --because Agreed")
    assert re.search(r"rules/qualify/v1\.cases\.yaml:\d+:\d+: case .*: fired: expected", said)
    assert releases.read_bytes() == before


def test_without_by_git_says_who(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The author is git's user.email if there is one, and asked for otherwise."""
    git_says(monkeypatch, "git@example.com")
    command = "release qualify 1 --from 2999-01-01 --because Agreed --dry-run"
    assert "by: git@example.com" in run(command)
    monkeypatch.setenv("PATH", "/nowhere")
    assert "--by ann@example.com" in run(command)


def test_programs_read_json(run: Run) -> None:
    """JSON holds the history that the text shows."""
    said = run("releases qualify --at 2026-08-01 --format json")
    assert '"decides": 2' in said
    assert '"until": "2026-07-01T00:00:00Z"' in said


def git_says(monkeypatch: pytest.MonkeyPatch, email: str) -> None:
    """Let git know who is at work, whatever this machine's git knows."""
    for name, value in (("COUNT", "1"), ("KEY_0", "user.email"), ("VALUE_0", email)):
        monkeypatch.setenv(f"GIT_CONFIG_{name}", value)


def test_the_authors_page_tells_the_truth(
    rules: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each release command on the authors' page does what the page says, in its order."""
    git_says(monkeypatch, "ann@example.com")
    for name in ("v2.yaml", "v2.cases.yaml"):
        text = (rules / "qualify" / name).read_text()
        draft = text.replace("version: 2", "version: 3", 1)
        (rules / "qualify" / name.replace("2", "3")).write_text(draft)
    page = (ROOT / "rules" / "README.md").read_text()
    commands = re.findall(r"dealgate (release .*|rollback .*|releases [^`]*)", page)
    said = [run(command) for command in commands if " --because" in command or "--at" in command]
    assert len(said) == 3
    assert said[0].startswith("qualify@3 decides from 2999-12-01T00:00:00Z on")
    assert "that one has not taken effect yet" in said[1]
    assert said[2].startswith("qualify: qualify@2 decides at 2026-08-01")


def test_a_release_that_another_approves(rules: Path, run: Run, tmp_path: Path) -> None:
    """Ann releases, the version waits, bob signs with a key of OpenSSL's own, and it decides."""
    keys = {}
    for name in ("ann", "bob"):
        path = tmp_path / f"{name}.pem"
        key = Ed25519PrivateKey.generate()
        path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        keys[name] = public.decode().splitlines()[1]
    people = "".join(f"  {name}: {{key: {key}}}\n" for name, key in keys.items())
    (rules / "approvals.yaml").write_text(f"approvals: 1\nfrom: 2998-01-01\npeople:\n{people}")
    release = "release qualify 1 --from 2999-01-01 --by ann --because Agreed"
    assert "qualify@1 waits for 1 signature" in run(release)
    assert "qualify@1 waits for signatures" in run("releases qualify")
    assert "name the signing key" in run("approve qualify@1 --by bob")
    signed = run(f"approve qualify@1 --by bob --key {tmp_path / 'bob.pem'}")
    assert signed.startswith(
        "bob has signed qualify@1; qualify@1 decides from 2999-01-01T00:00:00Z"
    )
    assert "qualify@1 from 2999-01-01T00:00:00Z on" in run("releases qualify")
