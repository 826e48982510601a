"""`make crm`: webhooks of two CRMs come in, a lead is processed, a signed webhook goes back.

A server, a consumer for each CRM and a receiver, all on free ports, with a journal for the day.
"""

import asyncio
import base64
import json
import secrets
import socket
import sys
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import replace
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from rich.console import Console

from dealgate.aside.threads import in_thread
from dealgate.assemble.consuming import Consumption, Secrets, consume
from dealgate.assemble.process import run_loop
from dealgate.assemble.server import serving
from dealgate.demo.crm_payloads import HUBSPOT, SALESFORCE
from dealgate.desk.expressions import expression_checker
from dealgate.desk.starter import shipped
from dealgate.inbox.map_file import read_map
from dealgate.settings import Settings
from dealgate.streams.signing import is_signed, key_of_secret

STEPS = "verify,score,qualify,route,convert"
SECONDS = 30.0
PAYLOADS: Mapping[str, Any] = {"hubspot": HUBSPOT, "salesforce": SALESFORCE}


class Receiver:
    """Where decisions arrive: takes webhooks that are signed with our secret."""

    def __init__(self, secret: str) -> None:
        """Listen on a free port."""
        receiver = self
        self.events: list[dict[str, Any]] = []
        self.came = threading.Condition()
        key = key_of_secret(secret)

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                signed = is_signed(key, self.headers, body)
                self.send_response(204 if signed else 401)
                self.end_headers()
                if signed:
                    with receiver.came:
                        receiver.events.append(json.loads(body))
                        receiver.came.notify_all()

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server.server_port}/decisions"

    def events_once(self, number: int) -> list[dict[str, Any]]:
        """Wait until there are that many."""
        with self.came:
            self.came.wait_for(lambda: len(self.events) >= number, SECONDS)
            return list(self.events)


async def processed(rules: Path, maps: Path, target_journal: str) -> list[dict[str, Any]]:
    """Send what each CRM sends, twice; return the answers that came back, in order."""
    secret = "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()
    receiver = Receiver(secret)
    settings = Settings(
        address="127.0.0.1:0", rules=rules, kinds=STEPS, journal=target_journal, lame_duck=0
    )
    leave = asyncio.Event()
    events: list[dict[str, Any]] = []
    async with serving(settings) as running, asyncio.TaskGroup() as consumers:
        base = Consumption(
            source="",
            server=f"127.0.0.1:{running.port}",
            answers=receiver.url,
            secrets=Secrets(outbox=secret),
        )
        for number, (name, payload) in enumerate(PAYLOADS.items(), 1):
            mapped, _ = read_map(maps / f"{name}.yaml", expression_checker())
            port = _free_port()
            wanted = replace(base, source=f"http://127.0.0.1:{port}/{name}", read=mapped.read)
            consumers.create_task(consume(wanted, leave))
            for _ in range(2):  # CRMs repeat webhooks: the second is the same event
                await in_thread(_post, port, f"/{name}", payload)
            events = await in_thread(receiver.events_once, 2 * number)
        leave.set()
    receiver.server.shutdown()
    receiver.server.server_close()
    return events


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _post(port: int, path: str, payload: Any) -> None:
    for _ in range(int(SECONDS * 20)):
        connection = HTTPConnection("127.0.0.1", port, timeout=SECONDS)
        try:
            connection.request("POST", path, json.dumps(payload))
            answer = connection.getresponse()
            told = answer.read().decode()
        except ConnectionRefusedError:
            threading.Event().wait(0.05)  # the consumer is not there yet
            continue
        finally:
            connection.close()
        if answer.status != 204:
            raise SystemExit(f"{path} answered {answer.status} {told}")
        return


def show(console: Console, events: list[dict[str, Any]]) -> None:
    """Print what came back."""
    for event in {event["id"]: event for event in events}.values():
        times = sum(other["id"] == event["id"] for other in events)
        console.print(f"\n[bold cyan]{event['causesource']}[/] asked about {event['subject']}")
        for step in event["data"]["header"]["steps"]:
            decision = f"[dim]decision {step['decisionId']}[/]"
            console.print(f"  {step['kind']:8} {step.get('outcome', ''):24} {decision}")
        stop = event["data"]["header"]["stop"]
        owner = event["data"].get("route", {}).get("outcome", {}).get("ownerId", "nobody yet")
        console.print(f"  owner    {owner}, {stop}; told {times} times, under one id")


def main() -> None:
    """Run it on the shipped rules and the maps of docs/crm."""
    maps = Path(sys.argv[1]) if sys.argv[1:] else shipped("docs") / "crm"
    console = Console(highlight=False, width=120)

    async def run() -> None:
        with tempfile.TemporaryDirectory() as folder:
            show(console, await processed(shipped("rules"), maps, f"{folder}/journal.db"))

    run_loop(run())


if __name__ == "__main__":
    main()
