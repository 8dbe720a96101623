"""Slots of invoices, reminders of them, payments and refunds."""

import re
from dataclasses import replace
from typing import Any

from agents.builtin.lexicon import FUNCTION
from agents.builtin.names import Name
from agents.builtin.slots.context import Context
from agents.builtin.slots.description import description
from agents.builtin.slots.terms import due

TO = re.compile(
    r"(?P<w>\bto|\ban|\ba|\bà|\bbei|\bon(?=\s+(?:mr|mrs|ms|miss|dr|messrs|m/s)\b)|"
    r"(?<=invoice\s)on|(?<=bill\s)on)\.?\s+"
    r"(?:the\s+(?:name|attention|account)\s+of\s+)?"
)
_TO_IN = {"an": "de", "bei": "de", "a": "es", "à": "fr"}
"""What leads to a recipient in one language only; in others it is an article or nothing."""
FOR = re.compile(r"\b(?:for|für|para|pour|with)\s+")
FROM = re.compile(r"\b(?:from|off|by|von|de|par|durch)\s+")


def party(ctx: Context, *, prepositions: tuple[re.Pattern[str], ...]) -> Name | None:
    """Who a request is for, by position: after the verb, before its object, after a preposition."""
    low, hit = ctx.text.low, ctx.hit
    end = ctx.own_end
    who = None
    for owner in ctx.named(ctx.start, hit.start):
        if low[: owner.end].endswith("'s") and _OWNED.fullmatch(low, owner.end, hit.start):
            return owner
    if hit.form == "object":
        if ctx.pronoun_at(hit.verb_end) and not low.startswith((" me ", " us "), hit.verb_end):
            return ctx.antecedent()
        at = re.compile(
            r"\s*(?:(?:me|us|out|mir|uns|bitte|mal|doch|noch|please|pls)\s+)*(?P<one>(?:an|a|eine|una|"
            r"une|another)\s+)?(?:(?:the|el|la)\s+(?=\w+\s*(?:invoice|bill|reminder)?))?"
        ).match(low, hit.verb_end, hit.end)
        # What follows "a" in small letters says how it is: "a polite reminder".
        plain = not (at and at["one"])
        who = ctx.names.at(at.end() if at else hit.verb_end, hit.end, lower=plain)
        if who is None:
            to = TO.search(low, hit.verb_end, hit.end)
            who = ctx.names.at(to.end(), hit.end) if to else None
    elif hit.form == "verb":
        at = re.compile(
            r"\s*(?:to\s+|an\s+|for\s+|a\s+|à\s+|up\s+|with\s+|it\s+to\s+|that\s+to\s+|"
            r"this\s+to\s+|down\s+)?"
        ).match(low, hit.end, end)
        position = at.end() if at else hit.end
        if ctx.text.language == "en" and at and at.group().split()[-1:] == ["a"]:
            position = hit.end  # an article, no "to"
        if ctx.pronoun_at(hit.end):
            return ctx.antecedent()
        if re.match(
            r"(?:everyone|everybody|all|them\s+all|nobody|no\s+one|anyone|each)\b", low[position:]
        ):
            return None
        who = ctx.names.at(position, end)
        joint = ctx.names.several(position, end) if who else None
        if who and joint and _PAIR.fullmatch(joint.value):
            who = joint
    elif hit.form == "noun":
        at = re.compile(r"\s*[:,–—-]?\s*").match(low, hit.end, end)
        who = ctx.names.at(at.end() if at else hit.end, end, lower=False)
    if who is not None:
        return who
    for pattern in prepositions:
        for match in pattern.finditer(low, hit.end if hit.form != "fact" else ctx.start, ctx.end):
            language = _TO_IN.get(match.groupdict().get("w") or "", ctx.text.language)
            if language != ctx.text.language:
                continue
            if ctx.pronoun_at(match.end()):
                return ctx.antecedent(match.end())
            small = pattern is not FOR and not ctx.text.cased
            found = ctx.names.at(match.end(), ctx.end, lower=small)
            if found and not is_when(ctx, found) and re.search(r"[^\W\d_]{2}", found.value):
                return found
    intros = list(FOR.finditer(low, hit.end, ctx.own_end)) if hit.form != "fact" else []
    if len(intros) > 1 and not ctx.text.cased:
        # "an invoice for danny, 220, for the fence": whom comes first, what for second.
        return ctx.names.at(intros[0].end(), ctx.own_end)
    return None


