"""The server as an operator meets it: health, reflection, TLS, and leaving."""

import asyncio
import shutil
import socket
import subprocess
from collections.abc import Awaitable
from dataclasses import replace
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from google.rpc.error_details_pb2 import BadRequest, RetryInfo
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from dealgate.v1 import decision_service_pb2
from dealgate.v1.lead_service_pb2_grpc import LeadServiceStub
from dealgate.wire import arrival
from dealgate.wire.admission import Bounds
from dealgate.wire.server import Listening
from dealgate.wire.tls import Certificates, Tls, UnusableCertificate, warn_of_clear_text
from tests.chaos.frames import PREFACE, SETTINGS, frame
from tests.wire.conftest import NOW, House, Refusal, opened, refusal, refused_by
from tests.wire.samples import score
from tests.wire.test_calls import PATIENCE

HEADER_TABLE_SIZE = 1  # RFC 9113, 6.5.2
SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING
NAMES = [
    "dealgate.v1.CustomerService",
    "dealgate.v1.DecisionService",
    "dealgate.v1.FactService",
    "dealgate.v1.InsightService",
    "dealgate.v1.LeadService",
    "dealgate.v1.PerformanceService",
    "dealgate.v1.PipelineService",
    "dealgate.v1.RevenueService",
    "dealgate.v1.RuleService",
    "grpc.health.v1.Health",
    "grpc.reflection.v1alpha.ServerReflection",
]


def health_of(house: House) -> health_pb2_grpc.HealthStub:
    """Return a stub to ask after health."""
    return health_pb2_grpc.HealthStub(house.channel)


async def test_no_header_of_one_call_is_remembered_for_the_next(house: House) -> None:
    """A proxy sends the calls of many on one connection, and one of them a header that is broken.

    gRPC would remember that it could not be read, and fail whatever is sent under its name later.
    """
    reader, writer = await asyncio.open_connection("127.0.0.1", house.port)
    writer.write(PREFACE + frame(SETTINGS, 0))
    size, kind = 0, -1
    while kind != SETTINGS:
        head = await asyncio.wait_for(reader.readexactly(9), PATIENCE)
        size, kind = int.from_bytes(head[:3], "big"), head[3]
        payload = await reader.readexactly(size)
    told = {
        int.from_bytes(payload[at : at + 2], "big"): int.from_bytes(payload[at + 2 : at + 6], "big")
        for at in range(0, size, 6)
    }
    assert told[HEADER_TABLE_SIZE] == 0
    writer.close()


@pytest.mark.parametrize("name", ["", *NAMES])
async def test_health_of_each_service(house: House, name: str) -> None:
    """The server as a whole and each of its services say that they serve."""
    reply = await health_of(house).Check(health_pb2.HealthCheckRequest(service=name))
    assert reply.status == SERVING


async def test_health_of_a_stranger(house: House) -> None:
    """A service that is not here is NOT_FOUND."""
    call = health_of(house).Check(health_pb2.HealthCheckRequest(service="nope"))
    assert (await refusal(call)).code is grpc.StatusCode.NOT_FOUND


async def reflected(
    house: House, request: reflection_pb2.ServerReflectionRequest
) -> reflection_pb2.ServerReflectionResponse:
    """Ask one thing of reflection."""
    stub = reflection_pb2_grpc.ServerReflectionStub(house.channel)
    replies = [reply async for reply in stub.ServerReflectionInfo(iter([request]))]
    return replies[0]


async def test_reflection_lists_services(house: House) -> None:
    """Reflection names every service."""
    reply = await reflected(house, reflection_pb2.ServerReflectionRequest(list_services="*"))
    assert sorted(one.name for one in reply.list_services_response.service) == NAMES


async def test_reflection_describes_messages(house: House) -> None:
    """Reflection hands out the contracts, so that generic clients can call any RPC."""
    symbol = "dealgate.v1.LeadService"
    request = reflection_pb2.ServerReflectionRequest(file_containing_symbol=symbol)
    reply = await reflected(house, request)
    files = reply.file_descriptor_response.file_descriptor_proto
    names = [FileDescriptorProto.FromString(data).name for data in files]
    assert {"dealgate/v1/lead_service.proto", "dealgate/v1/score.proto"} <= set(names)


