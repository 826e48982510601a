"""access.yaml while a server runs: what cannot be held to is refused, and the file read on."""

import asyncio
import sys
from pathlib import Path

import pytest

from dealgate.assemble import access
from dealgate.model.audit import Audited

PATIENCE = 30
RULES = """\
because: The CRM alone.
roles:
  reader: {because: It shows what was decided., may: [read], tenants: any}
principals:
  - {name: %s, when: 'certificate.common_name == "crm"', roles: [reader]}
"""
TOKENS = """\
tokens:
  - issuer: https://login.example.com/
    audience: dealgate
    keys: https://login.example.com/.well-known/jwks.json
    algorithms: [RS256]
"""


async def test_rules_are_followed_after_some_that_cannot_be_held_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A file that takes tokens where PyJWT is missing is refused; what follows holds again."""
    monkeypatch.setattr(access, "LOOK", 0.01)
    monkeypatch.setitem(sys.modules, "dealgate.access.tokens", None)
    path, noted = tmp_path / "access.yaml", list[Audited]()

    async def note(audited: Audited) -> None:
        noted.append(audited)

    async def until_noted(number: int) -> None:
        async with asyncio.timeout(PATIENCE):
            while len(noted) < number:  # noqa: ASYNC110 - what is waited for has no event
                await asyncio.sleep(0.01)

    path.write_text(RULES % "crm")
    async with access.guarded(path, note, tmp_path) as guard:
        assert guard is not None
        before = guard()
        path.write_text(RULES % "crm" + TOKENS)
        async with asyncio.timeout(PATIENCE):
            while "that needs PyJWT" not in caplog.text:  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.01)
        assert guard() is before
        path.write_text(RULES % "the-new-crm")
        await until_noted(2)
        assert guard() is not before
