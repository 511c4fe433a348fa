"""The Graph API over TLS: whom the line trusts, and what it makes of connections that end in the middle."""

from __future__ import annotations

import re
import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from parinaya_cli.adapters.whatsapp.client import Account, CloudApi
from parinaya_cli.domain.messages import (
    Accepted,
    NoAnswer,
    NotSent,
    OutboundMessage,
    SendOutcome,
    TemplateContent,
    TextValue,
)
from tests.fakes.sender import GO

BODY = b'{"messages": [{"id": "wamid.1"}]}'
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (
    len(BODY),
    BODY,
)


def make_certificate(folder: Path, host: str) -> Path:
    """A certificate for a host that signs itself, and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    usage = dict.fromkeys(
        ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "crl_sign"), False
    )
    known = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=True, key_cert_sign=True, encipher_only=False, decipher_only=False, **usage
            ),
            critical=True,
        )
        .add_extension(known, critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(known), critical=False)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    path = folder / f"{host}.pem"
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


class TlsServer:
    """Answers each request with the next bytes; where they are no whole answer, or none, it hangs up."""

    def __init__(self, certificate: Path, answers: Sequence[bytes]) -> None:
        self.requests: list[bytes] = []
        self.connections = 0
        self._answers = list(answers)
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"https://localhost:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Take nothing more."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(60)

    def _run(self) -> None:
        with suppress(OSError):  # the listener was closed
            while True:
                connection, _ = self._listener.accept()
                with connection, suppress(OSError):  # whoever does not trust us hangs up
                    connection.settimeout(60)
                    with self._context.wrap_socket(connection, server_side=True) as secure:
                        self.connections += 1
                        self._serve(secure)

    def _serve(self, secure: ssl.SSLSocket) -> None:
        while request := _read(secure):
            self.requests.append(request)
            answer = self._answers.pop(0)
            secure.sendall(answer)
            if answer != ANSWER:
                return


def _read(secure: ssl.SSLSocket) -> bytes:
    """A whole request, or nothing when the other side has ended."""
    found = b""
    while True:
        head, end, body = found.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: (\d+)", head)
        if end and length and len(body) >= int(length[1]):
            return found
        chunk = secure.recv(65536)
        if not chunk:
            return b""
        found += chunk


@contextmanager
def serving(certificate: Path, answers: Sequence[bytes] = ()) -> Iterator[tuple[CloudApi, TlsServer]]:
    server = TlsServer(certificate, answers)
    api = CloudApi(Account(server.url, "v25.0", "EAAG-token", "500000000000009"), in_flight=1)
    try:
        yield api, server
    finally:
        api.close()
        server.close()


def send(api: CloudApi, number: int = 1) -> SendOutcome:
    content = TemplateContent("shaadi_invite_v1", "hi", body=(TextValue("आशा जी"),))
    message = OutboundMessage("700000000000001", "+919812300001", None, content, f"pn1.A.{number}", GO)
    [outcome] = api.send([message])
    return outcome


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A certificate for ``localhost`` that this process trusts, and no other."""
    path = make_certificate(tmp_path, "localhost")
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    return path


def test_messages_go_over_one_trusted_connection(certificate: Path) -> None:
    with serving(certificate, [ANSWER] * 3) as (api, server):
        assert [send(api, number) for number in range(3)] == [Accepted("wamid.1")] * 3
    assert (len(server.requests), server.connections) == (3, 1)
    assert server.requests[0].startswith(b"POST /v25.0/700000000000001/messages HTTP/1.1\r\n")


def test_nothing_is_told_to_whom_nobody_vouches_for(certificate: Path, tmp_path: Path) -> None:
    strangers = tmp_path / "strangers"
    strangers.mkdir()
    stranger = make_certificate(strangers, "localhost")
    with serving(stranger, [ANSWER]) as (api, server):
        assert isinstance(send(api), NotSent)
    assert (server.requests, server.connections) == ([], 0)


def test_nothing_is_told_to_another_host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = make_certificate(tmp_path, "graph.example")
    monkeypatch.setenv("SSL_CERT_FILE", str(other))
    with serving(other, [ANSWER]) as (api, server):
        assert isinstance(send(api), NotSent)
    assert server.requests == []


@pytest.mark.parametrize(
    "answer", [b"", ANSWER[:20], ANSWER[:-3]], ids=["nothing", "half a head", "half a body"]
)
def test_a_connection_that_ends_in_the_middle_is_no_answer(certificate: Path, answer: bytes) -> None:
    with serving(certificate, [answer, ANSWER]) as (api, server):
        assert isinstance(send(api, 1), NoAnswer)
        assert send(api, 2) == Accepted("wamid.1")
    assert (len(server.requests), server.connections) == (2, 2)
