"""Fields of a card that a reply names outright: "title: …", "change the amount to …"."""

import re
from functools import cache

from agents.builtin.replies.reply import Reply
from agents.builtin.wording import trimmed, verbatim

_FIELDS: dict[str, list[str]] = {
    field: [name.replace("_", " ") for name in names.split()]
    for field, names in {
        "client": "client customer recipient company bill_to kunde kundin cliente client_name",
        "description": "description title text line item wording what_for beschreibung titel "
        "concepto descripción libellé titre",
        "amount": "amount price total sum fee betrag preis importe precio montant prix",
        "currency": "currency währung moneda devise",
        "due": "due due_date deadline terms payment_terms zahlungsziel vencimiento échéance",
        "to": "to recipient address an para à",
        "subject": "subject betreff asunto objet",
        "body": "body text message",
        "with": "with who guest attendee person",
        "start": "start time date when day zeit hora heure",
        "duration": "duration length dauer duración durée",
        "what": "what title text",
        "topic": "topic subject theme thema tema sujet",
        "reason": "reason because",
        "email": "email mail e-mail email_address mail_address e-mail_address address",
        "contact": "contact contact_person",
        "invoice_no": "invoice invoice_number number no",
    }.items()
}
_VERB = r"change|set|update|make|rename|correct|fix|edit|ändere|cambia"
_SETS = (
    rf"(?:(?P<verb>{_VERB})\s+)?(?:(?:the|its|den|die|das|la|el|le)\s+|l')?(?P<field>%s)"
    r"(?:\s+line)?\s*(?:\s+(?:to|is|should\s+(?:be|say|read)|into|as|=|zu|auf|must\s+be|"
    r"needs\s+to\s+be)\s+|\s+(?P<ordered>in|a|en|por|à)\s+|\s*[:=]\s*)(?P<value>.+)$"
)
INSTEAD = re.compile(
    r"[\s,]*\b(?:instead|rather|please|pls|stattdessen|lieber|mejor|plutôt|then)\b[\s.!]*$", re.I
)
"""What may end a clause that changes something, without being part of the new value."""


@cache
def _pattern(fields: tuple[str, ...]) -> tuple[re.Pattern[str], dict[str, str]]:
    # Where two fields share a word, the one asked for first has it.
    named = {name: field for field in reversed(fields) for name in reversed(_FIELDS[field])}
    longest_first = sorted(named, key=lambda name: -len(name))
    return re.compile(_SETS % "|".join(map(re.escape, longest_first)), re.S), named


def named(reply: Reply, *fields: str) -> tuple[str, str] | None:
    """The field that a clause names and its new value, in the operator's own words."""
    pattern, names = _pattern(fields)
    match = pattern.match(reply.text.low)
    # "text in red" names no new text, "ändere den Text in Rot" does.
    if not match or (match["ordered"] and not match["verb"]):
        return None
    value = worded(reply, match.start("value"))
    return (names[match["field"]], value) if value else None


def worded(reply: Reply, start: int) -> str | None:
    """The words of a clause from ``start`` on as a value, verbatim; None when none are left."""
    text = reply.text
    while text.raw[start - 1 : start] == " ":  # where an emoji may have been
        start -= 1
    instead = INSTEAD.search(text.raw, start)
    stop = instead.start() if instead else len(text.raw)
    return verbatim(text, trimmed(text, start, stop), (start, stop))
