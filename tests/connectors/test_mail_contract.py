"""Mail: the same promises into a Maildir and through a real SMTP server."""

import asyncio
import email
import mailbox
import socket
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP as Server
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session
from pydantic import ValidationError

from connectors.files import Files
from connectors.mail import (
    Attachment,
    Mail,
    Maildir,
    MaildirTransport,
    SendParams,
    SmtpTransport,
    Transport,
)
from core.clock import ManualClock
from core.errors import FactotumError

PASSWORD = "correct-horse"


class Inbox:
    """The receiving side, which can be told to refuse."""

    def __init__(self) -> None:
        self.messages: list[bytes] = []
        self.rcpt = "250 OK"
        self.data = "250 taken"

    async def handle_RCPT(
        self, server: Server, session: Session, envelope: Envelope, address: str, options: Any
    ) -> str:
        if self.rcpt.startswith("250") or "good" in address:
            envelope.rcpt_tos.append(address)
            return "250 OK"
        return self.rcpt

    async def handle_DATA(self, server: Server, session: Session, envelope: Envelope) -> str:
        if self.data.startswith("250"):
            assert isinstance(envelope.content, bytes)
            self.messages.append(envelope.content)
        return self.data


def authenticate(
    server: Server, session: Session, envelope: Envelope, mechanism: str, data: Any
) -> AuthResult:
    good = isinstance(data, LoginPassword) and data.password == PASSWORD.encode()
    return AuthResult(success=good, handled=good)


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def server(inbox: Inbox) -> Iterator[Controller]:
    controller = Controller(
        inbox,
        hostname="127.0.0.1",
        port=0,
        auth_require_tls=False,
        authenticator=authenticate,
        ident="test",
    )
    # Controller probes its configured port; bind first so that a free one is known.
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        controller.port = probe.getsockname()[1]
    controller.start()
    yield controller
    controller.stop()


def smtp(maildir: Maildir, port: int, **changes: Any) -> SmtpTransport:
    settings: dict[str, Any] = {
        "maildir": maildir,
        "host": "127.0.0.1",
        "port": port,
        "tls": "none",
        "timeout": 2.0,
    }
    return SmtpTransport(**(settings | changes))


@pytest.fixture
def maildir(tmp_path: Path) -> Maildir:
    return Maildir(root=tmp_path / "mail")


@pytest.fixture(params=["maildir", "smtp"])
def transport(request: pytest.FixtureRequest, maildir: Maildir) -> Transport:
    if request.param == "maildir":
        return MaildirTransport(maildir=maildir)
    return smtp(maildir, request.getfixturevalue("server").port)


def make(transport: Transport, maildir: Maildir, files: Files, clock: ManualClock) -> Mail:
    return Mail(
        transport=transport,
        maildir=maildir,
        files=files,
        clock=clock,
    )


PARAMS = SendParams(
    sender="hello@lindqvist.example",
    sender_name="Ärla Lindqvist",
    to=("accounts@northwind.example",),
    to_name="Northwind, “Accounts”",
    subject="Rechnung 2026-001 – 2.400 €",
    body="Hello,\n\n.a line with a dot\nשלום 你好 🙂\n" + "x" * 2000 + "\n",
    reply_to="me@lindqvist.example",
)


async def test_sends_once_per_token(
    transport: Transport, maildir: Maildir, files: Files, clock: ManualClock
) -> None:
    mail = make(transport, maildir, files, clock)
    assert await mail.check("eff_1", PARAMS) is None
    result = await mail.send("eff_1", PARAMS)
    fresh = make(transport, Maildir(root=maildir.root), files, clock)
    assert result == await fresh.check("eff_1", PARAMS) == await fresh.send("eff_1", PARAMS)
    assert result.message_id == "<eff_1@lindqvist.example>"
    assert result.sent_at == clock.now().replace(microsecond=0)
    boxed = [email.message_from_binary_file(m) for m in map(_open, _paths(maildir))]
    assert [m["X-Factotum-Token"] for m in boxed] == ["eff_1"]
    assert len(mailbox.Maildir(maildir.root, create=False)) == 1


def _paths(maildir: Maildir) -> list[Path]:
    return [p for folder in ("new", "cur") for p in (maildir.root / folder).iterdir()]


def _open(path: Path) -> Any:
    return path.open("rb")


