"""Kills bot, worker and queue at random moments of invoice conversations; nothing may be lost.

Twelve kills run with the other tests. The longer form:

    FACTOTUM_KILLS=200 uv run pytest tests/faults -n 2

The moments are random but seeded: a failure prints its seed, and ``FACTOTUM_KILL_SEED=N`` plays
one again.
"""

import contextlib
import os
import random
import sys
import time
from pathlib import Path

import psutil
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "e2e"))

from driving import Demo, Message, demo, factotum, labels, until

KILLS = int(os.environ.get("FACTOTUM_KILLS", "12"))
ROUNDS = 2
"""Tests the kills are spread over, so that workers can share them."""
SEED = int(os.environ.get("FACTOTUM_KILL_SEED", "0"))
VICTIMS = (("bot",), ("worker",), ("bot", "worker"), ("queue",), ("bot", "worker", "queue"))
PATIENCE = 60.0
"""Seconds a conversation may take with processes dying in it."""


class Storm:
    """A conversation with kills in it."""

    def __init__(self, house: Demo, seed: int) -> None:
        self.house = house
        self.phone = house.phone
        self.chance = random.Random(seed)
        self.told: list[str] = [f"seed {seed}"]

    def kill(self) -> None:
        """Kills somebody, in the middle of whatever goes on."""
        who = self.chance.choice(VICTIMS)
        time.sleep(self.chance.uniform(0, 0.25))
        children = self.house.children()
        for name in who:
            if name in children:
                with contextlib.suppress(psutil.NoSuchProcess):
                    children[name].kill()
        self.told.append(f"killed {'+'.join(who)}")

    def card(self, word: str, since: int) -> Message:
        """The newest card about ``word`` that can be decided.

        After a kill in the middle of a delivery the chat asks whether a message was seen.
        """

        def look() -> Message | None:
            for message in self.phone.messages(since):
                if message["from"] == "bot" and "Show it" in labels(message):
                    self.tap(message, "Show it")
            cards = [
                m
                for m in self.phone.messages(since)
                if m["from"] == "bot" and word in m["text"].casefold() and "Approve" in labels(m)
            ]
            return cards[-1] if cards else None

        return until(look, f"a card about {word}", seconds=PATIENCE)

    def tap(self, message: Message, button: str) -> str | None:
        """Taps; a button that went away meanwhile is no error of the phone's."""
        answer = self.phone.http.post(
            "/phone/taps", json={"message_id": message["message_id"], "button": button}
        )
        return answer.json().get("answer")

    def invoice(self, number: int, moment: str) -> None:
        """One invoice, approved; somebody dies at ``moment``."""
        self.told.append(f"invoice {number}: {moment}")
        word = f"job{number}x"
        if moment == "before the message":
            self.kill()
        sent = self.phone.say(f"Invoice Northwind {1000 + number} EUR for {word}")
        if moment == "after the message":
            self.kill()
        card = self.card(word, sent)
        approval = card["buttons"][0][0]["data"].removeprefix("ok:")
        if moment == "before the tap":
            self.kill()
        self.tap(card, "Approve")
        if moment == "after the tap":
            self.kill()
        if moment == "twice":
            self.kill()
            self.tap(card, "Approve")
            self.kill()

        def decided() -> bool:
            (state,) = self.house.rows("SELECT state FROM approval WHERE id = ?", approval)[0]
            if state == "pending":  # the tap went unheard: its answer never came
                self.tap(self.card(word, sent), "Approve")
            (run,) = self.house.rows(
                "SELECT run.state FROM run JOIN approval ON run.id = run_id WHERE approval.id = ?",
                approval,
            )[0]
            return state == "approved" and run == "done"

        until(decided, f"the end of invoice {number}", seconds=PATIENCE)


def moments(chance: random.Random, kills: int) -> list[str]:
    """Where to kill, one moment for each invoice."""
    all_ = ["before the message", "after the message", "before the tap", "after the tap", "twice"]
    return [chance.choice(all_) for _ in range(kills)]


@pytest.mark.parametrize("part", range(ROUNDS))
def test_kills_lose_and_double_nothing(tmp_path: Path, part: int) -> None:
    seed = SEED or random.SystemRandom().randrange(1, 1_000_000)
    kills = max(1, KILLS // ROUNDS)
    with demo(tmp_path / "home") as house:
        storm = Storm(house, seed)
        planted = house.invoices()
        try:
            for number, moment in enumerate(moments(storm.chance, kills), 1):
                storm.invoice(number, moment)
            # Everything said was handled, and everything handled was delivered.
            until(
                lambda: (
                    house.rows(
                        "SELECT (SELECT count(*) FROM inbox WHERE state = 'received')"
                        " + (SELECT count(*) FROM outbox WHERE state IN ('queued', 'sending'))"
                    )[0][0]
                    == 0
                ),
                "empty boxes",
                seconds=PATIENCE,
            )
            made = [n for n in house.invoices() if n not in planted]
            assert len(made) == kills, made
            numbers = [int(n.rpartition("-")[2]) for n in house.invoices()]
            assert numbers == list(range(1, len(numbers) + 1))
            subjects = sorted(str(m["Subject"]) for m in house.mails())
            assert len(subjects) == kills, subjects
            assert all(sum(n in s for s in subjects) == 1 for n in made), subjects
            states = house.rows("SELECT state, count(*) FROM approval GROUP BY state")
            assert states == [("approved", kills)]
            assert house.rows("SELECT count(*) FROM effect WHERE state != 'confirmed'") == [(0,)]
            for number in range(1, kills + 1):
                said = [
                    m for m in house.phone.messages() if f"job{number}x" in m["text"].casefold()
                ]
                assert len([m for m in said if m["from"] == "operator"]) == 1
            assert house.end() == 0
            verified = factotum("journal", "verify", home=house.home)
            assert verified.returncode == 0, verified.stdout
        except BaseException:
            sys.stdout.write("; ".join(storm.told) + "\n")
            for path, text in house.logs():
                sys.stdout.write(f"{path.name}: {text[-3000:]}\n")
            raise
