"""The registry of commands, and what /settings takes."""

import re
from datetime import time, timedelta
from typing import Any

import pytest

from bot.commands import COMMANDS, by_intent, help_text, parse
from core import profile, prompts, schedules


def test_telegram_takes_the_menu() -> None:
    assert 1 <= len(COMMANDS) <= 100
    for command in COMMANDS:
        assert re.fullmatch(r"[a-z0-9_]{1,32}", command.name)
        assert 1 <= len(command.help) <= 256
    assert len({command.name for command in COMMANDS}) == len(COMMANDS)


def test_help_lists_every_command() -> None:
    lines = help_text().splitlines()
    assert [line.split()[0] for line in lines] == [f"/{command.name}" for command in COMMANDS]


def test_every_intent_that_shows_something_has_its_command() -> None:
    from typing import get_args

    from agents.requests import Show

    for intent in get_args(Show.model_fields["intent"].annotation):
        assert by_intent(intent) in COMMANDS


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("/help", ("help", "")),
        ("/Help@factotum_bot", ("help", "")),
        ("  /settings  zone Europe/Berlin ", ("settings", "zone Europe/Berlin")),
        ("/", ("", "")),
    ],
)
def test_a_command_is_read(text: str, parsed: tuple[str, str]) -> None:
    assert parse(text) == parsed


async def test_every_command_answers(house: Any) -> None:
    for command in COMMANDS:
        before = len(await house.letters())
        await house.command(f"/{command.name}")
        assert len(await house.letters()) > before, command.name


async def test_an_unknown_command_does_nothing_and_says_so(house: Any) -> None:
    await house.command("/<b>nonsense</b>")
    assert "I don't know" in await house.last()
    assert "&lt;b&gt;" in await house.last()


async def _settings(house: Any) -> profile.Profile:
    async with house.app.database.read() as connection:
        return await profile.load(connection)


@pytest.mark.parametrize(
    ("words", "field", "value"),
    [
        ("zone America/New_York", "zone", "America/New_York"),
        ("currency usd", "currency", "USD"),
        ("digest 7", "digest_at", time(7)),
        ("digest 7.30 pm", "digest_at", time(19, 30)),
        ("net_days 30", "net_days", 30),
        ("quiet 23:00 - 6:30", "quiet_from", time(23)),
        ("quiet 23 to 6:30", "quiet_to", time(6, 30)),
    ],
)
async def test_a_setting_is_changed_and_told(
    house: Any, words: str, field: str, value: object
) -> None:
    await house.command(f"/settings {words}")
    assert getattr(await _settings(house), field) == value
    assert "is now" in await house.last()
    assert "it was" in await house.last()


@pytest.mark.parametrize(
    ("words", "field", "value"),
    [
        ("name  Ada & Sons <GmbH>", "name", "Ada & Sons <GmbH>"),
        (
            "address Lane 1, 10115 Berlin,, Germany",
            "address",
            ("Lane 1", "10115 Berlin", "Germany"),
        ),
        ("tax_rate 19 %", "tax_rate", "19"),
        ("tax_rate 5,5", "tax_rate", "5.5"),
        ("iban -", "iban", ""),
    ],
)
async def test_the_company_is_changed(house: Any, words: str, field: str, value: object) -> None:
    await house.command(f"/settings company.{words}")
    found = getattr((await _settings(house)).company, field)
    assert found == value


@pytest.mark.parametrize(
    "words",
    [
        "zone Mars",
        "currency EURO",
        "digest 25:00",
        "digest soon",
        "digest 8:75",
        "quiet 22:00",
        "quiet never",
        "net_days -1",
        "net_days 366",
        "net_days ²",
        "net_days " + "9" * 500,
        "net_days 1.5",
        "company.tax_rate lots",
        "company.tax_rate -1",
        "company.tax_rate 101",
        "company.tax_rate nan",
        "company.tax_rate sNaN",
        "company.tax_rate inf",
        "company.email nowhere",
    ],
)
async def test_what_does_not_fit_is_told_and_changes_nothing(house: Any, words: str) -> None:
    before = await _settings(house)
    await house.command(f"/settings {words}")
    assert await _settings(house) == before
    assert "I kept the old setting" in await house.last()


async def test_an_unknown_setting_lists_the_known(house: Any) -> None:
    await house.command("/settings colour blue")
    assert "zone" in await house.last()
    await house.command("/settings zone")
    assert "new value" in await house.last()


async def test_a_new_hour_or_zone_moves_the_digest(house: Any) -> None:
    await house.command("/settings digest 11:00")
    house.clock.advance(timedelta(hours=1))  # 10:00 UTC is 11:00 in Berlin
    async with house.app.database.read() as connection:
        assert [slot.kind for slot in await schedules.due(connection, house.clock)] == ["digest"]
    await house.command("/settings zone UTC")
    async with house.app.database.read() as connection:
        assert await schedules.due(connection, house.clock) == []


async def test_a_tap_asks_and_the_answer_sets(house: Any) -> None:
    await house.tap("set:zone")
    assert "What should it be?" in await house.last()
    await house.write("Europe/Lisbon")
    assert (await _settings(house)).zone == "Europe/Lisbon"
    async with house.app.database.read() as connection:
        assert await prompts.latest(connection, house.clock) is None


async def test_pause_and_resume_say_what_they_do(house: Any) -> None:
    await house.command("/pause")
    assert (await _settings(house)).paused
    await house.command("/pause")
    assert "already" in await house.last()
    await house.command("/resume")
    assert not (await _settings(house)).paused
    await house.command("/resume")
    assert "Nothing is paused" in await house.last()


@pytest.mark.parametrize(
    "data",
    [
        "",
        ":",
        "ok:",
        "ok:apr_nothing",
        "no:apr_nothing",
        "edit:apr_nothing",
        "reason:apr_nothing",
        "show:apr_nothing",
        "show:1" + "0" * 40,
        "show:²",
        "show:99999",
        "why:msg_1" + "0" * 40,
        "why:msg_²",
        "why:run_nothing",
        "why:fact_nothing",
        "undo:run_nothing",
        "retry:run_nothing",
        "vouch:stp_nothing",
        "set:nothing",
        "q:nothing",
        "drop table:x",
        "' OR 1=1 --",
        "ok:\u202e",
    ],
)
async def test_a_made_up_button_does_nothing(house: Any, data: str) -> None:
    words = await house.tap(data)
    assert isinstance(words, str)
    assert len(words) <= 200
    await house.work()
    assert list((house.app.settings.home / "mail").rglob("*.eml")) == []
    async with house.app.database.read() as connection:
        assert await prompts.latest(connection, house.clock) is None
