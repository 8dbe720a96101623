"""Whatever is done to the journal with the file in hand is found, and an outsider can tell too."""

import asyncio
import csv
import hashlib
import json
import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing, redirect_stdout
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kernel_fakes import Kernel, buy

from bot import journaling
from core import audit, journal
from core.audit import Anchor
from core.canonical import canonical
from core.clock import ManualClock
from core.errors import FactotumError
from core.settings import Settings
from core.storage.database import Database
from core.storage.migrate import backup

DOCS = Path(__file__).parents[2] / "docs" / "journal.md"
EMPTY = "0-" + "0" * 64


async def _write(database: Database, clock: ManualClock, count: int = 6) -> None:
    async with database.write() as connection:
        for number in range(1, count + 1):
            await journal.append(
                connection,
                clock,
                kind="test.happened",
                subject=f"thing_{number}",
                actor="operator",
                data={"n": number, "what": 'Grüße 🎉\n="b"', "parts": [1.5, None, {"y": True}]},
            )


async def _verify(database: Database, anchor: Anchor | None = None) -> audit.Verified:
    async with database.read() as connection:
        return await audit.verify(connection, anchor)


async def _head(database: Database) -> Anchor:
    async with database.read() as connection:
        return await audit.head(connection)


def _unlocked(path: Path) -> sqlite3.Connection:
    """The database in the hands of somebody who has dropped what guards the journal."""
    connection = sqlite3.connect(path)
    rows = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'journal'"
    ).fetchall()
    assert len(rows) == 3
    for (name,) in rows:
        connection.execute(f"DROP TRIGGER {name}")
    return connection


