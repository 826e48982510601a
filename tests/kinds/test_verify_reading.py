"""Claims about reading what people write, by the shipped tables (findings L-03, L-05, L-10 …)."""

import pytest

from dealgate.kinds.verify.countries import country_finding
from dealgate.kinds.verify.domains import domain_type
from dealgate.kinds.verify.emails import email_finding, is_role
from dealgate.kinds.verify.phones import phone_finding
from dealgate.kinds.verify.placeholders import is_placeholder
from dealgate.kinds.verify.regions import region_finding
from dealgate.kinds.verify.texts import cleaned, is_suspicious
from dealgate.kinds.verify.titles import title_finding
from dealgate.v1 import lead_pb2
from tests.kinds.verifying import shipped

NUMBERS = [
    ("+1 212 736 5000 (mobile)", "+12127365000", ""),
    ("+1 212 736 5000 cell", "+12127365000", ""),
    ("+44 20 7946 0958 (office)", "+442079460958", ""),
    ("+1 212 736 5000 (after 5pm)", "+12127365000", ""),
    ("+49 30 12345678 DW 12", "+493012345678", "12"),
    ("+33 1 42 68 53 00 poste 12", "+33142685300", "12"),
    ("Tel.: +49 30 12345678", "+493012345678", ""),
    ("030 12345678-0 / Fax -9", "+4930123456780", ""),
    ("491711234567", "+491711234567", ""),
    ("tel:+1-212-736-5000;ext=12", "+12127365000", "12"),
    ("491711234567.0", "+491711234567", ""),
    ("+1-800-FLOWERS", "+18003569377", ""),
    ("+1-800-FLOWERS (toll free)", "+18003569377", ""),
    ("+12127365000;ext=12", "+12127365000", "12"),
    ("030 / 12345678", "+493012345678", ""),
    ("+49 30 123456/78", "+493012345678", ""),
]


@pytest.mark.parametrize(("text", "e164", "extension"), NUMBERS)
def test_words_beside_a_number_do_not_harm_it(text: str, e164: str, extension: str) -> None:
    """L-03: letters are keys only where the number fits no other way."""
    found = phone_finding(text, "DE", shipped(3).parameters.phone_extension_words)
    assert (found.is_valid, found.e164, found.extension) == (True, e164, extension)


@pytest.mark.parametrize(
    "text",
    [
        "call me",
        "1-800-GOOGLE",
        "ask for Ann",
        "+1 212 736 5000 / 5001",
        "212 736 5000, 5001, 5002",
        "+49 30 12345678 / 79",
        "+49 30 12345678 | 79",
        "+43 1 533912345 / 46 / 47",
    ],
)
def test_words_make_no_number_invalid(text: str) -> None:
    """L-03: what cannot be read may be right; it is not INVALID."""
    found = phone_finding(text, "US", shipped(3).parameters.phone_extension_words)
    assert (found.is_readable, found.HasField("is_valid")) == (False, False)


ADDRESSES = [
    "Ann Lee <ann@acme.com>",
    '"Lee, Ann" <Ann@Acme.com>;',
    "<ann@acme.com>",
    "mailto:ann@acme.com?subject=Hello",
    "MAILTO: ann@acme.com",
    "SMTP:ann@acme.com",
    "E-Mail: ann@acme.com",
    "'ann@acme.com'",
    "\u201eann@acme.com\u201c",
    '"ann"@acme.com',
    "ann@acme.com.",
    "ann@acme.com,",
    "ann@acme.com (work)",
]


@pytest.mark.parametrize("text", ADDRESSES)
def test_what_stands_around_an_address_does_not_harm_it(text: str) -> None:
    """L-03's kind: mail programs and exports wrap addresses; mail reaches them all the same."""
    found = email_finding(text, shipped(4).parameters)
    assert (found.is_valid, found.normalized) == (True, "ann@acme.com")


@pytest.mark.parametrize(
    "text",
    ["ann acme.com", "ann@acme.com bob", "ann@@acme.com", "ask ann@acme.com", "ann@acme,com"],
)
def test_what_is_no_address_stays_none(text: str) -> None:
    """What is missing, or stands within, is not guessed."""
    assert not email_finding(text, shipped(4).parameters).is_valid


