"""access.yaml read, and held to callers."""

from pathlib import Path

import pytest

from dealgate.access import guard
from dealgate.access.guard import Guard
from dealgate.desk.expressions import expression_checker
from dealgate.model.access import Asked, Permission, Shown
from dealgate.model.errors import Forbidden, Unauthenticated
from dealgate.rulebook.access import AccessNames, read_access
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
KNOWN = AccessNames(["RuleService.GetRuleSet", "LeadService.ScoreLead"], ["score", "qualify"])


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
    held = read(RULES, tmp_path)
    crm, ann = await held.caller(CRM), await held.caller(ANN)
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
    """A certificate's SPIFFE id names its caller; with two URIs there is none (X.509-SVID)."""
    held = read(RULES, tmp_path)
    spiffe = "spiffe://example.com/crm"
    both = Shown(alternative_names=(spiffe, "crm.local"), uris=(spiffe,))
    assert (await held.caller(both)).name == "crm"
    for uris in ((spiffe, "spiffe://example.com/x"), (spiffe, "https://example.com"), ()):
        with pytest.raises(Forbidden):
            # A host or an address that has the text of an id is none.
            await held.caller(Shown(alternative_names=(spiffe, *uris), uris=uris))
    with pytest.raises(Forbidden):
        await held.caller(Shown(common_name="crm"))


@pytest.mark.parametrize(
    "uri",
    [
        "spiffe://example.com/../crm",
        "spiffe://example.com/a/./crm",
        "spiffe://example.com/..",
        "spiffe://example.com//crm",
        "spiffe://example.com/crm/",
        "spiffe://example.com/crm?as=admin",
        "spiffe://example.com/crm#x",
        "spiffe://example.com:443/crm",
        "spiffe://crm@example.com/crm",
        "spiffe:///crm",
        "spiffe://Example.com/crm",
        "SPIFFE://example.com/crm",
        "spiffe://example.com/%63rm",
        "spiffe://example.com/crm\n",
        f"spiffe://example.com/{'a' * 2048}",
    ],
)
def test_what_is_no_spiffe_id(uri: str) -> None:
    """It names nobody, also by the beginning that it has in common with one."""
    assert not guard._certificate(Shown(uris=(uri,))).spiffe_id
    sound = "spiffe://example.com/ns/a-b_c.d/..sa"
    assert guard._certificate(Shown(uris=(sound,))).spiffe_id == sound


@pytest.mark.parametrize("name", ["cfo\u202e@x.org", "cfo\n", "\x1b[2J", "c\u200bfo", "\x00"])
async def test_names_that_hide_something(tmp_path: Path, name: str) -> None:
    """A claim that could be read as another's name names nobody."""
    token = AccessToken(email=name, groups=["sales-ops"])
    with pytest.raises(Forbidden):
        await read(RULES, tmp_path).caller(shown(token))


async def test_who_shows_nothing(tmp_path: Path) -> None:
    """A caller without token and certificate is nobody; one whom no rule names may nothing."""
    held = read(RULES, tmp_path)
    with pytest.raises(Unauthenticated):
        await held.caller(Shown())
    with pytest.raises(Forbidden):
        await held.caller(shown(AccessToken(subject="stranger")))
    # In the group, but without the address that would name them.
    with pytest.raises(Forbidden):
        await held.caller(shown(AccessToken(groups=["sales-ops"])))


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
    "[acme, beta]": ("[acme, any]", "alone and without brackets"),
    "tenants: [acme": ("tenants: [beta", "'beta' is listed twice"),
    " [acme, beta]": (" []", "covers nothing"),
    "[score, qualify]": ("[any]", "alone and without brackets"),
    " [score, qualify]": (" []", "covers nothing"),
    "[RS256]": ("[RS256, RS256]", "'RS256' is listed twice"),
    "[decider]": ("[decider, decider]", "'decider' is listed twice"),
    "[decide, record]": ("[decide, decide]", "'decide' is listed twice"),
    "https://login.example.com/keys": ("https:///keys", "not the address of a key set"),
    "keys: https://": ("keys: https://user:pw@", "not the address of a key set"),
    "name: crm": ('name: "c\\u202erm"', "can be seen"),
    "- name: crm": ('- name: "a\\nb"', "can be seen"),
    "'\"sales-ops\" in token.groups'": ('request.tenant != "acme"', "reads the request"),
    "from: token.email": ("from: request.tenant", "reads the request"),
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