async def test_port_is_not_shared(house: House) -> None:
    """A second server does not share the first one's port in silence: it does not start."""
    with pytest.raises(RuntimeError, match=r"DEALGATE_ADDRESS: .*in use; stop what listens there"):
        async with opened(replace(NOW, address=f"127.0.0.1:{house.port}")):
            pass


async def test_an_address_of_another_machine_is_told() -> None:
    """What the system says of it, and not that gRPC failed. 192.0.2.1 is for documentation."""
    with pytest.raises(RuntimeError, match=r"cannot listen on 192.0.2.1:0: Cannot assign"):
        async with opened(replace(NOW, address="192.0.2.1:0")):
            pass


def test_a_certificate_that_is_not_there_is_named(pem: Path, tmp_path: Path) -> None:
    """Of the files the one that is missing, by the setting that names it."""
    with pytest.raises(UnusableCertificate, match=r"^DEALGATE_TLS_KEY .*gone.* cannot be read: No"):
        Certificates(Tls(pem / "server.pem", tmp_path / "gone.key"))


async def test_socket_is_not_taken_from_another_server(tmp_path: Path) -> None:
    """A socket belongs to the server that listens there; one left behind is used again."""
    here = replace(NOW, address=f"unix:{tmp_path / 'socket'}")
    async with opened(here):
        with pytest.raises(RuntimeError, match="another server"):
            async with opened(here):
                pass
        assert (tmp_path / "socket").is_socket()
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(tmp_path / "socket"))
    async with opened(here):
        assert (tmp_path / "socket").is_socket()


async def test_leaving() -> None:
    """Watchers are told first; during the lame duck, calls are still answered."""
    async with opened(replace(NOW, lame_duck=3600)) as house:
        watch = health_of(house).Watch(health_pb2.HealthCheckRequest(service=NAMES[1]))
        assert (await watch.read()).status == SERVING
        leaving = asyncio.ensure_future(house.server.drain())
        assert (await watch.read()).status == NOT_SERVING
        whole = await health_of(house).Check(health_pb2.HealthCheckRequest())
        assert whole.status == NOT_SERVING
        await house.leads.ScoreLead(score())
        leaving.cancel()


async def test_a_watch_does_not_hold_up_leaving() -> None:
    """Whoever watches is told, and then told goodbye: the grace is for calls that finish."""
    async with opened(replace(NOW, grace=3600)) as house:
        watch = health_of(house).Watch(health_pb2.HealthCheckRequest())
        assert (await watch.read()).status == SERVING
        await asyncio.wait_for(house.server.drain(), PATIENCE)
        assert (await watch.read()).status == NOT_SERVING
        assert await watch.code() is grpc.StatusCode.UNAVAILABLE


async def test_calls_under_way_may_finish() -> None:
    """A stopping server takes no new calls, but answers those it has taken."""
    async with opened(replace(NOW, grace=PATIENCE)) as house:
        house.decider.waits.add("slow")
        under_way = asyncio.ensure_future(house.leads.ScoreLead(score("slow")))
        await asyncio.wait_for(house.decider.waiting.wait(), PATIENCE)
        leaving = asyncio.ensure_future(house.server.drain())
        await refused_calls(house)
        house.decider.go_on.set()
        assert (await under_way).header.decision_id
        await leaving


async def refused_calls(house: House) -> None:
    """Return when the server takes no new calls."""
    async with grpc.aio.insecure_channel(f"127.0.0.1:{house.port}") as channel:
        ask = LeadServiceStub(channel).ScoreLead
        async with asyncio.timeout(PATIENCE):
            while True:
                try:
                    await ask(score())
                except grpc.aio.AioRpcError as refused:
                    code = refused.code()
                    break
        assert code is grpc.StatusCode.UNAVAILABLE


