"""access.yaml read, and held to callers."""

from pathlib import Path

import pytest

from dealgate.access.guard import Guard
from dealgate.desk.expressions import expression_checker
from dealgate.model.access import Asked, Permission, Shown
from dealgate.model.errors import Forbidden, Unauthenticated
from dealgate.rulebook.access import Known, read_access
from dealgate.rulebook.faults import RulebookFaults
from dealgate.v1.access_pb2 import AccessToken

RULES = """\
because: The CRM decides, sales operations read.
tokens:
  - issuer: https://login.example.com/
    audience: dealgate
    keys: https://login.example.com/keys
    algorithms: [RS256]
principals:
  - name: crm
    when: token.subject == "crm" || certificate.spiffe_id == "spiffe://example.com/crm"
    roles: [decider]
  - name_from: token.email
    when: '"sales-ops" in token.groups'
    roles: [reader, own]
roles:
  decider:
    may: [decide, record]
    tenants: [acme, beta]
    kinds: [score, qualify]
    because: It asks for what it shows.
  reader:
    may: [read, RuleService.GetRuleSet]
    tenants: any
    kinds: [score]
    because: They look after scores.
  own:
    may: [decide]
    tenants: any
    when: request.tenant in token.tenants && request.kind != "recognize"
    because: Their own tenants.
"""
KNOWN = Known(["RuleService.GetRuleSet", "LeadService.ScoreLead"], ["score", "qualify"])


def read(text: str, tmp_path: Path) -> Guard:
    """Return the guard of access rules; tokens are their own claims."""
    path = tmp_path / "access.yaml"
    path.write_text(text)

    async def verify(token: str) -> tuple[AccessToken, float]:
        return AccessToken.FromString(token.encode("latin-1")), 2e9

    return Guard(read_access(path, expression_checker(), KNOWN), verify)


def shown(token: AccessToken) -> Shown:
    """Return what a caller with this token shows."""
    return Shown(token.SerializeToString().decode("latin-1"))


def asked(permission: Permission, tenant: str = "acme", kind: str = "score") -> Asked:
    """Return a call."""
    return Asked("LeadService.ScoreLead", permission, tenant, kind)


CRM = shown(AccessToken(subject="crm"))
ANN = shown(AccessToken(subject="u1", email="ann@x.org", groups=["sales-ops"], tenants=["beta"]))
DECIDE, READ, RECORD = Permission.DECIDE, Permission.READ, Permission.RECORD


async def test_roles_cover_calls(tmp_path: Path) -> None:
    """A role covers its permissions, tenants and kinds, and nothing else."""
    guard = read(RULES, tmp_path)
    crm, ann = await guard.caller(CRM), await guard.caller(ANN)
    assert (crm.name, ann.name) == ("crm", "ann@x.org")
    assert crm.may(asked(DECIDE))
    assert crm.may(asked(RECORD, "beta", "qualify"))
    assert not crm.may(asked(READ))
    assert not crm.may(asked(DECIDE, "gamma"))
    assert not crm.may(asked(DECIDE, "acme", "verify"))
    assert ann.may(asked(READ, "gamma"))
    assert not ann.may(asked(READ, "gamma", "qualify"))
    assert ann.may(Asked("RuleService.GetRuleSet", Permission.RULES, "", "score"))
    assert not ann.may(Asked("RuleService.ListRuleSets", Permission.RULES, "", "score"))


async def test_conditions_read_the_call(tmp_path: Path) -> None:
    """A role's condition may compare what is asked for with the caller's claims."""
    ann = await read(RULES, tmp_path).caller(ANN)
    assert ann.may(asked(DECIDE, "beta", "forecast"))
    assert not ann.may(asked(DECIDE, "beta", "recognize"))
    assert not ann.may(asked(DECIDE, "acme", "forecast"))


async def test_before_the_kind_is_known(tmp_path: Path) -> None:
    """A call whose kind is not read yet gets in if some kind is covered, and not otherwise."""
    crm = await read(RULES, tmp_path).caller(CRM)
    assert crm.may(asked(DECIDE, kind=""), of_some_kind=True)
    assert not crm.may(asked(DECIDE, kind=""))
    assert not crm.may(asked(READ, kind=""), of_some_kind=True)


async def test_certificates(tmp_path: Path) -> None:
    """A certificate's SPIFFE id names its caller; with two it is none (X.509-SVID)."""
    guard = read(RULES, tmp_path)
    spiffe = "spiffe://example.com/crm"
    assert (await guard.caller(Shown(alternative_names=(spiffe, "crm.local")))).name == "crm"
    with pytest.raises(Forbidden):
        await guard.caller(Shown(alternative_names=(spiffe, "spiffe://example.com/x")))
    with pytest.raises(Forbidden):
        await guard.caller(Shown(common_name="crm"))


async def test_who_shows_nothing(tmp_path: Path) -> None:
    """A caller without token and certificate is nobody; one whom no rule names may nothing."""
    guard = read(RULES, tmp_path)
    with pytest.raises(Unauthenticated):
        await guard.caller(Shown())
    with pytest.raises(Forbidden):
        await guard.caller(shown(AccessToken(subject="stranger")))
    # In the group, but without the address that would name them.
    with pytest.raises(Forbidden):
        await guard.caller(shown(AccessToken(groups=["sales-ops"])))


WRONG = {
    'token.subject == "crm"': ('token.sub == "crm"', "did you mean 'subject'?"),
    "tenants: [acme, beta]": ("tenants: [acme corp]", "tenants"),
    "roles: [decider]": ("roles: [decoder]", "did you mean 'decider'?"),
    "may: [decide, record]": ("may: [decide, recrd]", "did you mean 'record'?"),
    "kinds: [score, qualify]": ("kinds: [scores]", "did you mean 'score'?"),
    "algorithms: [RS256]": ("algorithms: [HS256]", "is not one of RS256"),
    "keys: https://login": ("keys: http://login", "without TLS"),
    "because: They look": ("becuase: They look", "did you mean 'because'?"),
    "name_from: token.email": ("name_from: token.groups", "not a string"),
}


@pytest.mark.parametrize("right", WRONG)
def test_faults_have_places(tmp_path: Path, right: str) -> None:
    """What is wrong in access.yaml is named with its line and its cure, as in rules."""
    wrong, told = WRONG[right]
    text = RULES.replace(right, wrong, 1)
    with pytest.raises(RulebookFaults) as caught:
        read(text, tmp_path)
    line = text[: text.index(wrong)].count("\n") + 1
    assert any(abs(fault.location.line - line) <= 1 for fault in caught.value.faults)
    assert told in str(caught.value)
