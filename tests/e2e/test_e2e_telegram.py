"""``factotum up`` against a Bot API server: pairing, webhook, tokens, and Telegram's bad days."""

import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from driving import (
    OWNER,
    STRANGER,
    TOKEN,
    Demo,
    Machine,
    Phone,
    demo,
    environment,
    factotum,
    labels,
    until,
)

SECRET = "a-webhook-secret-of-thirty-characters"


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@contextmanager
def telegram(folder: Path) -> Iterator[Phone]:
    """A Bot API server of its own."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bot.sandbox", "--store", str(folder / "tg.db"), "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment(folder),
        text=True,
    )
    assert process.stdout
    try:
        line = process.stdout.readline()
        phone = Phone("http://" + line.split("http://")[1].split("/")[0])
        yield phone
        phone.http.close()
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


@contextmanager
def up(home: Path, phone: Phone, **env: str) -> Iterator[Machine]:
    """A running ``factotum up``."""
    machine = Machine(
        home,
        "up",
        **{"TELEGRAM_BOT_TOKEN": TOKEN, "FACTOTUM_TELEGRAM_API_URL": phone.address} | env,
    )
    try:
        yield machine
    finally:
        machine.kill_all()


def journalled(machine: Machine, kind: str) -> int:
    """How many entries of a kind the journal has."""
    return machine.rows("SELECT count(*) FROM journal WHERE kind = ?", kind)[0][0]


def test_pairing_by_the_printed_code(tmp_path: Path) -> None:
    with telegram(tmp_path) as phone:
        with up(tmp_path / "home", phone) as machine:
            code = re.search(r"/start (\S+)", machine.printed("/start "))
            assert code
            machine.printed("Factotum runs")
            phone.say("Invoice Northwind 5 EUR for air")
            phone.say("/start WRONGCODE")
            phone.say("/start")
            phone.say("/help", user_id=STRANGER)
            until(lambda: journalled(machine, "inbox.ignored") == 4, "four ignored messages")
            assert [m for m in phone.messages() if m["from"] == "bot"] == []

            sent = phone.say(f"/start {code[1]}")
            phone.heard(sent, lambda m: "Paired" in m["text"])
            sent = phone.say(f"/start {code[1]}", user_id=STRANGER)
            until(lambda: journalled(machine, "inbox.ignored") == 5, "the code being used up")
            assert machine.rows("SELECT user_id FROM operator") == [(OWNER,)]
            assert [m for m in phone.messages(user_id=STRANGER) if m["from"] == "bot"] == []
            phone.ask("hello")
            assert machine.end() == 0
        again = factotum("pair", home=tmp_path / "home")
        assert again.returncode == 1
        assert "paired already" in again.stderr
        with up(tmp_path / "home", phone) as machine:
            machine.printed("Factotum runs")
            assert "/start" not in machine.out
            phone.ask("hello again")
            for path, text in machine.logs():
                assert TOKEN.split(":")[1] not in text, path
        verified = factotum("journal", "verify", home=tmp_path / "home")
        assert verified.returncode == 0, verified.stdout


def test_a_refused_token_is_one_sentence(house: Demo, tmp_path: Path) -> None:
    wrong = "123456789:" + "B" * 35
    with up(tmp_path / "home", house.phone, TELEGRAM_BOT_TOKEN=wrong) as machine:
        assert machine.process.wait(60) == 1
        (line,) = machine.err.strip().splitlines()
        assert "refuses the bot token" in line
        assert "BotFather" in line
        assert "B" * 35 not in machine.out + machine.err
        for path, text in machine.logs():
            assert "B" * 35 not in text, path


def test_a_webhook_takes_only_what_carries_the_secret(tmp_path: Path) -> None:
    port = free_port()
    with (
        telegram(tmp_path) as phone,
        up(
            tmp_path / "home",
            phone,
            FACTOTUM_WEBHOOK_URL=f"http://127.0.0.1:{port}",
            FACTOTUM_WEBHOOK_SECRET=SECRET,
            FACTOTUM_WEBHOOK_PORT=str(port),
        ) as machine,
    ):
        code = re.search(r"/start (\S+)", machine.printed("/start "))
        assert code
        machine.printed("Factotum runs")
        sent = phone.say(f"/start {code[1]}")
        phone.heard(sent, lambda m: "Paired" in m["text"])
        phone.ask("hello")
        assert phone.log("getUpdates") == []

        inbox = machine.rows("SELECT count(*) FROM inbox")
        update = {
            "update_id": 900_000_000,
            "message": {
                "message_id": 1,
                "date": 1,
                "chat": {"id": OWNER, "type": "private", "first_name": "x"},
                "from": {"id": OWNER, "is_bot": False, "first_name": "x"},
                "text": "/pause",
            },
        }
        address = f"http://127.0.0.1:{port}/telegram"
        header = "X-Telegram-Bot-Api-Secret-Token"
        for headers in ({}, {header: ""}, {header: SECRET[:-1]}, {header: SECRET + "x"}):
            assert httpx.post(address, json=update, headers=headers).status_code == 403
        right = {header: SECRET}
        for body in (b"no json", b"{}", b"[]", b'{"update_id": "x"}'):
            assert httpx.post(address, content=body, headers=right).status_code == 400
        assert machine.rows("SELECT count(*) FROM inbox") == inbox
        for path, text in machine.logs():
            assert SECRET not in text, path
        phone.ask("/status", "bot: running")
        assert "paused" not in phone.messages()[-1]["text"]


@pytest.fixture(scope="module")
def stormy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A demo whose Telegram has bad days; not shared with tests that expect good ones."""
    with demo(tmp_path_factory.mktemp("stormy") / "home") as machine:
        yield machine


