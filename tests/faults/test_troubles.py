"""Everything around the processes fails: queue, Telegram, mail server, clock and disk."""

import contextlib
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import redis
from driving import until
from provider import Provider
from storm import Storm, storm
from test_kills import LONG, Tell, told

HOUR = 3600.0


def flush(raging: Storm) -> None:
    """Empties the queue."""
    socket = str(raging.house.home / "queue" / "valkey.sock")
    with contextlib.suppress(redis.RedisError), redis.Redis(unix_socket_path=socket) as queue:
        queue.flushall()


@contextlib.contextmanager
def stopped(process: psutil.Process) -> Iterator[None]:
    """A process that is there and does nothing."""
    process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        process.send_signal(signal.SIGCONT)


def test_the_queue_is_flushed_and_killed(tmp_path: Path, record_property: Tell) -> None:
    with storm(tmp_path, 1) as raging:
        for trouble in (flush, lambda raging: raging.kill("queue")):
            for kind in ("invoice", "reminder"):
                inbox = raging.owner.say(f"Email Northwind that we {kind}")
                trouble(raging)
                raging.play(kind)
                trouble(raging)
                raging.owner.finish(inbox)
        told(raging, record_property)


def test_the_queue_stops_and_goes_on(tmp_path: Path, record_property: Tell) -> None:
    with storm(tmp_path, 1) as raging:
        phone = raging.house.phone
        phone.ask("/status", "queue: answers")
        begun = time.monotonic()
        with stopped(raging.house.children()["queue"]):
            sent = phone.say("/status")
            phone.heard(sent, lambda m: "queue: does not answer" in m["text"], seconds=10)
            for kind in ("invoice", "undo", "pause", "reminder"):
                raging.play(kind)
            while LONG and time.monotonic() < begun + 60:
                raging.play("mail")
        until(lambda: "queue: answers" in phone.ask("/status", "queue: ")["text"], "the queue")
        raging.play("invoice")
        told(raging, record_property)


TROUBLES: tuple[tuple[int | str, dict[str, Any]], ...] = (
    (429, {"retry_after": 1}),
    (502, {}),
    ("drop", {"carried_out": False}),
    ("drop", {"carried_out": True}),  # accepted, and the answer never came
    *([("timeout", {"carried_out": True})] if LONG else []),
)
CALLS = {
    "getUpdates": "fact",
    "sendMessage": "mail",
    "editMessageText": "invoice",
    "answerCallbackQuery": "edit",
    "sendDocument": "undo",
}


def test_telegram_has_bad_days(tmp_path: Path, record_property: Tell) -> None:
    with storm(tmp_path, 2) as raging:
        phone = raging.house.phone
        days = [(call, *trouble) for call in CALLS for trouble in TROUBLES]
        raging.chance.shuffle(days)
        for call, status, more in days if LONG else days[:10]:
            phone.fault(call, status, count=2, **more)
            raging.told.append(f"{call} answers {status} {more}")
            raging.play(CALLS[call], budget=1)
            phone.fault(call, status, count=0)
        under_way = "SELECT 1 FROM outbox WHERE state IN ('queued', 'sending')"
        until(lambda: not raging.house.rows(under_way), "the courier's rest")
        # A letter whose answer never came is the one thing that nobody can be sure of.
        phone.fault("sendMessage", "drop", carried_out=True)
        sent = phone.say("hello")
        phone.heard(sent, lambda m: "can't tell whether" in m["text"])
        told(raging, record_property)


def test_the_mail_server_dies_after_data(
    tmp_path: Path, provider: Provider, record_property: Tell
) -> None:
    with storm(tmp_path, 3, provider=provider) as raging:
        for death in ("taken", "lost"):
            provider.deaths.append(death)
            raging.play("invoice")
            provider.deaths.append(death)
            raging.play("mail", at={"core.executor:Executor._trouble.write@after-commit": 1})
        # So does the worker, in the moment between the server's answer and our note of it.
        raging.play("mail", at={"connectors.durable:move.sync_folder[1]@before": 1})
        raging.play("mail", at={"core.executor:Executor._call.perform@after": 1})
        raging.calm()
        assert provider.died == 4
        unclear = raging.house.rows("SELECT count(*) FROM journal WHERE kind='effect.unknown'")
        assert unclear[0][0] >= 4  # each time the owner was asked
        assert set(provider.counts.values()) == {1}
        told(raging, record_property)


