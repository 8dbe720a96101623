"""Replies to the card of a mail."""

import re

from agents.builtin.phrases import ADDRESS
from agents.builtin.replies import whom
from agents.builtin.replies.card import Card, Changes
from agents.builtin.replies.fields import named, worded
from agents.builtin.replies.reply import Reply
from agents.builtin.wording import tidy

_SAY_INSTEAD = re.compile(
    r"^(?:say|write|put|use|make\s+it|it\s+should\s+(?:say|be|read)|should\s+say|have\s+it\s+say|"
    r"schreib|pon|mets)?\s*(?P<new>.+?)\s+(?:instead\s+of|rather\s+than|not|statt|anstatt|"
    r"en\s+vez\s+de|en\s+lugar\s+de|au\s+lieu\s+de)\s+(?P<old>.+)$",
    re.I | re.S,
)
_REPLACE = re.compile(
    r"^(?:replace|change|swap|switch|ersetze|cambia|reemplaza|remplace)\s+(?P<old>.+?)\s+(?:with|"
    r"by|to|for|into|durch|por|par)\s+(?P<new>.+)$",
    re.I | re.S,
)
_APPEND = re.compile(
    r"^(?:and\s+|also\s+|please\s+)*(?:add|append|mention|include|tell\s+(?:him|her|"
    r"them)(?:\s+also)?|say\s+also|also\s+say|füg(?:e)?\s+hinzu|ergänze|añade|agrega|"
    r"ajoute)(?:\s+(?:that|also|a\s+(?:line|sentence|note|ps|p\.s\.)\s+(?:that|saying|about)|dass|"
    r"que|to\s+(?:it|the\s+end)))*\s*:?\s*(?P<text>.+)$",
    re.I | re.S,
)
_NO_TEXT = re.compile(r"(?:more\s+\w+|something|it|that|a\s+joke|details?)[\s.]*")
_ABOUT = re.compile(r"(?:it's|its|make\s+it|it\s+should\s+be)\s+about\s+(?P<value>.+)$", re.S)
_SEND = ("send", "to ", "write to", "mail")


def alone(reply: Reply, only: bool) -> Changes:
    """Whom to, the subject, and words to add or to put in the place of others."""
    raw, low = reply.text.raw.strip(), reply.text.low
    field, value = named(reply, "to", "subject") or ("", "")
    if field == "subject":
        return {"subject": value}
    if field == "to":
        return _to(reply, value)
    appended = _APPEND.match(low)
    if appended and not _NO_TEXT.fullmatch(appended["text"]):
        text = worded(reply, appended.start("text"))
        return {"append": text} if text else {}
    replaced = _REPLACE.match(raw) or _SAY_INSTEAD.match(raw)
    if replaced:
        return _replaced(reply, replaced["old"], replaced["new"])
    about = _ABOUT.match(low)
    if about:
        value = worded(reply, about.start("value"))
        return {"about": value} if value else {}
    return _recipient(reply)


def _to(reply: Reply, value: str) -> Changes:
    address = ADDRESS.search(value)
    name = address.group() if address else whom.named(reply, value)
    return {"to": name} if name else {}


def _recipient(reply: Reply) -> Changes:
    if not whom.is_addressed(reply) and not ADDRESS.fullmatch(reply.text.raw.strip().rstrip(".")):
        return {}
    found = whom.address(reply)
    who = found[0] if found else whom.recipient(reply)
    return {"to": who} if who else {}


def _replaced(reply: Reply, old: str, new: str) -> Changes:
    if new.lower().startswith(_SEND):
        return _recipient(reply.clause(0, len(new)))
    before, after = tidy(_bare_words(old)), tidy(_bare_words(new))
    if before and after and len(before.split()) <= 12 and len(after.split()) <= 30:
        return {"body_replace": (before, after)}
    return {}


def _bare_words(value: str) -> str:
    return re.sub(
        r"^(?:the\s+word\s+|the\s+part\s+about\s+|from\s+)",
        "",
        value.strip().strip("\"'."),
        flags=re.I,
    ).strip("\"'")


def starts(reply: Reply) -> bool:
    """A field, an order to send it to an address, or words to put in the place of others."""
    return bool(
        named(reply, "to", "subject")
        or (whom.orders(reply) and whom.address(reply))
        or _REPLACE.match(reply.text.raw)
    )


CARD = Card(alone=alone, starts=starts)
