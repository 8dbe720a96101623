"""What may happen without a tap: the rules, the laws, the file and its errors."""

import asyncio
import os
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import select

from core.actions import Action, Concern, Params, Result, Reversal, Risk
from core.clock import ManualClock
from core.errors import FactotumError
from core.money import Money
from core.policy import (
    DEFAULT,
    DEFAULT_TEXT,
    STRICTNESS,
    Case,
    Policy,
    PolicyBook,
    case_of,
    differences,
    load,
    parse,
    proposal,
)
from core.policy.lines import Lines
from core.storage.database import Database
from core.storage.schema import journal, setting

DOCS = Path(__file__).parents[2] / "docs" / "policy.md"
MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=ZoneInfo("Europe/Berlin"))


async def _never(*_: Any) -> Any:
    raise AssertionError("policy only judges")


def _action(risk: Risk, kind: Any = "compensate", **more: Any) -> Action:
    return Action(
        name="test.act",
        params=Params,
        result=Result,
        risk=risk,
        reversal=Reversal(kind, "somehow"),
        perform=_never,
        check=_never,
        **more,
    )


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
BILL = Case(
    action="billing.issue",
    risk=Risk.MONEY,
    reversal="compensate",
    amount=Money(40_000, "EUR"),
    counterparty="Northwind Traders",
    at=MONDAY,
    agent="planner",
    origins=frozenset({"operator", "memory"}),
)
NOTE = Case(
    action="fact.keep",
    risk=Risk.INSIDE,
    reversal="compensate",
    amount=None,
    counterparty=None,
    at=MONDAY,
    agent="planner",
    origins=frozenset({"operator"}),
)


def _rules(*rules: str) -> Policy:
    return parse("\n".join(f"[[rule]]\n{rule}" for rule in rules))


# The default: everything that leaves the house is asked.


def test_ones_own_records_that_can_be_taken_back_need_no_tap() -> None:
    ruling = DEFAULT.judge(
        case_of(_action(Risk.INSIDE), {}, at=MONDAY, origins=("operator", "memory"))
    )
    assert ruling.verdict == "auto"
    assert ruling.rules == ("Your own records, and it can be taken back: done at once (test.act).",)


@pytest.mark.parametrize(
    ("risk", "kind", "because"),
    [
        (Risk.OUTSIDE, "compensate", ["What leaves the house or commits you is asked first"]),
        (Risk.MONEY, "compensate", ["What is about money is asked first"]),
        (Risk.INSIDE, "irreversible", ["What can't be taken back is asked first"]),
        (
            Risk.OUTSIDE,
            "irreversible",
            [
                "What leaves the house or commits you is asked first",
                "What can't be taken back is asked first",
            ],
        ),
    ],
)
def test_what_else_there_is_is_asked_and_says_why(
    risk: Risk, kind: str, because: list[str]
) -> None:
    ruling = DEFAULT.judge(case_of(_action(risk, kind), {}, at=MONDAY, origins=("operator",)))
    assert ruling.verdict == "ask"
    assert list(ruling.rules) == [f"{words} (test.act)." for words in because]


@given(
    st.sampled_from(list(Risk)),
    st.sampled_from(["compensate", "irreversible"]),
    st.lists(st.sampled_from(["operator", "memory", "untrusted"]), max_size=4),
)
def test_nothing_untrusted_risky_or_final_is_ever_done_by_itself(
    risk: Risk, kind: str, origins: list[str]
) -> None:
    ruling = DEFAULT.judge(case_of(_action(risk, kind), {}, at=MONDAY, origins=origins))
    asked = risk is not Risk.INSIDE or kind == "irreversible" or "untrusted" in origins
    assert (ruling.verdict == "ask") == asked
    assert ruling.rules
    if "untrusted" in origins:
        assert any("others" in rule for rule in ruling.rules)


# Verdicts.

AUTO_MAIL = 'verdict = "auto"\naction = "mail.*"'


