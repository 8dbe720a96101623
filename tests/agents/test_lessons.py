"""What words and edited mails teach, and what they must not teach."""

import pytest

from agents import lessons
from agents.lessons import Lesson
from core.plans import Plan

BODY = "Hello Nora Winter,\n\nThe draft moves to Friday.\n\nKind regards\nAda\nStudio\n"
NAMES = ("Nora Winter", "Nora", "Northwind Traders")


@pytest.mark.parametrize(
    ("words", "relation", "value"),
    [
        ("too formal", "tone", "informal"),
        ("That is too stiff.", "tone", "informal"),
        ("please be more formal", "tone", "formal"),
        ("too chatty", "tone", "formal"),
        ("use du", "tone", "du"),
        ("we say Sie", "tone", "Sie"),
        ("always in English", "language", "English"),
        ("in German please", "language", "German"),
        ("bitte auf Deutsch, immer", "language", "German"),
        ("always greet them with Hi", "greeting", "Hi"),
        ("sign off with “Cheers”", "closing", "Cheers"),
        ("never on Fridays", "preference", "never on Fridays"),
        ("Never send them anything at weekends.", "preference", None),
        ("always copy the accountant", "preference", "always copy the accountant"),
    ],
)
def test_words_that_say_how_teach(words: str, relation: str, value: str | None) -> None:
    [lesson] = lessons.from_words(words)
    assert lesson.relation == relation
    assert value in (None, lesson.value)
    assert not lesson.everybody


@pytest.mark.parametrize(
    "words",
    [
        "",
        "just no",
        "wrong client",
        "too expensive",
        "make it 2600",
        "2400 is too much",
        "never more than 2400",
        "always 14 days",
        "he already paid",
        "not today",
        "not on 4 December",
        "too formal this time",
        "in English just once",
        "maybe too formal",
        "is that too formal?",
        "I met her in English class",
        "the client wants to wait until the trade fair is over",
        "always " + "and so on " * 20,
    ],
)
def test_words_about_this_once_teach_nothing(words: str) -> None:
    assert lessons.from_words(words) == []


def test_a_rule_for_everybody_is_about_nobody_in_particular() -> None:
    [lesson] = lessons.from_words("all mails in English please")
    assert lesson == Lesson("language", "English", everybody=True)
    assert lesson.statement("Northwind") == "Mails are written in English"


def _mail(body: str = BODY, subject: str = "The draft moves") -> Plan:
    return Plan(
        intent="email.write",
        title="Mail",
        steps=(),
        preview={"mail_body": body, "mail_subject": subject},
    )


@pytest.mark.parametrize(
    ("new", "taught"),
    [
        (BODY.replace("Hello Nora Winter", "Hi Nora Winter"), [Lesson("greeting", "Hi")]),
        (BODY.replace("Hello Nora Winter", "Hi Nora"), [Lesson("greeting", "Hi")]),
        (BODY.replace("Hello Nora Winter", "Good morning"), [Lesson("greeting", "Good morning")]),
        (BODY.replace("Kind regards", "Cheers"), [Lesson("closing", "Cheers")]),
        (
            BODY.replace("Hello", "Dear").replace("Kind regards", "Yours sincerely"),
            [Lesson("greeting", "Dear"), Lesson("closing", "Yours sincerely")],
        ),
        (BODY.replace("Friday", "Monday"), []),
        (BODY.replace("Hello Nora Winter,", "Invoice 2400 is paid,"), []),
        ("The draft moves to Monday.", []),
        ("", []),
        (BODY, []),
    ],
)
def test_an_edited_text_teaches_greeting_and_closing_alone(new: str, taught: list[Lesson]) -> None:
    assert lessons.from_mail(_mail(), _mail(new), names=NAMES) == taught


@pytest.mark.parametrize(
    ("subject", "taught"),
    [
        ("[Studio] The draft moves", [Lesson("subject_prefix", "[Studio]")]),
        ("No. 4: The draft moves", []),
        ("Another matter", []),
    ],
)
def test_only_what_is_put_before_a_subject_is_a_style(subject: str, taught: list[Lesson]) -> None:
    assert lessons.from_mail(_mail(), _mail(subject=subject), names=NAMES) == taught
