"""Drives the real processes of Factotum through the sandbox's phone, as a person would."""

import contextlib
import email
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import httpx
import psutil

OWNER = 1_000_001
STRANGER = 2_000_002
TOKEN = "1000000001:sandbox-token-worth-nothing-elsewhere"
SECONDS = float(os.environ.get("FACTOTUM_TEST_SECONDS", "30"))
"""How long anything may take before a test gives up: generous, since CI shares two cores."""

Message = dict[str, Any]


def until(what: Callable[[], Any], wanted: str, *, seconds: float = SECONDS) -> Any:
    """What ``what`` gives as soon as that is true; fails after ``seconds``."""
    end = time.monotonic() + seconds
    while True:
        if found := what():
            return found
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds:.0f} s in vain for {wanted}")
        time.sleep(0.02)


def day(days: int) -> str:
    """A date so many days from now, as an owner writes it."""
    date = datetime.now(UTC).date() + timedelta(days=days)
    return f"{date.day} {date:%B %Y}"


def shown_day(days: int) -> str:
    """The same date as the cards write it."""
    date = datetime.now(UTC).date() + timedelta(days=days)
    return f"{date:%a} {date.day} {date:%b %Y}"


def labels(message: Message) -> list[str]:
    """The labels of a message's buttons."""
    return [button["text"] for row in message["buttons"] or [] for button in row]


class Phone:
    """The phone: its hand and its eye."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.http = httpx.Client(base_url=address, timeout=40)

    def post(self, path: str, **values: Any) -> Any:
        """One request of the phone's own interface."""
        answer = self.http.post(f"/phone/{path}", json=values)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def say(self, text: str, **more: Any) -> int:
        """Types a message; returns its id."""
        return int(self.post("messages", text=text, **more)["message_id"])

    def send_file(self, name: str, content: bytes, **fields: str) -> int:
        """Sends a file; returns the message's id."""
        answer = self.http.post("/phone/files", files={"file": (name, content)}, data=fields)
        assert answer.status_code == 200, answer.text
        return int(answer.json()["message_id"])

    def tap(self, message: Message | int, button: str, **more: Any) -> str | None:
        """Taps a button; returns what the bot answered."""
        message_id = message if isinstance(message, int) else message["message_id"]
        return self.post("taps", message_id=message_id, button=button, **more)["answer"]

    def messages(self, since: int = 0, **query: Any) -> list[Message]:
        """The chat after ``since``, as it looks now."""
        return self.http.get("/phone/messages", params={"since": since, **query}).json()

    def message(self, message_id: int) -> Message:
        """One message as it looks now."""
        return next(m for m in self.messages(message_id - 1) if m["message_id"] == message_id)

    def heard(
        self,
        since: int,
        fits: Callable[[Message], bool] = lambda m: not m["file"],
        *,
        wanted: str = "an answer",
        seconds: float = SECONDS,
    ) -> Message:
        """The first message of the bot after ``since`` that fits: a text, unless told otherwise.

        A draft may come later than the next answer, since it is made in the background.
        """

        def look() -> Message | None:
            return next((m for m in self.messages(since) if m["from"] == "bot" and fits(m)), None)

        try:
            return until(look, wanted, seconds=seconds)
        except AssertionError as error:
            told = "\n".join(
                f"  {m['from']}: {m['text']!r} {labels(m)}" for m in self.messages(since)
            )
            raise AssertionError(f"{error}; the chat since then:\n{told}") from None

    def ask(self, text: str, *words: str, **more: Any) -> Message:
        """Says ``text`` and gives the first answer that holds all of ``words``."""
        sent = self.say(text, **more)
        return self.heard(
            sent,
            lambda m: not m["file"] and all(word in m["text"] for word in words),
            wanted=f"{words} to {text!r}",
        )

    def card(self, text: str, **more: Any) -> Message:
        """Says ``text`` and gives the approval card that comes of it."""
        sent = self.say(text, **more)
        return self.heard(sent, lambda m: "Approve" in labels(m), wanted=f"a card for {text!r}")

    def turned(self, message: Message | int, *words: str, seconds: float = SECONDS) -> Message:
        """The message once it was edited to hold all of ``words``."""
        message_id = message if isinstance(message, int) else message["message_id"]

        def look() -> Message | None:
            now = self.message(message_id)
            return now if all(word in now["text"] for word in words) else None

        try:
            return until(look, f"{words}", seconds=seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}; it says {self.message(message_id)}") from None

    def approved(self, card: Message) -> Message:
        """Taps Approve and gives the card turned into its outcome."""
        self.tap(card, "Approve")
        return self.turned(card, "cost")

    def rejected(self, card: Message) -> Message:
        """Rejects a card with one tap for the reason."""
        self.tap(card, "Reject")
        self.turned(card, "Rejected")
        self.tap(card, "Just no")
        return self.turned(card, "Reason")

    def fault(self, method: str, status: int | str, **more: Any) -> None:
        """Makes the next calls of a method fail."""
        self.post("faults", method=method, status=status, **more)

    def log(self, method: str) -> list[dict[str, Any]]:
        """The Bot API calls of one method so far."""
        return self.http.get("/phone/log", params={"method": method}).json()

    def settled(self) -> int:
        """The id of the newest message once small talk said now was answered.

        Messages are handled in order, so everything before it was handled as well. It waits
        for the answer to these very words: another that is late would leave this one to be
        taken for the answer to the next test's message.
        """
        return int(self.ask("thank you", "You're welcome")["message_id"])


