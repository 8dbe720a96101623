"""What is kept that answers a question: structure first, then words. Recall goes in here."""

import re

from sqlalchemy.ext.asyncio import AsyncConnection

from core.memory import facts
from core.memory.facts import Fact, View

_TOPICS = {
    "payment_terms": {"term", "terms", "pay", "pays", "paid", "payment", "net", "days", "due"},
    "email": {"email", "mail", "address", "e-mail"},
    "due": {"due", "deadline"},
    "phone": {"phone", "call", "telephone", "mobile", "reach"},
    "vat_id": {"vat", "tax", "id", "number"},
    "contact": {"contact", "who", "person"},
    "currency": {"currency", "pay", "pays"},
    "day_rate": {"rate", "day", "daily", "charge", "price"},
    "hour_rate": {"rate", "hour", "hourly", "charge", "price"},
    "preference": {"prefer", "prefers", "preference", "preferences", "like", "likes", "want"},
}
"""Which words of a question ask for which relation."""
_FILLER = frozenset(
    """
    a about again all an and anything are at by current currently did do does everything fact facts
    for from had has have he her his how i if in is it its kept know known many me much my now of
    on our please remember s say said she so still tell the their them then they to told true up us
    was we were what whats when where which with you
    """.split()  # noqa: SIM905 - easier to read than a list of strings
)


def words(question: str) -> set[str]:
    """The words of a question that say what it is about."""
    return set(re.findall(r"[\w-]+", question.casefold())) - _FILLER


def topics(asked: set[str]) -> set[str]:
    """The relations that these words ask for."""
    return {topic for topic, signs in _TOPICS.items() if asked & signs}


async def find(
    connection: AsyncConnection,
    asked: set[str],
    *,
    subject: str | None = None,
    view: View,
    limit: int = 8,
) -> list[Fact]:
    """Facts that answer, best first; none where nothing does.

    ``asked`` are the words of the question without the names in it. With ``subject`` only what
    is kept about it, all of it where nothing in particular is asked.
    """
    wanted = topics(asked)
    if subject is None and not asked:
        return (await facts.everything(connection, view=view))[:limit]
    if subject is None:
        hits = await facts.search(connection, " ".join(sorted(asked)), view=view, limit=limit)
        return [fact for fact in hits if asked & _said(fact)]
    about = await facts.about(connection, subject, view=view)
    if not asked:
        return about[:limit]
    # The relation that is asked for before facts that only share words with the question.
    meant = [fact for fact in about if fact.relation in wanted]
    shared = [fact for fact in about if fact not in meant and asked & _said(fact)]
    return [*meant, *shared][:limit]


def _said(fact: Fact) -> set[str]:
    return set(re.findall(r"[\w-]+", f"{fact.statement} {fact.relation}".casefold()))
