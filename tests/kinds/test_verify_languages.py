"""Titles, roles and mail hosts of the languages and kinds that the lists lacked (verify@5)."""

import pytest

from dealgate.kinds.verify.domains import domain_type
from dealgate.kinds.verify.emails import is_role
from dealgate.kinds.verify.titles import title_finding
from dealgate.v1 import lead_pb2
from tests.kinds.verifying import shipped

PARAMETERS = shipped(5).parameters
TITLES = {
    "C_LEVEL EXECUTIVE": "Verkställande direktör|VD|Adm. dir.|Daglig leder|Toimitusjohtaja|Ägare"
    "|Styrelseordförande|Bestyrelsesformand|Jednatel|Generální ředitel|Ügyvezető igazgató"
    "|Genel Müdür|Генеральный директор|Διευθύνων Σύμβουλος|代表取締役社長|总经理|대표이사|מנכ״ל"
    "|المدير العام|Dyrektor Generalny|President & CEO|Regional President",
    "DIRECTOR SALES": "Försäljningsdirektör|Salgsdirektør|Myyntijohtaja|Obchodní ředitel"
    "|Директор по продажам|営業部長|销售总监|Διευθυντής Πωλήσεων",
    "MANAGER SALES": "Försäljningschef|Salgssjef|Salgsleder|Myyntipäällikkö",
    "MANAGER FINANCE": "Ekonomichef|Økonomisjef",
    "INDIVIDUAL_CONTRIBUTOR ENGINEERING": "Utvecklare|Utvikler|Ohjelmistokehittäjä|Ingeniør|工程师",
    "VP EXECUTIVE": "Vice VD",
    "INDIVIDUAL_CONTRIBUTOR UNSPECIFIED": "Chief Petty Officer|Chief Warrant Officer"
    "|Social Security Clerk",
    "UNSPECIFIED UNSPECIFIED": "Class President|Student Body President|President of the Student"
    " Council|Vice President of Student Council|PTA President",
    "C_LEVEL SECURITY": "Chief Security Officer|CISO",
}


@pytest.mark.parametrize("meaning", TITLES)
def test_a_title_means_the_same_in_any_language(meaning: str) -> None:
    """What is called a president or a chief without running a company does not run one."""
    for title in TITLES[meaning].split("|"):
        found = title_finding(title, PARAMETERS.titles)
        seniority = lead_pb2.Seniority.Name(found.seniority).removeprefix("SENIORITY_")
        function = lead_pb2.JobFunction.Name(found.job_function).removeprefix("JOB_FUNCTION_")
        assert f"{seniority} {function}" == meaning, title


def test_roles_in_any_language_are_read_by_nobody_in_particular() -> None:
    """And a person is one, whose name begins like a role or has its letters."""
    roles = "accueil myynti salg försäljning ceo laskutus kundtjänst zarząd obchod muhasebe uprava"
    assert all(is_role(name, PARAMETERS) for name in [*roles.split(), "salg-oslo", "myynti.fi"])
    people = ("md.rahman", "ik.hansen", "lon.chaney", "salga", "vd.berg", "ceola.jones")
    assert not [name for name in people if is_role(name, PARAMETERS)]


def test_relays_and_telephone_companies_say_nothing_of_a_company() -> None:
    """Anybody gets an address there; whoever works for one has another domain."""
    hosts = "zoho.com zohomail.eu mozmail.com duck.com privaterelay.appleid.com simplelogin.com"
    for host in [*hosts.split(), "comhem.se", "saunalahti.fi", "otenet.gr"]:
        assert domain_type(host, PARAMETERS) == lead_pb2.EMAIL_DOMAIN_TYPE_FREE, host
    assert domain_type("zohocorp.com", PARAMETERS) == lead_pb2.EMAIL_DOMAIN_TYPE_BUSINESS
