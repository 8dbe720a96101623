"""Facts in words: what is kept, who said it and when."""

from core.memory.facts import Fact
from core.profile import Profile
from core.when import day

_SAID_IN = {
    "message": "you said so",
    "owner": "you said so",
    "card": "you changed a card so",
    "rejection": "you rejected a card because of it",
    "mail": "a mail says so",
    "document": "a document says so",
    "system": "worked out from your records",
}


def source_of(fact: Fact, profile: Profile) -> str:
    """Who said a fact and when, in words; every source of it."""
    told: dict[str, None] = {}
    for source in fact.sources:
        who = (
            "what you forwarded says so"
            if (source.kind == "message" and source.trust == "untrusted")
            else _SAID_IN[source.kind]
        )
        at = profile.local(source.at or fact.recorded_at).date()
        where = f" ({source.place})" if source.place else ""
        told[f"{who}{where} on {day(at)}"] = None
    return " and ".join(told) or f"kept on {day(profile.local(fact.recorded_at).date())}"


def marked(fact: Fact, profile: Profile) -> str:
    """A fact as a sentence, with what has to be known about it."""
    told = fact.statement.rstrip(".")
    if fact.trust == "untrusted":
        told += " (not confirmed by you)"
    elif not fact.firm:
        told += f" (unsure, {fact.confidence} %)"
    if fact.valid_to:
        told += f" (until {day(profile.local(fact.valid_to).date())})"
    return f"{told}."