@pytest.mark.parametrize("text", ["ann@a.com; bob@a.com", "ann@a.com ann.lee@b.com", "a@b.c/d@e.f"])
def test_which_of_several_addresses_is_meant_nobody_can_tell(text: str) -> None:
    """As of several numbers."""
    found = email_finding(text, shipped(4).parameters)
    assert (found.is_valid, found.problem) == (False, "holds several addresses; give one")


COUNTRIES = {
    "CZ": ["Czech Republic", "Czechia"],
    "KR": ["Korea, Republic of", "South Korea", "Korea", "대한민국"],
    "KP": ["Korea, Democratic People's Republic of", "North Korea"],
    "CD": ["Congo, The Democratic Republic of the", "DRC", "Zaire"],
    "BA": ["Bosnia and Herzegovina", "Bosnia & Herzegovina"],
    "TW": ["Taiwan, Province of China"],
    "PS": ["Palestine, State of"],
    "LA": ["Lao People's Democratic Republic"],
    "RU": ["Россия", "Russian Federation"],
    "AT": ["Österreich", "Oesterreich", "AUT"],
    "HK": ["Hong Kong", "Hong Kong, China"],
    "SK": ["Slovak Republic"],
    "AE": ["UAE", "United Arab Emirates"],
    "GR": ["Ελλάδα"],
    "CI": ["Ivory Coast", "Côte d'Ivoire", "Elfenbeinküste"],
    "US": ["США", "アメリカ", "EE.UU.", "EEUU", "EUA", "U.S.A.", "Amerika"],
    "GB": ["Großbritannien", "Grande-Bretagne", "Britain", "Inglaterra"],
    "MK": ["Macedonia", "FYROM", "Republic of North Macedonia"],
    "MM": ["Burma", "Myanmar (Burma)"],
    "SZ": ["Swaziland"],
    "VU": ["New Hebrides"],
    "BY": ["Weißrussland", "Byelorussia"],
    "VG": ["BVI", "Virgin Islands (British)"],
    "PR": ["Puerto Rico, USA"],
    "DE": ["Germany (Deutschland)", "GER", "BRD", "East Germany"],
}


@pytest.mark.parametrize(
    ("code", "name"), [(code, name) for code, names in COUNTRIES.items() for name in names]
)
def test_a_country_is_known_by_each_of_its_names(code: str, name: str) -> None:
    """L-05: ISO, official, former and native names, in any order of words."""
    assert country_finding(name, shipped(3).parameters).code == code


@pytest.mark.parametrize(
    ("name", "suggestion"),
    [
        ("Philipines", "PH"),
        ("Germnay", "DE"),
        ("Mordor", ""),
        ("Europe", ""),
        ("Zambja", ""),
        ("Germany/Austria", ""),
    ],
)
def test_only_a_misspelling_is_suggested(name: str, suggestion: str) -> None:
    """L-05: a suggestion of another country is worse than none; what was typed is kept."""
    found = country_finding(name, shipped(3).parameters)
    assert (found.code, found.suggestion, found.typed) == ("", suggestion, name)


