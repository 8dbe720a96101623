"""What mutation tests found unguarded: the policy's text, its lines, its file and its changes."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Insert, Update, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.actions import Action, Concern, Params, Result, Reversal, Risk
from core.clock import ManualClock
from core.errors import FactotumError
from core.money import Money
from core.policy import DEFAULT, Case, Policy, PolicyBook, differences, parse, proposal
from core.policy.lines import Lines
from core.policy.rule import Hours
from core.policy.text import decode
from core.storage.database import Database
from core.storage.schema import journal, setting

MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
MAIL = Case(
    action="mail.send",
    risk=Risk.OUTSIDE,
    reversal="irreversible",
    amount=None,
    counterparty="nora@northwind.example",
    at=MONDAY,
    agent="planner",
    origins=frozenset({"operator"}),
)
DENY = '[[rule]]\nverdict = "deny"\naction = "mail.*"\n'


def _wrong(text: str) -> list[str]:
    """What is told of a text with mistakes."""
    with pytest.raises(FactotumError) as told:
        parse(text)
    return told.value.message.splitlines()


def _wrong_in(rule: str) -> list[str]:
    return _wrong(f'[[rule]]\nverdict = "ask"\n{rule}\n')


def _rule(text: str) -> Any:
    return parse(f'[[rule]]\nverdict = "ask"\n{text}\n').rules[0]


# --- a rule's values


def test_a_word_may_be_as_long_as_its_limit() -> None:
    assert _rule(f'because = "{"x" * 300}"').because == "x" * 300
    assert "up to 300 characters" in _wrong_in(f'because = "{"x" * 301}"')[0]
    assert "one line of text" in _wrong_in('because = "  "')[0]
    assert "one line of text" in _wrong_in('because = "a\\nb"')[0]
    assert _rule('because = "  Never. "').because == "Never"


def test_a_list_may_be_as_long_as_its_limit() -> None:
    def of(count: int) -> str:
        return f"action = {[f'a{n}' for n in range(count)]}"

    assert len(_rule(of(1)).action) == 1
    assert len(_rule(of(100)).action) == 100
    assert _wrong_in(of(101)) == ["Line 3: action: too many."]
    assert "an empty list says nothing" in _wrong_in(of(0))[0]


def test_what_is_said_twice_in_a_list_counts_once_and_in_order() -> None:
    assert _rule('action = ["b", "a", " b "]').action == ("b", "a")


def test_a_pattern_may_have_three_stars() -> None:
    assert _rule('action = "*a*b*"').action == ("*a*b*",)
    assert "more than 3 stars" in _wrong_in('action = "*a*b**"')[0]


def test_seconds_are_a_whole_number() -> None:
    for wrong in ("true", "false", "1.5", '"60"', "-1"):
        told = _wrong(f'[[rule]]\nverdict = "hold"\nseconds = {wrong}\n')
        assert len(told) == 1
        assert told[0].startswith("Line 3: seconds: ")
        assert told[0].endswith("is no number of seconds from 1 to 86400.")


def test_amounts_are_read_to_the_cent_and_once_for_each_currency() -> None:
    assert _rule('up_to = " 99.50 eur "').up_to == (Money(9950, "EUR"),)
    assert _rule('up_to = ["1 EUR", "2 USD"]').up_to == (Money(100, "EUR"), Money(200, "USD"))
    assert _rule('above = "0.50 EUR"').above == (Money(50, "EUR"),)
    assert _rule('above = "5.00 JPY"').above == (Money(5, "JPY"),)
    for wrong in ('["1 EUR", "2 USD", "3 EUR"]', '["1 EUR", "2.00 eur"]'):
        assert _wrong_in(f"up_to = {wrong}") == [
            "Line 3: up_to: give one amount for each currency."
        ]
    for wrong in ("99.505 EUR", "5.5 JPY"):
        assert "has more decimals than" in _wrong_in(f'up_to = "{wrong}"')[0]


def test_spaces_around_hours_and_days_say_nothing() -> None:
    assert _rule('time = " 09:30-17:15 "').time == (Hours(570, 1035),)
    assert _rule('days = [" Sat ", "sunday"]').days == ("sat", "sun")


# --- which mistakes are told, and where


def test_one_mistake_is_told_once() -> None:
    """A wrong or missing verdict says nothing about the seconds beside it."""
    assert len(_wrong('[[rule]]\nverdict = "never"\nseconds = 5\n')) == 1
    assert _wrong("[[rule]]\nseconds = 5\n") == ["Line 1: this rule has no verdict."]
    assert _wrong('[[rule]]\nverdict = "hold"\n') == [
        "Line 2: hold needs seconds, such as seconds = 60."
    ]
    assert _wrong_in("seconds = 5") == ["Line 3: seconds go with hold alone."]
    assert len(_wrong('[[rule]]\nverdict = "hold"\nseconds = 0\n')) == 1


def test_a_wrong_rule_does_not_hide_the_ones_after_it() -> None:
    told = _wrong('[[rule]]\nx = 1\n\n[[rule]]\nverdict = "ask"\n\n[[rule]]\nrisk = "low"\n')
    assert [line.partition(":")[0] for line in told] == ["Line 1", "Line 2", "Line 7", "Line 8"]


@pytest.mark.parametrize("text", ["rule = 3", "rule = [1, 2]", 'rule = [{verdict = "ask"}, 1]'])
def test_rules_are_tables(text: str) -> None:
    assert _wrong(f"\n{text}\n") == ["Line 2: each rule begins with [[rule]], in two brackets."]


def test_limits_are_a_table() -> None:
    assert _wrong("\nlimits = [1]\n") == [
        "Line 2: limits is a table: write [limits] on a line of its own."
    ]
    assert _wrong("[limits]\n\nreversible = 1\n") == [
        "Line 3: I don't know 'reversible'; perhaps irreversible is meant."
    ]


def test_a_text_that_ends_too_early_is_told_of_with_its_last_line() -> None:
    for text in ("[[rule]]\nverdict = [\n\n\n  ", "[[rule]]\nverdict = [", "\n\naction = ["):
        last = len(text.rstrip().split("\n"))
        assert _wrong(text)[0].startswith(f"Line {last}: this isn't TOML (")


def test_curly_quotes_elsewhere_are_no_hint() -> None:
    good = '[[rule]]\nverdict = "ask"\nbecause = "“so”"\n'
    assert parse(good).rules[0].because == "“so”"
    assert "straight" not in _wrong(f"{good}action = = 1\n# “\n")[0]
    assert "straight" not in _wrong(f"# “\n{good}action = = 1\n")[0]
    assert "straight" in _wrong(f"{good}action = “a”\n")[0]


@pytest.mark.parametrize(
    "before",
    [[], ["a = 1"], ["a = 1", "", "# so"], ["a = [", "1,", "]"], ["a = 1", 'b = """', "x", '"""']],
)
@pytest.mark.parametrize("after", [0, 1, 2, 9])
def test_a_value_that_nobody_can_read_is_named_with_its_line(before: list[str], after: int) -> None:
    """Also where the lines around it only make sense together."""
    lines = [*before, f"z = {'9' * 5000}", *["q = ["] * after]
    told = _wrong("\n".join(lines))
    assert told == [f"Line {len(before) + 1}: this is no value that a policy can have."]


@pytest.mark.parametrize("before", [0, 1, 5])
@pytest.mark.parametrize("within", [0, 1, 2, 3])
def test_an_endless_number_in_a_list_is_named_with_its_own_line(before: int, within: int) -> None:
    lines = [*["# so"] * before, "a = [", *["1,"] * within, f"{'9' * 5000},", "1,", "]", "b = 1"]
    told = _wrong("\n".join(lines))
    line = before + 1 + within + 1
    assert told == [f"Line {line}: this is no value that a policy can have."]


def test_what_is_no_utf8_is_named_with_its_line_also_within_it() -> None:
    with pytest.raises(FactotumError, match=r"^Line 2: this is not UTF-8 text\.$"):
        decode(b"a = 1\nb = '\xff\n'\nc = 1")


# --- where things stand

PLACES = """\
# [[no]]
top = 1
"quoted.key" = 2
'single' = 3
a.b = 4
 [ limits . inner ] # [[no]]
