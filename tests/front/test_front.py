"""HTTP before the server: what a caller without gRPC sends, and what it gets back."""

import base64
import struct
from collections.abc import Callable
from pathlib import Path

import grpc
import pytest
from google.protobuf.message import Message

from dealgate.front.envoy import Address, Front
from dealgate.v1.qualify_pb2 import QualifyLeadRequest, QualifyLeadResponse
from dealgate_client import Client, Disposition, InvalidQuestion, Lead
from tests.front.conftest import ORIGIN, Pair, needs_envoy
from tests.front.http import Answer, Http

RPC = "/dealgate.v1.LeadService/QualifyLead"
PATHS = ("/v1/leads:qualify", RPC)
pytestmark = needs_envoy
LEAD = {"facts": {"lead": {"id": "00Q1"}}}
WRONG = {"facts": {"lead": {"id": "00Q1", "company": {"employees": -1}}}}


def request(employees: int) -> QualifyLeadRequest:
    """Return a dry run about a company of so many."""
    asked = QualifyLeadRequest()
    asked.facts.lead.id = "00Q1"
    asked.facts.lead.company.employees = employees
    asked.options.dry_run = True
    return asked


def framed(message: Message) -> bytes:
    """Return a message as gRPC-Web sends it."""
    body = message.SerializeToString()
    return b"\0" + struct.pack(">I", len(body)) + body


@pytest.fixture
def http(front: Pair) -> Http:
    """The front."""
    return front.http


def test_json_is_answered_as_the_clients_are(front: Pair) -> None:
    """A path of REST and the RPC's own path decide what gRPC decides, here and by the front."""
    told = {front.http.post(path, LEAD).json["outcome"]["disposition"] for path in PATHS}
    for target in (front.server.target, front.address):
        with Client(target, timeout=60) as client:
            answer = client.qualify_lead(lead=Lead(id="00Q1"))
            told.add(Disposition.Name(answer.outcome.disposition))

    assert len(told) == 1


