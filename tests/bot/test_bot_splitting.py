"""Long texts in parts that Telegram takes, and what people wrote never as markup."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.glyphs import shown
from bot.outgoing import Button, Outgoing, esc
from bot.sandbox.entities import parse_html
from bot.splitting import LIMIT, plain, split, units, visible

WORDS = st.text(
    alphabet=st.one_of(
        st.characters(exclude_categories=("Cs", "Cc")),
        st.sampled_from(list("<>&\"'/ \n😀👩‍💻שלוםمرحبا\u202e")),
    ),
    max_size=60,
)
TAGS = st.sampled_from(["b", "i", "u", "s", "code", "pre", "blockquote expandable", "a"])


@st.composite
def htmls(draw: st.DrawFn) -> tuple[str, str]:
    """Telegram HTML of any length, and the text in it."""
    html, text = "", ""
    for _ in range(draw(st.integers(0, 5))):
        words = draw(WORDS) * draw(st.sampled_from([1, 1, 40, 200]))
        tag = draw(st.none() | TAGS)
        if tag is None:
            html += esc(words)
        else:
            opening = '<a href="https://x.example/?a=1&amp;b=2">' if tag == "a" else f"<{tag}>"
            inner = draw(st.sampled_from(["", "i"])) if tag in ("b", "s") else ""
            body = f"<i>{esc(words)}</i>" if inner else esc(words)
            html += f"{opening}{body}</{tag.split()[0]}>"
        text += shown(words)
    return html, text


def _bare(parts: list[str]) -> str:
    """The text of the parts, without their numbers."""
    if len(parts) == 1:
        return plain(parts[0])
    return "".join(
        plain(part).removesuffix(f"\n({place}/{len(parts)})") for place, part in enumerate(parts, 1)
    )


@settings(max_examples=60, deadline=None)
@given(htmls())
def test_every_part_fits_parses_and_nothing_is_lost(made: tuple[str, str]) -> None:
    html, text = made
    parts = split(html)
    for part in parts:
        parsed, _ = parse_html(part)  # as Telegram reads it: raises where tags don't balance
        assert units(parsed) <= LIMIT
        assert parsed == plain(part)
    assert "".join(_bare(parts).split()) == "".join(text.split())
    if visible(html) <= LIMIT:
        assert parts == [html]


@given(WORDS)
def test_what_people_write_is_never_markup(words: str) -> None:
    parsed, entities = parse_html(esc(words))
    assert parsed == shown(words)
    assert entities == []


@pytest.mark.parametrize("one", ["x", "é", "😀", "👩‍👩‍👧", "ש", "&"])
def test_a_wall_of_text_is_cut_between_characters(one: str) -> None:
    parts = split(esc(one * 9000))
    assert len(parts) > 1
    assert _bare(parts) == one * 9000
    assert [units(plain(part)) <= LIMIT for part in parts] == [True] * len(parts)


def test_words_and_lines_stay_whole() -> None:
    line = "The quick brown fox jumps over the lazy dog."
    parts = split("\n".join([line] * 300))
    assert all(
        set(plain(part).rsplit("\n(", 1)[0].strip().splitlines()) == {line} for part in parts
    )


def test_formats_go_on_in_the_next_part() -> None:
    parts = split(f"<b>head <i>{'word ' * 2000}</i></b>")
    for part in parts:
        _, entities = parse_html(part)
        assert {entity["type"] for entity in entities} == {"bold", "italic"}


def test_a_long_text_takes_no_long_time() -> None:
    assert len(split(esc("word & <x> " * 10_000))) > 25


def test_units_are_utf16() -> None:
    assert [units(text) for text in ("", "a", "é", "😀", "👍🏽")] == [0, 1, 1, 2, 4]


@pytest.mark.parametrize("data", ["", "x" * 65, "ü" * 33])
def test_a_button_that_telegram_refuses_cannot_be_made(data: str) -> None:
    with pytest.raises(ValueError, match="64 bytes"):
        Button("Go", data)


def test_a_message_goes_through_the_outbox_unchanged() -> None:
    message = Outgoing(
        html="<b>x</b>",
        buttons=((Button("A", "a", "success"), Button("B", "b")), (Button("C", "c"),)),
        silent=False,
        placeholder="p",
        file="/f",
        name="n",
        photo=True,
    )
    import json

    assert Outgoing.load(json.loads(json.dumps(message.payload()))) == message