@pytest.mark.parametrize(
    ("rules", "case", "verdict"),
    [
        # nothing said is asked
        ((), MAIL, "ask"),
        ((), NOTE, "ask"),
        # action
        ((AUTO_MAIL,), MAIL, "auto"),
        ((AUTO_MAIL,), BILL, "ask"),
        (('verdict = "deny"\naction = ["calendar.add", "MAIL.SEND"]',), MAIL, "deny"),
        # the strictest wins, in whatever order
        ((AUTO_MAIL, 'verdict = "hold"\nseconds = 5\nrisk = "outside"'), MAIL, "hold"),
        (('verdict = "ask"\nrisk = "outside"', AUTO_MAIL), MAIL, "ask"),
        (('verdict = "shadow"', 'verdict = "ask"', AUTO_MAIL), MAIL, "shadow"),
        (('verdict = "deny"', 'verdict = "shadow"', AUTO_MAIL), MAIL, "deny"),
        # risk and reversal
        (('verdict = "auto"\nrisk = ["inside", "outside"]',), MAIL, "auto"),
        (('verdict = "auto"\nreversal = "compensate"',), MAIL, "ask"),
        (('verdict = "auto"\nreversal = "compensate"',), BILL, "auto"),
        # amount
        (('verdict = "auto"\nup_to = "400 EUR"',), BILL, "auto"),
        (('verdict = "auto"\nup_to = "399.99 EUR"',), BILL, "ask"),
        (('verdict = "deny"\nabove = "400 EUR"',), BILL, "ask"),
        (('verdict = "deny"\nabove = "399.99 EUR"',), BILL, "deny"),
        (('verdict = "auto"\nup_to = ["10 GBP", "400 EUR"]',), BILL, "auto"),
        (('verdict = "auto"\nabove = "100 EUR"\nup_to = "500 EUR"',), BILL, "auto"),
        (('verdict = "auto"\nup_to = "400 EUR"',), MAIL, "ask"),  # a mail has no amount
        (('verdict = "deny"\nabove = "1 EUR"',), MAIL, "ask"),
        # another currency: nobody can tell, which counts against it
        (('verdict = "auto"\nup_to = "9999 USD"',), BILL, "ask"),
        (('verdict = "auto"\nabove = "1 USD"',), BILL, "ask"),
        (('verdict = "deny"\nabove = "9999 USD"',), BILL, "deny"),
        # an unknown amount counts as above every bound
        (('verdict = "auto"\nup_to = "9999 EUR"',), replace(BILL, amount=None), "ask"),
        (('verdict = "auto"\nabove = "1 EUR"',), replace(BILL, amount=None), "ask"),
        (('verdict = "deny"\nabove = "9999 EUR"',), replace(BILL, amount=None), "deny"),
        (
            ('verdict = "deny"\nabove = "9999 EUR"',),
            replace(NOTE, unknown=frozenset({"amount"})),
            "deny",
        ),
        # a negative amount is as large as it is
        (('verdict = "auto"\nup_to = "1 EUR"',), replace(BILL, amount=Money(-500, "EUR")), "ask"),
        # counterparty
        ((f'{AUTO_MAIL}\ncounterparty = "NORA@northwind.example"',), MAIL, "auto"),
        ((f'{AUTO_MAIL}\ncounterparty = "*@northwind.example"',), MAIL, "auto"),
        ((f'{AUTO_MAIL}\ncounterparty = "*@bluebird.example"',), MAIL, "ask"),
        (('verdict = "auto"\ncounterparty = " northwind   TRADERS"',), BILL, "auto"),
        (('verdict = "deny"\ncounterparty = "*"',), NOTE, "ask"),  # about nobody
        (
            (f'{AUTO_MAIL}\ncounterparty = "*@northwind.example"',),
            replace(MAIL, counterparty="a@northwind.example; eve@x.example; b@northwind.example"),
            "ask",
        ),
        (
            (f'{AUTO_MAIL}\ncounterparty = "*@northwind.example"',),
            replace(MAIL, counterparty="a@northwind.example; b@northwind.example"),
            "auto",
        ),
        (
            ('verdict = "deny"\ncounterparty = "eve@x.example"',),
            replace(MAIL, counterparty="a@northwind.example; eve@x.example"),
            "deny",
        ),
        (
            (f'{AUTO_MAIL}\ncounterparty = "*"',),
            replace(MAIL, counterparty=None, unknown=frozenset({"counterparty"})),
            "ask",
        ),
        (
            ('verdict = "deny"\ncounterparty = "eve@x.example"',),
            replace(MAIL, counterparty=None, unknown=frozenset({"counterparty"})),
            "deny",
        ),
        # time of day and day
        ((f'{AUTO_MAIL}\ntime = "09:00-10:01"',), MAIL, "auto"),
        ((f'{AUTO_MAIL}\ntime = "09:00-10:00"',), MAIL, "ask"),
        ((f'{AUTO_MAIL}\ntime = "22:00-07:00"',), MAIL, "ask"),
        ((f'{AUTO_MAIL}\ntime = "22:00-07:00"',), replace(MAIL, at=MONDAY.replace(hour=3)), "auto"),
        (
            (f'{AUTO_MAIL}\ntime = "22:00-24:00"',),
            replace(MAIL, at=MONDAY.replace(hour=23)),
            "auto",
        ),
        ((f'{AUTO_MAIL}\ntime = ["01:00-02:00", "10:00-11:00"]',), MAIL, "auto"),
        ((f'{AUTO_MAIL}\ndays = ["mon", "Tuesday"]',), MAIL, "auto"),
        ((f'{AUTO_MAIL}\ndays = ["sat", "sun"]',), MAIL, "ask"),
        # agent
        ((f'{AUTO_MAIL}\nagent = "planner"',), MAIL, "auto"),
        ((f'{AUTO_MAIL}\nagent = "writer"',), MAIL, "ask"),
        # provenance: relaxing rules need all of it, restricting ones any
        (('verdict = "auto"\nprovenance = "operator"',), MAIL, "auto"),
        (('verdict = "auto"\nprovenance = "operator"',), BILL, "ask"),
        (('verdict = "auto"\nprovenance = ["operator", "memory"]',), BILL, "auto"),
        (('verdict = "deny"\nprovenance = "memory"',), BILL, "deny"),
        (('verdict = "auto"\nprovenance = "operator"',), replace(MAIL, origins=frozenset()), "ask"),
        # trust
        (
            ('verdict = "deny"\ntrust = "untrusted"',),
            replace(MAIL, origins=frozenset({"operator", "untrusted"})),
            "deny",
        ),
        (('verdict = "deny"\ntrust = "untrusted"',), MAIL, "ask"),
        (
            ('verdict = "deny"\nprovenance = "untrusted"',),
            replace(MAIL, origins=frozenset({"web"})),  # an origin that nobody knows
            "deny",
        ),
        # what others said is asked, whatever the file says
        ((AUTO_MAIL,), replace(MAIL, origins=frozenset({"untrusted"})), "ask"),
        (
            ('verdict = "auto"\ntrust = "untrusted"',),
            replace(NOTE, origins=frozenset({"x"})),
            "ask",
        ),
        (
            ('verdict = "hold"\nseconds = 1',),
            replace(NOTE, origins=frozenset({"untrusted"})),
            "ask",
        ),
    ],
)
def test_verdicts(rules: tuple[str, ...], case: Case, verdict: str) -> None:
    ruling = _rules(*rules).judge(case)
    assert ruling.verdict == verdict
    assert ruling.rules
    assert (ruling.seconds is not None) == (verdict == "hold")
    if case.untrusted and verdict == "ask":
        assert "What derives from words of others is asked first." in ruling.rules


