"""No secret in any log line, whichever library writes it and however it goes wrong."""

import io
import json
import logging
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import structlog

from bot.logs import Redaction, configure

TOKEN = "123456789:" + "AbCdEfGhIjKlMnOpQrStUvWxYz0123456789"
OTHER_TOKEN = "987654321:" + "ZyXwVuTsRqPoNmLkJiHgFeDcBa9876543210"
REDIS = "redis://user:hunter2secret@redis.example:6379/0"
SMTP = "correct horse battery"
SECRETS = [TOKEN, REDIS, SMTP]


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Logging set up as in production at its most talkative; gives what was written."""
    stream = io.StringIO()
    monkeypatch.setattr("bot.logs.sys", SimpleNamespace(stderr=stream))
    monkeypatch.setattr(logging, "raiseExceptions", True)
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    before = structlog.get_config()
    configure("DEBUG", process="test", secrets=SECRETS)
    yield stream.getvalue
    structlog.configure(**before)
    structlog.contextvars.clear_contextvars()
    root.handlers[:] = handlers
    root.setLevel(level)


def _clean(written: str) -> None:
    for secret in (TOKEN, "hunter2secret", SMTP, OTHER_TOKEN):
        assert secret not in written
    for line in written.splitlines():
        json.loads(line)


def test_known_secrets_never_show(logged: Any) -> None:
    log = structlog.get_logger()
    log.info("a", text=f"{TOKEN} {REDIS} {SMTP}", deep={"x": [SMTP, {"y": (REDIS,)}]})
    log.warning(f"event {SMTP}", other=ValueError(SMTP))
    logging.getLogger("some.library").warning("it said %s", REDIS)
    written = logged()
    _clean(written)
    assert written.count("[hidden]") >= 5
    assert len(written.splitlines()) == 3


def test_a_traceback_shows_no_secret(logged: Any) -> None:
    def connect(password: str) -> None:
        raise ConnectionError(f"refused for {password} at https://api.example/bot{TOKEN}/getMe")

    log = structlog.get_logger()
    for write in (log.exception, logging.getLogger("library").exception):
        try:
            connect(SMTP)
        except ConnectionError:
            write("failed")
    written = logged()
    _clean(written)
    assert "ConnectionError" in written


def test_what_http_libraries_tell_at_debug_shows_no_token(logged: Any) -> None:
    url = f"https://api.telegram.org/bot{TOKEN}/getMe"
    for name in ("httpx", "httpcore.http11", "telegram.Bot", "aiogram.event", "urllib3", "asyncio"):
        logging.getLogger(name).debug("HTTP Request: GET %s", url)
        logging.getLogger(name).info("HTTP Request: GET %s", url)
        logging.getLogger(name).error("trouble with %s", {"url": url, "args": (url,)})
    written = logged()
    _clean(written)
    assert '"HTTP Request' not in "".join(
        line for line in written.splitlines() if "httpx" in line or "httpcore" in line
    )


def test_a_token_nobody_told_of_is_known_by_its_form() -> None:
    clean = Redaction([]).clean
    for text in (
        OTHER_TOKEN,
        f"token={OTHER_TOKEN}",
        f"https://api.telegram.org/bot{OTHER_TOKEN}/sendMessage",
        f"https://api.telegram.org/file/bot{OTHER_TOKEN.replace(':', '%3A')}/x.pdf",
        "amqp://somebody:s3cr3tpass@host/",
        "redis://:s3cr3tpass@host:6379",
    ):
        cleaned = clean(text)
        assert OTHER_TOKEN.partition(":")[2] not in cleaned
        assert "s3cr3tpass" not in cleaned
        assert "[hidden]" in cleaned


def test_the_password_within_an_address_is_a_secret_too() -> None:
    clean = Redaction(["redis://:p%40ssword1@host:6379"]).clean
    assert clean("AUTH p@ssword1 failed") == "AUTH [hidden] failed"


def test_a_secret_that_begins_another_leaves_no_rest() -> None:
    assert Redaction(["secret", "secret-and-more"]).clean("x secret-and-more") == "x [hidden]"


def test_ordinary_words_stay() -> None:
    text = "Invoice 2026-0001 over 2,400.00 EUR at 12:30:45, see https://example.org/a:b"
    assert Redaction(SECRETS).clean(text) == text
    event = {"n": 1, "f": 1.5, "none": None, "yes": True, "list": [1, "x"]}
    assert Redaction(SECRETS)(None, "info", dict(event)) == event


def test_the_level_is_heeded(logged: Any) -> None:
    configure("WARNING", process="test", secrets=[])
    logging.getLogger("library").info("quiet")
    logging.getLogger("library").warning("loud")
    written = logged()
    assert "quiet" not in written
    assert "loud" in written


def test_a_log_call_that_is_wrong_itself_shows_no_secret(
    logged: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """Python would print the call's arguments as they are."""
    logging.getLogger("library").warning("two %s %s", TOKEN)
    assert TOKEN not in logged() + capsys.readouterr().err