async def test_work_that_does_not_end_is_ended() -> None:
    """Beyond the grace a call is cancelled, and its caller told to ask another server."""
    async with opened(replace(NOW, grace=0.1)) as house:
        house.decider.waits.add("slow")
        under_way = asyncio.ensure_future(refusal(house.leads.ScoreLead(score("slow"))))
        await asyncio.wait_for(house.decider.waiting.wait(), PATIENCE)
        await house.server.drain()
        refused = await under_way
        assert refused.code is grpc.StatusCode.UNAVAILABLE
        assert refused.message == "the server is leaving; ask another"


async def test_an_idle_stream_does_not_hold_up_leaving() -> None:
    """A stream whose caller says nothing is ended at once, however long the grace is."""
    async with opened(replace(NOW, grace=3600)) as house:
        stream = house.decisions.StreamDecide()
        await stream.write(decision_service_pb2.StreamDecideRequest(batch_id="b1"))
        assert isinstance(await stream.read(), decision_service_pb2.StreamDecideResponse)
        await asyncio.wait_for(house.server.drain(), PATIENCE)
        assert await stream.code() is grpc.StatusCode.UNAVAILABLE


async def test_nobody_is_cancelled_while_the_server_leaves() -> None:
    """Whoever goes on calling is answered or told UNAVAILABLE, to the last call."""
    async with opened(replace(NOW, grace=PATIENCE, lame_duck=0.1)) as house:
        codes: set[grpc.StatusCode | None] = set()
        answered = asyncio.Event()

        async def caller(channel: grpc.aio.Channel) -> None:
            ask = LeadServiceStub(channel).ScoreLead
            while grpc.StatusCode.UNAVAILABLE not in codes or len(codes) < 2:
                try:
                    await ask(score())
                    codes.add(grpc.StatusCode.OK)
                    answered.set()
                except grpc.aio.AioRpcError as refused:
                    codes.add(refused.code())

        async with grpc.aio.insecure_channel(f"127.0.0.1:{house.port}") as channel:
            callers = [asyncio.create_task(caller(channel)) for _ in range(16)]
            async with asyncio.timeout(PATIENCE):
                await answered.wait()
                await house.server.drain()
                await asyncio.gather(*callers)
        assert codes == {grpc.StatusCode.OK, grpc.StatusCode.UNAVAILABLE}


async def test_a_call_without_a_message_is_answered(house: House) -> None:
    """A caller that ends without a message, or sends it in part, hears what is missing."""
    ask: Any = house.channel.stream_unary("/dealgate.v1.LeadService/ScoreLead")
    refused = await refusal(ask(iter(())))
    assert refused.code is grpc.StatusCode.INVALID_ARGUMENT
    assert refused.fields == ["request"]