def test_errors_carry_their_details(http: Http) -> None:
    """What is wrong with a request is google.rpc.Status in JSON, with reason and violations."""
    answer = http.post("/v1/leads:qualify", WRONG)

    assert (answer.status, answer.json["code"]) == (400, 3)
    assert answer.detail("ErrorInfo")["reason"] == "BAD_QUESTION"
    violations = answer.detail("BadRequest")["fieldViolations"]
    assert [one["field"] for one in violations] == ["facts.lead.company.employees"]
    assert answer.headers["x-decision-id"] == answer.detail("ErrorInfo")["metadata"]["decision_id"]


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("/v1/leads:qualify", {"facts": {"lead": {"seniority": "BOSS"}}}, 400, 3),
        ("/v1/leads:qualify", b'{"facts":', 400, 3),
        ("/v1/leads:guess", LEAD, 404, 5),
        ("/v1/kinds/qualify:decide", {"facts": {"lead": {"id": "1", "sise": 3}}}, 400, 3),
    ],
    ids=["enum", "syntax", "path", "misspelt"],
)
def test_what_the_front_refuses_has_a_status_too(
    http: Http, path: str, body: object, status: int, code: int
) -> None:
    """Envoy's own refusals are JSON of the same shape, whatever is wrong."""
    answer = http.post(path, body)

    assert (answer.status, answer.json["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/json"


def test_a_large_body_is_refused(http: Http) -> None:
    """It is too large for the front, or, if that has passed it on by then, for the server."""
    answer = http.post("/v1/leads:qualify", {"facts": {"lead": {"id": "x" * 5_000_000}}})

    assert (answer.status in (413, 429), answer.json["code"]) == (True, 8)


def test_an_unknown_parameter_is_refused(http: Http) -> None:
    """A misspelt filter does not list everything."""
    assert http.get("/v1/decisions?entty=lead/1").json["code"] == 3


TRIES = 50
LATE = 408  # Envoy's own, if its clock for the whole request is the first to end


def until_expired(ask: Callable[[], Answer], status: int, code: object) -> None:
    """Ask until a deadline has passed. On a busy machine a call may be shed before; see below."""
    for _ in range(TRIES):
        answer = ask()
        assert answer.status in {200, 429, LATE, status}
        if answer.status in {LATE, status}:
            assert answer.json.get("code", code) == code
            return
    pytest.fail("no deadline has passed")


def test_deadlines_are_held(http: Http) -> None:
    """A caller who has no time left gets DEADLINE_EXCEEDED, in the words of its protocol.

    Envoy's clock counts milliseconds: an answer may be there before the first of them is over, and
    the server's gRPC may end the call first, in a status without words, which becomes `{}`. Behind
    calls that still run, the server says at once that the deadline would pass (429).
    """
    body = request(5).SerializeToString()
    until_expired(lambda: http.post("/v1/leads:qualify", LEAD, grpc_timeout="1n"), 504, 4)
    until_expired(
        lambda: http.post(RPC, body, **CONNECT, connect_timeout_ms="0"), 408, "deadline_exceeded"
    )


CONNECT = {"content_type": "application/proto", "connect_protocol_version": "1"}


def test_connect_is_served(http: Http) -> None:
    """Connect's clients get answers and errors in its binary format; its JSON is refused."""
    good = http.post(RPC, request(5).SerializeToString(), **CONNECT)
    bad = http.post(RPC, request(-1).SerializeToString(), **CONNECT)
    text = http.post(RPC, LEAD, connect_protocol_version="1")

    assert QualifyLeadResponse.FromString(good.body).header.kind == "qualify"
    assert (bad.status, bad.json["code"], len(bad.json["details"])) == (400, "invalid_argument", 2)
    assert (text.status, text.json["code"]) == (415, "unimplemented")


def test_grpc_web_is_served(http: Http) -> None:
    """A browser's gRPC is answered, as bytes and as text, with the status in the last frame."""
    web = {"content_type": "application/grpc-web+proto", "x_grpc_web": "1"}
    good = http.post(RPC, framed(request(5)), **web)
    bad = http.post(RPC, framed(request(-1)), **web)
    text = http.post(
        RPC, base64.b64encode(framed(request(5))), content_type="application/grpc-web-text"
    )

    assert b"grpc-status:0" in good.body
    assert bad.headers["grpc-status"] == "3"
    assert bad.headers["grpc-status-details-bin"]
    assert text.status == 200


def test_grpc_passes_through(front: Pair) -> None:
    """The Python client calls the front as it calls a server, with the same errors."""
    lead = Lead(id="00Q1")
    lead.company.employees = -1
    with Client(front.address) as client, pytest.raises(InvalidQuestion) as caught:
        client.qualify_lead(lead=lead)

    assert [one.field for one in caught.value.violations] == ["facts.lead.company.employees"]
    assert isinstance(caught.value.__cause__, grpc.RpcError)


def test_tenants_keep_apart(http: Http) -> None:
    """The header of the tenant passes: nobody sees another's decisions."""
    made = http.post("/v1/leads:qualify", LEAD, dealgate_tenant="acme").json["header"]
    path = f"/v1/decisions/{made['decisionId']}"

    assert http.get(path, dealgate_tenant="acme").status == 200
    assert (http.get(path).status, http.get(path).json["code"]) == (404, 5)


def test_traces_are_joined(http: Http) -> None:
    """The caller's trace is the decision's."""
    trace = "0af7651916cd43dd8448eb211c80319c"
    sent = f"00-{trace}-b7ad6b7169203331-01"
    answer = http.post("/v1/leads:qualify", WRONG, traceparent=sent)

    assert answer.headers["x-trace-id"] in (None, trace)


def test_a_watch_is_a_line_of_json_each(http: Http) -> None:
    """The first message of a watch comes at once, as a line."""
    assert http.get("/v1/decisions:watch").json["resumeToken"]


def test_pages_of_other_origins_may_not_call(http: Http) -> None:
    """Only an origin that the operator has named is allowed to."""
    asked = {"access_control_request_method": "POST"}
    allowed = http.call("OPTIONS", "/v1/leads:qualify", None, origin=ORIGIN, **asked)
    other = http.call("OPTIONS", "/v1/leads:qualify", None, origin="https://evil.example", **asked)

    assert allowed.headers["access-control-allow-origin"] == ORIGIN
    assert other.headers["access-control-allow-origin"] is None


@pytest.mark.parametrize(
    ("header", "value"),
    [
        *(("grpc_timeout", value) for value in ("x", "-1S", "999999999S", "5S,6S", "5s", "")),
        *(("connect_timeout_ms", value) for value in ("abc", "-5", "99999999999", "1.5")),
        ("grpc_encoding", "gzip"),
    ],
)
def test_headers_that_say_nothing_are_the_callers_fault(
    http: Http, header: str, value: str
) -> None:
    """They would end the call as INTERNAL, and on that connection the calls of others too."""
    answer = http.post(RPC, LEAD, **{header: value})
    assert (answer.status, answer.json["code"]) == (400, 3)
    assert header.replace("_", "-") in answer.json["message"]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"facts": {"lead": {"seniority": "canary for type"}}}, "facts.lead.seniority: invalid"),
        ({"facts": {"lead": {"company": {"employees": "canary"}}}}, "lead.company.employees"),
        ({"facts": {"lead": {"createdAt": "canary"}}}, "facts.lead.created_at: invalid value"),
        (b'{"facts": {"lead": {"title": "canary", "id": NaN}}}', "Unexpected token."),
        (b'{"facts": {"lead": {"title": "canary', "Closing quote expected in string."),
        (b'{"facts": {"lead": {"title": "canary\xff"}}}', "Encountered non UTF-8"),
        (b'{"facts": {"lead": {"id": "canary", "id": "1"}}}', "'_id' is already set"),
    ],
)
def test_no_refusal_quotes_what_was_sent(http: Http, body: object, told: str) -> None:
    """Callers log errors: the front names the field, and not its value, as the server does."""
    answer = http.post(RPC, body)
    assert (answer.status, answer.json["code"]) == (400, 3)
    assert told in answer.json["message"]
    assert b"canary" not in answer.body


