"""What Telegram would remember: people, chats, messages, updates, files. One SQLite file.

Calls are short and synchronous: every one is a few indexed rows, and a thread would cost
more than it saves.
"""

import json
import sqlite3
import time
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_SCHEMA = """
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS users (user_id INTEGER PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS chats (
    chat_id INTEGER PRIMARY KEY, body TEXT NOT NULL, blocked INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS messages (
    message_id INTEGER PRIMARY KEY AUTOINCREMENT,
    chat_id INTEGER NOT NULL,
    outgoing INTEGER NOT NULL,
    date_ms INTEGER NOT NULL,
    edit_ms INTEGER,
    body TEXT NOT NULL,
    reply_to INTEGER,
    keyboard TEXT,
    pinned_ms INTEGER,
    reactions TEXT NOT NULL DEFAULT '[]',
    callbacks TEXT NOT NULL DEFAULT '[]');
CREATE INDEX IF NOT EXISTS messages_by_chat ON messages (chat_id, message_id);
CREATE TABLE IF NOT EXISTS updates (
    update_id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS callbacks (
    query_id TEXT PRIMARY KEY, message_id INTEGER NOT NULL, user_id INTEGER NOT NULL,
    created REAL NOT NULL, answered INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS files (
    file_id TEXT PRIMARY KEY, unique_id TEXT NOT NULL, path TEXT NOT NULL, kind TEXT NOT NULL,
    name TEXT NOT NULL, mime TEXT NOT NULL, size INTEGER NOT NULL, extra TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS commands (
    scope TEXT NOT NULL, language TEXT NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (scope, language));
"""

# Real update numbers don't begin at one, and a bot that thinks so should find out here.
_FIRST_UPDATE = 810_000_000

Row = sqlite3.Row


