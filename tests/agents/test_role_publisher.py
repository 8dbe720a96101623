"""The publisher: each channel gets what fits, at a moment to come, and nothing is published."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given as given_by
from hypothesis import strategies as st

from agents.roles import role_of
from agents.roles.publisher import Channel, Publishing, Schedule

FRIDAY = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
WANTED = Publishing(
    title="No more free pitches",
    text="Free pitches are work. We lost 3 of them in 2024. Read on at https://studio.example/p.",
    channels=(Channel(name="X", limit=60), Channel(name="LinkedIn", limit=3000)),
    when=FRIDAY,
)
ROLE = role_of(Publishing)


def _rules(wanted: Publishing) -> Schedule:
    output = ROLE.by_rules(wanted)
    assert ROLE.faults(wanted, output) == []
    return output


def test_each_channel_gets_whole_sentences_on_a_working_day() -> None:
    output = _rules(WANTED)
    assert [post.channel for post in output.posts] == ["X", "LinkedIn"]
    assert output.posts[0].text == "Free pitches are work. We lost 3 of them in 2024."
    assert output.posts[1].text == WANTED.text
    assert [post.at for post in output.posts] == [FRIDAY, FRIDAY + timedelta(days=3)]
    assert "no model" in output.rationale
    assert output.proposals == ()


def test_the_checklist_names_what_the_piece_has() -> None:
    told = " ".join(_rules(WANTED).checklist)
    assert "figure" in told
    assert "link" in told
    assert "cut: X" in told
    assert "by hand" in told
    plain = WANTED.model_copy(update={"text": "Free pitches are work."})
    told = " ".join(_rules(plain).checklist)
    assert "link" not in told
    assert "cut" not in told


def test_where_no_sentence_fits_words_do() -> None:
    words = WANTED.model_copy(update={"text": "pitches " * 40})
    text = _rules(words).posts[0].text
    assert text.endswith("pitches…")
    assert len(text) <= 60


def _post(place: int, **more: Any) -> dict[str, Any]:
    posts = list(ROLE.by_rules(WANTED).posts)
    posts[place] = posts[place].model_copy(update=more)
    return {"posts": tuple(posts)}


@pytest.mark.parametrize(
    "wrong",
    [
        {"posts": ()},
        {"posts": ROLE.by_rules(WANTED).posts[::-1]},
        _post(0, text="x" * 61),
        _post(0, text="We lost 4 of them."),
        _post(1, text="See https://evil.example"),
        _post(1, channel="Facebook"),
        _post(0, at=FRIDAY - timedelta(minutes=1)),
        _post(0, at=FRIDAY + timedelta(days=100)),
        {"sources": ("m1",)},
        {"checklist": ("Pay 90 EUR for reach.",)},
    ],
    ids=[
        "none",
        "order",
        "long",
        "number",
        "link",
        "channel",
        "early",
        "late",
        "source",
        "checklist",
    ],
)
def test_what_does_not_fit_is_a_fault(wrong: Any) -> None:
    assert ROLE.faults(WANTED, ROLE.by_rules(WANTED).model_copy(update=wrong))


@given_by(st.text(min_size=1, max_size=600).filter(str.strip), st.integers(40, 700))
def test_by_rules_it_always_fits(text: str, limit: int) -> None:
    channels = (Channel(name="X", limit=limit),)
    _rules(WANTED.model_copy(update={"text": text, "channels": channels}))