def test_the_clock_jumps_around_a_reminder(tmp_path: Path, record_property: Tell) -> None:
    def reminders() -> list[str]:
        found = [m["text"] for m in raging.house.phone.messages() if m["from"] == "bot"]
        return [text for text in found if text.startswith("Reminder\n")]

    def settle() -> None:
        raging.play("invoice", budget=1)
        time.sleep(1.2)  # the sweep looks once a second

    with storm(tmp_path, 4) as raging:
        raging.play("reminder", budget=1)
        raging.play("reminder")
        for hours in (-5, 0, -30):
            raging.control.change(offset=hours * HOUR)
            settle()
            assert reminders() == []
        points = [f"bot.ticking:_remind.write@{when}-commit" for when in ("before", "after")]
        raging.control.next(at={points[0]: 1, points[1]: 2}, offset=40 * HOUR)
        raging.owner.until(lambda: len(set(reminders())) == 2, "both reminders")
        for hours in (-5, 41, 20, 60):
            raging.control.change(offset=hours * HOUR)
            settle()
        # A card that nobody answers lapses, once, while the one who says so dies.
        inbox = raging.owner.say("Email Northwind that nobody answers")
        _, card = raging.owner.card(inbox)
        points += [f"bot.ticking:keep_hours.write[1]@{when}-commit" for when in ("before", "after")]
        raging.control.next(at=dict.fromkeys(points[2:], 1), offset=1000 * HOUR)
        until(
            lambda: [state for _, state in raging.owner.runs(inbox)] == ["cancelled"],
            "the end of the card",
        )
        raging.house.phone.turned(card, "Expired")
        raging.calm()
        died = {point for _, point in raging.control.fired()}
        assert died.issuperset(points)
        told(raging, record_property)


@pytest.mark.parametrize(
    "what",
    ["step", "letter"],
)
def test_the_clock_jumps_back_while_something_waits(tmp_path: Path, what: str) -> None:
    with storm(tmp_path, 5) as raging:
        owner, phone = raging.owner, raging.house.phone
        inbox = owner.say("Email Northwind that the tide turns")
        approval, _ = owner.card(inbox)
        if what == "step":  # its worker dies, and the lease ends in five hours
            raging.control.next(at={"core.executor:Executor._call.perform@before": 1})
            owner.answer(approval)
            until(raging.control.fired, "the worker's death")
        else:  # Telegram wants two seconds' rest, and they end in five hours
            phone.fault("sendMessage", 429, retry_after=2)
            phone.say("hello")
            until(lambda: raging.house.rows("SELECT 1 FROM outbox WHERE not_before>0"), "a wait")
        raging.control.change(offset=-5 * HOUR)
        try:
            phone.heard(phone.say("thank you"), seconds=10)
            if what == "step":
                until(lambda: owner.runs(inbox)[0][1] == "done", "the mail", seconds=10)
        finally:
            raging.control.change(offset=0)


def test_the_disk_is_full_for_a_while(tmp_path: Path, record_property: Tell) -> None:
    with storm(tmp_path, 5) as raging:
        phone, owner = raging.house.phone, raging.owner

        @contextlib.contextmanager
        def full(seconds: float) -> Iterator[None]:
            raging.control.change(full=True)
            try:
                yield
                time.sleep(seconds)
            finally:
                raging.control.change(full=False)

        card = phone.card("Invoice Northwind 4000 EUR for the full disk")
        with full(2.5):
            sent = phone.say("Remind me tomorrow at 9 to buy a disk")
            owner.press(card["buttons"][0][0]["data"])
            phone.heard(sent, lambda m: "disk is full" in m["text"])
        owner.until(
            lambda: owner.one("SELECT count(*) FROM schedule WHERE kind='reminder'") == 1,
            "the reminder",
        )
        for kind in ("invoice", "file", "undo"):
            inbox = owner.say(f"Email Northwind that the {kind} waits")
            with full(1.0):
                pass
            owner.finish(inbox)
            raging.play(kind, budget=1)
        owner.until(
            lambda: owner.one("SELECT count(*) FROM invoice WHERE total_minor=400000") == 1,
            "the invoice",
        )
        told(raging, record_property)


def test_what_was_reached_is_named_as_in_the_code(
    tmp_path: Path, provider: Provider, record_property: Tell
) -> None:
    """Every kind of conversation, once, with nobody dying: the names at runtime are known.

    That none is unknown is checked at the end of every storm; here, that none goes unseen.
    """
    with storm(tmp_path, 6, provider=provider) as raging:
        for kind in raging.KINDS:
            raging.play(kind)
        journalled = {row[0] for row in raging.house.rows("SELECT DISTINCT kind FROM journal")}
        seen = raging.control.seen()
        for kind, point in (
            ("inbox.received", "bot.inbound:Inbound._take.write"),
            ("invoice.issued", "connectors.billing.ledger:Ledger.issue.write"),
            ("effect.intended", "core.executor:Executor.execute.write"),
            ("letter.sent", "bot.courier:Courier._settle.write"),
        ):
            assert kind in journalled
            assert {f"{point}@before-commit", f"{point}@after-commit"} <= seen
        told(raging, record_property)