@pytest.mark.parametrize(
    ("status", "more"),
    [
        (429, {"retry_after": 1, "count": 2}),
        (502, {"count": 3}),
        (500, {"count": 2}),
        ("drop", {"count": 1}),
    ],
)
def test_letters_arrive_in_order_after_trouble(
    stormy: Demo, status: int | str, more: dict[str, int]
) -> None:
    phone = stormy.phone
    start = phone.settled()
    phone.fault("sendMessage", status, **more)
    names = ["first", "second", "third", "fourth"]
    for name in names:
        phone.say(f"Remind me tomorrow at 9 to check the {name} thing")

    def arrived() -> list[str]:
        texts = [m["text"] for m in phone.messages(start) if m["from"] == "bot"]
        return [
            n
            for text in texts
            if text.startswith("Reminder set")
            for n in names
            if f"check the {n} thing" in text
        ]

    until(lambda: "fourth" in arrived(), "the last letter")
    phone.settled()
    unsure = [m for m in phone.messages(start) if "can't tell whether" in m["text"]]
    if status == "drop":  # nobody can know whether it arrived: the chat says so
        assert arrived() == names[1:]
        (asked,) = unsure
        assert "first" in asked["text"]
        phone.tap(asked, "Show it")
        until(lambda: "first" in arrived(), "the letter again")
        assert sorted(arrived()) == sorted(names)
    else:
        assert unsure == []
        assert arrived() == names


def test_a_timed_out_letter_is_not_sent_twice(stormy: Demo) -> None:
    phone = stormy.phone
    start = phone.settled()
    phone.fault("sendMessage", "timeout", count=1, carried_out=True)
    sent = phone.say("Remind me tomorrow at 10 to wait for the slow one")
    unsure = phone.heard(sent, lambda m: "can't tell whether" in m["text"], seconds=60)
    assert labels(unsure) == ["Show it"]
    shown = [
        m
        for m in phone.messages(start)
        if m["from"] == "bot" and m["text"].startswith("Reminder set")
    ]
    assert len(shown) == 1


def test_a_card_whose_edit_failed_still_turns(stormy: Demo) -> None:
    phone = stormy.phone
    mails = len(stormy.mails())
    card = phone.card("Invoice Bluebird 71 EUR for wax")
    phone.settled()
    phone.fault("editMessageText", 429, retry_after=1, count=2)
    phone.fault("editMessageText", 502, count=1)
    phone.tap(card, "Approve")
    phone.turned(card, "Done")
    assert len(stormy.mails()) == mails + 1


def test_a_tap_whose_answer_failed_still_counts_once(stormy: Demo) -> None:
    phone = stormy.phone
    mails = len(stormy.mails())
    card = phone.card("Invoice Bluebird 72 EUR for wax")
    phone.fault("answerCallbackQuery", 400, count=1)
    phone.tap(card, "Approve")
    phone.turned(card, "Done")
    assert len(stormy.mails()) == mails + 1


def test_polling_comes_back(stormy: Demo) -> None:
    phone = stormy.phone
    phone.fault("getUpdates", 502, count=2)
    phone.ask("hello")
    phone.ask("hello again")