def test_a_verdict_lists_the_rules_that_made_it_and_no_others() -> None:
    policy = _rules(
        'verdict = "hold"\nseconds = 30\nbecause = "Mail waits a little."',
        'verdict = "hold"\nseconds = 90\naction = "mail.send"',
        'verdict = "auto"\nbecause = "Never mind"',
    )
    ruling = policy.judge(MAIL)
    assert (ruling.verdict, ruling.seconds) == ("hold", 90)
    assert ruling.rules == (
        "Mail waits a little (mail.send).",
        "Held back for 90 seconds, then done: mail.send (mail.send).",
    )


def test_what_an_action_can_not_say_of_itself_is_unknown() -> None:
    def broken(_: dict[str, Any]) -> Concern:
        raise RuntimeError("odd input")

    case = case_of(_action(Risk.OUTSIDE, concerns=broken), {}, at=MONDAY, origins=("operator",))
    assert case.unknown == {"counterparty", "amount"}
    assert case.amount_unknown


@pytest.mark.parametrize(
    ("text", "case", "over"),
    [
        ('[limits]\nirreversible = "500 EUR"', MAIL, False),  # it has no amount
        ('[limits]\nirreversible = "500 EUR"', BILL, False),  # it can be taken back
        ('[limits]\nirreversible = "400 EUR"', replace(BILL, reversal="irreversible"), False),
        ('[limits]\nirreversible = "399 EUR"', replace(BILL, reversal="irreversible"), True),
        ('[limits]\nirreversible = "999 USD"', replace(BILL, reversal="irreversible"), True),
        ("", replace(BILL, reversal="irreversible"), True),
        (
            '[limits]\nirreversible = "999 EUR"',
            replace(BILL, reversal="irreversible", amount=None),
            True,
        ),
    ],
)
def test_the_limit_of_what_can_not_be_taken_back(text: str, case: Case, over: bool) -> None:
    assert parse(text).over_limit(case) is over


# Properties.

_WORDS = st.sampled_from(["*", "mail.*", "billing.issue", "planner", "*@northwind.example", "x"])
_AMOUNTS = st.sampled_from(['"1 EUR"', '"500 EUR"', '["500 EUR", "1 USD"]', '"9999999 EUR"'])
_FIELDS = {
    "action": _WORDS.map(lambda w: f'"{w}"'),
    "risk": st.sampled_from(['"inside"', '["outside", "money"]', '["inside", "outside", "money"]']),
    "reversal": st.sampled_from(['"compensate"', '"irreversible"']),
    "up_to": _AMOUNTS,
    "above": _AMOUNTS,
    "counterparty": _WORDS.map(lambda w: f'"{w}"'),
    "time": st.sampled_from(['"00:00-24:00"', '"22:00-07:00"', '"09:00-17:00"']),
    "days": st.sampled_from(['["mon", "tue", "wed", "thu", "fri", "sat", "sun"]', '"mon"']),
    "agent": _WORDS.map(lambda w: f'"{w}"'),
    "provenance": st.sampled_from(['"untrusted"', '["operator", "memory", "untrusted"]']),
    "trust": st.sampled_from(['"trusted"', '"untrusted"', '["trusted", "untrusted"]']),
}


