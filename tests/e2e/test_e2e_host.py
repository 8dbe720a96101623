"""What the host sees: starting, stopping, checking, and clear sentences when it can't be."""

import asyncio
import contextlib
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
from pathlib import Path

import psutil
import pytest
from driving import TOKEN, Demo, Machine, demo, factotum, labels
from pydantic import SecretStr

from bot.doctor import check_token
from core.settings import Settings


def refused(result: subprocess.CompletedProcess[str]) -> str:
    """The one sentence of a command that could not go on."""
    assert result.returncode == 1, (result.stdout, result.stderr)
    assert "Traceback" not in result.stderr + result.stdout
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1, lines
    return lines[0]


def start(home: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """Tries to start a demo that should be refused."""
    return factotum("demo", "--no-browser", *(more or ("--port", "0")), home=home)


def copied(house: Demo, path: Path) -> None:
    """A copy of a running house's database."""
    with (
        contextlib.closing(sqlite3.connect(house.home / "factotum.db")) as source,
        contextlib.closing(sqlite3.connect(path)) as copy,
    ):
        source.backup(copy)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_cleanly_and_goes_on_where_it_was(tmp_path: Path, how: signal.Signals) -> None:
    home = tmp_path / "home"
    with demo(home) as first:
        card = first.phone.card("Invoice Northwind 2400 EUR for the brand workshop, net 14")
        draft = first.phone.ask("Remind me tomorrow at 9 to call the printer", "call the printer")
        asked = first.phone.ask("Invoice Bluebird for the menu")
        assert "?" in asked["text"]
        family = [*first.children().values(), psutil.Process(first.process.pid)]
        assert set(first.children()) == {"bot", "worker", "queue"}
        assert first.end(how) == 0
        assert "Traceback" not in first.err
        _, alive = psutil.wait_procs(family, timeout=5)
        assert alive == []
        assert first.rows("PRAGMA integrity_check") == [("ok",)]
    with contextlib.closing(sqlite3.connect(home / "factotum.db")) as db, db:
        db.execute(
            "UPDATE schedule SET due_at = strftime('%Y-%m-%d %H:%M:%f000', 'now', '-1 hour') "
            "WHERE kind = 'reminder'"
        )
    with demo(home) as second:
        phone = second.phone
        assert second.mails() == []
        told = phone.heard(draft["message_id"], lambda m: m["text"].startswith("Reminder\n"))
        assert "It was due" in told["text"]
        later = phone.card("400 EUR")  # the question was open when it stopped
        assert "400.00 EUR" in later["text"]
        assert "Bluebird" in later["text"]
        outcome = phone.approved(card)
        assert "2026-" in outcome["text"] or "Issued invoice" in outcome["text"]
        assert len(second.mails()) == 1
        phone.settled()
        reminders = [m for m in phone.messages() if m["text"].startswith("Reminder\n")]
        assert len(reminders) == 1
        result = factotum("journal", "verify", home=home)
        assert result.returncode == 0
        assert "whole" in result.stdout


def test_what_came_while_it_was_away_is_answered_once(tmp_path: Path) -> None:
    with demo(tmp_path / "home") as machine:
        for name in ("bot", "worker"):
            machine.children()[name].kill()
        sent = machine.phone.say("Email Northwind that nothing gets lost")
        card = machine.phone.heard(sent, lambda m: "Approve" in labels(m))
        machine.phone.approved(card)
        machine.phone.settled()
        assert len(machine.mails()) == 1
        cards = [m for m in machine.phone.messages(sent) if "nothing gets lost" in m["text"]]
        assert len(cards) <= 1


def test_a_killed_parent_takes_its_children_along(tmp_path: Path) -> None:
    with demo(tmp_path / "home") as machine:
        family = list(machine.children().values())
        machine.process.kill()
        machine.process.wait(10)
        _, alive = psutil.wait_procs(family, timeout=20)
        assert alive == []


def test_a_second_one_on_the_same_folder_is_refused(house: Demo) -> None:
    said = refused(start(house.home))
    assert "runs on" in said
    assert str(house.process.pid) in said
    assert house.phone.ask("hello")


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        said = refused(start(tmp_path / "home", "--port", port))
    assert port in said
    assert "--port" in said


def test_a_folder_that_cant_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    said = refused(start(tmp_path / "file" / "home"))
    assert "can't be written to" in said
    assert "--home" in said


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_named(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir(mode=0o500)
    assert "can't be written to" in refused(start(tmp_path / "home"))


@pytest.mark.parametrize("command", ["demo", "journal"])
@pytest.mark.parametrize("damage", ["noise", "newer", "truncated"])
def test_a_database_it_cant_use_is_left_alone(
    house: Demo, tmp_path: Path, command: str, damage: str
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    path = home / "factotum.db"
    copied(house, path)
    shutil.copy(house.home / ".seeded", home / ".seeded")
    match damage:
        case "noise":
            path.write_bytes(b"this is no database" * 1000)
        case "truncated":
            content = bytearray(path.read_bytes())
            content[4096:90_000] = bytes(90_000 - 4096)
            path.write_bytes(bytes(content))
        case _:
            with contextlib.closing(sqlite3.connect(path)) as db, db:
                db.execute("UPDATE alembic_version SET version_num = '9999'")
    before = path.read_bytes()
    result = start(home) if command == "demo" else factotum("journal", "verify", home=home)
    said = refused(result)
    assert ("newer Factotum" if damage == "newer" else "damaged") in said
    assert "untouched" in said
    assert path.read_bytes() == before


def test_the_journal_names_the_first_broken_entry(house: Demo, tmp_path: Path) -> None:
    house.phone.settled()
    whole = factotum("journal", "verify", home=house.home)
    assert whole.returncode == 0
    assert "whole" in whole.stdout
    home = tmp_path / "copy"
    home.mkdir()
    copied(house, home / "factotum.db")
    with contextlib.closing(sqlite3.connect(home / "factotum.db")) as db, db:
        triggers = db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (name,) in triggers:
            db.execute(f'DROP TRIGGER "{name}"')
        db.execute("""UPDATE journal SET data = '{"changed": true}' WHERE seq = 5""")
    broken = factotum("journal", "verify", home=home)
    assert broken.returncode == 1
    assert "broken at entry 5" in broken.stdout
    assert "Traceback" not in broken.stdout + broken.stderr
    with contextlib.closing(sqlite3.connect(home / "factotum.db")) as db, db:
        db.execute("DELETE FROM journal WHERE seq = 5")
    assert factotum("journal", "verify", home=home).returncode == 1


def test_the_journal_cant_be_changed_by_plain_sql(house: Demo) -> None:
    with pytest.raises(sqlite3.DatabaseError):
        house.write("UPDATE journal SET actor = 'nobody' WHERE seq = 1")
    with pytest.raises(sqlite3.DatabaseError):
        house.write("DELETE FROM journal WHERE seq = 1")


def test_the_doctor(house: Demo, tmp_path: Path) -> None:
    healthy = factotum(
        "doctor",
        home=house.home,
        TELEGRAM_BOT_TOKEN=TOKEN,
        FACTOTUM_TELEGRAM_API_URL=house.phone.address,
    )
    assert healthy.returncode == 0, healthy.stdout
    for part in ("token", "clock", "database", "disk", "queue", "index", "mail", "model"):
        assert f"✓ {part}: " in healthy.stdout
    wrong = factotum(
        "doctor",
        home=tmp_path / "new",
        TELEGRAM_BOT_TOKEN="123456789:" + "A" * 35,
        FACTOTUM_TELEGRAM_API_URL=house.phone.address,
    )
    assert wrong.returncode == 1
    assert "✗ token: " in wrong.stdout
    assert "BotFather" in wrong.stdout
    none = factotum("doctor", home=tmp_path / "new")
    assert none.returncode == 1
    assert "✗ token: No Telegram bot token is set." in none.stdout
    for result in (healthy, wrong, none):
        assert "Traceback" not in result.stdout + result.stderr
        assert "A" * 35 not in result.stdout + result.stderr
        assert TOKEN not in result.stdout + result.stderr


@pytest.mark.parametrize(
    ("env", "words"),
    [
        ({"FACTOTUM_WEBHOOK_URL": "https://x.example"}, "FACTOTUM_WEBHOOK_SECRET"),
        ({"FACTOTUM_LOG_LEVEL": "LOUD"}, "setting is wrong"),
        ({"FACTOTUM_SMTP_PORT": "many"}, "setting is wrong"),
        ({}, "No Telegram bot token is set"),
        ({"TELEGRAM_BOT_TOKEN": "hello"}, "not a bot token"),
    ],
)
def test_a_wrong_setting_is_a_sentence(tmp_path: Path, env: dict[str, str], words: str) -> None:
    assert words in refused(factotum("up", home=tmp_path / "home", **env))


def test_a_refused_token_gets_no_code(house: Demo, tmp_path: Path) -> None:
    result = factotum(
        "up",
        home=tmp_path / "home",
        TELEGRAM_BOT_TOKEN="123456789:" + "C" * 35,
        FACTOTUM_TELEGRAM_API_URL=house.phone.address,
    )
    said = refused(result)
    assert "refuses the bot token" in said
    assert "BotFather" in said
    assert "/start" not in result.stdout
    assert "C" * 35 not in result.stdout + result.stderr


def test_without_telegram_it_says_so_and_goes_on(tmp_path: Path) -> None:
    machine = Machine(
        tmp_path / "home",
        "up",
        TELEGRAM_BOT_TOKEN=TOKEN,
        FACTOTUM_TELEGRAM_API_URL="http://127.0.0.1:9",
    )
    try:
        told = machine.printed("Factotum runs")
        assert re.search(r"can't be reached.*\n.*keep trying.*\n.*/start [A-Z2-9]{8}\n", told)
        assert machine.end() == 0
        assert TOKEN not in told + machine.err
    finally:
        machine.kill_all()


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (None, "can't be reached"),  # it listens and says nothing
        ("HTTP/1.1 200 OK\r\nDate: never\r\nContent-Length: 2\r\n\r\nhi", "can't be reached"),
        (
            "HTTP/1.1 502 Bad\r\nContent-Length: 41\r\n\r\n"
            '{"ok":false,"description":"Bad Gateway" }',
            "has trouble (Bad Gateway)",
        ),
    ],
)
async def test_a_telegram_on_a_bad_day_refuses_no_token(answer: str | None, words: str) -> None:
    async def bad_day(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        if answer is None:
            await asyncio.sleep(5)
        else:
            writer.write(answer.encode())
        writer.close()

    async with await asyncio.start_server(bad_day, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        checked = await check_token(
            Settings(
                telegram_bot_token=SecretStr(TOKEN),
                telegram_api_url=f"http://127.0.0.1:{port}",
                _env_file=None,
            ),
            seconds=0.5,
        )
    assert words in checked.health.detail
    assert checked.health.status == "failed"
    assert not checked.refused


def test_no_secret_in_any_log(house: Demo) -> None:
    house.phone.settled()
    seen = 0
    for path, text in house.logs():
        seen += 1
        assert TOKEN not in text, path
        assert TOKEN.split(":")[1] not in text, path
    assert seen >= 3
    assert TOKEN not in house.out + house.err


def test_the_logs_hold_no_error_after_an_ordinary_day(house: Demo) -> None:
    house.phone.approved(house.phone.card("Invoice Bluebird 12 EUR for string"))
    for path, text in house.logs():
        assert "Traceback" not in text, (path, text[:2000])
