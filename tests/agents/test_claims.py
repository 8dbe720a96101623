"""What a text claims that nobody said is found, however it is written and however long it is."""

import pytest

from agents import claims


@pytest.mark.parametrize(
    "text",
    [
        "See https://evil.example/?d=1.",
        "See www.evil.example",
        "See evil.example.",
        "See _evil.example/path?x=1 for more",
        "Write to me@evil.example.",
        "Write to <me@evil.example>, please",
        "Pay DE89 3704 0044 0532 0130 00 today",
    ],
)
def test_links_addresses_and_accounts_have_to_be_the_owners(text: str) -> None:
    assert claims.unfounded(text, trusted=["nothing of it"], heard=[text])
    assert not claims.unfounded(text, trusted=[text])


@pytest.mark.parametrize(
    ("text", "given", "founded"),
    [
        ("over 2,400.00 EUR", "2400 EUR", True),
        ("over 2 400 EUR", "2,400", True),
        ("on 3 December", "3 December", True),
        ("over 2,500 EUR", "2400 EUR", False),
        ("at 15:00", "at 15:30", False),
    ],
)
def test_numbers_may_be_written_otherwise_but_not_made_up(
    text: str, given: str, founded: bool
) -> None:
    assert (not claims.unfounded(text, trusted=[], heard=[given])) is founded


@pytest.mark.parametrize(
    "piece", ["a", "a.", "a-", "1", "1.", "a@", "@", "https://", "A1", "ab.cd/"]
)
def test_a_long_text_takes_no_longer_than_its_length(piece: str) -> None:
    claims.unfounded(piece * 100_000, trusted=[piece], heard=["x"])
