"""Wordings of leads, course work, plans and what is shown, each for a cause of its own."""

from collections.abc import Callable

import pytest

from agents.builtin.understand import Understanding

Read = Callable[..., Understanding]


def _slots(understood: Understanding) -> list[dict[str, object]]:
    return [
        request.model_dump(mode="json", by_alias=True, exclude_none=True)
        for request in understood.requests
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Heron Ferries asked about our prices. Put them under leads",
            {"intent": "lead.add", "company": "Heron Ferries"},
        ),
        (
            "the Haus Lindgrün rang us. add them to the leads",
            {"intent": "lead.add", "company": "Haus Lindgrün"},
        ),
        (
            "new lead from facebook: imre vadas, imre@vadas.example",
            {
                "intent": "lead.add",
                "name": "Imre Vadas",
                "email": "imre@vadas.example",
                "source": "facebook",
            },
        ),
        (
            "add imre vadas (imre@vadas.example) to the lead list",
            {"intent": "lead.add", "name": "Imre Vadas", "email": "imre@vadas.example"},
        ),
        (
            "new lead, met at the book fair in Leipzig",
            {"intent": "lead.add", "source": "the book fair in Leipzig"},
        ),
        (
            "the report on Klimt is in, grade it",
            {"intent": "submission.grade", "assignment": "report on Klimt"},
        ),
        (
            "Mads handed in the birdhouse, mark it please",
            {"intent": "submission.grade", "student": "Mads", "assignment": "birdhouse"},
        ),
        (
            "five newsletters for easter, all about bulbs. make me a plan",
            {"intent": "content.plan", "count": 5, "period": "easter", "topic": "bulbs"},
        ),
        (
            "six weeks, six posts: draw up a content plan about looms",
            {"intent": "content.plan", "count": 6, "period": "six weeks", "topic": "looms"},
        ),
        (
            "payment notice for invoice #2027/41 please",
            {"intent": "invoice.remind", "invoice_no": "2027/41"},
        ),
        (
            "yell at me in an hour and a half to feed the cat",
            {"intent": "reminder.set", "at": "2026-11-23T10:30:00", "what": "feed the cat"},
        ),
        (
            "Trag am Freitag um acht am Morgen ein Treffen mit Mads ein",
            {"intent": "meeting.schedule", "with": "Mads", "start": "2026-11-27T08:00:00"},
        ),
    ],
)
def test_said_so(read: Read, text: str, expected: dict[str, object]) -> None:
    (request,) = _slots(read(text))
    assert request == expected


def test_work_that_is_not_named_is_asked_for(read: Read) -> None:
    (request,) = read("grade Mads today please").requests
    assert request.missing() == ["assignment"]  # type: ignore[union-attr]