@st.composite
def _rule_text(draw: st.DrawFn) -> str:
    verdict = draw(st.sampled_from(STRICTNESS))
    lines = ["[[rule]]", f'verdict = "{verdict}"']
    if verdict == "hold":
        lines.append(f"seconds = {draw(st.integers(1, 600))}")
    names = draw(st.sets(st.sampled_from(sorted(_FIELDS)), max_size=3))
    lines += [f"{name} = {draw(_FIELDS[name])}" for name in sorted(names)]
    return "\n".join(lines) + "\n"


_CASES = st.builds(
    Case,
    action=st.sampled_from(["mail.send", "billing.issue", "fact.keep"]),
    risk=st.sampled_from(list(Risk)),
    reversal=st.sampled_from(["compensate", "irreversible"]),
    amount=st.none()
    | st.builds(Money, st.integers(-(10**6), 10**6), st.sampled_from(["EUR", "USD"])),
    counterparty=st.sampled_from([None, "x", "nora@northwind.example", "x; y@northwind.example"]),
    at=st.datetimes(
        datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(ZoneInfo("Europe/Berlin"))
    ),
    agent=st.sampled_from(["planner", "x"]),
    origins=st.frozensets(st.sampled_from(["operator", "memory", "untrusted", "web"])),
    unknown=st.frozensets(st.sampled_from(["amount", "counterparty"])),
)


@given(
    st.lists(_rule_text(), max_size=4).map("".join) | st.text(max_size=200),
    _CASES,
    st.sampled_from(["untrusted", "web", ""]),
)
@example('[[rule]]\nverdict = "auto"\n', NOTE, "untrusted")
@example(
    '[limits]\nirreversible = "9 EUR"\n[[rule]]\nverdict = "hold"\nseconds=1', MAIL, "untrusted"
)
def test_no_policy_whatsoever_lets_words_of_others_act(text: str, case: Case, origin: str) -> None:
    try:
        policy = parse(text)
    except FactotumError:
        return
    ruling = policy.judge(replace(case, origins=case.origins | {origin}))
    assert ruling.verdict not in ("auto", "hold")
    assert ruling.rules


@given(st.lists(_rule_text(), max_size=4), _rule_text(), st.integers(0, 4), _CASES)
def test_one_more_rule_never_relaxes_what_a_rule_said(
    texts: list[str], more: str, place: int, case: Case
) -> None:
    before, after = parse("".join(texts)), parse("".join([*texts[:place], more, *texts[place:]]))
    was, now = before.judge(case).verdict, after.judge(case).verdict
    if any(rule.speaks_of(case) for rule in before.rules):
        assert STRICTNESS.index(now) >= STRICTNESS.index(was)
    else:
        assert was == "ask"  # of what no rule spoke, the first rule that does may say anything


# The file, and what is wrong with it.