async def test_a_call_that_says_nothing_is_ended(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who opens a call and sends no message does not keep it open for ever."""
    monkeypatch.setattr("dealgate.wire.reception.MESSAGE_SECONDS", 0.05)
    ask: Any = house.channel.stream_unary("/dealgate.v1.LeadService/ScoreLead")
    call = ask()
    refused = await refusal(call)
    assert refused.code is grpc.StatusCode.INVALID_ARGUMENT
    assert "did not arrive within" in refused.detail(BadRequest).field_violations[0].description


async def test_a_crowd_is_answered_or_sent_away_with_a_delay() -> None:
    """A thousand calls at once: each is answered or rejected with a delay, none is cancelled."""
    listening = replace(NOW, max_streams=5000, bounds=Bounds(seconds=1e-6, least=8))
    async with opened(listening) as house:
        calls = [outcome(house.leads.ScoreLead(score(f"L{n}"))) for n in range(1000)]
        outcomes = await asyncio.gather(*calls)
        refused = [one for one in outcomes if one is not None]
        assert {one.code for one in refused} <= {grpc.StatusCode.RESOURCE_EXHAUSTED}
        assert all(one.detail(RetryInfo).retry_delay.ToMilliseconds() > 0 for one in refused)
        assert sum(house.server.admission.rejected.values()) == len(refused)
        await house.leads.ScoreLead(score())


async def outcome(call: Awaitable[object]) -> Refusal | None:
    """Return why a call was refused, None if it was answered."""
    try:
        await call
    except grpc.aio.AioRpcError as error:
        return refused_by(error)
    return None


async def test_running_until_asked_to_leave(house: House) -> None:
    """Once asked to leave the server drains, and `run` returns."""
    leave = asyncio.Event()
    leave.set()
    await asyncio.wait_for(house.server.run(leave), PATIENCE)
    assert (await refusal(house.leads.ScoreLead(score()))).code is grpc.StatusCode.UNAVAILABLE


async def test_broken_rules_are_seen_in_health(house: House) -> None:
    """`dealgate.rules` tells whether the rules folder is sound; the server itself serves on."""
    check = health_pb2_grpc.HealthStub(house.channel).Check
    asked = [health_pb2.HealthCheckRequest(service=name) for name in ("dealgate.rules", "")]
    said = []
    for sound in (True, False, True):
        await house.server.tell_rules(sound=sound)
        said.append([(await check(one)).status for one in asked])
    serving, not_serving = health_pb2.HealthCheckResponse.SERVING, 2
    assert said == [[serving, serving], [not_serving, serving], [serving, serving]]


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a certificate authority, and a certificate for a server and a client."""
    folder = tmp_path_factory.mktemp("pem")
    if shutil.which("openssl") is None:
        pytest.skip("makes its certificates with openssl, which is not installed")
    make_pem(folder)
    return folder


def make_pem(folder: Path) -> None:
    """Make an authority there, and certificates of it."""
    key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
    openssl(folder, f"req -x509 {key} -keyout ca.key -out ca.pem -subj /CN=ca -days 2")
    for name in ("server", "client"):
        names = "-addext subjectAltName=DNS:localhost"
        openssl(folder, f"req {key} -keyout {name}.key -out {name}.csr -subj /CN={name} {names}")
        signed = f"x509 -req -in {name}.csr -CA ca.pem -CAkey ca.key -copy_extensions copy"
        openssl(folder, f"{signed} -out {name}.pem -days 2")


def openssl(folder: Path, arguments: str) -> None:
    """Run openssl in `folder`."""
    subprocess.run(["openssl", *arguments.split()], cwd=folder, check=True, capture_output=True)


def tls(pem: Path, *, client_ca: Path | None = None) -> Listening:
    """Return how to listen with the server's certificate."""
    files = Tls(certificate=pem / "server.pem", key=pem / "server.key", client_ca=client_ca)
    return replace(NOW, address="localhost:0", tls=files)


async def scored(port: int, credentials: grpc.ChannelCredentials) -> str:
    """Score a lead over TLS, and return the decision id."""
    async with grpc.aio.secure_channel(f"localhost:{port}", credentials) as channel:
        return (await LeadServiceStub(channel).ScoreLead(score())).header.decision_id


async def test_tls(pem: Path) -> None:
    """With a certificate the server speaks TLS, and only TLS."""
    async with opened(tls(pem)) as house:
        credentials = grpc.ssl_channel_credentials((pem / "ca.pem").read_bytes())
        assert await scored(house.port, credentials)
        refused = await refusal(house.leads.ScoreLead(score()))
        assert refused.code is grpc.StatusCode.UNAVAILABLE


async def test_mutual_tls(pem: Path) -> None:
    """With a client CA, only callers who show a certificate of it are served."""
    async with opened(tls(pem, client_ca=pem / "ca.pem")) as house:
        trusted = (pem / "ca.pem").read_bytes()
        key, certificate = (pem / "client.key").read_bytes(), (pem / "client.pem").read_bytes()
        known = grpc.ssl_channel_credentials(trusted, key, certificate)
        assert await scored(house.port, known)
        unknown = grpc.ssl_channel_credentials(trusted)
        assert (await refusal(scored(house.port, unknown))).code is grpc.StatusCode.UNAVAILABLE


DASHES = "-" * 5


async def test_a_new_certificate_is_served_without_a_restart(pem: Path, tmp_path: Path) -> None:
    """Files that change are taken into use; files that cannot be served are not."""
    for name in ("server.pem", "server.key"):
        shutil.copy(pem / name, tmp_path / name)
    certificates = Certificates(Tls(tmp_path / "server.pem", tmp_path / "server.key"))
    assert certificates.changed() is None
    shutil.copy(pem / "client.pem", tmp_path / "server.pem")
    assert certificates.changed() is None  # the key is still the old one's
    shutil.copy(pem / "client.key", tmp_path / "server.key")
    assert certificates.changed() is not None
    assert certificates.changed() is None
    (tmp_path / "server.pem").unlink()
    assert certificates.changed() is None


async def test_callers_see_the_new_certificate(pem: Path, tmp_path: Path) -> None:
    """Who trusts only the new authority is served once its certificate is there."""
    other = tmp_path / "other"
    other.mkdir()
    make_pem(other)
    for name in ("server.pem", "server.key"):
        shutil.copy(pem / name, tmp_path / name)
    new = grpc.ssl_channel_credentials((other / "ca.pem").read_bytes())
    async with opened(tls(tmp_path)) as house:
        assert (await refusal(scored(house.port, new))).code is grpc.StatusCode.UNAVAILABLE
        for name in ("server.pem", "server.key"):
            shutil.copy(other / name, tmp_path / name)
        assert await scored(house.port, new)


@pytest.mark.parametrize("broken", ["server.pem", "server.key", "ca.pem"])
@pytest.mark.parametrize("text", ["", f"{DASHES}BEGIN CERTIFICATE{DASHES}\nno\n"])
def test_files_that_cannot_be_served_are_named(
    pem: Path, tmp_path: Path, broken: str, text: str
) -> None:
    """Empty or spoilt: the server does not start, and says which file it is."""
    for name in ("server.pem", "server.key", "ca.pem"):
        shutil.copy(pem / name, tmp_path / name)
    (tmp_path / broken).write_text(text)
    files = Tls(tmp_path / "server.pem", tmp_path / "server.key", tmp_path / "ca.pem")
    with pytest.raises(UnusableCertificate, match=broken):
        Certificates(files)


def test_the_key_of_another_certificate_is_named(pem: Path) -> None:
    """OpenSSL's name for it says nothing to most."""
    with pytest.raises(UnusableCertificate, match="the key is another certificate's"):
        Certificates(Tls(pem / "server.pem", pem / "client.key"))


@pytest.mark.parametrize(
    ("address", "warned"),
    [
        ("127.0.0.1:50051", False),
        ("[::1]:50051", False),
        ("localhost:0", False),
        ("unix:/run/dealgate.sock", False),
        ("0.0.0.0:50051", True),
        ("[::]:50051", True),
        ("decisions.example.com:50051", True),
    ],
)
def test_clear_text_beyond_this_machine_is_warned_of(
    caplog: pytest.LogCaptureFixture, address: str, *, warned: bool
) -> None:
    """Without TLS only this machine's own addresses are served in silence."""
    with caplog.at_level("WARNING"):
        warn_of_clear_text(address)
    assert bool(caplog.records) is warned


async def test_a_clock_beyond_all_instants_is_told(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Callers do not wait for a server whose clock cannot be read; once it can, it answers."""

    class Lost:
        def time_ns(self) -> int:
            """Fail as Python does from the year 2262 on."""
            raise OverflowError

    with monkeypatch.context() as lost:
        lost.setattr(arrival, "time", Lost())
        refused = await refusal(house.leads.ScoreLead(score()))
    assert refused.code is grpc.StatusCode.UNAVAILABLE
    assert refused.detail(RetryInfo).retry_delay.ToMilliseconds() > 0
    await house.leads.ScoreLead(score())
