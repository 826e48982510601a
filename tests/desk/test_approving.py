"""A release decides once enough others have signed it, whichever way its line got there."""

import base64
import string
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from dealgate.desk.releasing import Releasing
from dealgate.engine.native import NativeEngine
from dealgate.language.cel import CelChecker
from dealgate.model.changes import Agreed, Wanted
from dealgate.model.errors import ReleaseRefused
from dealgate.model.kind import AnyKind
from dealgate.rulebook.catalog import Catalog
from dealgate.rulebook.faults import RulebookFaults
from dealgate.rulebook.loading import load_usable
from tests.desk.test_releasing import NOW, SECOND, drafts

LATER = NOW // SECOND * SECOND + 3600 * SECOND
KEYS = {name: Ed25519PrivateKey.generate() for name in ("ann", "bob", "cyd", "server")}
LAYOUTS = ("", "# the end\n", "\n\n# more to come\n")


def public(name: str) -> str:
    """Return somebody's public key as approvals.yaml has it."""
    key = KEYS[name].public_key()
    return base64.b64encode(
        key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    ).decode()


def policy(approvals: int = 1, more: str = "signed: true\n") -> str:
    """Return a policy under which ann, bob and cyd sign."""
    people = "".join(f"  {name}: {{key: {public(name)}}}\n" for name in ("ann", "bob", "cyd"))
    return f"approvals: {approvals}\nfrom: 2026-06-01T12:00:00Z\n{more}people:\n{people}"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A kind's folder with two drafts, and a policy: the releaser and another must sign."""
    home = drafts(tmp_path)
    (home.parent / "approvals.yaml").write_text(policy())
    return home


@pytest.fixture
def load(home: Path, approve: AnyKind, checker: CelChecker) -> Callable[[], Catalog]:
    """Load that folder."""
    return lambda: load_usable(home.parent, {"approve": approve}, checker)


@pytest.fixture
def at(home: Path, approve: AnyKind, checker: CelChecker) -> Callable[[int], Releasing]:
    """Release there, at some instant."""
    kinds = {"approve": approve}
    return lambda now: Releasing(
        home.parent, kinds, checker, NativeEngine(), lambda: now, lambda *_: ()
    )


def wanted(version: int | None = 1, start: int | None = LATER) -> Wanted:
    """Return what ann wants released."""
    return Wanted("approve", "Agreed.", "ann", version, start)


def agreed(by: str, *, digest: str = "", vouched: bool = False) -> Agreed:
    """Return what somebody approves."""
    return Agreed("approve", 1, digest, by, vouched)


At = Callable[[int], Releasing]
Load = Callable[[], Catalog]


@pytest.mark.parametrize("end", LAYOUTS)
async def test_a_release_waits_for_another(home: Path, at: At, load: Load, end: str) -> None:
    """Ann's line decides nothing until bob has signed it; every other byte stays as it was."""
    path = home / "releases.yaml"
    made = await at(NOW).release(wanted(), sign=KEYS["ann"].sign)
    path.write_text(path.read_text() + end)
    before = path.read_text()
    assert (made.missing, load().releases("approve")) == (1, ())
    assert load().waiting("approve") == (made.line,)
    signed = await at(NOW).approve(agreed("bob", digest=made.line.sha256), KEYS["bob"].sign)
    assert (signed.missing, load().releases("approve")) == (0, (made.line,))
    added = [row for row in path.read_text().splitlines() if row not in before.splitlines()]
    assert [row.strip().split(":")[0] for row in added] == ["bob"]
    assert path.read_text().replace(f"{added[0]}\n", "") == before


async def test_two_approvals(home: Path, at: At, load: Load) -> None:
    """With `approvals: 2` a second one is needed, by somebody else."""
    (home.parent / "approvals.yaml").write_text(policy(2))
    await at(NOW).release(wanted(), sign=KEYS["ann"].sign)
    assert (await at(NOW).approve(agreed("bob"), KEYS["bob"].sign)).missing == 1
    with pytest.raises(ReleaseRefused, match="bob has signed it already"):
        await at(NOW).approve(agreed("bob"), KEYS["bob"].sign)
    assert (await at(NOW).approve(agreed("cyd"), KEYS["cyd"].sign)).missing == 0
    assert load().at("approve", LATER).version == 1


async def test_a_line_without_signatures_is_signed_by_all(at: At, load: Load) -> None:
    """Who releases may sign later, too: a line that came without any has its list begun."""
    assert (await at(NOW).release(wanted())).missing == 2
    assert (await at(NOW).approve(agreed("bob"), KEYS["bob"].sign)).missing == 1
    assert (await at(NOW).approve(agreed("ann"), KEYS["ann"].sign)).missing == 0
    assert load().at("approve", LATER).version == 1


async def test_who_may_not_approve(home: Path, at: At) -> None:
    """Neither who releases, nor a stranger, nor with another's key, nor another text, nor late."""
    more = f"signed: false\nservers: {{front: {public('server')}}}\n"
    (home.parent / "approvals.yaml").write_text(policy(1, more))
    await at(NOW).release(wanted(), sign=KEYS["ann"].sign)
    before = (home / "releases.yaml").read_bytes()
    for who, key, why in (
        (agreed("ann"), "ann", "others must approve"),
        (agreed("eve"), "bob", "no key of eve"),
        (agreed("bob"), "cyd", "another than the one that signs"),
        (agreed("bob", digest="0" * 64), "bob", "another digest"),
        (Agreed("approve", 2, "", "bob"), "bob", "no release of it waits"),
    ):
        with pytest.raises(ReleaseRefused, match=why):
            await at(NOW).approve(who, KEYS[key].sign)
    with pytest.raises(ReleaseRefused, match="has passed while it waited"):
        await at(LATER).approve(agreed("bob"), KEYS["bob"].sign)
    assert (home / "releases.yaml").read_bytes() == before
    # A server whose key is named signs for whom it knows, key or not.
    known = await at(NOW).approve(agreed("eve", vouched=True), KEYS["server"].sign)
    assert known.missing == 0