@pytest.mark.parametrize(
    ("title", "seniority", "function"),
    [
        ("Product Owner", "INDIVIDUAL_CONTRIBUTOR", "PRODUCT"),
        ("Cisco Network Engineer", "INDIVIDUAL_CONTRIBUTOR", "IT"),
        ("HR Business Partner", "INDIVIDUAL_CONTRIBUTOR", "HUMAN_RESOURCES"),
        ("Chief of Staff", "", ""),
        ("Assistant to the CEO", "INDIVIDUAL_CONTRIBUTOR", "EXECUTIVE"),
        ("President's Assistant", "INDIVIDUAL_CONTRIBUTOR", ""),
        ("ex-CEO", "", ""),
        ("Head of Research", "DIRECTOR", ""),
        ("Financial Analyst", "INDIVIDUAL_CONTRIBUTOR", "FINANCE"),
        ("Chief Executive Officer", "C_LEVEL", "EXECUTIVE"),
        ("C.E.O.", "C_LEVEL", "EXECUTIVE"),
        ("Gescha\u0308ftsfu\u0308hrer", "C_LEVEL", "EXECUTIVE"),
        ("Vertriebsleiter (m/w/d)", "DIRECTOR", "SALES"),
        ("Directeur commercial", "DIRECTOR", "SALES"),
        ("Directora de Marketing", "DIRECTOR", "MARKETING"),
        ("Responsabile Vendite", "MANAGER", "SALES"),
        ("Diretor Financeiro", "DIRECTOR", "FINANCE"),
        ("Hoofd Inkoop", "DIRECTOR", "PROCUREMENT"),
        ("Owner, Acme Ltd", "C_LEVEL", "EXECUTIVE"),
        ("Partner", "C_LEVEL", "EXECUTIVE"),
        ("Dueño", "C_LEVEL", "EXECUTIVE"),
        ("AE", "", "SALES"),
        ("Team A Lead", "MANAGER", ""),
        ("Marketing Lead", "MANAGER", "MARKETING"),
        ("Lead Generation Specialist", "INDIVIDUAL_CONTRIBUTOR", "MARKETING"),
        ("Vice President of Sales", "VP", "SALES"),
    ],
)
def test_a_title_is_read_by_the_longest_phrases(title: str, seniority: str, function: str) -> None:
    """L-10: a word that is part of a longer phrase says nothing by itself."""
    found = title_finding(title, shipped(3).parameters.titles)
    read = (
        lead_pb2.Seniority.Name(found.seniority).removeprefix("SENIORITY_"),
        lead_pb2.JobFunction.Name(found.job_function).removeprefix("JOB_FUNCTION_"),
    )
    assert read == (seniority or "UNSPECIFIED", function or "UNSPECIFIED")


@pytest.mark.parametrize(
    ("title", "studies"),
    [("Student", True), ("MBA Student", True), ("Student Success Director", False)],
)
def test_a_student_is_who_studies(title: str, studies: bool) -> None:  # noqa: FBT001
    """L-10, L-21: what somebody is stands behind what kind of it."""
    assert title_finding(title, shipped(3).parameters.titles).is_student == studies


@pytest.mark.parametrize(
    ("domain", "kind"),
    [
        ("yahoo.it", "FREE"),
        ("comcast.net", "FREE"),
        ("naver.com", "FREE"),
        ("hey.com", "FREE"),
        ("startup.ac", "BUSINESS"),
        ("service.gov.uk", "GOVERNMENT"),
        ("meti.go.jp", "GOVERNMENT"),
        ("ox.ac.uk", "EDUCATION"),
        ("siemens.com", "BUSINESS"),
    ],
)
def test_a_domain_is_whose_it_is(domain: str, kind: str) -> None:
    """L-11: consumer hosts by a maintained list, authorities and schools by public suffixes."""
    found = domain_type(domain, shipped(3).parameters)
    assert lead_pb2.EmailDomainType.Name(found) == f"EMAIL_DOMAIN_TYPE_{kind}"


@pytest.mark.parametrize("local", ["kontakt", "no.reply", "sales-emea", "enquiries", "info2"])
def test_a_role_is_a_role_however_it_is_separated(local: str) -> None:
    """L-11: and a name is none: bill@ and ann.lee@."""
    assert is_role(local, shipped(3).parameters)
    assert not any(
        is_role(name, shipped(3).parameters)
        for name in ("bill", "ann.lee", "jobs.steve", "general.lee")
    )


@pytest.mark.parametrize(
    ("path", "text", "nothing"),
    [
        ("lead.last_name", "Null", False),
        ("lead.first_name", "Na", False),
        ("lead.company.name", "AAA", False),
        ("lead.postal_code", "22222", False),
        ("lead.title", "Student", False),
        ("lead.last_name", "N.A.", True),
        ("lead.title", "keine Angabe", True),
        ("lead.last_name", "asdfgh", True),
        ("lead.last_name", "test1", True),
    ],
)
def test_a_placeholder_is_one_in_its_field(path: str, text: str, nothing: bool) -> None:  # noqa: FBT001
    """L-21: a word that says nothing in one field is a name in another."""
    assert is_placeholder(path, text, shipped(3).parameters) == nothing


