"""An owner who keeps talking while processes die, and what must be true afterwards."""

import contextlib
import itertools
import json
import os
import random
import sys
import threading
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import points
import psutil
from driving import Demo, Message, factotum, mails_in
from provider import Provider

INJECT = Path(__file__).parent / "inject"
PATIENCE = float(os.environ.get("FACTOTUM_TEST_SECONDS", "60"))
"""Seconds a conversation may take with processes dying in it."""
LIKELY = 0.6
"""The chance to die at a point that nobody has reached before."""
AGAIN = 2.0
"""Seconds after which the owner taps once more where nothing came of it."""
REACH = 200
"""Messages that the owner scrolls back; what is older and waits is in /approvals."""
RANDOM = (("bot",), ("worker",), ("bot", "worker"), ("queue",), ("bot", "worker", "queue"))
"""Who dies at random moments."""
_ENDS = ("done", "rejected", "cancelled", "replaced", "denied")


def _name(word: str) -> str:
    """A name for a word, unlike that for any other."""
    chance = random.Random(word)
    return "".join(
        chance.choice("bdfgklmnprstvz") + chance.choice("aeiou") for _ in range(4)
    ).title()


class Control:
    """The folder through which a test rules the injection, see inject/injected.py."""

    def __init__(self, folder: Path, *, seed: int = 0, part: tuple[int, int] = (0, 1)) -> None:
        self.folder = folder
        self._part, self._parts = part
        folder.mkdir(parents=True)
        (folder / "points.json").write_text(json.dumps(points.where()))
        for name in ("fired", "seen"):
            (folder / name).touch()
        self._now: dict[str, Any] = {"round": 0, "seed": seed, "otherwise": LIKELY}
        self.change()

    @property
    def env(self) -> dict[str, str]:
        """The environment that puts the injection into bot and worker.

        The code that runs is the one whose points were read.
        """
        path = os.pathsep.join((str(INJECT), str(points.ROOT)))
        return {"PYTHONPATH": path, "FAULTS": str(self.folder)}

    def change(self, **values: Any) -> None:
        """Changes what may happen; it holds at once."""
        self._now |= values
        fresh = self.folder / "control.new"
        fresh.write_text(json.dumps(self._now))
        fresh.replace(self.folder / "control.json")

    def next(self, **values: Any) -> int:
        """Begins a round in which nothing of the last one holds; returns its number."""
        fresh = {"round": self._now["round"] + 1, "budget": 0, "at": {}, "chance": self._chances()}
        self.change(**fresh | values)
        return self._now["round"]

    def fired(self, round_: int | None = None) -> list[tuple[str, str]]:
        """Who died at which point, of one round or of all."""
        lines = (line.split("\t") for line in (self.folder / "fired").read_text().splitlines())
        return [(line[1], line[2]) for line in lines if round_ in (None, int(line[0]))]

    def seen(self) -> set[str]:
        """The points that were reached."""
        return {point for _, point in self._reached()}

    def _reached(self) -> set[tuple[str, str]]:
        lines = (line.split("\t") for line in (self.folder / "seen").read_text().splitlines())
        return {(line[0], line[2]) for line in lines}

    def _chances(self) -> dict[str, float]:
        """How likely it is to die at a point: less where many died, and where one often is."""
        rounds = Counter(point for _, point in self._reached())
        died = Counter(point for _, point in self.fired())
        chances: dict[str, float] = {}
        for point, times in rounds.items():
            often = times / (self._now["round"] + 1)
            ours = zlib.crc32(point.encode()) % self._parts == self._part
            weight = (1.0 if ours else 0.5) / (1 + 8 * often) / (1 + 2 * died[point])
            chances[point] = LIKELY * weight
        return chances