def environment(home: Path, **more: str) -> dict[str, str]:
    """The environment of a process of ours: nothing of the developer's own settings."""
    own = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("FACTOTUM_", "TELEGRAM_", "REDIS_", "PYTHONDONTWRITE"))
    }
    return own | {"FACTOTUM_HOME": str(home), "PYTHONWARNINGS": "default", **more}


def factotum(
    *arguments: str, home: Path, seconds: float = 60, **env: str
) -> subprocess.CompletedProcess[str]:
    """Runs a command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "bot.cli", *arguments],
        env=environment(home, **env),
        cwd=home.parent if home.parent.is_dir() else home.parent.parent,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )


class Machine:
    """A running ``factotum demo`` or ``up`` in a data folder, and what lies in that folder."""

    def __init__(self, home: Path, *arguments: str, **env: str) -> None:
        self.home = home
        home.parent.mkdir(parents=True, exist_ok=True)
        self._out = home.parent / f"{home.name}.out"
        self._err = home.parent / f"{home.name}.err"
        with self._out.open("w") as out, self._err.open("w") as err:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "bot.cli", *arguments],
                env=environment(home, **env),
                cwd=home.parent,
                stdout=out,
                stderr=err,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )

    @property
    def out(self) -> str:
        """What it printed."""
        return self._out.read_text()

    @property
    def err(self) -> str:
        """What it said on standard error."""
        return self._err.read_text()

    def printed(self, words: str, *, seconds: float = 60) -> str:
        """Everything printed once ``words`` are among it."""

        def look() -> str | None:
            assert self.process.poll() is None or words in self.out, (
                f"it ended with {self.process.returncode}: {self.out}{self.err}"
            )
            return self.out if words in self.out else None

        return until(look, f"{words!r} on the screen", seconds=seconds)

    def children(self) -> dict[str, psutil.Process]:
        """The living processes below it by name: bot, worker, queue."""
        found: dict[str, psutil.Process] = {}
        with contextlib.suppress(psutil.NoSuchProcess):
            for child in psutil.Process(self.process.pid).children():
                with contextlib.suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
                    line = child.cmdline()
                    if not line:
                        continue
                    queue = any("valkey" in part for part in line)
                    found["queue" if queue else line[-1]] = child
        return found

    def end(self, how: signal.Signals = signal.SIGTERM, *, seconds: float = 30) -> int:
        """Ends it; returns its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.wait(seconds)

    def kill_all(self) -> None:
        """Leaves nothing behind, also after a failed test."""
        family: list[psutil.Process] = []
        with contextlib.suppress(psutil.NoSuchProcess):
            parent = psutil.Process(self.process.pid)
            family = [*parent.children(recursive=True), parent]
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.end()
        for process in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(5)

    def rows(self, sql: str, *values: Any) -> list[Any]:
        """Reads the database."""
        with contextlib.closing(sqlite3.connect(self.home / "factotum.db", timeout=20)) as db:
            return db.execute(sql, values).fetchall()

    def write(self, sql: str, *values: Any) -> None:
        """Changes the database behind Factotum's back."""
        with contextlib.closing(sqlite3.connect(self.home / "factotum.db", timeout=20)) as db:
            db.execute(sql, values)
            db.commit()

    def mails(self) -> list[EmailMessage]:
        """Every mail that has left the house."""
        return mails_in(self.home / "mail")

    def invoices(self) -> list[str]:
        """The numbers in the ledger, in their order."""
        return [row[0] for row in self.rows("SELECT number FROM invoice ORDER BY number")]

    def logs(self) -> Iterator[tuple[Path, str]]:
        """Every log file of the data folder."""
        for path in sorted((self.home / "logs").rglob("*")):
            if path.is_file():
                yield path, path.read_text(errors="replace")


def mails_in(folder: Path) -> list[EmailMessage]:
    """The mails of a Maildir, delivered ones only."""
    found: list[EmailMessage] = []
    for part in ("new", "cur"):
        for path in sorted((folder / part).glob("*")) if (folder / part).exists() else ():
            mail = email.message_from_bytes(path.read_bytes(), policy=default)
            assert isinstance(mail, EmailMessage)
            found.append(mail)
    return found


class Demo(Machine):
    """A running demo with its phone."""

    def __init__(self, home: Path, *arguments: str, **env: str) -> None:
        super().__init__(
            home,
            *("demo", "--home", str(home), "--port", "0", "--no-browser", *arguments),
            **env,
        )
        try:
            line = self.printed("Factotum is ready")
        except BaseException:  # raised on; no process outlives a start that failed
            self.kill_all()
            raise
        self.phone = Phone("http://" + line.split("http://")[1].split("/")[0])

    def kill_all(self) -> None:
        """Leaves nothing behind."""
        if hasattr(self, "phone"):
            self.phone.http.close()
        super().kill_all()


@contextlib.contextmanager
def demo(home: Path, *arguments: str, **env: str) -> Iterator[Demo]:
    """A demo for the length of a block."""
    machine = Demo(home, *arguments, **env)
    try:
        yield machine
    finally:
        machine.kill_all()