class Store:
    """The sandbox's memory, kept across restarts in the file at ``path``."""

    def __init__(self, path: Path, *, now: Callable[[], float] = time.time) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.now = now
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode = WAL")
        # The sandbox stands for Telegram; it may lose its last moment when power fails.
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.executescript(_SCHEMA)
        self._db.execute(
            "INSERT INTO sqlite_sequence (name, seq) SELECT 'updates', ? "
            "WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'updates')",
            (_FIRST_UPDATE,),
        )

    def close(self) -> None:
        """Lets go of the file; the store can't be used afterwards."""
        self._db.close()

    @contextmanager
    def transaction(self) -> Generator[None]:
        """What is written inside is kept whole or not at all. Does not nest, must not await."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:  # raised on, whatever it is: what was begun is undone
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def milliseconds(self) -> int:
        """The present moment, in milliseconds since 1970."""
        return int(self.now() * 1000)

    # settings

    def setting(self, name: str) -> Any:
        """The JSON value kept under ``name``, or None."""
        row = self._one("SELECT value FROM settings WHERE name = ?", name)
        return None if row is None else json.loads(row["value"])

    def set_setting(self, name: str, value: Any) -> None:
        """Keeps ``value``, any JSON, under ``name``."""
        self._db.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", (name, _dump(value)))

    # people and chats

    def user(self, user_id: int) -> dict[str, Any] | None:
        """The Bot API User with that id."""
        row = self._one("SELECT body FROM users WHERE user_id = ?", user_id)
        return None if row is None else json.loads(row["body"])

    def put_user(self, user: dict[str, Any]) -> None:
        """Adds or replaces a user."""
        self._db.execute("INSERT OR REPLACE INTO users VALUES (?, ?)", (user["id"], _dump(user)))

    def chat(self, chat_id: int) -> dict[str, Any] | None:
        """The Bot API Chat with that id, where the bot knows it."""
        row = self._one("SELECT body FROM chats WHERE chat_id = ?", chat_id)
        return None if row is None else json.loads(row["body"])

    def put_chat(self, chat: dict[str, Any]) -> None:
        """Adds a chat, or replaces what is known of it."""
        self._db.execute(
            "INSERT INTO chats (chat_id, body) VALUES (?, ?) "
            "ON CONFLICT (chat_id) DO UPDATE SET body = excluded.body",
            (chat["id"], _dump(chat)),
        )

    def drop_chat(self, chat_id: int) -> None:
        """Forgets a chat the bot has left."""
        self._db.execute("DELETE FROM chats WHERE chat_id = ?", (chat_id,))

    def blocked(self, chat_id: int) -> bool:
        """Whether the person behind a private chat has blocked the bot."""
        row = self._one("SELECT blocked FROM chats WHERE chat_id = ?", chat_id)
        return row is not None and bool(row["blocked"])

    def set_blocked(self, chat_id: int, blocked: bool) -> None:
        """Blocks the bot in a private chat, or lets it in again."""
        self._db.execute("UPDATE chats SET blocked = ? WHERE chat_id = ?", (blocked, chat_id))

    # messages

    def add_message(
        self,
        *,
        chat_id: int,
        outgoing: bool,
        body: dict[str, Any],
        reply_to: int | None,
        keyboard: dict[str, Any] | None,
        callbacks: Iterable[tuple[str, str]],
    ) -> int:
        """Keeps a new message and returns its id, larger than every one before it."""
        cursor = self._db.execute(
            "INSERT INTO messages (chat_id, outgoing, date_ms, body, reply_to, keyboard, callbacks)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                chat_id,
                outgoing,
                self.milliseconds(),
                _dump(body),
                reply_to,
                None if keyboard is None else _dump(keyboard),
                _dump(list(callbacks)),
            ),
        )
        return int(cursor.lastrowid or 0)

    def message(self, message_id: int) -> Row | None:
        """The row of a message that still exists."""
        return self._one("SELECT * FROM messages WHERE message_id = ?", message_id)

    def messages(
        self, chat_id: int, *, since: int = 0, before: int | None = None, limit: int = -1
    ) -> list[Row]:
        """The messages of a chat between two ids, neither included, ascending.

        With a ``limit``, the last ones of them.
        """
        rows = self._db.execute(
            "SELECT * FROM messages WHERE chat_id = ? AND message_id > ? AND message_id < ? "
            "ORDER BY message_id DESC LIMIT ?",
            (chat_id, since, (1 << 62) if before is None else before, limit),
        ).fetchall()
        return rows[::-1]

    def edit_message(
        self, message_id: int, body: dict[str, Any], callbacks: Iterable[tuple[str, str]]
    ) -> None:
        """Replaces a message's content; ``callbacks`` is every button it ever had."""
        self._db.execute(
            "UPDATE messages SET body = ?, edit_ms = ?, callbacks = ? WHERE message_id = ?",
            (_dump(body), self.milliseconds(), _dump(list(callbacks)), message_id),
        )

    def delete_message(self, message_id: int) -> None:
        """Removes a message for everyone."""
        self._db.execute("DELETE FROM messages WHERE message_id = ?", (message_id,))

    def set_pinned(self, message_id: int, pinned: bool) -> None:
        """Pins or unpins one message."""
        self._db.execute(
            "UPDATE messages SET pinned_ms = ? WHERE message_id = ?",
            (self.milliseconds() if pinned else None, message_id),
        )

    def pinned(self, chat_id: int) -> list[int]:
        """The pinned messages of a chat, the latest pin first."""
        rows = self._db.execute(
            "SELECT message_id FROM messages WHERE chat_id = ? AND pinned_ms IS NOT NULL "
            "ORDER BY pinned_ms DESC, message_id DESC",
            (chat_id,),
        )
        return [int(row["message_id"]) for row in rows]

    def set_reactions(self, message_id: int, reactions: list[dict[str, Any]]) -> None:
        """Replaces the bot's reactions to a message."""
        self._db.execute(
            "UPDATE messages SET reactions = ? WHERE message_id = ?",
            (_dump(reactions), message_id),
        )

    # updates

    def add_update(self, kind: str, body: dict[str, Any]) -> int:
        """Queues an update for the bot and returns its id."""
        cursor = self._db.execute(
            "INSERT INTO updates (kind, body) VALUES (?, ?)", (kind, _dump(body))
        )
        return int(cursor.lastrowid or 0)

    def updates(self, limit: int) -> list[Row]:
        """The oldest updates the bot hasn't confirmed."""
        return self._db.execute(
            "SELECT * FROM updates ORDER BY update_id LIMIT ?", (limit,)
        ).fetchall()

    def confirm_updates(self, below: int) -> None:
        """Forgets the updates whose id is under ``below``."""
        self._db.execute("DELETE FROM updates WHERE update_id < ?", (below,))

    def keep_last_updates(self, count: int) -> None:
        """Forgets all updates but the last ``count``."""
        self._db.execute(
            "DELETE FROM updates WHERE update_id NOT IN "
            "(SELECT update_id FROM updates ORDER BY update_id DESC LIMIT ?)",
            (count,),
        )

    def pending_updates(self) -> int:
        """How many updates wait for the bot."""
        row = self._one("SELECT count(*) AS pending FROM updates")
        return 0 if row is None else int(row["pending"])

    # callback queries

    def add_callback(self, query_id: str, message_id: int, user_id: int) -> None:
        """Remembers a tap that waits for its answer."""
        self._db.execute(
            "INSERT INTO callbacks (query_id, message_id, user_id, created) VALUES (?, ?, ?, ?)",
            (query_id, message_id, user_id, self.now()),
        )

    def answer_callback(self, query_id: str, max_age: float) -> int | None:
        """Claims the one answer a tap may have, and returns who tapped.

        None when the tap is unknown, older than ``max_age`` seconds, or answered.
        """
        cursor = self._db.execute(
            "UPDATE callbacks SET answered = 1 "
            "WHERE query_id = ? AND answered = 0 AND created >= ?",
            (query_id, self.now() - max_age),
        )
        if cursor.rowcount != 1:
            return None
        row = self._one("SELECT user_id FROM callbacks WHERE query_id = ?", query_id)
        return None if row is None else int(row["user_id"])

    # files

    def add_file(self, row: dict[str, Any]) -> None:
        """Keeps what is known of a file; its bytes lie beside the database."""
        self._db.execute(
            "INSERT INTO files VALUES "
            "(:file_id, :unique_id, :path, :kind, :name, :mime, :size, :extra)",
            row,
        )

    def file(self, file_id: str) -> Row | None:
        """What is known of the file with that id."""
        return self._one("SELECT * FROM files WHERE file_id = ?", file_id)

    def file_at(self, path: str) -> Row | None:
        """What is known of the file downloaded under ``path``."""
        return self._one("SELECT * FROM files WHERE path = ?", path)

    # commands

    def commands(self, scope: str, language: str) -> list[dict[str, Any]] | None:
        """The commands set for exactly that scope and language."""
        row = self._one(
            "SELECT body FROM commands WHERE scope = ? AND language = ?", scope, language
        )
        return None if row is None else json.loads(row["body"])

    def set_commands(self, scope: str, language: str, commands: list[dict[str, Any]]) -> None:
        """Sets, or with an empty list removes, the commands of a scope."""
        self._db.execute("DELETE FROM commands WHERE scope = ? AND language = ?", (scope, language))
        if commands:
            self._db.execute(
                "INSERT INTO commands VALUES (?, ?, ?)", (scope, language, _dump(commands))
            )

    def _one(self, query: str, *arguments: Any) -> Row | None:
        row: Row | None = self._db.execute(query, arguments).fetchone()
        return row


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