class Owner:
    """Somebody at the phone who does what a person would, whatever the chat looks like."""

    def __init__(self, house: Demo, provider: Provider | None) -> None:
        self.house = house
        self.phone = house.phone
        self.provider = provider
        self.shown: list[int] = []
        """Letters that were shown once more."""
        self._taps = ThreadPoolExecutor(4)  # the answer to a tap may be ten seconds away
        self._newest = 0
        self._under_way: list[Future[None]] = []
        self._tapped: dict[str, float] = {}
        self._said: dict[str, float] = {}

    def close(self) -> None:
        """Lets go of the phone."""
        self._taps.shutdown(cancel_futures=True)

    def one(self, sql: str, *values: Any) -> Any:
        """The first column of the first row, None where there is none."""
        rows = self.house.rows(sql, *values)
        return rows[0][0] if rows else None

    def until(self, what: Callable[[], Any], wanted: str) -> Any:
        """What ``what`` gives as soon as it is true; meanwhile the owner answers questions."""
        end = time.monotonic() + PATIENCE
        while True:
            self._tend()
            if found := what():
                return found
            if time.monotonic() > end:
                last = [(m["from"], m["text"][:200]) for m in self.phone.messages()[-6:]]
                raise AssertionError(f"waited {PATIENCE:.0f} s in vain for {wanted}: {last}")
            time.sleep(0.05)

    def buttons(self) -> Iterator[tuple[int, str, str]]:
        """Every button in the last part of the chat, newest first: message, label, data."""
        messages = self.phone.messages(max(0, self._newest - REACH))
        self._newest = max([self._newest, *(message["message_id"] for message in messages)])
        for message in reversed(messages):
            for button in itertools.chain.from_iterable(message["buttons"] or ()):
                yield message["message_id"], button["text"], button["data"]

    def button(self, data: str) -> int | None:
        """The newest message with this button."""
        return next((message for message, _, each in self.buttons() if each == data), None)

    def press(self, data: str) -> bool:
        """Taps the button that carries ``data``, wherever it is; False where there is none."""
        message = self.button(data)
        now = time.monotonic()
        if message is not None and now - self._tapped.get(data, -AGAIN) >= AGAIN:
            self._tapped[data] = now
            self._under_way.append(self._taps.submit(self._tap, message, data))
        return message is not None

    def waits(self) -> bool:
        """Whether a tap is still to be answered."""
        self._under_way = [tap for tap in self._under_way if not tap.done()]
        return bool(self._under_way)

    def _tap(self, message: int, data: str) -> None:
        # A button that went away meanwhile, or a demo that ended, is no error of the owner's.
        with contextlib.suppress(Exception):
            self.phone.http.post("/phone/taps", json={"message_id": message, "button": data})

    def _tend(self) -> None:
        """Answers what the chat asks by itself: was that seen, did that happen."""
        for _, _, data in list(self.buttons()):
            kind, _, subject = data.partition(":")
            if kind == "show" and subject.isdigit() and data not in self._tapped:
                self.shown.append(int(subject))
                self.press(data)
            elif kind == "vouch" and self.one("SELECT state FROM step WHERE id=?", subject) == (
                "unknown"
            ):
                self._say_whether(subject)
            elif kind == "retry" and (
                self.one("SELECT state FROM run WHERE id=?", subject) == "failed"
            ):
                self.press(data)

    def _say_whether(self, step: str) -> None:
        """An effect is unclear: the owner looks at the provider, and tells the truth."""
        token, run = self.house.rows(
            "SELECT token, run_id FROM effect JOIN step ON step.id = step_id WHERE step_id=?", step
        )[0]
        happened = self.provider is not None and self.provider.counts[token]
        self.press(f"vouch:{step}" if happened else f"retry:{run}")

    def say(self, text: str, **more: Any) -> int:
        """Types a message; returns its row in the inbox."""
        message = self.phone.say(text, **more)
        return self._kept(message, text)

    def _kept(self, message: int, what: str) -> int:
        return self.until(
            lambda: self.one(
                "SELECT id FROM inbox WHERE message_id=? AND kind IN ('text','command','file')",
                message,
            ),
            f"{what!r} in the inbox",
        )

    def send_file(self, name: str, content: bytes) -> int:
        """Sends a file; returns its row in the inbox."""
        return self._kept(self.phone.send_file(name, content, kind="document"), name)

    def handled(self, inbox: int) -> None:
        """Waits until a message is handled."""
        self.until(
            lambda: self.one("SELECT state FROM inbox WHERE id=?", inbox) == "handled",
            f"message {inbox} being handled",
        )

    def command(self, text: str) -> int:
        """Says something, and waits until it is handled."""
        inbox = self.say(text)
        self.handled(inbox)
        return inbox

    def runs(self, inbox: int) -> list[tuple[str, str]]:
        """The runs that came of a message, with their states."""
        return self.house.rows("SELECT id, state FROM run WHERE inbox_id=? ORDER BY rowid", inbox)

    def pending(self, inbox: int) -> list[str]:
        """The approvals that a message's runs wait for."""
        return [
            row[0]
            for row in self.house.rows(
                "SELECT approval.id FROM approval JOIN run ON run.id = run_id "
                "WHERE inbox_id=? AND approval.state='pending'",
                inbox,
            )
        ]

    def answer(self, approval: str, kind: str = "ok") -> None:
        """Decides a card; asks for it where the chat doesn't show it."""
        if self.press(f"{kind}:{approval}"):
            self._said.pop(approval, None)
            return
        batch = self.one("SELECT batch_id FROM approval WHERE id=?", approval)
        if batch and self.press(f"okall:{batch}"):
            return
        now = time.monotonic()
        missed = self._said.setdefault(approval, now)
        if now - missed > 5:  # it was not delivered: the list of what waits shows it
            self._said[approval] = now
            self.phone.say("/approvals")

    def finish(self, inbox: int) -> list[str]:
        """Approves what came of a message, and waits for its end; returns what was done."""

        def over() -> list[str]:
            for approval in self.pending(inbox):
                self.answer(approval)
            runs = self.runs(inbox)
            done = [run for run, state in runs if state == "done"]
            return done if all(state in _ENDS for _, state in runs) else []

        return self.until(over, f"the end of what message {inbox} asked for")

    def card(self, inbox: int) -> tuple[str, int]:
        """The approval that a message's one run waits for, and the card's message."""

        def look() -> tuple[str, int] | None:
            for approval in self.pending(inbox):
                if message := self.button(f"ok:{approval}"):
                    return approval, message
                # Not delivered, perhaps: "Show it" or the list bring it.
                self.answer(approval, "why")
            return None

        return self.until(look, f"the card of message {inbox}")