async def test_what_is_read_back_is_what_was_written(
    transport: Transport, maildir: Maildir, files: Files, clock: ManualClock
) -> None:
    kept = await files.keep("Rechnung 1.pdf", b"%PDF-1.7 \x00\xff", token="f1")
    params = PARAMS.model_copy(
        update={
            "attachments": (
                Attachment(
                    path=kept.path,
                    name="Rechnung für Öl.pdf",
                    sha256=kept.sha256,
                    mime="application/pdf",
                ),
            )
        }
    )
    mail = make(transport, maildir, files, clock)
    result = await mail.send("eff_1", params)
    assert result.attachments == ("Rechnung für Öl.pdf",)
    assert "accounts@northwind.example" in result.receipt
    (sent,) = await mail.sent()
    assert sent.id == "eff_1"
    assert sent.to == ("accounts@northwind.example",)
    assert sent.to_names == ("Northwind, “Accounts”",)
    assert sent.subject == PARAMS.subject
    assert sent.text == PARAMS.body
    (part,) = sent.attachments
    assert (part.name, part.size, part.path) == ("Rechnung für Öl.pdf", 11, kept.path)
    assert await mail.attachment("eff_1", 0) == b"%PDF-1.7 \x00\xff"
    assert await mail.sent() == (sent,)


async def test_a_changed_attachment_stops_the_mail(
    transport: Transport, maildir: Maildir, files: Files, clock: ManualClock
) -> None:
    kept = await files.keep("a.pdf", b"shown", token="f1")
    (files.root / kept.path).write_bytes(b"swapped")
    attachment = Attachment(path=kept.path, name="a.pdf", sha256=kept.sha256)
    params = PARAMS.model_copy(update={"attachments": (attachment,)})
    mail = make(transport, maildir, files, clock)
    with pytest.raises(FactotumError, match="has changed"):
        await mail.send("eff_1", params)
    assert await mail.check("eff_1", params) is None


async def test_ping_is_ok(
    transport: Transport, maildir: Maildir, files: Files, clock: ManualClock
) -> None:
    assert (await make(transport, maildir, files, clock).ping()).status == "ok"


async def test_the_server_gets_the_message_unchanged(
    server: Controller, inbox: Inbox, maildir: Maildir, files: Files, clock: ManualClock
) -> None:
    transport = smtp(maildir, server.port, username="me", password=PASSWORD)
    await make(transport, maildir, files, clock).send("eff_1", PARAMS)
    (raw,) = inbox.messages
    raw.decode("ascii")
    message = email.message_from_bytes(raw, policy=default)
    assert isinstance(message, EmailMessage)
    body = message.get_body()
    assert body is not None
    assert body.get_content().replace("\r\n", "\n") == PARAMS.body
    assert max(map(len, raw.split(b"\r\n"))) <= 998


async def refused(mail: Mail, params: SendParams = PARAMS) -> FactotumError:
    with pytest.raises(FactotumError) as caught:
        await mail.send("eff_1", params)
    assert PASSWORD not in caught.value.sentence()
    assert "wrong-secret" not in caught.value.sentence()
    if not caught.value.ambiguous:
        assert await mail.check("eff_1", params) is None
    return caught.value


@pytest.mark.parametrize(
    ("side", "answer", "permanent"),
    [
        ("rcpt", "550 no such user", True),
        ("rcpt", "450 greylisted, come back", False),
        ("data", "554 looks like spam", True),
        ("data", "451 local error", False),
    ],
)
async def test_a_refusal_is_certain(
    server: Controller,
    inbox: Inbox,
    maildir: Maildir,
    files: Files,
    clock: ManualClock,
    side: str,
    answer: str,
    permanent: bool,
) -> None:
    setattr(inbox, side, answer)
    mail = make(smtp(maildir, server.port), maildir, files, clock)
    error = await refused(mail)
    assert (error.permanent, error.ambiguous) == (permanent, False)
    assert answer[:3] in error.message
    setattr(inbox, side, "250 OK")
    await mail.send("eff_1", PARAMS)
    assert len(inbox.messages) == 1


