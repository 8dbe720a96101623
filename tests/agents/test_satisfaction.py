"""Words of praise and complaint, as far as rules can tell them."""

import pytest

from agents import satisfaction

_PRAISE = """
We are very happy with the new brochure.
I'm really pleased with how it turned out.
Great work on the brochure!
Thank you for the excellent work.
We love the new design.
The logo turned out beautifully.
The draft looks great.
It looks great!
Well done, it exceeded our expectations.
Wir sind sehr zufrieden mit dem Ergebnis.
Ich bin mit dem Ergebnis sehr zufrieden.
Tolle Arbeit!
Estamos muy contentos con el resultado.
Excelente trabajo.
Nos encanta el diseño.
Nous sommes très satisfaits du résultat.
Très bon travail.
"""
_COMPLAINTS = """
I'm disappointed with the draft.
We are not happy with the result.
We're not at all satisfied with the quality.
This is unacceptable.
This is not what we agreed.
The quality is poor.
The draft isn't good enough.
I want to complain about the delay.
I must complain about the delay.
Honestly, we expected more from this.
Wir sind mit dem Entwurf nicht zufrieden.
Ich bin enttäuscht.
No estamos contentos con el diseño.
Esto es inaceptable.
La calidad es mala.
Nous ne sommes pas satisfaits.
Je suis déçue du résultat.
Je ne suis pas contente du tout.
"""
_NEITHER = """
Please send the invoice.
We would be happy to meet on Friday.
We are happy to confirm the order.
I hope you are happy with it.
Are you happy with it?
If the work is great, we continue.
We are disappointed with our bank.
I was unhappy with my hotel.
My boss wrote "great work" to the printer.
No complaints from us.
We were not disappointed.
Have a great day!
That would be great.
The weather is terrible.
We need a good design for the fair.
We are looking for excellent service.
Good job that we checked.
Our old agency did poor work, so we came to you.
We are thrilled to announce our new product.
We are very happy with Friday.
Sounds good.
Es una buena idea.
Das ist gut zu wissen.
Our payment terms are net 45.
"""


def _lines(block: str) -> list[str]:
    return block.strip().splitlines()


@pytest.mark.parametrize(
    ("value", "text"),
    [(1, text) for text in _lines(_PRAISE)] + [(-1, text) for text in _lines(_COMPLAINTS)],
)
def test_what_is_said_outright_is_told_with_its_words(value: int, text: str) -> None:
    found = satisfaction.read(f"Dear Ada,\n\n{text}\n\nNora")
    assert found is not None
    assert (found.value, found.quote, found.line) == (value, text, 3)


@pytest.mark.parametrize("text", _lines(_NEITHER))
def test_what_is_not_said_is_not_told(text: str) -> None:
    assert satisfaction.read(text) is None


def test_both_in_one_text_are_neither() -> None:
    found = satisfaction.read("Great work on the brochure, but we are disappointed with the delay.")
    assert found is not None
    assert found.value == 0
    assert "Great work" in found.quote
    assert "disappointed" in found.quote


@pytest.mark.parametrize(
    "text",
    [
        "> We are very happy with it.",
        "Noted.\n\nOn Mon, 16 Nov 2026 Ada <ada@ada.example> wrote:\nWe are very happy with it.",
        "Noted.\n-----Original message-----\nThis is unacceptable.",
        "Noted.\nFrom: Ada <ada@ada.example>\nThis is unacceptable.",
        "He said “this is unacceptable”.",
        "Great work\u200b!",
    ],
)
def test_a_quotation_is_not_the_writers_word(text: str) -> None:
    assert satisfaction.read(text) is None


def test_a_long_text_is_read_in_a_moment() -> None:
    for piece in ("we are ", "great ", "“", '"', "it is really ", "; ", "'a' "):
        satisfaction.read(piece * 4000)
