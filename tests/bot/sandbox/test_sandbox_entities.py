"""HTML to entities and back: the parser never breaks, and nothing gets lost or loose."""

from html import escape
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox import utf16
from bot.sandbox.entities import parse_html
from bot.sandbox.errors import ApiError
from bot.sandbox.render import to_html
from bot.sandbox.richtext import TEXT_LIMIT, RichText, finish, from_request, split, typed

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
markup = st.lists(
    st.one_of(
        text,
        st.sampled_from(
            [
                "<b>", "</b>", "<i>", "</i>", "<pre>", "</pre>", "<code class='language-x'>",
                "</code>", "<a href=\"https://a.bc\">", "</a>", "<tg-spoiler>", "</tg-spoiler>",
                "<blockquote expandable>", "</blockquote>", "&lt;", "&#128512;", "&", "<", ">",
                "\"", "='", "<tg-time unix=1 format=wDT>", "</>", "</tg-time>",
            ]
        ),
    ),
    max_size=12,
).map("".join)  # fmt: skip

TAGS = ["b", "i", "u", "s", "tg-spoiler", "blockquote", "code", "pre"]
nested = st.recursive(
    text.map(lambda plain: (plain, escape(plain))),
    lambda inner: st.builds(
        lambda tag, parts: (
            "".join(plain for plain, _ in parts),
            f"<{tag}>{''.join(html for _, html in parts)}</{tag}>",
        ),
        st.sampled_from(TAGS),
        st.lists(inner, max_size=3),
    ),
    max_leaves=8,
)


class Balance(HTMLParser):
    """Fails on a tag that isn't closed in order, and collects the text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


@given(markup)
def test_parses_or_refuses(html: str) -> None:
    parsed = attempt(html)
    if isinstance(parsed, ApiError):
        assert parsed.code == 400
        assert parsed.description.startswith("Bad Request: can't parse entities: ")
        return
    plain, entities = parsed
    size = utf16.length(plain)
    for entity in entities:
        assert entity["length"] > 0
        assert entity["offset"] >= 0
        assert entity["offset"] + entity["length"] <= size


def attempt(html: str) -> tuple[str, list] | ApiError:
    """The parse, or its refusal."""
    try:
        return parse_html(html)
    except ApiError as error:
        return error


@given(text)
def test_escaped_text_comes_back_as_it_was(plain: str) -> None:
    assert parse_html(escape(plain)) == (plain, [])


@given(nested)
def test_nested_markup_keeps_its_text(pair: tuple[str, str]) -> None:
    plain, html = pair
    parsed, entities = parse_html(html)
    assert parsed == plain
    assert all(entity["type"] for entity in entities)


@given(text)
def test_length_is_that_of_utf16(plain: str) -> None:
    assert utf16.length(plain) == len(plain.encode("utf-16-le")) // 2
    assert len(utf16.positions(plain)) == utf16.length(plain) + 1


@given(
    text,
    st.lists(
        st.fixed_dictionaries(
            {
                "type": st.sampled_from(["bold", "code", "pre", "italic", "blockquote", "spoiler"]),
                "offset": st.integers(-5, 80),
                "length": st.integers(-5, 80),
            }
        ),
        max_size=6,
    ),
)
def test_rendered_html_is_balanced_and_complete(plain: str, entities: list) -> None:
    rich = finish(plain, entities)
    size = utf16.length(rich.text)
    assert all(
        entity["offset"] >= 0 and 0 < entity["length"] <= size - entity["offset"]
        for entity in rich.entities
    )
    check = Balance()
    check.feed(to_html(rich))
    check.close()
    assert check.open == []
    assert "".join(check.text) == rich.text


@given(markup)
def test_nothing_but_known_tags_is_rendered(html: str) -> None:
    rendered = to_html(typed(html))
    for tag in ("<script", "<b>", "<tg-spoiler", "<pre"):
        assert tag not in rendered


@given(st.text("ab \n😀", max_size=200), st.integers(4, 40))
def test_split_loses_nothing_but_spaces(plain: str, limit: int) -> None:
    parts = split(plain, limit)
    assert all(utf16.length(part) <= limit for part in parts)
    assert "".join("".join(parts).split()) == "".join(plain.split())


def test_long_texts_make_several_messages() -> None:
    assert [len(part) for part in split("x" * 9000)] == [TEXT_LIMIT, TEXT_LIMIT, 808]


@pytest.mark.parametrize(
    ("html", "plain", "entities"),
    [
        ("&lt;b&gt; &amp;amp; &quot", '<b> &amp; "', []),
        ("&copy; &#65; &#x42;", "&copy; A B", []),
        ("<B>x</b>", "x", [{"type": "bold", "offset": 0, "length": 1}]),
        ("<b>x</>", "x", [{"type": "bold", "offset": 0, "length": 1}]),
        ("<b></b>x", "x", []),
        (
            '<a href="tg://user?id=7">x</a>',
            "x",
            [
                {
                    "type": "text_mention",
                    "offset": 0,
                    "length": 1,
                    "user": {"id": 7, "is_bot": False, "first_name": ""},
                }
            ],
        ),
        ('<a href="nowhere">x</a>', "x", []),
        (
            "<blockquote expandable>😀</blockquote>",
            "😀",
            [{"type": "expandable_blockquote", "offset": 0, "length": 2}],
        ),
        (
            '<tg-time unix="1647531900" format="wDT">soon</tg-time>',
            "soon",
            [
                {
                    "type": "date_time",
                    "offset": 0,
                    "length": 4,
                    "unix_time": 1647531900,
                    "date_time_format": "wDT",
                }
            ],
        ),
        (
            '<tg-emoji emoji-id="5368324170671202286">👍</tg-emoji>',
            "👍",
            [
                {
                    "type": "custom_emoji",
                    "offset": 0,
                    "length": 2,
                    "custom_emoji_id": "5368324170671202286",
                }
            ],
        ),
    ],
)
def test_reads_as_telegram_does(html: str, plain: str, entities: list) -> None:
    assert parse_html(html) == (plain, entities)


def test_code_holds_no_other_entity() -> None:
    rich = from_request("<b>a <code>c</code> d</b>", "HTML", None)
    kinds = [(e["type"], e["offset"], e["length"]) for e in rich.entities]
    assert kinds == [("bold", 0, 2), ("code", 2, 1), ("bold", 3, 2)]


def test_finds_what_a_client_makes_tappable() -> None:
    rich = typed("/start see https://a.bc/d. or me@x.org and @someone #tag a/b")
    found = {
        entity["type"]: rich.text[entity["offset"] : entity["offset"] + entity["length"]]
        for entity in rich.entities
    }
    assert found == {
        "bot_command": "/start",
        "url": "https://a.bc/d",
        "email": "me@x.org",
        "mention": "@someone",
        "hashtag": "#tag",
    }


def test_links_that_run_code_are_not_links() -> None:
    rich = RichText("x", [{"type": "text_link", "offset": 0, "length": 1, "url": "javascript:1"}])
    assert "javascript" not in to_html(rich)