async def test_one_refused_recipient_stops_the_mail(
    server: Controller, inbox: Inbox, maildir: Maildir, files: Files, clock: ManualClock
) -> None:
    inbox.rcpt = "550 no such user"
    params = PARAMS.model_copy(update={"to": ("good@a.example", "bad@a.example")})
    error = await refused(make(smtp(maildir, server.port), maildir, files, clock), params)
    assert "bad@a.example" in error.message
    assert inbox.messages == []


async def test_a_wrong_password_is_permanent_and_not_told(
    server: Controller, maildir: Maildir, files: Files, clock: ManualClock
) -> None:
    transport = smtp(maildir, server.port, username="me", password="wrong-secret")
    mail = make(transport, maildir, files, clock)
    error = await refused(mail)
    assert error.permanent
    assert "password" in error.message
    assert (await mail.ping()).status == "failed"


async def test_no_server_there(maildir: Maildir, files: Files, clock: ManualClock) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    mail = make(smtp(maildir, port), maildir, files, clock)
    error = await refused(mail)
    assert not error.permanent
    assert "can't be reached" in error.message
    assert (await mail.ping()).status == "failed"


async def test_starttls_where_the_server_has_none(
    server: Controller, maildir: Maildir, files: Files, clock: ManualClock
) -> None:
    error = await refused(make(smtp(maildir, server.port, tls="starttls"), maildir, files, clock))
    assert error.permanent


Script = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def scripted(after_data: Script) -> asyncio.Server:
    """A server that talks properly up to the end of DATA, then does ``after_data``."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 test\r\n")
        while line := await reader.readline():
            if line.upper().startswith(b"DATA"):
                writer.write(b"354 go\r\n")
                await reader.readuntil(b"\r\n.\r\n")
                await after_data(reader, writer)
                return
            writer.write(b"250 OK\r\n")

    return await asyncio.start_server(talk, "127.0.0.1", 0)


async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


async def fall_silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()
    writer.close()


@pytest.mark.parametrize("after_data", [hang_up, fall_silent])
async def test_no_answer_after_data_is_ambiguous_and_stays_so(
    maildir: Maildir, files: Files, clock: ManualClock, after_data: Script
) -> None:
    server = await scripted(after_data)
    port = server.sockets[0].getsockname()[1]
    mail = make(smtp(maildir, port, timeout=0.5), maildir, files, clock)
    assert (await refused(mail)).ambiguous
    server.close()
    fresh = make(smtp(Maildir(root=maildir.root), port), maildir, files, clock)
    with pytest.raises(FactotumError) as caught:
        await fresh.check("eff_1", PARAMS)
    assert caught.value.ambiguous
    assert (await refused(fresh)).ambiguous  # not sent a second time
    assert await mail.sent() == ()


async def test_a_crash_between_data_and_the_answer_is_ambiguous(
    server: Controller, inbox: Inbox, maildir: Maildir, files: Files, clock: ManualClock
) -> None:
    await asyncio.to_thread(maildir.begin, "eff_1", b"the message")
    mail = make(smtp(maildir, server.port), maildir, files, clock)
    assert (await refused(mail)).ambiguous
    assert inbox.messages == []


@pytest.mark.parametrize(
    "changes",
    [
        {"subject": "Hi\r\nBcc: all@example.com"},
        {"subject": "Hi\nX: y"},
        {"subject": "  "},
        {"to_name": "Ann\r\nBcc: x@example.com"},
        {"to": ("a@example.com\nb@example.com",)},
        {"to": ("no address",)},
        {"to": ("a@@b.example",)},
        {"to": ("<a@b.example>",)},
        {"to": ()},
        {"reply_to": "x@y.example, z@y.example"},
    ],
)
def test_bad_headers_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        SendParams.model_validate(PARAMS.model_dump() | changes)


def test_an_international_domain_goes_out_in_ascii() -> None:
    params = SendParams(
        to=("info@müller.example",), sender="me@lindqvist.example", subject="x", body=""
    )
    assert params.to == ("info@xn--mller-kva.example",)


async def test_the_newest_mail_comes_first(
    maildir: Maildir, files: Files, clock: ManualClock
) -> None:
    mail = make(MaildirTransport(maildir=maildir), maildir, files, clock)
    for number in range(5):
        await mail.send(f"eff_{number}", PARAMS)
        clock.advance(timedelta(minutes=1))
    assert [m.id for m in await mail.sent(3)] == ["eff_4", "eff_3", "eff_2"]
