"""What each parameter derives from, and what policy makes of it."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import grants
from core.actions import Action, Concern, Params, Result, Reversal, Risk, Sensitive
from core.plans import Plan, PlannedStep, join, provenance, ref
from core.policy import DEFAULT, case_of, parse

MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=ZoneInfo("Europe/Berlin"))
OPERATOR, MODEL, UNTRUSTED = frozenset({"operator"}), frozenset({"model"}), frozenset({"untrusted"})


def _step(key: str, kind: Any = "action", **more: Any) -> PlannedStep:
    return PlannedStep(key=key, kind=kind, action="test.act", **{"params": {}} | more)


def _of(*steps: PlannedStep, origins: tuple[str, ...] = ("operator",)) -> dict[str, Any]:
    return provenance(Plan(intent="t", title="T", steps=steps, origins=origins))


def test_what_a_step_does_not_list_derives_from_what_the_plan_does() -> None:
    step = _step("a", params={"to": "x", "body": "y"}, provenance={"body": ("untrusted",)})
    assert _of(step) == {"a": {"to": OPERATOR, "body": UNTRUSTED}}
    assert _of(step, origins=("memory", "operator"))["a"]["to"] == {"memory", "operator"}


def test_what_nobody_knows_the_origin_of_is_untrusted() -> None:
    assert _of(_step("a", params={"to": "x"}), origins=()) == {"a": {"to": UNTRUSTED}}
    listed = _step("a", params={"to": "x"}, provenance={"to": ()})
    assert _of(listed) == {"a": {"to": UNTRUSTED}}
    assert _of(_step("a", params={"to": ref("gone", "x")}))["a"]["to"] == UNTRUSTED
    assert _of(_step("a", params={"to": ref("a", "x")}))["a"]["to"] == UNTRUSTED


def test_a_reference_derives_from_all_that_made_the_result() -> None:
    read = _step("read", "agent", params={"of": "Nora"}, brings=("untrusted",))
    write = _step("write", "agent", params={"about": ref("read", "text"), "tone": "short"})
    send = _step(
        "send",
        params={
            "to": ["nora@x.example"],
            "body": ref("write", "text"),
            "subject": join("About ", ref("write", "title")),
        },
        provenance={"body": ("operator",)},  # listing a parameter never hides what it refers to
    )
    found = _of(read, write, send)["send"]
    assert found["to"] == OPERATOR
    assert found["body"] == found["subject"] == {"operator", "untrusted", "model"}


def test_a_bare_reference_has_nothing_of_the_plans_own() -> None:
    made = _step("made", params={"what": "x"}, provenance={"what": ("memory",)})
    for value in (ref("made", "number"), [ref("made", "number")], {"no": ref("made", "number")}):
        found = _of(made, _step("send", params={"no": value}), origins=("untrusted",))
        assert found["send"]["no"] == {"memory"}
    mixed = _step("send", params={"no": join("No. ", ref("made", "number"))})
    assert _of(made, mixed, origins=("untrusted",))["send"]["no"] == {"memory", "untrusted"}


def test_what_an_event_brings_is_from_outside() -> None:
    event = _step("wait", "wait", params={"event": "mail.arrived"})
    moment = _step("until", "wait", params={"until": "2026-12-01T09:00:00+00:00"})
    send = _step("send", params={"a": ref("wait", "text"), "b": ref("until", "at")})
    found = _of(event, moment, send)["send"]
    assert found == {"a": {"operator", "untrusted"}, "b": OPERATOR}


def test_a_stand_in_taints_what_it_stands_in_for() -> None:
    first = _step("first", params={"x": 1})
    other = _step("other", "agent", params={"x": 1}, instead_of="first", brings=("untrusted",))
    send = _step("send", params={"a": ref("first", "x")})
    assert _of(first, other, send)["send"]["a"] == {"operator", "model", "untrusted"}


def test_references_to_everything_before_are_traced_in_no_time() -> None:
    steps = [_step("s0", "agent", params={"x": 1}, brings=("untrusted",))]
    for n in range(1, 200):
        refs = [ref(f"s{m}", "x") for m in range(max(0, n - 3), n)]
        steps.append(_step(f"s{n}", params={"x": refs}))
    assert _of(*steps)["s199"]["x"] == {"operator", "model", "untrusted"}


async def _never(*_: Any) -> Any:
    raise AssertionError("policy only judges")


SEND = Action(
    name="mail.send",
    params=Params,
    result=Result,
    risk=Risk.OUTSIDE,
    reversal=Reversal("irreversible", "no"),
    perform=_never,
    check=_never,
    concerns=lambda _: Concern("nora@x.example"),
    sensitive={"to": Sensitive.RECIPIENT, "files": Sensitive.ATTACHMENT},
)
ANYTHING = parse('[[rule]]\nverdict = "auto"')
PARAMS = {"to": ["nora@x.example"], "files": [], "body": "Hello", "cc": None}


def _case(params: dict[str, Any] = PARAMS, **provenance: tuple[str, ...]) -> Any:
    return case_of(SEND, params, at=MONDAY, origins=("operator",), provenance=provenance)


def test_a_case_tells_what_is_sensitive_from_the_rest() -> None:
    case = _case(to=("memory",), body=("untrusted",))
    assert case.sensitive == {(Sensitive.RECIPIENT, "memory")}
    assert case.origins == {"operator", "memory", "untrusted"}
    assert case.exposed == ()
    assert case.untrusted
    assert _case(to=("operator", "model")).exposed == (Sensitive.RECIPIENT,)
    assert _case(PARAMS | {"files": ["x"]}, files=("untrusted",), to=("model",)).exposed == (
        Sensitive.RECIPIENT,
        Sensitive.ATTACHMENT,
    )


@pytest.mark.parametrize(
    ("body", "link"),
    [
        ("See https://evil.example/?q=secret", True),
        ("See www.evil.example", True),
        ("See evil.example/x?d=1", True),
        ("Write to mailto:eve@evil.example", True),
        ({"parts": ["x", {"y": "ftp://evil.example"}]}, True),
        ("At 9:30 and/or later. Fine.", False),
        ("nora@x.example", False),
    ],
)
def test_text_with_a_link_in_it_counts_as_one(body: Any, link: bool) -> None:
    case = _case(PARAMS | {"body": body}, body=("untrusted",))
    assert (Sensitive.LINK in case.exposed) is link


@given(
    st.dictionaries(
        st.sampled_from(["to", "files"]),
        st.lists(st.sampled_from(["operator", "memory", "untrusted", "model", "web"]), max_size=3),
        min_size=1,
    )
)
def test_no_rule_and_no_grant_lets_others_or_a_model_settle_what_is_sensitive(
    origins: dict[str, list[str]],
) -> None:
    params = PARAMS | {"files": ["a"]}
    case = _case(params, **{name: tuple(found) for name, found in origins.items()})
    trusted = all(found and set(found) <= {"operator", "memory"} for found in origins.values())
    assert (case.exposed == ()) is trusted
    assert (ANYTHING.judge(case).verdict == "auto") is trusted
    refused = grants.refusal(case, DEFAULT)
    assert (refused is None) is trusted
    if not trusted:
        assert any("Not from you: the " in rule for rule in ANYTHING.judge(case).rules)


def test_rules_about_provenance_see_every_parameter() -> None:
    denied = parse('[[rule]]\nverdict = "deny"\nprovenance = "untrusted"')
    assert denied.judge(_case(to=("model",))).verdict == "deny"
    assert denied.judge(_case()).verdict == "ask"


def test_the_real_actions_say_what_is_sensitive(tmp_path: Any, database: Any, clock: Any) -> None:
    from bot.app import assemble
    from core.queue import MemoryQueue
    from core.settings import Settings

    settings = Settings(home=tmp_path, _env_file=None)
    app = assemble(settings, clock=clock, database=database, queue=MemoryQueue())
    for action in app.catalogue:
        assert set(action.sensitive) <= set(action.params.model_fields), action.name
    named = {action.name: set(action.sensitive.values()) for action in app.catalogue}
    assert named["mail.send"] == {Sensitive.RECIPIENT, Sensitive.ATTACHMENT}
    assert named["billing.issue"] == {Sensitive.RECIPIENT, Sensitive.AMOUNT, Sensitive.ACCOUNT}
    assert named["client.add"] == {Sensitive.RECIPIENT}