async def test_what_takes_time_is_not_now(at: At, load: Load) -> None:
    """A release or rollback "from now on" is refused while it needs others."""
    with pytest.raises(ReleaseRefused, match="it needs 1 more signature, which takes time"):
        await at(NOW).release(wanted(start=None), sign=KEYS["ann"].sign)
    assert load().waiting("approve") == ()


FORGED: Mapping[str, tuple[str, str]] = {
    "version": ("version: 1", "version: 2"),
    "from": ("13:00:00Z", "13:00:01Z"),
    "by": ("by: ann", "by: cyd"),
    "because": ("Agreed.", "Agreed!"),
    "name": ("bob:", "cyd:"),
}


@pytest.mark.parametrize("what", FORGED)
async def test_a_signed_line_cannot_be_changed(home: Path, at: At, load: Load, what: str) -> None:
    """Whoever edits a line that was signed has the change refused as a whole."""
    await at(NOW).release(wanted(), sign=KEYS["ann"].sign)
    await at(NOW).approve(agreed("bob"), KEYS["bob"].sign)
    path = home / "releases.yaml"
    old, new = FORGED[what]
    text = path.read_text().replace(old, new)
    if what == "version":
        text = text.replace(
            load().version("approve", 1).digest, load().version("approve", 2).digest
        )
    path.write_text(text)
    with pytest.raises(RulebookFaults, match="is not a signature of this line by"):
        load()


async def test_a_line_by_git_waits_as_well(home: Path, at: At, load: Load) -> None:
    """However a line got there, it needs signatures; one from before the policy needs none."""
    digest = load().version("approve", 1).digest
    row = "- {{version: 1, from: {start}, sha256: {digest}, by: ann, because: First.}}\n"
    lines = [row.format(start=start, digest=digest) for start in ("2026-01-01", "2026-07-01")]
    (home / "releases.yaml").write_text("".join(lines))
    catalog = load()
    assert [len(catalog.releases("approve")), len(catalog.waiting("approve"))] == [1, 1]
    made = catalog.releases("approve")
    (home / "releases.yaml").write_text(lines[0])
    assert load().releases("approve") == made
    assert (await at(NOW).release(wanted(2), sign=KEYS["ann"].sign)).missing == 1


async def test_who_left_signs_no_more(home: Path, at: At, load: Load) -> None:
    """With `until:`, what somebody signed before stays signed, and later lines do not count."""
    await at(NOW).release(wanted(), sign=KEYS["ann"].sign)
    await at(NOW).approve(agreed("bob"), KEYS["bob"].sign)
    left = f"{public('bob')}, until: 2026-06-01T14:00:00Z}}"
    text = policy().replace(f"{public('bob')}}}", left)
    (home.parent / "approvals.yaml").write_text(text)
    assert len(load().releases("approve")) == 1
    await at(NOW).release(wanted(2, LATER + 7200 * SECOND), sign=KEYS["ann"].sign)
    with pytest.raises(ReleaseRefused, match="no key of bob that counts"):
        await at(NOW).approve(Agreed("approve", 2, "", "bob"), KEYS["bob"].sign)


def test_another_file_may_demand_more(
    home: Path, approve: AnyKind, checker: CelChecker, tmp_path: Path
) -> None:
    """An operator's own policy counts instead of the folder's, which authors could loosen."""
    (home.parent / "approvals.yaml").write_text("approvals: 0\nfrom: 2030-01-01\n")
    (tmp_path / "operator.yaml").write_text(policy(2))
    found = load_usable(
        home.parent, {"approve": approve}, checker, approvals=tmp_path / "operator.yaml"
    )
    assert found.approvals.usual == 2


def respelled(key: str) -> str:
    """Return other base64 of the same bytes: the last letter has bits that count for nothing."""
    letters = f"{string.ascii_uppercase}{string.ascii_lowercase}{string.digits}+/"
    return f"{key[:-2]}{letters[letters.index(key[-2]) ^ 1]}="


BAD: Mapping[str, tuple[str, str]] = {
    "a key that is none": (policy().replace(public("bob"), "abc="), "this key cannot be used"),
    "one key, two names": (policy().replace(public("bob"), public("ann")), "the key of ann"),
    "one key, two names, two spellings": (
        policy().replace(public("bob"), respelled(public("ann"))),
        "the key of ann",
    ),
    "an unknown kind": (policy(1, "kinds: {aprove: 1}\n"), "unknown kind 'aprove'"),
    "more than there are": (policy(3, ""), "3 others than the releaser cannot sign"),
    "no time": (policy().replace("2026-06-01T12:00:00Z", "soon"), "neither a date nor an instant"),
    "a server with a person's key": (
        policy(1, f"servers: {{front: {public('ann')}}}\n"),
        "the key of ann",
    ),
}


@pytest.mark.parametrize("what", BAD)
def test_what_is_wrong_with_a_policy_is_said(home: Path, load: Load, what: str) -> None:
    """A policy that cannot hold is refused as a whole, with the place and the cure."""
    text, said = BAD[what]
    (home.parent / "approvals.yaml").write_text(text)
    with pytest.raises(RulebookFaults, match=said) as refused:
        load()
    assert "rules/approvals.yaml:" in str(refused.value)