GOOD = 'verdict = "ask"'


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("[[rule]]\nverdict ask\n", 2, "expected '='"),
        ("\n\n[[rule]\nverdict = 1", 3, "isn't TOML"),
        ('[[rule]]\nverdict = "ask', 2, "isn't TOML"),
        ("[[rule]]\n\nverdict = “ask”\n", 3, "straight quotes"),
        ('[[rule]]\nverdict = "ask"\nverdict = "deny"\n', 3, "overwrite"),
        ("[[rule]]\nverdict = 1\nseconds = " + "9" * 5000 + "\n", 3, "no value"),
        ("a = 1\nb = " + "[" * 20_000, 2, "no value"),
        ('[[rule]]\nverdict = "never"\n', 2, "is none of auto, hold, ask, shadow, deny"),
        (f'[[rule]]\n{GOOD}\naciton = "mail.send"\n', 3, "perhaps action is meant"),
        (f"[[rule]]\n{GOOD}\nzzz = 1\n", 3, "known are verdict"),
        ("[limit]\n", 1, "perhaps limits"),
        ("colour = 1\n[limits]\n", 1, "known are rule, limits"),
        ('[limits]\n# a comment\nirreversible = "500"\n', 3, "500 EUR"),
        ('[limits]\nirreversible = "500 XYZ"\n', 2, "XYZ"),
        ('[limits]\nirreversible = "1.005 EUR"\n', 2, "more decimals than EUR"),
        ('[limits]\nirreversible = "0.5 JPY"\n', 2, "more decimals than JPY"),
        ('[limits]\nirreversible = ["1 EUR", "2 EUR"]\n', 2, "one amount for each currency"),
        ("limits = 3\n", 1, "[limits]"),
        ("[rule]\nverdict = 'ask'\n", 1, "[[rule]]"),
        ("rule = 3\n", 1, "[[rule]]"),
        ('\n[[rule]]\naction = "mail.send"\n', 2, "no verdict"),
        ('[[rule]]\nverdict = "hold"\n', 2, "hold needs seconds"),
        (f"[[rule]]\n{GOOD}\nseconds = 5\n", 3, "hold alone"),
        ('[[rule]]\nverdict = "hold"\nseconds = 0\n', 3, "1 to 86400"),
        ('[[rule]]\nverdict = "hold"\nseconds = true\n', 3, "1 to 86400"),
        (f"[[rule]]\n{GOOD}\naction = []\n", 3, "leave the line out"),
        (f'[[rule]]\n{GOOD}\naction = ""\n', 3, "one line of text"),
        (f"[[rule]]\n{GOOD}\naction = 5\n", 3, "in quotes"),
        (f'[[rule]]\n{GOOD}\naction = "*a*b*c*"\n', 3, "more than 3 stars"),
        (f'[[rule]]\n{GOOD}\nrisk = "low"\n', 3, "is none of inside, outside, money"),
        (f'[[rule]]\n{GOOD}\nreversal = ["undo"]\n', 3, "is none of compensate"),
        (f"[[rule]]\n{GOOD}\nup_to = 500\n", 3, "500 EUR"),
        (f'[[rule]]\n{GOOD}\nabove = "2,400 EUR"\n', 3, "no amount"),
        (f'[[rule]]\n{GOOD}\nabove = "-5 EUR"\n', 3, "no amount"),
        (f'[[rule]]\n{GOOD}\ntime = "25:00-07:00"\n', 3, "22:00-07:00"),
        (f'[[rule]]\n{GOOD}\ntime = "07:00-07:00"\n', 3, "begins when it ends"),
        (f"[[rule]]\n{GOOD}\ntime = 07:00:00\n", 3, "22:00-07:00"),
        (f'[[rule]]\n{GOOD}\ndays = "weekend"\n', 3, "is none of mon"),
        (f'[[rule]]\n{GOOD}\nprovenance = "web"\n', 3, "is none of operator"),
        (f'[[rule]]\n{GOOD}\ntrust = "some"\n', 3, "is none of trusted"),
        (f'[[rule]]\n{GOOD}\nbecause = """\na\nb"""\n', 3, "one line"),
        # the line counts also after what only looks like lines, tables and keys
        (f'[[rule]]\n{GOOD}\nbecause = "[[rule]] # no"\nx = 1\n', 4, "'x'"),
        (f"[[rule]] # [[rule]]\n{GOOD}\n[[rule]]\n{GOOD}\nx = 1\n", 5, "'x'"),
        (f'[[rule]]\n{GOOD}\naction = [\n  "a", # ]\n  "b",\n]\nx = 1\n', 7, "'x'"),
        (f"[[rule]]\n{GOOD}\nagent = '''\nx = 1\n'''\n", 3, "one line"),
        ('rule = [\n  {verdict = "ask"},\n  {verdict = "no"},\n]\n', 3, "is none of"),
        ("limits.irreversible = 3\n", 1, "no amount"),
        (f'[[rule]]\n{GOOD}\n"trust" = 1\n', 3, "trust"),
        (f"[[rule]]\r\n{GOOD}\r\nx = 1\r\n", 3, "'x'"),
        (f"[[rule]]\n{GOOD}\n[rule.more]\nx = 1\n", 3, "'more'"),
    ],
)
def test_errors_name_the_line(text: str, line: int, words: str) -> None:
    with pytest.raises(FactotumError) as caught:
        parse(text)
    first, *_ = caught.value.message.splitlines()
    assert first.startswith(f"Line {line}: ")
    assert words in caught.value.message
    assert len(caught.value.message) < 1000


def test_all_mistakes_are_told_at_once_in_order() -> None:
    with pytest.raises(FactotumError) as caught:
        parse('[[rule]]\nverdict = "x"\nzzz = 1\n[[rule]]\nrisk = "y"\n[limits]\nq = 1\n')
    lines = [int(n) for n in re.findall(r"^Line (\d+):", caught.value.message, re.M)]
    assert lines == [2, 3, 4, 5, 7]


def test_more_mistakes_than_anyone_reads_are_counted() -> None:
    with pytest.raises(FactotumError, match="There are 5 more"):
        parse('[[rule]]\nverdict = "x"\n' * 10)


@given(st.text(max_size=300) | st.lists(_rule_text(), max_size=3).map("".join))
def test_any_text_is_read_or_told_of_with_a_line(text: str) -> None:
    try:
        told = f"version {parse(text).version}"
    except FactotumError as error:
        told = error.message
    assert re.match(r"Line [1-9]\d*: |version [0-9a-f]{12}\Z", told)


def test_a_text_without_end_is_refused() -> None:
    with pytest.raises(FactotumError, match="too long"):
        parse("#" * 70_000)