def is_when(ctx: Context, name: Name) -> bool:
    return any(w.start < name.end and name.start < w.end for w in ctx.whens)


def _leading(ctx: Context) -> Name | None:
    """A name that heads the clause: "Okonkwo Logistics: invoice …"."""
    low = ctx.text.low
    lead = ctx.text.raw[: ctx.start].rstrip()
    if (ctx.start and lead.endswith((":", "-", "–", "—", ","))) or ctx.hit.start > ctx.start:
        found = ctx.named(
            max(low.rfind("\n", 0, ctx.start), low.rfind(". ", 0, max(ctx.start - 2, 0)) + 1, 0),
            ctx.hit.start,
        )
        if len(found) == 1:
            return found[0]
    return None


def invoice_create(ctx: Context) -> dict[str, Any]:
    """Slots of invoice.create."""
    low = ctx.text.low
    days, by, where = due(ctx, ctx.start, ctx.end)
    if where is None and ctx.start:
        days, by, where = None, None, None
    client = (
        next(reversed(ctx.named(ctx.start, ctx.hit.start)), None)
        if ctx.hit.form == "fact"
        else None
    ) or party(ctx, prepositions=(TO, FOR))
    if client is None:
        client = _leading(ctx)
    if client is None and ctx.hit.form == "noun":
        named = [
            n
            for n in ctx.named(ctx.start, ctx.end)
            if not re.search(r"\b(?:of|about|from|on|in|at)\s+(?:the\s+)?$", low[: n.start][-10:])
        ]
        client = named[0] if len(named) == 1 else None
    if client is None and ctx.lead < ctx.start:
        done = [n for n in ctx.named(ctx.lead, ctx.start) if _DONE_FOR.search(low[: n.start])]
        client = done[0] if len(done) == 1 == len(ctx.named(ctx.lead, ctx.end)) else None
    spans = [where] if where else []
    total = ctx.total(ctx.start, ctx.end)
    if _MANY.match(low, ctx.start, ctx.end) and len(ctx.money(ctx.start, ctx.end)) > 1:
        total = replace(total, value=None)  # "two invoices", of which only one was made out
    again = _SAME.search(low, ctx.start, ctx.end)
    if total.value is None and again:
        said = ctx.total(0, ctx.start)
        total = replace(said, spans=((again.start() - ctx.start, again.end() - ctx.start),))
    base = ctx.start
    if total.value is None and ctx.lead < ctx.start and not again:
        whole = ctx.total(ctx.lead, ctx.end)
        if whole.value is not None:
            total, base = whole, ctx.lead
    spans += [(base + s, base + e) for s, e in total.spans]
    if client:
        spans.append((client.start, client.end))
        called = re.compile(r"\s+the\s+(\w+)").match(low, ctx.hit.end, ctx.own_end)
        if called and called[1] in client.value.lower().split():
            spans.append(called.span())  # "bill the theatre" after "the Alhambra Theatre"
    return {
        "client": client.value if client else None,
        "amount": total.value,
        "currency": total.currency,
        "description": description(ctx, spans, base),
        "due_days": days,
        "due_date": by if days is None else None,
    }


