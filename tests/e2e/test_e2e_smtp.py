"""The same invoice through a real SMTP server: taken, refused, and not there for a while."""

import socket
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from driving import Demo, demo, labels

PASSWORD = "hunter2-and-then-some"


class Inbox:
    """Takes mail, or refuses it while told to."""

    def __init__(self) -> None:
        self.mails: list[bytes] = []
        self.refuse: str | None = None

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        """Takes one mail."""
        if self.refuse:
            return self.refuse
        self.mails.append(envelope.content)
        return "250 OK"


class Post:
    """A mail server that can be turned off and on, and a demo that uses it."""

    def __init__(self) -> None:
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            self.port = found.getsockname()[1]
        self.inbox = Inbox()
        self.logins = 0
        self._controller: Controller | None = None
        self.house: Demo

    def _login(self, _server: Any, _session: Any, _envelope: Any, _how: str, data: Any) -> Any:
        right = (data.login, data.password) == (b"owner", PASSWORD.encode())
        self.logins += right
        return AuthResult(success=right)

    def on(self) -> None:
        """Serves."""
        if self._controller is None:
            self._controller = Controller(
                self.inbox,
                hostname="127.0.0.1",
                port=self.port,
                authenticator=self._login,
                auth_require_tls=False,
            )
            self._controller.start()

    def off(self) -> None:
        """Refuses connections."""
        if self._controller is not None:
            self._controller.stop()
            self._controller = None


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Post]:
    """One server and one demo for these tests."""
    server = Post()
    with demo(
        tmp_path_factory.mktemp("smtp") / "home",
        FACTOTUM_SMTP_HOST="127.0.0.1",
        FACTOTUM_SMTP_PORT=str(server.port),
        FACTOTUM_SMTP_TLS="none",
        FACTOTUM_SMTP_USERNAME="owner",
        FACTOTUM_SMTP_PASSWORD=PASSWORD,
    ) as house:
        server.house = house
        yield server
    with suppress(Exception):
        server.off()


@pytest.fixture
def post(running: Post) -> Post:
    """The server in a good mood."""
    running.on()
    running.inbox.refuse = None
    running.inbox.mails.clear()
    return running


def test_one_mail_arrives(post: Post) -> None:
    phone = post.house.phone
    outcome = phone.approved(phone.card("Invoice Northwind 810 EUR for paint"))
    assert "Sent" in outcome["text"]
    phone.settled()
    (mail,) = post.inbox.mails
    assert b"accounts@northwind.example" in mail
    assert b"application/pdf" in mail


def test_a_refusal_is_told_and_can_be_tried_again(post: Post) -> None:
    phone = post.house.phone
    post.inbox.refuse = "554 5.7.1 rejected by policy"
    invoices = len(post.house.invoices())
    card = phone.card("Invoice Northwind 811 EUR for paint")
    phone.tap(card, "Approve")
    failed = phone.turned(card, "Not done")
    assert "rejected by policy" in failed["text"]
    assert "Issued invoice" in failed["text"]  # what was done before is told
    assert "Try again" in labels(failed)
    assert post.inbox.mails == []
    post.inbox.refuse = None
    phone.tap(card, "Try again")
    phone.turned(card, "Done: ")
    assert len(post.inbox.mails) == 1
    assert len(post.house.invoices()) == invoices + 1


def test_a_server_that_is_away_is_tried_again_by_itself(post: Post) -> None:
    phone = post.house.phone
    post.off()
    card = phone.card("Email Northwind that the post is late today")
    phone.tap(card, "Approve")
    waiting = phone.turned(card, "I try again at")
    assert "Nothing is lost" in waiting["text"]
    post.on()
    phone.turned(card, "Sent", seconds=60)
    assert len(post.inbox.mails) == 1


def test_a_temporary_refusal_is_tried_again_by_itself(post: Post) -> None:
    phone = post.house.phone
    post.inbox.refuse = "451 4.7.1 greylisted, try again later"
    card = phone.card("Email Northwind that the list is grey today")
    phone.tap(card, "Approve")
    phone.turned(card, "I try again at")
    post.inbox.refuse = None
    phone.turned(card, "Sent", seconds=60)
    assert len(post.inbox.mails) == 1


def test_the_password_is_in_no_log(post: Post) -> None:
    phone = post.house.phone
    phone.approved(phone.card("Email Northwind that the key is under the mat"))
    post.inbox.refuse = "554 5.7.1 no"
    refused = phone.card("Email Northwind that the mat is gone")
    phone.tap(refused, "Approve")
    phone.turned(refused, "Not done")
    assert post.logins >= 1
    for message in phone.messages():
        assert PASSWORD not in message["text"]
    for path, text in post.house.logs():
        assert PASSWORD not in text, path