class Storm:
    """Conversations with deaths in them, one round each."""

    def __init__(
        self, home: Path, control: Control, seed: int, provider: Provider | None = None
    ) -> None:
        self._env = control.env | (provider.settings if provider else {})
        self.house = house = Demo(home, **self._env)
        self.control = control
        self.provider = provider
        self.owner = Owner(house, provider)
        self.chance = random.Random(seed)
        self.told = [f"seed {seed}"]
        self.kills = 0
        self._number = 0
        self._queue: list[str] = []
        self.phone_group = -1000
        self._before = set(house.invoices())
        self._planted = mails_in(house.home / "mail")

    # What is said. Each says it, answers what is asked and waits for its end.

    def invoice(self, word: str, amount: int) -> None:
        """Asked for, shown, approved, issued, sent."""
        self.owner.finish(self.owner.say(f"Invoice Northwind {amount} EUR for {word}"))

    def edit(self, word: str, amount: int) -> None:
        """The card is changed by a reply before it is approved."""
        owner = self.owner
        inbox = owner.say(f"Invoice Bluebird {amount} EUR for {word}")
        _, card = owner.card(inbox)
        owner.handled(owner.say(f"make it {amount + 5000}", reply_to=card))
        owner.finish(inbox)
        totals = [row[0] for row in self.house.rows("SELECT total_minor FROM invoice")]
        assert (amount + 5000) * 100 in totals
        assert amount * 100 not in totals

    def mail(self, word: str, _amount: int) -> None:
        """A mail of its own."""
        owner = self.owner
        owner.finish(owner.say(f"Email Northwind that the draft of {word} moves to Friday"))

    def reminder(self, word: str, _amount: int) -> None:
        """Set at once; it comes when the clock is put forward."""
        self.owner.finish(self.owner.say(f"Remind me tomorrow at 9 to check {word}"))

    def meeting(self, word: str, amount: int) -> None:
        """An entry in the calendar."""
        when = datetime.now(UTC).date() + timedelta(days=20 + amount % 300)
        day = f"{when.day} {when:%B %Y}"
        self.owner.finish(self.owner.say(f"Put a call about {word} with Northwind on {day} 15:00"))

    def fact(self, word: str, _amount: int) -> None:
        """Something to remember."""
        self.owner.finish(self.owner.say(f"Remember that Northwind likes {word}"))

    def undo(self, word: str, amount: int) -> None:
        """An invoice, taken back by a credit note."""
        owner = self.owner
        (run,) = owner.finish(owner.say(f"Invoice Northwind {amount} EUR for {word}"))
        self._undone(run)

    def follow_up(self, word: str, amount: int) -> None:
        """An invoice is followed up, and the day of it comes: the reminder is asked once."""
        owner = self.owner
        (run,) = owner.finish(owner.say(f"Invoice Bluebird {amount} EUR for {word}"))

        def wanted() -> str | None:
            found = owner.one("SELECT id FROM schedule WHERE token LIKE ?", f"follow:{run}:%")
            if found is None:
                owner.press(f"follow:{run}")
            return found

        slot = owner.until(wanted, f"the follow-up of {run}")
        self.house.write(
            "UPDATE schedule SET due_at=? WHERE id=?", "2020-01-01 09:00:00.000000", slot
        )
        due = "SELECT id FROM inbox WHERE kind='due' AND json_extract(data,'$.run')=?"
        owner.finish(owner.until(lambda: owner.one(due, run), f"{word} being due"))

    def _undone(self, run: str) -> None:
        owner = self.owner

        def back() -> str | None:
            found = owner.one("SELECT id FROM run WHERE json_extract(request,'$.run')=?", run)
            if found is None:
                owner.press(f"undo:{run}")
            return found

        taking = owner.until(back, f"the undo of {run}")
        owner.finish(owner.one("SELECT inbox_id FROM run WHERE id=?", taking))

    def pause(self, word: str, amount: int) -> None:
        """What is approved in a pause waits for its end."""
        owner = self.owner
        owner.command("/pause")
        inbox = owner.say(f"Invoice Northwind {amount} EUR for {word}")

        def approved() -> bool:
            for approval in owner.pending(inbox):
                owner.answer(approval)
            return owner.one(
                "SELECT approval.state FROM approval JOIN run ON run.id = run_id WHERE inbox_id=?",
                inbox,
            ) == ("approved")

        owner.until(approved, "the approval in a pause")
        time.sleep(self.chance.uniform(0, 0.5))
        assert not owner.one(
            "SELECT count(*) FROM effect JOIN step ON step.id = step_id "
            "JOIN run ON run.id = run_id WHERE inbox_id=? AND effect.state='confirmed'",
            inbox,
        ), "something went out in a pause"
        owner.command("/resume")
        owner.finish(inbox)

    def batch(self, word: str, amount: int) -> None:
        """Two on one card."""
        owner = self.owner
        inbox = owner.say(
            f"Invoice Northwind {amount} EUR for {word}. Invoice Bluebird {amount} EUR for {word}."
        )
        assert len(owner.finish(inbox)) == 2

    def reject(self, word: str, _amount: int) -> None:
        """Refused, with a reason."""
        owner = self.owner
        inbox = owner.say(f"Email Bluebird that {word} is late")
        approval, _ = owner.card(inbox)

        def refused() -> bool:
            if owner.pending(inbox):
                owner.answer(approval, "no")
                return False
            owner.press(f"reason:{approval}")
            return bool(owner.one("SELECT reason FROM approval WHERE id=?", approval))

        owner.until(refused, "the refusal's reason")

    def question(self, word: str, amount: int) -> None:
        """Something is missing, asked for and answered."""
        owner = self.owner
        owner.command(f"Invoice Northwind for {word}")
        answer = owner.command(f"{amount} euros")
        owner.finish(answer)

    def client(self, word: str, _amount: int) -> None:
        """A new client."""
        self.owner.finish(self.owner.say(f"New client {_name(word)}, hello@{word}.example"))

    def lead(self, word: str, _amount: int) -> None:
        """A new lead."""
        self.owner.finish(self.owner.say(f"New lead {_name(word)} from the website form"))

    def paid(self, word: str, amount: int) -> None:
        """An invoice, and its payment."""
        owner = self.owner
        owner.finish(owner.say(f"Invoice Bluebird {amount} EUR for {word}"))
        number = owner.one("SELECT number FROM invoice WHERE total_minor=?", amount * 100)
        owner.finish(owner.say(f"Bluebird paid {number}"))

    def file(self, word: str, _amount: int) -> None:
        """A file to keep."""
        self.owner.finish(self.owner.send_file(f"{word}.txt", word.encode()))

    def commands(self, word: str, _amount: int) -> None:
        """What is only shown, and small talk."""
        asked = ["/status", "/approvals", "/digest", "/settings net 21", "/policy", "/runs"]
        for text in self.chance.sample(asked, 2):
            self.owner.command(text)
        self.owner.command(f"hello {word}")

    def take_back(self, word: str, amount: int) -> None:
        """Something that stayed in the house is taken back."""
        owner = self.owner
        kind = self.chance.choice(("reminder", "fact", "client", "lead", "paid"))
        before = owner.one("SELECT coalesce(max(rowid), 0) FROM run")
        getattr(self, kind)(word, amount)
        run = owner.one("SELECT id FROM run WHERE rowid>? ORDER BY rowid DESC LIMIT 1", before)
        self._undone(run)

    def choice(self, word: str, amount: int) -> None:
        """An unknown client: one of the offered answers is tapped, the next question typed."""
        owner = self.owner
        owner.command(f"Invoice {_name(word)} Labs {amount} EUR for {word}")

        def asked() -> tuple[str, list[str]] | None:
            rows = self.house.rows(
                "SELECT id, data FROM prompt WHERE state='open' AND kind='question'"
            )
            return (
                (rows[0][0], [each[0] for each in json.loads(rows[0][1])["choices"]])
                if rows
                else None
            )

        first, labels = owner.until(asked, "a question")
        new = next(place for place, label in enumerate(labels) if label.startswith("New client"))

        def tapped() -> bool:
            now = asked()
            if now is not None and now[0] != first:
                return True
            owner.press(f"q:{first}:{new}")
            return False

        owner.until(tapped, "the next question")
        owner.finish(owner.command(f"billing@{word}.example"))

    def edit_by_button(self, word: str, amount: int) -> None:
        """Edit is tapped, and the next message says what should be different."""
        owner = self.owner
        inbox = owner.say(f"Invoice Bluebird {amount} EUR for {word}")
        approval, _ = owner.card(inbox)
        self._asked("edit", approval)
        owner.handled(owner.say(f"make it {amount + 5000}"))
        owner.finish(inbox)

    def reason(self, word: str, _amount: int) -> None:
        """Refused, with a reason in words."""
        owner = self.owner
        inbox = owner.say(f"Email Bluebird that {word} is late")
        approval, _ = owner.card(inbox)

        def refused() -> bool:
            for pending in owner.pending(inbox):
                owner.answer(pending, "no")
            return not owner.pending(inbox)

        owner.until(refused, "the refusal")
        owner.handled(owner.say(f"they know of {word}"))
        owner.until(
            lambda: owner.one("SELECT reason FROM approval WHERE id=?", approval), "the reason"
        )

    def setting(self, _word: str, amount: int) -> None:
        """A setting is tapped, and its new value typed."""
        self.owner.command("/settings")
        self._asked("set", "net_days")
        self.owner.command(str(amount % 60 + 1))

    def foreign(self, word: str, _amount: int) -> None:
        """What is no order: forwarded words, and a policy that can't be read."""
        owner = self.owner
        owner.handled(owner.say(f"Invoice Northwind 5 EUR for {word}", forward_from="Mallory"))
        owner.command("/policy")

        def shown() -> int | None:
            return owner.one(
                "SELECT message_id FROM outbox WHERE subject='policy' AND message_id IS NOT NULL"
            )

        owner.handled(owner.say(f"no policy at all: {word}", reply_to=owner.until(shown, "it")))

    def group(self, word: str, amount: int) -> None:
        """Somebody adds the bot to a group: it leaves, and says so."""
        owner = self.owner
        self.phone_group -= amount
        owner.phone.post("messages", text=f"hello {word}", chat_id=self.phone_group)
        told = f"%Group {-self.phone_group}%left it%"
        owner.until(
            lambda: owner.one("SELECT 1 FROM outbox WHERE payload LIKE ?", told),
            "word of the group",
        )

    def _asked(self, kind: str, subject: str) -> None:
        """Taps what asks for the owner's next message, until it is asked."""
        owner = self.owner

        def asked() -> Any:
            found = owner.one(
                "SELECT id FROM prompt WHERE state='open' AND kind IN ('edit','setting')"
            )
            if found is None:
                owner.press(f"{kind}:{subject}")
            return found

        owner.until(asked, f"being asked about {subject}")

    KINDS = (
        *("invoice", "edit", "mail", "reminder", "meeting", "fact", "undo", "pause", "batch"),
        *(
            "follow_up",
            "reject",
            "question",
            "client",
            "lead",
            "paid",
            "file",
            "commands",
            "take_back",
        ),
        *("choice", "edit_by_button", "reason", "setting", "foreign"),
    )

    def play(self, kind: str, *, budget: int = 0, at: dict[str, int] | None = None) -> int:
        """One conversation, in which up to ``budget`` processes die; returns how many did."""
        self._number += 1
        round_ = self.control.next(budget=budget, at=at or {})
        begun = time.monotonic()
        try:
            getattr(self, kind)(f"job{self._number}x", 1000 + self._number)
        finally:
            fired = self.control.fired(round_)
            self.kills += len(fired)
            deaths = ", ".join(f"{process} at {point}" for process, point in fired)
            took = time.monotonic() - begun
            self.told.append(f"{round_}: {kind}, {took:.1f} s: {deaths or 'no deaths'}")
        return len(fired)

    def blow(self, kills: int, *, most: int = 4, at_random: float = 0.12) -> None:
        """Conversations of every kind until so many died, some of them at random moments."""
        while self.kills < kills:
            if not self._queue:
                self._queue = list(self.KINDS)
                self.chance.shuffle(self._queue)
            kind = self._queue.pop()
            if self.chance.random() < at_random:
                with self.killing_at_random():
                    self.play(kind, budget=1)
            else:
                self.play(kind, budget=min(most, kills - self.kills))

    @contextlib.contextmanager
    def killing_at_random(self) -> Iterator[None]:
        """Kills somebody from outside at some moment of the block."""
        who, wait = self.chance.choice(RANDOM), self.chance.uniform(0, 1.5)

        def strike() -> None:
            time.sleep(wait)
            self.kill(*who)

        thread = threading.Thread(target=strike)
        thread.start()
        try:
            yield
        finally:
            thread.join()

    def kill(self, *who: str) -> None:
        """Kills these, as nothing inside could."""
        children = self.house.children()
        for name in who:
            if name in children:
                with contextlib.suppress(psutil.NoSuchProcess):
                    children[name].kill()
                    self.kills += 1
        self.told.append(f"killed {'+'.join(who)}")

    def reboot(self) -> None:
        """Kills everything at once, as a power cut would, and starts it again."""
        family = psutil.Process(self.house.process.pid)
        for process in [family, *family.children(recursive=True)]:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
                self.kills += 1
        self.owner.close()
        self.house.kill_all()
        self.house = Demo(self.house.home, **self._env)
        shown = self.owner.shown
        self.owner = Owner(self.house, self.provider)
        self.owner.shown = shown
        self.told.append("rebooted")

    def calm(self) -> None:
        """Lets everything come to its end without any more deaths."""
        self.control.next()

        def quiet() -> bool:
            for approval in self.house.rows("SELECT id FROM approval WHERE state='pending'"):
                self.owner.answer(approval[0])
            if self.owner.waits() or set(self._unsure()) - set(self.owner.shown):
                return False
            return (
                self.owner.one(
                    "SELECT (SELECT count(*) FROM inbox WHERE state='received')"
                    " + (SELECT count(*) FROM outbox WHERE state IN ('queued','sending'))"
                    " + (SELECT count(*) FROM run WHERE state='running')"
                    " + (SELECT count(*) FROM step WHERE state IN ('running','ready'))"
                )
                == 0
            )

        self.owner.until(quiet, "everything being over")

    def _unsure(self) -> list[int]:
        return [
            int(data.removeprefix("show:"))
            for _, _, data in self.owner.buttons()
            if data.removeprefix("show:").isdigit()
        ]

    def mails(self) -> list[Any]:
        """Every mail that has left the house, wherever it went."""
        if self.provider is not None:
            return self.provider.mails
        return mails_in(self.house.home / "mail")[len(self._planted) :]

    def wrongs(self) -> list[str]:
        """What is not as it must be, now that everything is over."""
        rows = self.house.rows
        found: list[str] = []

        def never(words: str, sql: str) -> None:
            if bad := rows(sql):
                found.append(f"{words}: {bad[:5]}")

        never("not handled", "SELECT id, kind, text FROM inbox WHERE state='received'")
        never(
            "not delivered",
            "SELECT id, kind, state, subject FROM outbox "
            "WHERE state NOT IN ('sent','unknown','dropped')",
        )
        ends = ",".join(f"'{end}'" for end in _ENDS)
        never("not ended", f"SELECT id, title, state FROM run WHERE state NOT IN ({ends})")
        never(
            "not at rest",
            "SELECT id, action, state FROM step WHERE state NOT IN ('done','cancelled')",
        )
        never(
            "effects unclear",
            "SELECT token, action, state FROM effect WHERE state NOT IN ('confirmed','reversed')",
        )
        never("cards undecided", "SELECT id FROM approval WHERE state='pending'")
        never(
            "effects without approval",
            "SELECT token, effect.action FROM effect JOIN step ON step.id = step_id "
            "LEFT JOIN approval ON approval.run_id = step.run_id "
            "WHERE json_extract(verdict,'$.verdict')='ask' AND approval.state IS NOT 'approved'",
        )
        never(
            "followed up twice",
            "SELECT json_extract(data,'$.run') FROM inbox WHERE kind='due' "
            "GROUP BY 1 HAVING count(*) > 1",
        )
        found += self._invoices() + self._effects() + self._talk()
        return found

    def _invoices(self) -> list[str]:
        rows = self.house.rows
        found: list[str] = []
        for series, year in rows("SELECT DISTINCT series, year FROM invoice"):
            serials = [
                row[0]
                for row in rows(
                    "SELECT serial FROM invoice WHERE series=? AND year=? ORDER BY serial",
                    *(series, year),
                )
            ]
            if serials != list(range(1, len(serials) + 1)):
                found.append(f"numbers of {series!r} {year} with gaps: {serials}")
        return found

    def _effects(self) -> list[str]:
        """Each effect once: as many outside as were confirmed, under the same tokens."""
        rows = self.house.rows
        found: list[str] = []

        def tokens(*actions: str, reversed_: bool = True) -> Counter[str]:
            marks = ",".join("?" * len(actions))
            states = "'confirmed','reversed'" if reversed_ else "'confirmed'"
            return Counter(
                row[0]
                for row in rows(
                    f"SELECT token FROM effect WHERE action IN ({marks}) AND reverses IS NULL "
                    f"AND state IN ({states})",
                    *actions,
                )
            )

        def same(what: str, outside: Counter[str], inside: Counter[str]) -> None:
            if outside != inside:
                found.append(f"{what}: too many {outside - inside}, missing {inside - outside}")

        def of(sql: str) -> Counter[str]:
            return Counter(row[0] for row in rows(sql) if not row[0].startswith("seed-"))

        same(
            "mails",
            Counter(str(mail["X-Factotum-Token"]) for mail in self.mails()),
            tokens("mail.send"),
        )
        same(
            "invoices",
            of("SELECT token FROM invoice WHERE kind='invoice'"),
            tokens("billing.issue"),
        )
        same(
            "credit notes",
            of("SELECT first.token FROM invoice JOIN invoice AS first ON first.id=invoice.cancels"),
            tokens("billing.issue") - tokens("billing.issue", reversed_=False),
        )
        same(
            "calendar entries",
            Counter(path.stem for path in (self.house.home / "calendar").glob("eff_*.ics")),
            tokens("calendar.add"),
        )
        for action, sql in (
            ("reminder.set", "SELECT token FROM schedule WHERE kind='reminder'"),
            ("fact.keep", "SELECT token FROM fact WHERE token IS NOT NULL"),
            ("client.add", "SELECT token FROM client WHERE token IS NOT NULL"),
            ("lead.add", "SELECT token FROM lead WHERE token IS NOT NULL"),
            ("billing.record_payment", "SELECT token FROM payment WHERE reverses IS NULL"),
        ):
            same(action, of(sql), tokens(action))
        return found

    def _talk(self) -> list[str]:
        """Everything said was answered, and every answer was shown, once."""
        rows = self.house.rows
        found: list[str] = []
        kept = rows(
            "SELECT message_id, count(*) FROM inbox WHERE kind!='tap' AND message_id IS NOT NULL "
            "GROUP BY message_id"
        )
        if twice := [row for row in kept if row[1] > 1]:
            found.append(f"kept twice: {twice}")
        said = {m["message_id"]: m["text"] for m in self._chat() if m["from"] == "operator"}
        if lost := set(said) - {row[0] for row in kept}:
            found.append(f"never kept: {[said[each] for each in lost]}")
        written = [
            (row[0], row[1], row[2])
            for row in rows("SELECT seq, kind, subject FROM journal ORDER BY seq")
        ]
        for place, (_, kind, subject) in enumerate(written):
            if kind != "inbox.handled":
                continue
            inbox = int(subject.removeprefix("msg_"))
            if rows("SELECT 1 FROM inbox WHERE id=? AND kind='tap'", inbox):
                continue
            of_run = rows(
                "SELECT 1 FROM outbox WHERE subject=? OR subject IN (SELECT id FROM run WHERE "
                "inbox_id=?) OR subject IN (SELECT approval.id FROM approval JOIN run ON "
                "run.id=run_id WHERE inbox_id=?) OR subject IN (SELECT batch_id FROM approval "
                "JOIN run ON run.id=run_id WHERE inbox_id=?)",
                *(subject, inbox, inbox, inbox),
            )
            at_once = any(
                entry[1] == "letter.written"
                for entry in itertools.takewhile(
                    lambda entry: not entry[1].startswith("inbox."), written[place + 1 :]
                )
            )
            if not (of_run or at_once):
                found.append(f"never answered: message {inbox}")
        found += self._letters()
        return found

    def _letters(self) -> list[str]:
        rows = self.house.rows
        found: list[str] = []
        # What is said past the outbox, since that can't be written, is no letter.
        chat = [
            m["message_id"]
            for m in self._chat()
            if m["from"] == "bot" and "waits at Telegram" not in m["text"]
        ]
        sent = [
            row[0] for row in rows("SELECT message_id FROM outbox WHERE message_id IS NOT NULL")
        ]
        if missing := set(sent) - set(chat):
            found.append(f"said to be sent, but not in the chat: {sorted(missing)}")
        if twice := [each for each, times in Counter(sent).items() if times > 1]:
            found.append(f"two letters in one message: {twice}")
        # Only what is unclear, or may be repeated without harm, can be there beyond that.
        slack = self.owner.one(
            "SELECT count(*) FILTER (WHERE state='unknown') + coalesce(sum(attempts - 1) FILTER "
            "(WHERE kind='edit' OR subject LIKE '%:again' OR subject LIKE '%:lost'), 0) "
            "FROM outbox WHERE attempts > 0"
        )
        if len(chat) > len(set(sent)) + slack:
            found.append(f"{len(chat)} messages for {len(set(sent))} letters and {slack} unclear")
        unsure = rows(
            "SELECT id FROM outbox AS lost WHERE state='unknown' AND NOT EXISTS "
            "(SELECT 1 FROM outbox WHERE subject = lost.subject || ':again')"
        )
        if unsure:
            found.append(f"unclear letters of which nothing was said: {unsure}")
        for slot, state in rows("SELECT id, state FROM schedule WHERE kind='reminder'"):
            letters = [row[0] for row in rows("SELECT id FROM outbox WHERE subject=?", slot)]
            first = len(letters) - sum(each in letters for each in self.owner.shown)
            if first != (state == "done"):
                found.append(f"{first} reminders of {slot}, which is {state}")
        return found

    def _chat(self) -> list[Message]:
        return self.house.phone.messages()  # the private chat alone


@contextlib.contextmanager
def storm(
    folder: Path,
    seed: int,
    *,
    part: tuple[int, int] = (0, 1),
    provider: Provider | None = None,
) -> Iterator[Storm]:
    """A demo with the injection in it; at the end of the block everything must be right."""
    control = Control(folder / "control", seed=seed, part=part)
    raging = Storm(folder / "home", control, seed, provider)
    try:
        yield raging
        raging.calm()
        wrongs = raging.wrongs()
        ended = raging.house.end()
        verified = factotum("journal", "verify", home=raging.house.home)
        if ended or verified.returncode:
            wrongs.append(f"ended with {ended}: {raging.house.err}{verified.stdout}")
        unknown = control.seen() - set(points.points())
        wrongs += [f"not enumerated: {point}" for point in sorted(unknown)]
        if wrongs:
            raise AssertionError("\n".join(wrongs))
    except BaseException:  # raised on; a failure of any kind is told with the logs
        logs = (f"--- {path.name}\n{text[-4000:]}" for path, text in raging.house.logs())
        sys.stdout.write("\n".join([*raging.told, *logs, ""]))
        raise
    finally:
        raging.owner.close()
        raging.house.kill_all()