def _tamper(path: Path, *statements: str) -> None:
    with closing(_unlocked(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def _forge(path: Path, first: int) -> None:
    """Rewrites an entry and computes its hash and all hashes after it anew."""
    with closing(_unlocked(path)) as connection, connection:
        connection.execute("UPDATE journal SET data = '{\"n\":0}' WHERE seq = ?", (first,))
        previous = bytes(32)
        for seq, at, kind, actor, subject, data in connection.execute(
            "SELECT seq, at, kind, actor, subject, data FROM journal ORDER BY seq"
        ).fetchall():
            entry = {
                "seq": seq,
                "at": at.replace(" ", "T") + "+00:00",
                "kind": kind,
                "actor": actor,
                "subject": subject,
                "data": json.loads(data),
            }
            form = json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
            digest = hashlib.sha256(previous + form.encode()).digest()
            connection.execute(
                "UPDATE journal SET previous = ?, hash = ? WHERE seq = ?", (previous, digest, seq)
            )
            previous = digest


# --- the plain check


async def test_an_empty_journal_is_whole(database: Database) -> None:
    found = await _verify(database)
    assert (found.entries, found.fault, str(found.head)) == (0, None, EMPTY)
    assert await _head(database) == found.head
    assert (await _verify(database, found.head)).fault is None


async def test_an_untouched_journal_is_whole(database: Database, clock: ManualClock) -> None:
    await _write(database, clock)
    found = await _verify(database)
    assert (found.entries, found.broken, found.fault) == (6, None, None)
    assert found.head == await _head(database)
    assert found.head.seq == 6


async def test_more_entries_than_are_fetched_at_once(
    database: Database, clock: ManualClock
) -> None:
    await _write(database, clock, 1203)
    found = await _verify(database)
    assert (found.entries, found.fault) == (1203, None)
    _tamper(database.path, "UPDATE journal SET kind = 'x' WHERE seq = 1100")
    assert (await _verify(database)).broken == 1100


@pytest.mark.parametrize("pinned", [0, 1, 4, 6])
async def test_every_entry_is_an_anchor(
    database: Database, clock: ManualClock, pinned: int
) -> None:
    await _write(database, clock, pinned)
    anchor = await _head(database)
    await _write(database, clock, 6 - pinned)
    for form in (anchor, Anchor.parse(anchor.short()), Anchor.parse(str(anchor).upper())):
        found = await _verify(database, form)
        assert (found.entries, found.fault, found.anchor) == (6, None, form)


# --- tampering: what it is called without an anchor and with one of the last entry

WITHOUT_AND_WITH: dict[str, tuple[list[str], tuple[Any, Any], tuple[Any, Any]]] = {
    "an edit": (
        ["UPDATE journal SET data = '{\"n\":9}' WHERE seq = 3"],
        ("changed", 3),
        ("changed", 3),
    ),
    "a hidden key": (
        ["UPDATE journal SET data = '{\"n\":9,' || substr(data, 2) WHERE seq = 3"],
        ("unreadable", 3),
        ("unreadable", 3),
    ),
    "no JSON": (
        ["UPDATE journal SET data = '{' WHERE seq = 3"],
        ("unreadable", 3),
        ("unreadable", 3),
    ),
    "deep JSON": (
        [f"UPDATE journal SET data = '{'[' * 90_000}' WHERE seq = 3"],
        ("unreadable", 3),
        ("unreadable", 3),
    ),
    "half a character": (
        ['UPDATE journal SET data = \'{"n": "\\ud800"}\' WHERE seq = 3'],
        ("unreadable", 3),
        ("unreadable", 3),
    ),
    "the moment in another zone": (
        ["UPDATE journal SET at = at || '+05:00' WHERE seq = 3"],
        ("unreadable", 3),
        ("unreadable", 3),
    ),
    "the moment in another form": (
        ["UPDATE journal SET at = replace(at, ' ', 'T') WHERE seq = 3"],
        ("unreadable", 3),
        ("unreadable", 3),
    ),
    "a space more": (
        ["UPDATE journal SET data = data || ' ' WHERE seq = 3"],
        ("unreadable", 3),
        ("unreadable", 3),
    ),
    "a column of another type": (
        ["UPDATE journal SET kind = CAST(kind AS BLOB) WHERE seq = 3"],
        ("unreadable", 3),
        ("unreadable", 3),
    ),
    "another hash": (
        ["UPDATE journal SET hash = zeroblob(32) WHERE seq = 3"],
        ("changed", 3),
        ("changed", 3),
    ),
    "another link": (
        ["UPDATE journal SET previous = zeroblob(32) WHERE seq = 3"],
        ("unlinked", 3),
        ("unlinked", 3),
    ),
    "the first one deleted": (
        ["DELETE FROM journal WHERE seq = 1"],
        ("missing", 1),
        ("missing", 1),
    ),
    "one deleted in the middle": (
        ["DELETE FROM journal WHERE seq = 3"],
        ("missing", 3),
        ("missing", 3),
    ),
    "one deleted and the gap closed": (
        [
            "DELETE FROM journal WHERE seq = 3",
            *(f"UPDATE journal SET seq = {n - 1} WHERE seq = {n}" for n in (4, 5, 6)),
        ],
        ("unlinked", 3),
        ("unlinked", 3),
    ),
    "two swapped": (
        [
            "UPDATE journal SET seq = 99 WHERE seq = 3",
            "UPDATE journal SET seq = 3 WHERE seq = 4",
            "UPDATE journal SET seq = 4 WHERE seq = 99",
        ],
        ("unlinked", 3),
        ("unlinked", 3),
    ),
    "two contents swapped": (
        ["UPDATE journal SET subject = 'thing_' || (7 - seq) WHERE seq IN (3, 4)"],
        ("changed", 3),
        ("changed", 3),
    ),
    "one inserted": (
        [
            *(f"UPDATE journal SET seq = {n + 1} WHERE seq = {n}" for n in (6, 5, 4)),
            "INSERT INTO journal SELECT 4, at, kind, actor, subject, data, hash, hash "
            "FROM journal WHERE seq = 3",
        ],
        ("changed", 4),
        ("changed", 4),
    ),
    "one put in front": (
        [
            "INSERT INTO journal SELECT -7, at, kind, actor, subject, data, previous, hash "
            "FROM journal WHERE seq = 1",
        ],
        ("misplaced", -7),
        ("misplaced", -7),
    ),
    "the tail deleted": (
        ["DELETE FROM journal WHERE seq > 4"],
        (None, None),
        ("cut", 5),
    ),
    "everything deleted": (
        ["DELETE FROM journal"],
        (None, None),
        ("cut", 1),
    ),
}


@pytest.mark.parametrize("deed", WITHOUT_AND_WITH)
async def test_tampering_is_found(database: Database, clock: ManualClock, deed: str) -> None:
    statements, without, with_anchor = WITHOUT_AND_WITH[deed]
    await _write(database, clock)
    anchor = await _head(database)
    _tamper(database.path, *statements)
    found = await _verify(database)
    assert (found.fault, found.broken) == without
    found = await _verify(database, anchor)
    assert (found.fault, found.broken) == with_anchor
    assert found.entries == max((found.broken or 0) - 1, 0)


@pytest.mark.parametrize("first", [1, 3, 6])
async def test_a_rewritten_tail_is_another_history(
    database: Database, clock: ManualClock, first: int
) -> None:
    await _write(database, clock)
    anchor = await _head(database)
    _forge(database.path, first)
    assert (await _verify(database)).fault is None
    for form in (anchor, Anchor.parse(anchor.short())):
        found = await _verify(database, form)
        assert (found.fault, found.broken, found.entries) == ("another history", 6, 6)


async def test_a_tail_rewritten_after_the_pin_is_not_found(
    database: Database, clock: ManualClock
) -> None:
    await _write(database, clock, 3)
    anchor = await _head(database)
    await _write(database, clock, 3)
    _forge(database.path, 4)
    assert (await _verify(database, anchor)).fault is None


@pytest.mark.parametrize(
    ("goes_on", "with_anchor"),
    [(0, ("cut", 4)), (1, ("cut", 5)), (3, ("another history", 6)), (9, ("another history", 6))],
)
async def test_an_older_copy_is_found(
    database: Database, clock: ManualClock, goes_on: int, with_anchor: tuple[str, int]
) -> None:
    await _write(database, clock, 3)
    copy = backup(database.path)
    await _write(database, clock, 3)
    anchor = await _head(database)
    await database.close()
    for rest in database.path.parent.glob("factotum.db-*"):
        rest.unlink()
    shutil.copy(copy, database.path)
    restored = Database(database.path)
    clock.advance(timedelta(minutes=1))
    try:
        await _write(restored, clock, goes_on)
        assert (await _verify(restored)).fault is None
        found = await _verify(restored, anchor)
    finally:
        await restored.close()
    assert (found.fault, found.broken) == with_anchor


# --- any byte, any field

_COLUMNS = ("at", "kind", "actor", "subject", "data", "previous", "hash")


def _damage(data: st.DataObject, path: Path, count: int) -> int:
    """Changes one thing in one entry; returns the number that has to be named."""
    seq = data.draw(st.integers(1, count), label="entry")
    column = data.draw(st.sampled_from(("seq", *_COLUMNS)), label="column")
    with closing(sqlite3.connect(path)) as connection, connection:
        if column == "seq":
            other = data.draw(
                st.integers(-(2**63), 2**63 - 1).filter(lambda n: not 1 <= n <= count)
            )
            connection.execute("UPDATE journal SET seq = ? WHERE seq = ?", (other, seq))
            return min(seq, other)
        select = f"SELECT CAST({column} AS BLOB) FROM journal WHERE seq = ?"
        [stored] = connection.execute(select, (seq,)).fetchone()
        place = data.draw(st.integers(0, len(stored) - 1), label="place")
        byte = data.draw(st.integers(0, 255), label="byte")
        match data.draw(st.sampled_from(("change", "insert", "delete", "retype"))):
            case "change":
                new = stored[:place] + bytes([byte ^ (byte == stored[place])]) + stored[place + 1 :]
            case "insert":
                new = stored[:place] + bytes([byte]) + stored[place:]
            case "delete":
                new = stored[:place] + stored[place + 1 :]
            case _:
                other = "TEXT" if column in ("previous", "hash") else "BLOB"
                sql = f"UPDATE journal SET {column} = CAST(? AS {other}) WHERE seq = ?"
                connection.execute(sql, (stored, seq))
                return seq
        own = "BLOB" if column in ("previous", "hash") else "TEXT"
        sql = f"UPDATE journal SET {column} = CAST(? AS {own}) WHERE seq = ?"
        connection.execute(sql, (new, seq))
        return seq


def test_any_single_change_is_found(
    migrated_template: Path, clock: ManualClock, tmp_path: Path
) -> None:
    whole, damaged = tmp_path / "whole.db", tmp_path / "damaged.db"
    shutil.copy(migrated_template, whole)

    async def prepare() -> None:
        database = Database(whole)
        await _write(database, clock, 4)
        await database.close()

    async def check() -> audit.Verified:
        database = Database(damaged)
        try:
            return await _verify(database)
        finally:
            await database.close()

    with asyncio.Runner() as runner:
        runner.run(prepare())
        _tamper(whole)

        @settings(max_examples=150, deadline=None)
        @given(st.data())
        def tamper(data: st.DataObject) -> None:
            shutil.copy(whole, damaged)
            seq = _damage(data, damaged, 4)
            assert runner.run(check()).broken == seq

        tamper()


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def test_any_entry_verifies_here_and_by_the_snippet(
    migrated_template: Path, clock: ManualClock, tmp_path: Path
) -> None:
    snippet = compile(_snippet(), str(DOCS), "exec")
    path, out = tmp_path / "factotum.db", tmp_path / "journal.jsonl"

    async def check(written: list[tuple[str, str, str, dict[str, Any]]]) -> Anchor:
        database = Database(path)
        try:
            async with database.write() as connection:
                for kind, actor, subject, data in written:
                    await journal.append(
                        connection, clock, kind=kind, actor=actor, subject=subject, data=data
                    )
            found = await _verify(database)
        finally:
            await database.close()
        assert (found.entries, found.fault) == (len(written), None)
        await journaling.export(_settings(tmp_path), out=out)
        return found.head

    with asyncio.Runner() as runner:

        @settings(max_examples=40, deadline=None)
        @given(
            st.lists(
                st.tuples(
                    st.text(), st.text(), st.text(), st.dictionaries(st.text(), _JSON, max_size=3)
                ),
                max_size=3,
            )
        )
        def write(written: list[tuple[str, str, str, dict[str, Any]]]) -> None:
            shutil.copy(migrated_template, path)
            head = runner.run(check(written))
            with patch.object(sys, "argv", ["", str(out)]), redirect_stdout(StringIO()) as said:
                exec(snippet, {})
            assert said.getvalue() == f"whole: {len(written)} entries, head {head}\n"

        write()


# --- anchors


@pytest.mark.parametrize(
    "nonsense",
    [
        "",
        "x",
        "5",
        "5-",
        "-5-" + "a" * 64,
        "5-" + "a" * 15,
        "5-" + "a" * 65,
        "5-" + "g" * 64,
        "٥-" + "a" * 64,
        "5 - " + "a" * 64,
        "9" * 19 + "-" + "a" * 64,
        "5-" + "a" * 64 + "\n6-" + "b" * 64,
    ],
)
def test_nonsense_is_no_anchor(nonsense: str) -> None:
    with pytest.raises(FactotumError, match="is not an anchor") as refused:
        Anchor.parse(nonsense)
    assert "journal verify" in refused.value.sentence()


@given(st.integers(0, 10**18 - 1), st.binary(min_size=32, max_size=32), st.integers(16, 64))
def test_an_anchor_is_read_as_it_was_written(seq: int, digest: bytes, digits: int) -> None:
    anchor = Anchor(seq, digest.hex())
    assert Anchor.parse(f" {anchor}\n") == anchor
    short = Anchor(seq, digest.hex()[:digits])
    assert Anchor.parse(str(short)) == short
    assert anchor.short() == short.short() == f"{seq}-{digest.hex()[:16]}"


async def test_a_wrong_anchor_of_the_beginning(database: Database, clock: ManualClock) -> None:
    await _write(database, clock)
    found = await _verify(database, Anchor(0, "1" * 64))
    assert (found.fault, found.broken, found.entries) == ("another history", 0, 0)


async def test_of_two_faults_the_first_is_named(database: Database, clock: ManualClock) -> None:
    await _write(database, clock)
    _tamper(database.path, "UPDATE journal SET kind = 'x' WHERE seq = 5")
    found = await _verify(database, Anchor(3, "1" * 64))
    assert (found.fault, found.broken) == ("another history", 3)
    found = await _verify(database, Anchor(6, "1" * 64))
    assert (found.fault, found.broken) == ("changed", 5)


# --- an export, for an outsider


def _settings(home: Path) -> Settings:
    return Settings(home=home, _env_file=None)


def _snippet() -> str:
    [found] = re.findall(r"```python\n(.*?)```", DOCS.read_text(), re.DOTALL)
    assert len(found.splitlines()) <= 20
    return found


def _checked(path: Path, tmp_path: Path) -> subprocess.CompletedProcess[str]:
    """What an outsider's Python, without anything of ours, says of an export."""
    script = tmp_path / "check.py"
    script.write_text(_snippet())
    return subprocess.run(
        [sys.executable, "-I", str(script), str(path)], capture_output=True, text=True, check=False
    )


async def test_an_export_holds_every_field(
    database: Database, clock: ManualClock, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await _write(database, clock)
    await journaling.export(_settings(tmp_path))
    lines = capsys.readouterr().out.split("\n")
    assert lines.pop() == ""
    found = [json.loads(line) for line in lines]
    assert [entry["seq"] for entry in found] == [1, 2, 3, 4, 5, 6]
    assert found[0] == {
        "seq": 1,
        "at": "2026-11-23T09:00:00.000000+00:00",
        "kind": "test.happened",
        "actor": "operator",
        "subject": "thing_1",
        "data": {"n": 1, "what": 'Grüße 🎉\n="b"', "parts": [1.5, None, {"y": True}]},
        "previous": "0" * 64,
        "hash": found[1]["previous"],
    }
    assert [canonical(entry).decode() for entry in found] == lines


async def test_an_export_verifies_without_us(
    database: Database, clock: ManualClock, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "journal.jsonl"
    await journaling.export(_settings(tmp_path), out=out)
    assert f"head {EMPTY}" in _checked(out, tmp_path).stdout
    await _write(database, clock)
    head = await _head(database)
    await journaling.export(_settings(tmp_path), out=out)
    assert f"6 entries were exported to {out}, head {head}." in capsys.readouterr().out
    whole = _checked(out, tmp_path)
    assert whole.stdout == f"whole: 6 entries, head {head}\n"
    lines = out.read_text().splitlines(keepends=True)
    for forged in (
        [*lines[:2], lines[2].replace("thing_3", "thing_4"), *lines[3:]],
        [*lines[:2], *lines[3:]],
        [*lines[:2], lines[3], lines[2], *lines[4:]],
    ):
        out.write_text("".join(forged))
        broken = _checked(out, tmp_path)
        assert (broken.returncode, broken.stderr) == (1, "broken at entry 3\n")
    out.write_text("".join(lines[:4]))
    assert str(head) not in _checked(out, tmp_path).stdout  # cut: the head tells


async def test_csv_holds_the_same(
    database: Database, clock: ManualClock, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await _write(database, clock)
    await journaling.export(_settings(tmp_path))
    wanted = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    out = tmp_path / "journal.csv"
    await journaling.export(_settings(tmp_path), form="csv", out=out)
    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == [
        "seq", "at", "kind", "actor", "subject", "data", "previous", "hash",
    ]  # fmt: skip
    assert rows[0]["data"] == canonical(wanted[0]["data"]).decode()
    assert [row | {"seq": int(row["seq"]), "data": json.loads(row["data"])} for row in rows] == (
        wanted
    )


async def test_a_broken_journal_is_exported_as_it_is(
    database: Database, clock: ManualClock, tmp_path: Path
) -> None:
    await _write(database, clock)
    _tamper(database.path, "UPDATE journal SET kind = 'x' WHERE seq = 3")
    out = tmp_path / "journal.jsonl"
    await journaling.export(_settings(tmp_path), out=out)
    assert "broken at entry 3" in _checked(out, tmp_path).stderr
    with closing(sqlite3.connect(database.path)) as connection, connection:
        connection.execute("UPDATE journal SET data = '{' WHERE seq = 3")
    with pytest.raises(FactotumError, match=r"Entry 3 of the journal can't be read"):
        await journaling.export(_settings(tmp_path), out=out)


async def test_a_file_that_cant_be_written_is_told_of(database: Database, tmp_path: Path) -> None:
    for out in (tmp_path, tmp_path / "nowhere" / "journal.jsonl"):
        with pytest.raises(FactotumError, match="could not be written"):
            await journaling.export(_settings(tmp_path), out=out)
    with pytest.raises(FactotumError, match="the database itself"):
        await journaling.export(_settings(tmp_path), out=database.path)
    assert (await _verify(database)).fault is None


# --- what the commands say


async def _said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], anchor: Anchor | None = None
) -> tuple[int, str]:
    code = await journaling.verify(_settings(tmp_path), str(anchor) if anchor else None)
    return code, capsys.readouterr().out


async def test_verify_says_what_it_found(
    database: Database, clock: ManualClock, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await _write(database, clock)
    head = await _head(database)
    whole = f"The journal is whole: 6 entries, head {head}."
    assert await _said(tmp_path, capsys) == (0, f"{whole}\n")
    assert await _said(tmp_path, capsys, head) == (
        0,
        f"{whole} It contains the pinned entry {head}.\n",
    )
    code, said = await _said(tmp_path, capsys, Anchor(7, head.hash))
    assert (code, "its 6 entries follow each other, but it ends before" in said) == (1, True)
    code, said = await _said(tmp_path, capsys, Anchor(5, head.hash))
    assert (code, "another history: entry 5 is not the pinned entry 5-" in said) == (1, True)
    _tamper(database.path, "UPDATE journal SET kind = 'x' WHERE seq = 3")
    assert await _said(tmp_path, capsys, head) == (
        1,
        "The journal is broken at entry 3: its content was changed. "
        "The 2 entries before it are whole.\n",
    )


async def test_a_journal_that_isnt_there_is_told_of(database: Database, tmp_path: Path) -> None:
    with pytest.raises(FactotumError, match="There is no database"):
        await journaling.verify(_settings(tmp_path / "other"))
    with closing(sqlite3.connect(database.path)) as connection:
        connection.execute("DROP TABLE journal")
    for command in (
        journaling.verify(_settings(tmp_path)),
        journaling.export(_settings(tmp_path)),
        journaling.replay(_settings(tmp_path), "run_1"),
    ):
        with pytest.raises(FactotumError, match="The journal can't be read: no such table"):
            await command


def _started(home: Path, *command: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "bot.cli", "journal", *command, "--home", str(home)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (["verify", "--anchor", "5-beef"], "'5-beef' is not an anchor. An anchor is"),
        (["replay", "run_nobody"], "says nothing about a run 'run_nobody'."),
        (["export", "--out", "/dev/full"], "could not be written, or not to its end: No space"),
    ],
)
async def test_errors_are_sentences(
    database: Database, clock: ManualClock, tmp_path: Path, command: list[str], words: str
) -> None:
    await _write(database, clock)
    with _started(tmp_path, *command) as process:
        _, said = process.communicate()
    assert process.returncode == 1
    assert words in said
    assert said.count("\n") == 1


async def test_a_reader_who_leaves_early_is_no_trouble(
    database: Database, clock: ManualClock, tmp_path: Path
) -> None:
    await _write(database, clock, 2000)
    with _started(tmp_path, "export") as process:
        assert process.stdout
        assert process.stderr
        assert json.loads(process.stdout.readline())["seq"] == 1
        process.stdout.close()
        assert process.stderr.read() == ""


# --- a run, from the journal alone


async def _append(database: Database, clock: ManualClock, *entries: tuple[str, str, Any]) -> None:
    async with database.write() as connection:
        for kind, subject, data in entries:
            clock.advance(timedelta(seconds=1))
            await journal.append(connection, clock, kind=kind, subject=subject, data=data)


async def _of_run(database: Database, run_id: str) -> list[tuple[str, str]]:
    async with database.read() as connection:
        return [(e.kind, e.subject) async for e in audit.of_run(connection, run_id)]


def _story(mark: str) -> list[tuple[str, str, Any]]:
    run, pay, mail = f"run_{mark}", f"stp_{mark}pay", f"stp_{mark}mail"
    return [
        ("run.started", run, {"title": "Shopping", "steps": {"pay": pay, "mail": mail}}),
        ("approval.asked", f"apr_{mark}", {"run": run, "payload": "00", "policy": "1"}),
        ("approval.approved", f"apr_{mark}", {"run": run, "payload": "00"}),
        ("effect.intended", f"eff_{mark}1", {"action": "mail.send", "step": mail, "params": {}}),
        ("effect.unknown", f"eff_{mark}1", {"error": "The line\x1b[2J broke."}),
        ("step.unknown", mail, {"error": "The line broke."}),
        ("effect.given_up", f"eff_{mark}1", {"new": f"eff_{mark}2"}),
        ("effect.confirmed", f"eff_{mark}2", {"action": "mail.send", "receipt": "Sent."}),
        ("invoice.issued", f"INV-{mark}", {"token": f"eff_{mark}2", "total_minor": 5}),
        ("step.done", mail, {"result": {"receipt": "Sent.", "id": "m1"}}),
        ("effect.vouched", pay, None),
        ("run.done", run, None),
        ("approval.reason", f"apr_{mark}", {"reason": "because"}),
    ]


async def test_a_run_is_told_from_its_entries_and_no_others(
    database: Database, clock: ManualClock
) -> None:
    one, two = _story("one"), _story("two")
    back = [
        ("run.started", "run_back", {"title": "Take back", "undoes": "run_one"}),
        ("effect.intended", "eff_back", {"run": "run_back", "params": {"effect": "eff_one2"}}),
        ("step.done", "stp_back", {"run": "run_back", "result": {}}),
        ("effect.confirmed", "eff_back", {"receipt": "Back.", "reverses": "eff_one2"}),
        ("effect.failed", "eff_back", {"error": "not ours"}),
    ]
    both = [entry for pair in zip(one, two, strict=True) for entry in pair]
    await _append(database, clock, ("fact.kept", "fact_1", {"about": "x"}), *both, *back)
    # What another run says of ours is told too, but not what else happened there.
    said = [*one, back[0], back[1], back[3]]
    assert await _of_run(database, "run_one") == [entry[:2] for entry in said]
    assert await _of_run(database, "run_two") == [entry[:2] for entry in two]
    assert await _of_run(database, "run_back") == [entry[:2] for entry in back]


async def test_an_entry_that_names_its_run_needs_no_list_of_steps(
    database: Database, clock: ManualClock
) -> None:
    story: list[tuple[str, str, Any]] = [
        ("run.started", "run_1", {"title": "Shopping"}),
        ("effect.intended", "eff_1", {"run": "run_1", "step": "stp_1"}),
        ("effect.confirmed", "eff_1", {"receipt": "Sent."}),
        ("step.done", "stp_1", {}),
        ("step.done", "stp_2", {"run": "run_1", "result": {}}),
        ("effect.vouched", "stp_2", {}),
        ("run.done", "run_1", {}),
    ]
    await _append(database, clock, *story)
    assert await _of_run(database, "run_1") == [entry[:2] for entry in story]


async def test_replay_tells_it_in_plain_words(
    database: Database, clock: ManualClock, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await _append(database, clock, *_story("one"))
    await journaling.replay(_settings(tmp_path), "run_one")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == ("2026-11-23 09:00:01 UTC  The run began: Shopping [1 run.started run_one]")
    assert lines[3] == (
        "2026-11-23 09:00:04 UTC  An effect was begun: mail.send (step: mail) "
        "[4 effect.intended eff_one1]"
    )
    assert lines[4] == (
        "2026-11-23 09:00:05 UTC  Nobody can tell whether an effect happened: "
        "The line [2J broke. [5 effect.unknown eff_one1]"
    )
    assert lines[8] == (
        "2026-11-23 09:00:09 UTC  Invoice issued (token: eff_one2; total_minor: 5) "
        "[9 invoice.issued INV-one]"
    )
    assert lines[9] == (
        "2026-11-23 09:00:10 UTC  A step is done: Sent. (id: m1) [10 step.done stp_onemail]"
    )
    assert len(lines) == 13


async def test_a_real_run_is_told_to_its_end(kernel: Kernel) -> None:
    started = await kernel.start(buy("one"), buy("two", depends=("one",)))
    await kernel.start(buy("other"))
    await kernel.approve(started)
    await kernel.work()
    wanted = [
        "run.started",
        "approval.asked",
        "approval.approved",
        *["effect.intended", "effect.confirmed", "step.done"] * 2,
        "run.done",
    ]
    said = await _of_run(kernel.database, started.run_id)
    assert [kind for kind, _ in said if kind in wanted] == wanted
    async with kernel.database.read() as connection:
        others = [e.kind async for e in audit.entries(connection)]
    assert others.count("run.started") == 2