@pytest.mark.parametrize(
    "text",
    [
        "\u0639\u0644\u06cc\u200c\u0631\u0636\u0627",
        "\u0915\u094d\u200d\u0937",
        "\u0394Tech",
        "\u00b5Torrent",
        "\U0001f468\u200d\U0001f469",
    ],
)
def test_joiners_that_are_spelling_stay(text: str) -> None:
    """L-28: Persian, Hindi, signs in brands and emoji deceive nobody."""
    assert not is_suspicious(text)
    assert cleaned(text) == text


@pytest.mark.parametrize("text", ["\u202d+1 212 736 5000\u202c", "\u202aann@acme.com\u202c"])
def test_what_telephones_put_around_a_copied_number_hides_nothing(text: str) -> None:
    """L-28's kind: embeddings, and an override of what runs from left to right anyway."""
    assert not is_suspicious(text)


@pytest.mark.parametrize("text", ["\u202egpj.exe", "\u202d\u05d0\u05d1", "a\u202db\u202ec"])
def test_an_override_that_turns_letters_around_deceives(text: str) -> None:
    """L-28: nobody reads what is written."""
    assert is_suspicious(text)


def test_width_and_composition_are_folded() -> None:
    """L-28: full width and NFD are other forms of the same letters."""
    assert cleaned("\uff33\uff4d\uff49\uff54\uff48") == "Smith"
    assert cleaned("Mu\u0308ller") == "M\u00fcller"


@pytest.mark.parametrize(
    ("country", "state", "code", "expected"),
    [
        ("US", "Calif.", "94105", ("CA", True, True, True)),
        ("US", "california", "", ("CA", True, None, None)),
        ("US", "TX", "94105", ("TX", True, True, False)),
        ("DE", "Texas", "ABCDE", ("", False, False, None)),
        ("DE", "Bayern", "D-80331", ("BY", True, True, None)),
        ("CA", "Ontario", "m5v3l9", ("ON", True, True, True)),
        ("", "Texas", "94105", ("", None, None, None)),
    ],
)
def test_a_state_has_one_form(
    country: str, state: str, code: str, expected: tuple[str, bool | None, bool | None, bool | None]
) -> None:
    """L-30: California, Calif., CA and ca are one; a state or code of elsewhere is told."""
    found = region_finding(country, state, code)
    told = {field.name: value for field, value in found.ListFields()}
    names = ("state_is_known", "postal_code_is_valid", "postal_code_is_in_state")
    assert (found.state, *(told.get(name) for name in names)) == expected


@pytest.mark.parametrize(
    ("country", "state", "form"),
    [
        ("DE", "Bavaria", "BY"),
        ("DE", "NRW", "NW"),
        ("DE", "Baden-Wuerttemberg", "BW"),
        ("AT", "Vienna", "9"),
        ("CH", "Geneva", "GE"),
        ("IN", "Orissa", "OR"),
        ("MX", "Distrito Federal", "CMX"),
        ("US", "Bavaria", ""),
    ],
)
def test_a_state_is_known_by_its_english_and_its_former_name(
    country: str, state: str, form: str
) -> None:
    """L-30: CLDR's names of subdivisions, and those of before."""
    assert region_finding(country, state, "").state == form


@pytest.mark.parametrize(
    ("country", "code", "form"),
    [
        ("JP", "1000001", "100-0001"),
        ("JP", "\u3012100-0001", "100-0001"),
        ("PL", "00950", "00-950"),
        ("BR", "01310100", "01310-100"),
        ("US", "941051234", "94105-1234"),
        ("US", "9410", ""),
    ],
)
def test_digits_alone_are_parted_as_their_country_parts_them(
    country: str, code: str, form: str
) -> None:
    """L-30: a spreadsheet drops the hyphen, and no code is another for it."""
    assert region_finding(country, "", code).postal_code == form
