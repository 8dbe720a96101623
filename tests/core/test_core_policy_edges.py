"""What mutation tests found unguarded: the edges of policy's conditions, sizes and words."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from core import gate
from core.actions import Action, Params, Result, Reversal, Risk
from core.clock import ManualClock
from core.errors import FactotumError
from core.money import Money
from core.policy import Case, Policy, PolicyBook, differences, parse
from core.policy.rule import Hours
from core.policy.text import MOST, decode
from core.storage.database import Database

MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
BILL = Case(
    action="billing.issue",
    risk=Risk.MONEY,
    reversal="compensate",
    amount=Money(40_000, "EUR"),
    counterparty="Northwind Traders",
    at=MONDAY,
    agent="planner",
    origins=frozenset({"operator"}),
)


def _rules(*rules: str) -> Policy:
    return parse("\n".join(f"[[rule]]\n{rule}" for rule in rules))


async def _never(*_: Any) -> Any:
    raise AssertionError("policy only judges")


ISSUE = Action(
    name="billing.issue",
    params=Params,
    result=Result,
    risk=Risk.MONEY,
    reversal=Reversal("compensate", "somehow"),
    perform=_never,
    check=_never,
)


@pytest.mark.parametrize(
    ("said", "inside", "outside"),
    [
        ("09:30-17:15", ["09:30", "09:31", "12:45", "17:14"], ["09:29", "17:15", "08:59", "00:00"]),
        ("22:10-07:20", ["22:10", "23:59", "00:00", "07:19"], ["22:09", "07:20", "07:21", "12:00"]),
        ("18:30-24:00", ["18:30", "23:59"], ["18:29", "00:00", "17:59"]),
        ("00:00-00:10", ["00:00", "00:09"], ["00:10", "23:59"]),
    ],
)
def test_hours_begin_and_end_to_the_minute(
    said: str, inside: list[str], outside: list[str]
) -> None:
    policy = _rules(f'verdict = "deny"\naction = "billing.*"\ntime = "{said}"')
    hours = policy.rules[0].time[0]
    for words in (*inside, *outside):
        moment = time.fromisoformat(words)
        fits = words in inside
        assert (moment in hours) is fits, words
        case = replace(BILL, at=MONDAY.replace(hour=moment.hour, minute=moment.minute))
        assert (policy.judge(case).verdict == "deny") is fits, words


def test_hours_that_end_as_they_begin_are_all_day() -> None:
    assert all(time(hour) in Hours(600, 600) for hour in range(24))


def test_hours_are_read_to_the_minute() -> None:
    for said, start, end in (
        ("09:30-17:15", 570, 1035),
        ("22:10-24:00", 1330, 1440),
        ("18:05-00:00", 1085, 0),
    ):
        policy = _rules(f'verdict = "ask"\ntime = "{said}"')
        assert policy.rules[0].time == (Hours(start, end),)


def test_days_are_words() -> None:
    assert _rules('verdict = "ask"\ndays = "Monday"').rules[0].days == ("mon",)
    for wrong in ("5", "true", '"Frey"', "1.5"):
        with pytest.raises(FactotumError, match="is none of mon"):
            _rules(f'verdict = "ask"\ndays = {wrong}')


@pytest.mark.parametrize(
    ("seconds", "fits"), [(0, False), (1, True), (86_400, True), (86_401, False)]
)
def test_how_long_hold_may_hold(seconds: int, fits: bool) -> None:
    text = f'[[rule]]\nverdict = "hold"\nseconds = {seconds}'
    if fits:
        assert parse(text).rules[0].seconds == seconds
    else:
        with pytest.raises(FactotumError):
            parse(text)


def test_one_second_is_no_plural() -> None:
    for seconds, words in ((1, "for 1 second,"), (2, "for 2 seconds,"), (60, "for 60 seconds,")):
        assert words in _rules(f'verdict = "hold"\nseconds = {seconds}').rules[0].words()


def test_a_policy_may_be_as_long_as_its_limit() -> None:
    assert decode(b"#" * MOST) == "#" * MOST
    assert parse("#" * MOST).rules == ()
    for read in (lambda: decode(b"#" * (MOST + 1)), lambda: parse("#" * (MOST + 1))):
        with pytest.raises(FactotumError, match="more than 64 kB"):
            read()


def test_what_is_no_utf8_is_named_with_its_line() -> None:
    for before in (b"", b"\n", b"\n\n\n"):
        line = len(before) + 1
        with pytest.raises(FactotumError, match=f"^Line {line}: this is not UTF-8 text.$"):
            decode(before + b"\xff\n\n")


@pytest.mark.parametrize("mistakes", [1, 4, 5, 6, 8])
def test_mistakes_are_told_up_to_five(mistakes: int) -> None:
    with pytest.raises(FactotumError) as told:
        parse("\n".join(f'[[rule]]\nverdict = "no{n}"' for n in range(mistakes)))
    lines = told.value.message.splitlines()
    assert len([line for line in lines if line.startswith("Line")]) == min(mistakes, 5)
    more = [f"There are {mistakes - 5} more."] if mistakes > 5 else []
    assert lines[min(mistakes, 5) :] == more


def test_straight_quotes_are_advised_where_they_are_curly_alone() -> None:
    with pytest.raises(FactotumError, match="straight quotes"):
        parse("[[rule]]\nverdict = “ask”")
    with pytest.raises(FactotumError) as told:
        parse("[[rule]]\nverdict = = 1")
    assert "straight quotes" not in told.value.message


def test_long_words_are_shortened_in_an_error() -> None:
    for length, cut in ((58, False), (59, True), (200, True)):
        word = "x" * length  # with its two quotes 60 characters are shown
        with pytest.raises(FactotumError) as told:
            _rules(f'verdict = "{word}"')
        assert (word in told.value.message) is not cut
        assert ("…" in told.value.message) is cut
        if cut:
            assert "x" * 58 + "…" in told.value.message


def test_an_example_fits_its_rule_and_no_other_day_than_needed() -> None:
    days = {"mon": 0, "tue": 1, "thu": 3, "sun": 6}
    for day, later in days.items():
        rule = _rules(f'verdict = "ask"\ndays = "{day}"').rules[0]
        assert rule.example(BILL).at == MONDAY + timedelta(days=later)
    above = _rules('verdict = "ask"\nabove = "500 EUR"').rules[0]
    assert above.example(BILL).amount == Money(50_001, "EUR")
    up_to = _rules('verdict = "ask"\nup_to = "500 EUR"').rules[0]
    assert up_to.example(BILL).amount == Money(50_000, "EUR")


def test_what_holds_in_general_is_told_once() -> None:
    old = _rules('verdict = "ask"\naction = "billing.*"')
    new = _rules(
        'verdict = "deny"\naction = "billing.*"',
        'verdict = "deny"\naction = "billing.*"\ncounterparty = "Eve"',
    )
    told = differences(old, new, [ISSUE], at=MONDAY).verdicts
    assert len(told) == 1
    assert told[0].startswith("Stricter: billing.issue is refused")


def test_a_change_in_two_particulars_is_told_of_both() -> None:
    old = _rules('verdict = "ask"\naction = "billing.*"')
    new = _rules(
        'verdict = "ask"\naction = "billing.*"',
        'verdict = "deny"\ncounterparty = "Eve"',
        'verdict = "deny"\ncounterparty = "Mallory"',
    )
    told = differences(old, new, [ISSUE], at=MONDAY).verdicts
    assert len(told) == 2
    assert all(line.startswith("Stricter: ") for line in told)


def test_what_a_rule_says_is_its_content_and_no_more() -> None:
    content = _rules('verdict = "ask"\nup_to = "500 EUR"\ncounterparty = ["Eve", "Bob"]').rules[0]
    assert content.content() == {
        "verdict": "ask",
        "up_to": ["500.00 EUR"],
        "counterparty": ["Eve", "Bob"],
    }


async def test_the_last_good_policy_follows_what_is_kept(
    database: Database, clock: ManualClock, tmp_path: Path
) -> None:
    path = tmp_path / "policy.toml"
    book, other = PolicyBook(path, clock), PolicyBook(path, clock)
    for verdict in ("ask", "deny"):
        path.write_text(f'[[rule]]\nverdict = "{verdict}"\naction = "billing.*"')
        async with database.write() as connection:
            await other.refresh(connection)
        path.write_text("[[rule]]\nverdict = nonsense")
        async with database.write() as connection:
            found = await book.refresh(connection)
            again = await book.refresh(connection)
        assert found.judge(BILL).verdict == verdict
        assert again == found
        clock.advance(timedelta(seconds=5))


async def test_what_a_pause_stopped_may_be_tried_again() -> None:
    async def no() -> None:
        raise gate.Paused

    gate.guard(no)
    with pytest.raises(gate.Paused) as stopped:
        await gate.last_call()
    assert stopped.value.permanent is False


async def test_a_policy_that_cannot_be_written_may_be_tried_again(
    database: Database, clock: ManualClock, tmp_path: Path
) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    book = PolicyBook(folder / "policy.toml", clock)
    async with database.write() as connection:
        await book.refresh(connection)
        digest = book.standing.digest
        folder.rmdir()
        with pytest.raises(FactotumError, match="can't be written") as told:
            await book.replace(connection, was=digest, text='[[rule]]\nverdict = "ask"')
    assert told.value.permanent is False


async def test_another_trouble_with_the_file_is_told_instead(
    database: Database, tmp_path: Path, clock: ManualClock
) -> None:
    folder = tmp_path / "folder"
    book = PolicyBook(folder / "policy.toml", clock)
    told: list[str] = []
    for spoil in (lambda: folder.write_text("no folder"), lambda: folder.symlink_to(folder)):
        folder.unlink(missing_ok=True)
        spoil()
        async with database.write() as connection:
            await book.refresh(connection)
        told.append(book.standing.trouble)
    assert told == [
        "It can't be read (Not a directory).",
        "It can't be read (Too many levels of symbolic links).",
    ]


def test_a_rule_says_each_of_its_conditions() -> None:
    said = {
        'action = "mail.*"': "mail.*",
        'risk = "money"': "what is about money",
        'reversal = "irreversible"': "what can't be taken back",
        'up_to = ["500 EUR", "600 USD"]': "up to 500.00 EUR or 600.00 USD",
        'above = "5 EUR"': "above 5.00 EUR",
        'counterparty = "Eve"': "with Eve",
        'time = "22:00-07:00"': "at 22:00-07:00",
        'days = ["sat", "sun"]': "on Sat or Sun",
        'agent = "planner"': "proposed by planner",
        'provenance = "memory"': "from memory",
        'trust = "untrusted"': "what derives from words of others",
    }
    for text, words in said.items():
        rule = _rules(f'verdict = "ask"\n{text}').rules[0]
        assert rule.conditions() == [words]
        assert rule.words() == f"Asked first: {words}"
    every = _rules('verdict = "ask"\n' + "\n".join(said)).rules[0]
    assert every.conditions() == list(said.values())
    assert _rules('verdict = "ask"').rules[0].words() == "Asked first: everything"