def test_headers_that_nobody_reads_go_no_further(http: Http) -> None:
    """Of some of them gRPC would end the call: what is encoded wrongly, and what belongs to it."""
    sent = {"x_any_bin": "!!!", "grpc_status": "x", "grpc_previous_rpc_attempts": "x"}
    assert http.post(RPC, LEAD, **sent).status == 200
    assert http.post(RPC, LEAD, grpc_timeout="60S").status == 200
    big = http.post(RPC, LEAD, x_large="x" * 20_000)
    assert (big.status, big.json["code"]) == (431, 8)


def test_connect_gets_nothing(http: Http) -> None:
    """No call of ours is without side effects, so a GET of Connect is for none of them."""
    answer = http.get(f"{RPC}?connect=v1&encoding=proto&message=")
    assert (answer.status, answer.json["code"]) == (405, "unimplemented")


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_pages_of_other_origins_cannot_send_in_the_blind(http: Http, site: str) -> None:
    """Plain text needs no preflight; the page could not read the answer, but it would be made."""
    sent = {"content_type": "text/plain", "sec_fetch_site": site}
    for origin in ({"origin": "https://evil.example"}, {}):
        answer = http.post(RPC, LEAD, **sent, **origin)
        assert (answer.status, answer.json["code"]) == (403, 7)
    assert http.post(RPC, LEAD, **sent, origin=ORIGIN).status == 200
    assert http.post(RPC, LEAD, content_type="text/plain").status == 200


@pytest.mark.parametrize("text", ["8080", "localhost:", ":80", "localhost:x", "localhost:70000"])
def test_an_address_has_a_host_and_a_port(text: str) -> None:
    """Whatever else is refused before Envoy reads it."""
    with pytest.raises(ValueError, match="not a valid address"):
        Address.parsed(text)


def test_a_body_that_never_ends_is_given_up() -> None:
    """Its bytes are kept until then; an idle time-out begins anew with each of them."""
    config = Front(Address("127.0.0.1", 8080), Address("localhost", 50051), ()).config(Path("/f"))
    assert "request_timeout: 60s" in config


@pytest.mark.parametrize(
    "origin",
    [
        "crm.example",
        "https://crm.example/",
        "https://CRM.example",
        "https://crm.example:443",
        "https://crm.example, https://x.example",
        "null",
        "",
    ],
)
def test_an_origin_is_one_that_browsers_send(origin: str) -> None:
    """Any other would never match, and the pages that it was meant for could not call."""
    with pytest.raises(ValueError, match="not an origin"):
        Front(Address("127.0.0.1", 8080), Address("localhost", 50051), (origin,))
    for sound in ("https://crm.example", "http://localhost:5173", "http://[::1]:8080", "*"):
        Front(Address("127.0.0.1", 8080), Address("localhost", 50051), (sound,))
