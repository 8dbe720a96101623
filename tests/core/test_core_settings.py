"""What the host sets: read from the environment, refused in words, secrets kept secret."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from core.settings import Settings

TOKEN = "123456789:" + "AbCdEfGhIjKlMnOpQrStUvWxYz0123456789"


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import os

    for name in list(os.environ):
        if name.startswith("FACTOTUM_") or name in ("TELEGRAM_BOT_TOKEN", "REDIS_URL"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def test_nothing_has_to_be_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FACTOTUM_HOME", str(tmp_path))
    found = Settings()
    assert (found.model_small, found.model_large) == ("builtin", "builtin")
    assert found.telegram_bot_token is None
    assert found.database_path == tmp_path / "factotum.db"
    assert found.queue_url() == f"unix://{tmp_path}/queue/valkey.sock"


def test_the_environment_and_the_file_are_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text(f"TELEGRAM_BOT_TOKEN={TOKEN}\nFACTOTUM_SMTP_PORT=25\nOTHER=1\n")
    monkeypatch.setenv("REDIS_URL", "redis://:pw@redis:6379")
    found = Settings()
    assert found.telegram_bot_token is not None
    assert found.telegram_bot_token.get_secret_value() == TOKEN
    assert found.smtp_port == 25
    assert found.queue_url() == "redis://:pw@redis:6379"


@pytest.mark.parametrize("secret", [None, ""])
def test_a_webhook_without_a_secret_is_refused(
    monkeypatch: pytest.MonkeyPatch, secret: str | None
) -> None:
    monkeypatch.setenv("FACTOTUM_WEBHOOK_URL", "https://bot.example")
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", TOKEN)
    if secret is not None:
        monkeypatch.setenv("FACTOTUM_WEBHOOK_SECRET", secret)
    with pytest.raises(ValidationError, match="FACTOTUM_WEBHOOK_SECRET"):
        Settings()


def test_a_webhook_with_a_secret_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACTOTUM_WEBHOOK_URL", "https://bot.example")
    monkeypatch.setenv("FACTOTUM_WEBHOOK_SECRET", "s" * 32)
    assert Settings().webhook_url == "https://bot.example"


def test_no_secret_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = {
        "TELEGRAM_BOT_TOKEN": TOKEN,
        "REDIS_URL": "redis://:hunter22@redis",
        "FACTOTUM_SMTP_PASSWORD": "correct-horse",
        "FACTOTUM_WEBHOOK_SECRET": "battery-staple",
    }
    for name, value in secrets.items():
        monkeypatch.setenv(name, value)
    printed = f"{Settings()!r} {Settings()} {Settings().model_dump()}"
    assert not [value for value in secrets.values() if value in printed]


def test_a_refusal_repeats_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "1:ab")
    monkeypatch.setenv("FACTOTUM_WEBHOOK_URL", "https://bot.example")
    with pytest.raises(ValidationError) as caught:
        Settings()
    assert "1:ab" not in str(caught.value)