def test_places_in_a_text() -> None:
    lines = Lines('# a\nx.y = 1\n[[rule]]\nverdict = """\n[[rule]]\n"""\n\n[[rule]]\n a = 1\n[z]')
    assert lines.of("x", "y") == 2
    assert lines.of("rule", 0) == 3
    assert lines.of("rule", 0, "verdict") == 4
    assert lines.of("rule", 1) == 8
    assert lines.of("rule", 1, "a") == 9
    assert lines.of("rule", 1, "b") == 8
    assert lines.of("z", "nothing") == 10
    assert lines.of("nothing") == 1


# Versions.


def test_comments_and_layout_do_not_make_a_version() -> None:
    one = parse('[[rule]]\nverdict = "auto"\nrisk = "inside"\nup_to = "5 EUR"\n')
    two = parse(
        '# why\n\n[[rule]]\nup_to   = ["5.00 eur"]\nrisk=["inside"] # own\nverdict=\'auto\''
    )
    assert one == two
    assert one.version == two.version
    assert len(one.version) == 12


@pytest.mark.parametrize(
    "text",
    [
        "",
        '[[rule]]\nverdict = "deny"\nrisk = "inside"\n',
        '[[rule]]\nverdict = "auto"\nrisk = "outside"\n',
        '[[rule]]\nverdict = "auto"\nrisk = "inside"\nbecause = "so"\n',
        '[[rule]]\nverdict = "auto"\nrisk = "inside"\n[limits]\nirreversible = "1 EUR"\n',
        '[[rule]]\nverdict = "hold"\nseconds = 1\nrisk = "inside"\n',
    ],
)
def test_what_a_rule_says_makes_a_version(text: str) -> None:
    assert parse(text).version != parse('[[rule]]\nverdict = "auto"\nrisk = "inside"\n').version


# The file in the data folder.


def test_without_a_file_the_default_holds(tmp_path: Path) -> None:
    assert load(tmp_path / "policy.toml") == DEFAULT