x = "[[no]]" # {
y = '''
[[no]]
{'''
[[rule]]
list = [
  { a = 1 }, # {
  { b = [ { c = 1 } ], d = "{" },
  [ { e = 1 } ],
  { f = 1 },
]
inline = { g = { h = 1 } }
[[rule.more]]
m = 1
[rule.plain]
n = 1
[[rule.more]]
m = 2

[[rule]]
list = []
[[rule.more]]
m = 3
[last]
"""


@pytest.mark.parametrize(
    ("place", "line"),
    [
        (("top",), 2),
        (("quoted.key",), 3),
        (("single",), 4),
        (("a",), 5),
        (("a", "b"), 5),
        (("limits", "inner"), 6),
        (("limits", "inner", "x"), 7),
        (("limits", "inner", "y"), 8),
        (("rule", 0), 11),
        (("rule", 0, "list"), 12),
        (("rule", 0, "list", 0), 13),
        (("rule", 0, "list", 1), 14),
        (("rule", 0, "list", 2), 16),
        (("rule", 0, "inline"), 18),
        (("rule", 0, "inline", "g"), 18),
        (("rule", 0, "more", 0), 19),
        (("rule", 0, "more", 0, "m"), 20),
        (("rule", 0, "plain"), 21),
        (("rule", 0, "plain", "n"), 22),
        (("rule", 0, "more", 1), 23),
        (("rule", 0, "more", 1, "m"), 24),
        (("rule", 1), 26),
        (("rule", 1, "list"), 27),
        (("rule", 1, "more", 0), 28),
        (("rule", 1, "more", 0, "m"), 29),
        (("rule", 1, "nothing", "at", "all"), 26),
        (("last",), 30),
        (("no",), 1),
        (("rule", 2), 1),
        ((), 1),
    ],
)
def test_where_each_thing_stands(place: tuple[str | int, ...], line: int) -> None:
    assert Lines(PLACES).of(*place) == line
    assert Lines(PLACES.rstrip("\n")).of(*place) == line
    assert Lines("\n\n" + PLACES).of(*place) == (line + 2 if place and line > 1 else 1)


def test_what_is_on_one_line_stands_there() -> None:
    lines = Lines('a = [{x = 1}, {x = 2}]\nb = {c = [1, 2]}\nd = """{[""" # }\ne = 1')
    for place, line in (
        (("a", 0, "x"), 1),
        (("a", 1), 1),
        (("b", "c"), 2),
        (("d",), 3),
        (("e",), 4),
    ):
        assert lines.of(*place) == line


# --- the file


async def _refresh(database: Database, book: PolicyBook) -> Policy:
    async with database.write() as connection:
        return await book.refresh(connection)


async def _entries(database: Database) -> list[Any]:
    async with database.read() as connection:
        rows = await connection.execute(
            select(journal).where(journal.c.kind.like("policy.%")).order_by(journal.c.seq)
        )
        return list(rows)


@pytest.mark.parametrize("known", [False, True])
async def test_a_change_that_another_process_wrote_first_is_journalled_by_that_alone(
    database: Database,
    clock: ManualClock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    known: bool,
) -> None:
    path = tmp_path / "policy.toml"
    book = PolicyBook(path, clock)
    if known:
        await _refresh(database, book)
        clock.advance(timedelta(minutes=1))
    before = await _entries(database)
    path.write_text(DENY)
    execute = AsyncConnection.execute
    row = {"value": {"version": "x", "text": "x"}, "updated_at": clock.now()}

    async def overtaken(self: AsyncConnection, statement: Any, *more: Any, **named: Any) -> Any:
        if isinstance(statement, Insert | Update):
            monkeypatch.undo()
            first = (
                update(setting).where(setting.c.key == "policy").values(**row)
                if known
                else setting.insert().values(key="policy", **row)
            )
            await self.execute(first)
        return await execute(self, statement, *more, **named)

    monkeypatch.setattr(AsyncConnection, "execute", overtaken)
    found = await _refresh(database, book)
    assert found == parse(DENY)
    assert await _entries(database) == before


async def test_what_is_kept_of_a_policy_touches_no_other_setting(
    database: Database, clock: ManualClock, tmp_path: Path
) -> None:
    async with database.write() as connection:
        await connection.execute(
            setting.insert().values(key="a", value={"text": DENY}, updated_at=clock.now())
        )
    book = PolicyBook.at(tmp_path, clock)
    assert await _refresh(database, book) == DEFAULT
    book.path.write_text("broken")
    assert await _refresh(database, book) == DEFAULT
    book.path.write_text(DENY)
    await _refresh(database, book)
    async with database.read() as connection:
        kept = {row.key: row.value for row in await connection.execute(select(setting))}
    assert kept["a"] == {"text": DENY}
    assert kept["policy"] == {"version": parse(DENY).version, "text": DENY}
    first, second = await _entries(database)
    assert (first.kind, first.data["was"]) == ("policy.changed", None)
    assert (second.kind, second.data["was"]) == ("policy.changed", DEFAULT.version)


async def test_a_health_check_says_which_policy_holds(
    database: Database, clock: ManualClock, tmp_path: Path
) -> None:
    book = PolicyBook.at(tmp_path, clock)
    book.path.write_text(DENY * 2)
    await _refresh(database, book)
    health = book.health()
    assert (health.status, health.detail) == ("ok", f"version {parse(DENY * 2).version}, 2 rules")
    assert book.standing.trouble == ""


async def test_each_kind_of_trouble_with_the_file_is_told(
    database: Database, clock: ManualClock, tmp_path: Path
) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    book = PolicyBook.at(folder, clock)
    book.path.symlink_to(book.path)
    await _refresh(database, book)
    loops = book.standing.trouble
    book.path.unlink()
    folder.rmdir()
    folder.write_text("no folder")
    await _refresh(database, book)
    assert loops.startswith("It can't be read (")
    assert book.standing.trouble.startswith("It can't be read (")
    assert book.standing.trouble != loops


async def test_a_policy_that_the_operator_replaces_is_read_anew(
    database: Database, clock: ManualClock, tmp_path: Path
) -> None:
    book = PolicyBook.at(tmp_path, clock)
    await _refresh(database, book)
    for text in (DENY, DENY.replace("deny", "auto"), "# nothing\n"):
        async with database.write() as connection:
            assert await book.replace(connection, was=book.standing.digest, text=text) is True
            assert await book.replace(connection, was="other", text=DENY) is False
        assert book.standing.text == text == book.path.read_text()
        assert book.policy == parse(text)
    async with database.write() as connection:
        with pytest.raises(FactotumError, match="Line 1"):
            await book.replace(connection, was=book.standing.digest, text="broken")
    assert book.path.read_text() == "# nothing\n"


# --- what a change does


async def _never(*_: Any) -> Any:
    raise AssertionError("policy only judges")


def _action(name: str, **more: Any) -> Action:
    wanted: dict[str, Any] = {
        "params": Params,
        "result": Result,
        "risk": Risk.OUTSIDE,
        "reversal": Reversal("compensate", "somehow"),
        "perform": _never,
        "check": _never,
    }
    return Action(name=name, **wanted | more)


def _told(old: str, new: str, *names: str) -> tuple[str, ...]:
    actions = [_action(name) for name in names or ("test.act",)]
    return differences(parse(old), parse(new), actions, at=MONDAY).verdicts


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("", ""),
        ('counterparty = "Nora"', " with Nora"),
        ('above = "5 EUR"', " over 5.01 EUR"),
        ('days = "tue"', " at Tue 24 Nov 2026, 10:00"),
        ('time = "22:30-23:00"', " at Mon 23 Nov 2026, 22:30"),
        ('agent = "writer"', " proposed by writer"),
        ('provenance = "untrusted"', " from untrusted"),
        ('provenance = ["memory", "untrusted"]', " from memory and untrusted"),
        (
            'counterparty = "Nora"\nup_to = "5 EUR"\nagent = "w*"',
            " with Nora over 5.00 EUR proposed by wx",
        ),
    ],
)
def test_a_change_says_of_which_cases_it_speaks(said: str, words: str) -> None:
    ask = '[[rule]]\nverdict = "ask"\naction = "none.*"\n'
    new = f'[[rule]]\nverdict = "deny"\n{said}\n'
    assert f"Stricter: test.act{words} is refused; so far it was asked first." in _told(ask, new)
    assert f"Looser: test.act{words} is asked first; so far it was refused." in _told(new, ask)


def test_what_holds_in_general_is_told_for_each_action_alone() -> None:
    new = '[[rule]]\nverdict = "deny"\naction = "a.*"\n'
    assert _told("", new, "a.one", "b.two", "a.three") == (
        "Stricter: a.one is refused; so far it was asked first.",
        "Stricter: a.three is refused; so far it was asked first.",
    )
    assert _told(new, new, "a.one") == ()


def test_what_differs_from_the_general_is_told_beside_it() -> None:
    new = (
        '[[rule]]\nverdict = "shadow"\naction = "test.*"\n'
        '[[rule]]\nverdict = "deny"\naction = "test.*"\ncounterparty = "Eve"\n'
    )
    assert _told("", new) == (
        "Stricter: test.act is only rehearsed, nothing happens; so far it was asked first.",
        "Stricter: test.act with Eve is refused; so far it was asked first.",
    )


def test_what_a_case_does_not_say_is_taken_as_known() -> None:
    """An action that can't say whom it is about is tried as if it could."""

    def silent(_: dict[str, Any]) -> Concern:
        return Concern(unknown=frozenset({"counterparty"}))

    action = _action("test.act", concerns=silent)
    new = parse('[[rule]]\nverdict = "deny"\ncounterparty = "Eve"\n')
    assert differences(parse(""), new, [action], at=MONDAY).verdicts == (
        "Stricter: test.act with Eve is refused; so far it was asked first.",
    )


def test_rules_that_stay_are_not_told() -> None:
    keep, gone = DENY, '[[rule]]\nverdict = "ask"\naction = "test.act"\n'
    change = differences(parse(keep + gone), parse(keep), [_action("mail.send")], at=MONDAY)
    assert change.rules == ("Gone: asked first: test.act.",)
    assert change.mind == ()
    assert differences(parse(keep), parse(keep), [], at=MONDAY).rules == ()
    assert len(differences(parse(keep), parse(keep), [], at=MONDAY).mind) == 1


def test_limits_are_told_where_they_change() -> None:
    some = '[limits]\nirreversible = ["5 EUR", "6 USD"]\n'
    nothing = "No grant helps with an amount that can't be taken back."
    amounts = "No grant helps with what can't be taken back above 5.00 EUR or 6.00 USD."
    for old, new, words in (("", some, (amounts, nothing)), (some, "", (nothing, amounts))):
        [told] = differences(parse(old), parse(new), [], at=MONDAY).rules
        assert told == f"New limit: {words[0]} Before: {words[1]}"
    assert differences(parse(some), parse(some), [], at=MONDAY).rules == ()


# --- a proposed text


async def test_a_proposed_text_can_be_taken_until_just_before_it_lapses(
    database: Database, clock: ManualClock
) -> None:
    async with database.write() as connection:
        kept = await proposal.keep(connection, clock, was="w", text=DENY)
        clock.advance(proposal.LIFETIME - timedelta(microseconds=1))
        assert await proposal.take(connection, clock, kept.id) == kept
        assert kept.whole is True
        assert replace(kept, text="").whole is False


async def test_what_waits_for_a_tap_touches_no_other_setting(
    database: Database, clock: ManualClock
) -> None:
    async with database.write() as connection:
        for key in ("a", "z"):
            await connection.execute(
                setting.insert().values(key=key, value={"id": "pol_x"}, updated_at=clock.now())
            )
        kept = await proposal.keep(connection, clock, was="w", text=DENY)
        assert await proposal.take(connection, clock, "pol_x") is None
        assert await proposal.take(connection, clock, kept.id) == kept
        rows = await connection.execute(select(setting.c.key, setting.c.value))
        left = {row.key: row.value for row in rows}
        assert left == {"a": {"id": "pol_x"}, "z": {"id": "pol_x"}}


# --- a rule's conditions


def _judge(rule: str) -> Callable[[Case], str]:
    policy = parse(f"[[rule]]\n{rule}\n")
    return lambda case: policy.judge(case).verdict


def test_a_rule_may_name_several_recipients_of_one_mail() -> None:
    judge = _judge('verdict = "auto"\ncounterparty = "a@x.example; b@y.example"')
    both = replace(MAIL, counterparty="A@x.example;  b@y.example")
    assert judge(both) == "auto"
    for other in ("a@x.example", "b@y.example", "a@x.example; b@y.example; c@z.example", ""):
        assert judge(replace(MAIL, counterparty=other)) == "ask"
    assert judge(replace(MAIL, counterparty=None)) == "ask"


def test_a_rule_for_what_can_be_trusted_speaks_of_that_alone() -> None:
    for verdict in ("auto", "deny"):
        judge = _judge(f'verdict = "{verdict}"\ntrust = "trusted"')
        assert judge(MAIL) == verdict
        assert judge(replace(MAIL, origins=frozenset({"operator", "memory"}))) == verdict
        assert judge(replace(MAIL, origins=frozenset({"operator", "untrusted"}))) == "ask"
