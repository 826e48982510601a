"""A name server on loopback: what it says of each domain stands in `ZONE`."""

import socket
import threading
from types import TracebackType
from typing import Self

import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

ZONE = {
    ("acme.de.", "MX"): "10 mail.acme.de.",
    ("null.example.com.", "MX"): "0 .",
    ("host.example.com.", "A"): "192.0.2.1",
    ("host6.example.com.", "AAAA"): "2001:db8::1",
    ("bare.example.com.", "TXT"): '"nothing for mail"',
}
SILENT = "silent.example.com."
BROKEN = "broken.example.com."


class NameServer:
    """Answers over UDP on a free port, in a thread; `asked` is what it heard, in order."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self.asked: list[tuple[str, str]] = []
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", ("127.0.0.1", self.port))
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        while True:
            data, address = self._socket.recvfrom(4096)
            if not data:
                return
            answer = self._answer(dns.message.from_wire(data))
            if answer is not None:
                self._socket.sendto(answer.to_wire(), address)

    def _answer(self, query: dns.message.Message) -> dns.message.Message | None:
        question = query.question[0]
        name, kind = question.name.to_text(), dns.rdatatype.to_text(question.rdtype)
        self.asked.append((name, kind))
        if name == SILENT:
            return None
        answer = dns.message.make_response(query)
        if name == BROKEN:
            answer.set_rcode(dns.rcode.SERVFAIL)
        elif (name, kind) in ZONE:
            found = dns.rrset.from_text(name, 60, "IN", kind, ZONE[name, kind])
            answer.answer.append(found)
        elif name not in {known for known, _ in ZONE}:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        return answer