def test_a_file_of_any_editor_is_read(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_bytes(b"\xef\xbb\xbf" + DEFAULT_TEXT.replace("\n", "\r\n").encode())
    assert load(path) == DEFAULT
    path.write_bytes(b'[[rule]]\nverdict = "ask"\nbecause = "\xff"\n')
    with pytest.raises(FactotumError, match="Line 3: this is not UTF-8"):
        load(path)


async def _entries(database: Database) -> list[tuple[str, str, dict[str, Any]]]:
    async with database.read() as connection:
        rows = await connection.execute(
            select(journal).where(journal.c.kind.like("policy.%")).order_by(journal.c.seq)
        )
        return [(row.kind, row.actor, row.data) for row in rows]


async def _refresh(database: Database, *books: PolicyBook) -> None:
    for book in books:
        async with database.write() as connection:
            await book.refresh(connection)


DENY = '[[rule]]\nverdict = "deny"\naction = "mail.*"\n'


async def test_a_changed_file_is_in_force_and_journalled_once_for_all_processes(
    database: Database, clock: ManualClock, tmp_path: Path
) -> None:
    books = [PolicyBook.at(tmp_path, clock) for _ in range(2)]
    await _refresh(database, *books, *books)
    assert all(book.policy == DEFAULT for book in books)
    (tmp_path / "policy.toml").write_text(DENY)
    clock.advance(timedelta(minutes=1))
    await asyncio.gather(*(_refresh(database, book, book) for book in books))
    assert all(book.policy.judge(MAIL).verdict == "deny" for book in books)
    entries = await _entries(database)
    assert [(kind, actor, data["version"]) for kind, actor, data in entries] == [
        ("policy.changed", "host", DEFAULT.version),
        ("policy.changed", "host", parse(DENY).version),
    ]
    assert entries[1][2] == {
        "version": parse(DENY).version,
        "text": DENY,
        "was": DEFAULT.version,
    }


async def test_only_a_changed_file_is_read(
    database: Database, clock: ManualClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(DENY)
    book = PolicyBook(path, clock)
    await _refresh(database, book)
    with monkeypatch.context() as patched:
        patched.setattr(Path, "open", _never)
        await _refresh(database, book, book)
    path.write_text(DENY.replace("deny", "auto"))  # as many bytes as before
    await _refresh(database, book)
    assert book.policy.judge(MAIL).verdict == "auto"


async def test_new_comments_are_kept_under_the_same_version(
    database: Database, clock: ManualClock, tmp_path: Path
) -> None:
    path = tmp_path / "policy.toml"
    book = PolicyBook(path, clock)
    path.write_text(DENY)
    await _refresh(database, book)
    path.write_text(f"# never at all\n{DENY}")
    clock.advance(timedelta(minutes=1))
    await _refresh(database, book)
    assert [kind for kind, _, _ in await _entries(database)] == [
        "policy.changed",
        "policy.reworded",
    ]


async def test_a_broken_file_leaves_the_last_good_policy_in_force(
    database: Database, clock: ManualClock, tmp_path: Path
) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(DENY)
    await _refresh(database, PolicyBook(path, clock))
    path.write_text('[[rule]]\nverdict = "alow"\n')
    book = PolicyBook(path, clock)  # after a restart too
    await _refresh(database, book)
    assert book.policy == parse(DENY)
    assert book.standing.text == DENY
    assert book.standing.trouble.startswith("Line 2: ")
    assert book.health().status == "degraded"
    assert "Line 2" in book.health().detail
    assert len(await _entries(database)) == 1
    path.write_text(DENY)
    await _refresh(database, book)
    assert book.health().status == "ok"
    assert len(await _entries(database)) == 1


@pytest.mark.parametrize("content", [b"verdict", b"\xff", b"#" * 70_000])
async def test_a_file_that_was_never_good_asks_about_all_that_leaves(
    database: Database, clock: ManualClock, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "policy.toml"
    path.write_bytes(content)
    book = PolicyBook(path, clock)
    await _refresh(database, book)
    assert book.policy == DEFAULT
    assert book.standing.trouble
    assert await _entries(database) == []


async def test_a_file_that_can_not_be_read_is_told_of(
    database: Database, clock: ManualClock, tmp_path: Path
) -> None:
    (tmp_path / "policy.toml").mkdir()
    book = PolicyBook.at(tmp_path, clock)
    await _refresh(database, book)
    assert "can't be read" in book.standing.trouble


@pytest.mark.parametrize("kept", [None, {"text": "broken"}, {"text": 5}, [], "x"])
async def test_a_kept_policy_that_no_longer_reads_asks_about_all_that_leaves(
    database: Database, clock: ManualClock, tmp_path: Path, kept: Any
) -> None:
    if kept is not None:
        async with database.write() as connection:
            await connection.execute(
                setting.insert().values(key="policy", value=kept, updated_at=clock.now())
            )
    (tmp_path / "policy.toml").write_text("broken")
    book = PolicyBook.at(tmp_path, clock)
    await _refresh(database, book)
    assert book.policy == DEFAULT
    (tmp_path / "policy.toml").write_text(DENY)
    await _refresh(database, book)
    assert [data["version"] for _, _, data in await _entries(database)] == [parse(DENY).version]


async def test_a_change_that_was_undone_with_its_transaction_is_journalled_later(
    database: Database, clock: ManualClock, tmp_path: Path
) -> None:
    book = PolicyBook.at(tmp_path, clock)
    (tmp_path / "policy.toml").write_text(DENY)

    async def stumble() -> None:
        async with database.write() as connection:
            await book.refresh(connection)
            raise RuntimeError("the process stumbles")

    with pytest.raises(RuntimeError):
        await stumble()
    assert await _entries(database) == []
    await _refresh(database, book)
    assert len(await _entries(database)) == 1


async def test_a_replaced_policy_is_on_the_disk_in_force_and_journalled(
    database: Database, clock: ManualClock, tmp_path: Path
) -> None:
    book, other = PolicyBook.at(tmp_path, clock), PolicyBook.at(tmp_path, clock)
    await _refresh(database, book, other)
    clock.advance(timedelta(minutes=1))
    async with database.write() as connection:
        assert await book.replace(connection, was=book.standing.digest, text=DENY)
    assert (tmp_path / "policy.toml").read_text() == DENY
    assert [name for name in os.listdir(tmp_path) if "policy" in name] == ["policy.toml"]
    await _refresh(database, other, book)
    assert other.policy == book.policy == parse(DENY)
    assert [(kind, actor) for kind, actor, _ in await _entries(database)] == [
        ("policy.changed", "host"),
        ("policy.changed", "operator"),
    ]


async def test_a_policy_is_not_replaced_where_another_is_in_force_by_now(
    database: Database, clock: ManualClock, tmp_path: Path
) -> None:
    book = PolicyBook.at(tmp_path, clock)
    await _refresh(database, book)
    was = book.standing.digest
    (tmp_path / "policy.toml").write_text(DENY)
    async with database.write() as connection:
        assert not await book.replace(connection, was=was, text=DEFAULT_TEXT)
    assert (tmp_path / "policy.toml").read_text() == DENY


async def test_where_the_disk_refuses_the_old_policy_stays(
    database: Database, clock: ManualClock, tmp_path: Path
) -> None:
    book = PolicyBook.at(tmp_path / "gone", clock)
    await _refresh(database, book)
    async with database.write() as connection:
        with pytest.raises(FactotumError, match="the old policy stays"):
            await book.replace(connection, was=book.standing.digest, text=DENY)
    assert book.policy == DEFAULT


# What a change does, in words.


def _changes(old: str, new: str) -> tuple[tuple[str, ...], ...]:
    found = differences(
        parse(old),
        parse(new),
        [_action(Risk.OUTSIDE), replace(_action(Risk.INSIDE), name="own.note")],
        at=MONDAY,
    )
    return found.rules, found.verdicts, found.mind


def test_a_change_says_what_becomes_looser_and_stricter() -> None:
    rules, verdicts, mind = _changes(
        DEFAULT_TEXT,
        DEFAULT_TEXT.replace("500 EUR", "900 EUR")
        + '[[rule]]\nverdict = "auto"\naction = "test.act"\ncounterparty = "Nora"\n'
        + '[[rule]]\nverdict = "deny"\naction = "own.note"\ntime = "22:00-07:00"\n',
    )
    assert rules == (
        "New: done at once: test.act, with Nora.",
        "New: refused: own.note, at 22:00-07:00.",
        "New limit: No grant helps with what can't be taken back above 900.00 EUR. "
        "Before: No grant helps with what can't be taken back above 500.00 EUR.",
    )
    assert verdicts == (
        "Looser: test.act with Nora is done at once; so far it was asked first.",
        "Stricter: own.note at Mon 23 Nov 2026, 22:00 is refused; so far it was done at once.",
    )
    assert mind == ()


def test_a_change_without_effect_has_no_verdicts() -> None:
    _, verdicts, mind = _changes(
        '[[rule]]\nverdict = "ask"\n',
        '[[rule]]\nverdict = "ask"\n[[rule]]\nverdict = "auto"\naction = "mial.send"\n',
    )
    assert verdicts == ()
    assert mind == ("There is no action that this speaks of: done at once: mial.send.",)


def test_what_changes_in_general_is_told_once() -> None:
    _, verdicts, _ = _changes(
        "", '[[rule]]\nverdict = "deny"\n[[rule]]\nverdict = "deny"\nup_to = "5 EUR"\n'
    )
    assert verdicts == (
        "Stricter: test.act is refused; so far it was asked first.",
        "Stricter: own.note is refused; so far it was asked first.",
    )


@given(st.lists(_rule_text(), max_size=3), st.lists(_rule_text(), max_size=3))
def test_words_are_found_for_every_change(old: list[str], new: list[str]) -> None:
    rules, verdicts, _ = _changes("".join(old), "".join(new))
    if parse("".join(old)) == parse("".join(new)):
        assert (rules, verdicts) == ((), ())


# A new text that waits for a tap.


async def test_a_proposed_text_is_taken_once(database: Database, clock: ManualClock) -> None:
    async with database.write() as connection:
        kept = await proposal.keep(connection, clock, was="w", text=DENY)
        assert await proposal.take(connection, clock, "pol_other") is None
        assert await proposal.take(connection, clock, kept.id) == kept
        assert await proposal.take(connection, clock, kept.id) is None


async def test_a_newer_text_replaces_one_that_waits(database: Database, clock: ManualClock) -> None:
    async with database.write() as connection:
        first = await proposal.keep(connection, clock, was="w", text=DENY)
        second = await proposal.keep(connection, clock, was="w", text="")
        assert await proposal.take(connection, clock, first.id) is None
        assert await proposal.take(connection, clock, second.id) == second


async def test_a_proposed_text_lapses_and_may_not_change(
    database: Database, clock: ManualClock
) -> None:
    async with database.write() as connection:
        late = await proposal.keep(connection, clock, was="w", text=DENY)
        clock.advance(proposal.LIFETIME)
        assert await proposal.take(connection, clock, late.id) is None
        other = await proposal.keep(connection, clock, was="w", text=DENY)
        value = await connection.scalar(
            select(setting.c.value).where(setting.c.key == "policy.proposed")
        )
        await connection.execute(
            setting.update()
            .where(setting.c.key == "policy.proposed")
            .values(value=value | {"text": ""})
        )
        assert await proposal.take(connection, clock, other.id) is None


# The documentation.


def _examples() -> list[str]:
    return re.findall(r"^```toml\n(.*?)^```", DOCS.read_text("utf-8"), re.M | re.S)


def test_every_example_in_the_documentation_reads() -> None:
    examples = _examples()
    assert len(examples) >= 4
    for text in examples:
        assert parse(text).version
    assert any(text == DEFAULT_TEXT for text in examples)


def test_the_documentation_names_every_key() -> None:
    from core.policy.text import KEYS

    text = DOCS.read_text("utf-8")
    assert [key for key in KEYS if f"`{key}`" not in text] == []


def test_local_time_is_what_counts() -> None:
    policy = _rules('verdict = "auto"\ntime = "09:00-10:30"')
    assert policy.judge(replace(MAIL, at=MONDAY)).verdict == "auto"
    assert policy.judge(replace(MAIL, at=MONDAY.astimezone(UTC))).verdict == "auto"
    assert (
        policy.judge(replace(MAIL, at=MONDAY.astimezone(ZoneInfo("Asia/Tokyo")))).verdict == "ask"
    )