_SAME = re.compile(r"\b(?:him\s+|her\s+|them\s+)?the\s+same(?:\s+(?:amount|sum|again|fee))+\b")
_MANY = re.compile(
    r"\W*(?:(?:please|pls|hi|hey|send|make|write|can\s+you|i\s+need)\s+){0,3}(?:two|three|four|five|both|[2-6]|zwei|drei|dos|"
    r"tres|deux|trois)\s+(?:\w+\s+)?(?:invoices|bills|rechnungen|facturas|factures)\b"
)
_ASIDE = re.compile(r"\bwith\s+")


_ALONE = re.compile(r"#?(?P<number>(?:[A-Za-z]{1,4}-?)?\d[\d/-]*\d)(?![\w.,]*\d)")
""" "Chase invoice 12, and 13 too": the second one has no word for what it is."""


def invoice_remind(ctx: Context) -> dict[str, Any]:
    """Slots of invoice.remind."""
    alone = _ALONE.match(ctx.text.raw, ctx.start, ctx.end) if not ctx.hit.end > ctx.start else None
    number = alone["number"] if alone else ctx.invoice_number(ctx.start, ctx.end)
    client = party(ctx, prepositions=(TO, FOR, FROM, _ASIDE))
    if client and re.fullmatch(r"(?:inv|re)?[\d/#-]+", client.value, re.I):
        client = None
    if (number is None and client is None) or (ctx.hit.form != "verb" and number is None):
        number = number or ctx.invoice_number(0, ctx.start)
    if number is None and (numbered := _NUMBERED.search(ctx.text.low, ctx.start, ctx.end)):
        number = numbered["number"]
    if client is None:
        own = [
            n for n in ctx.named(ctx.start, ctx.end) if n.value.lower() != (number or "").lower()
        ]
        client = own[0] if len(own) == 1 else None
    if (
        client is None
        and ctx.start > ctx.lead
        and (owes := _OWES.search(ctx.text.low, ctx.lead, ctx.start))
    ):
        client = _whole(ctx, ctx.names.at(ctx.lead, owes.start()), owes.start())
    if client is None and (ctx.start > 0 or ctx.hit.start > ctx.start):
        # A number names the debtor: who an earlier order was about need not be.
        earlier = [
            n
            for n in ctx.named(ctx.lead if number else 0, ctx.hit.start)
            if (number or "\0").lower() not in n.value.lower()
        ]
        if earlier:
            client = earlier[-1]
    if number is None and ctx.pronoun_at(ctx.hit.end):
        client = client or ctx.antecedent()
        number = ctx.invoice_number(ctx.lead, ctx.start)
    return {"client": client.value if client else None, "invoice_no": number}


def _whole(ctx: Context, name: Name | None, verb: int) -> Name | None:
    """A name in small letters, up to the verb that follows: "kestrel drone mapping hasn't"."""
    rest = ctx.text.low[name.end : verb].split() if name else []
    if name is None or not rest or not ctx.text.raw[name.start].islower():
        return name
    if len(rest) > 2 or not all(word.isalpha() and word not in FUNCTION for word in rest):
        return name
    more = ctx.text.raw[name.end : verb].rstrip()
    return replace(name, value=f"{name.value}{more.title()}", end=name.end + len(more))


_NUMBERED = re.compile(
    r"\b(?:paid|pay|settled|for|on|about|bezahlt|pagado|payé)\s+(?:the\s+)?(?:number|no\.?|nr\.?|nummer|número|"
    r"numéro|n°)\s*(?P<number>\d{2,6})\b(?!\s*(?:days|weeks|[€$£]|eur))"
)
""" "They still haven't paid number 1183"."""
_PAIR = re.compile(r"[^,@]+?\s(?:and|und|y|et|&)\s[^,@]+")
_OWNED = re.compile(r"\s+(?:\w+\s+){0,2}")
_DONE_FOR = re.compile(r"\b(?:for|with)\s+(?:the\s+)?$")
_OWES = re.compile(
    r"\b(?:still\s+)?(?:has(?:n't|\s+not)|hasnt|haven't|havent|have\s+not|owes?|didn't|didnt|"
    r"never)\b"
)
