"""Slots of invoices, reminders of them, payments and refunds."""

import re
from typing import Any

from agents.builtin.names import Name
from agents.builtin.slots.context import Context
from agents.builtin.slots.description import description
from agents.builtin.slots.terms import due
from agents.builtin.wording import tidy

_TO = re.compile(
    r"(?P<w>\bto|\ban|\ba|\bà|\bbei|\bon(?=\s+(?:mr|mrs|ms|miss|dr|messrs|m/s)\b)|"
    r"(?<=invoice\s)on|(?<=bill\s)on)\.?\s+"
    r"(?:the\s+(?:name|attention|account)\s+of\s+)?"
)
_TO_IN = {"an": "de", "bei": "de", "a": "es", "à": "fr"}
"""What leads to a recipient in one language only; in others it is an article or nothing."""
_FOR = re.compile(r"\b(?:for|für|para|pour|with)\s+")
_FROM = re.compile(r"\b(?:from|off|by|von|de|par|durch)\s+")


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
            r"\s*(?:me\s+|us\s+|out\s+|mir\s+)?(?:(?:an|a|the|eine|una|une|another|el|"
            r"la)\s+(?=\w+\s*(?:invoice|bill|reminder)?))?"
        ).match(low, hit.verb_end, hit.end)
        who = ctx.names.at(at.end() if at else hit.verb_end, hit.end)
        if who is None:
            to = _TO.search(low, hit.verb_end, hit.end)
            who = ctx.names.at(to.end(), hit.end) if to else None
    elif hit.form == "verb":
        at = re.compile(
            r"\s*(?:to\s+|an\s+|for\s+|a\s+|à\s+|up\s+|with\s+|it\s+to\s+|that\s+to\s+|"
            r"this\s+to\s+|down\s+)?"
        ).match(low, hit.end, end)
        position = at.end() if at else hit.end
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
            small = pattern is not _FOR and not ctx.text.cased
            found = ctx.names.at(match.end(), ctx.end, lower=small)
            if found and not _is_when(ctx, found) and re.search(r"[^\W\d_]{2}", found.value):
                return found
    intros = list(_FOR.finditer(low, hit.end, ctx.own_end)) if hit.form != "fact" else []
    if len(intros) > 1 and not ctx.text.cased:
        # "an invoice for danny, 220, for the fence": whom comes first, what for second.
        return ctx.names.at(intros[0].end(), ctx.own_end)
    return None


def _is_when(ctx: Context, name: Name) -> bool:
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
    ) or party(ctx, prepositions=(_TO, _FOR))
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
    base = ctx.start
    if total.value is None and ctx.lead < ctx.start:
        whole = ctx.total(ctx.lead, ctx.end)
        if whole.value is not None:
            total, base = whole, ctx.lead
    spans += [(base + s, base + e) for s, e in total.spans]
    if client:
        spans.append((client.start, client.end))
    return {
        "client": client.value if client else None,
        "amount": total.value,
        "currency": total.currency,
        "description": description(ctx, spans, base),
        "due_days": days,
        "due_date": by if days is None else None,
    }


_ASIDE = re.compile(r"\bwith\s+")


def invoice_remind(ctx: Context) -> dict[str, Any]:
    """Slots of invoice.remind."""
    number = ctx.invoice_number(ctx.start, ctx.end)
    client = party(ctx, prepositions=(_TO, _FOR, _FROM, _ASIDE))
    if client and re.fullmatch(r"(?:inv|re)?[\d/#-]+", client.value, re.I):
        client = None
    if (number is None and client is None) or (ctx.hit.form != "verb" and number is None):
        number = number or ctx.invoice_number(0, ctx.start)
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
        client = ctx.names.at(ctx.lead, owes.start())
    if client is None and (ctx.start > 0 or ctx.hit.start > ctx.start):
        earlier = [
            n
            for n in ctx.named(0, ctx.hit.start)
            if (number or "\0").lower() not in n.value.lower()
        ]
        if earlier:
            client = earlier[-1]
    if client is None and number is None and ctx.pronoun_at(ctx.hit.end):
        client = ctx.antecedent()
    return {"client": client.value if client else None, "invoice_no": number}


_PAIR = re.compile(r"[^,@]+?\s(?:and|und|y|et|&)\s[^,@]+")
_OWNED = re.compile(r"\s+(?:\w+\s+){0,2}")
_DONE_FOR = re.compile(r"\b(?:for|with)\s+(?:the\s+)?$")
_OWES = re.compile(
    r"\b(?:still\s+)?(?:has(?:n't|\s+not)|hasnt|haven't|havent|have\s+not|owes?|didn't|didnt|"
    r"never)\b"
)
_NOBODY = re.compile(
    r"\b(?:somebody|someone|anonymous|one\s+of\s+them|a\s+client|jemand|alguien|quelqu'un)\b"
)


def payment_record(ctx: Context) -> dict[str, Any]:
    """Slots of payment.record."""
    low = ctx.text.low
    number = ctx.invoice_number(ctx.start, ctx.end)
    client = None
    if ctx.hit.form == "fact":
        subject = low[ctx.start : ctx.hit.start]
        if not _NOBODY.search(subject):
            origin = None
            for match in _FROM.finditer(low, ctx.start, ctx.end):
                origin = ctx.names.at(match.end(), ctx.end)
                if (
                    origin
                    and not _is_when(ctx, origin)
                    and not re.fullmatch(r"[\d#/-]+", origin.value)
                ):
                    break
                origin = None
            named = [
                n
                for n in ctx.named(ctx.start, ctx.hit.start)
                if (number or "\0").lower() not in n.value.lower()
            ]
            client = named[-1] if named else None
            if client is None:
                at = re.compile(
                    r"[\s,]*(?:(?:hi|hey|ok|good\s+news|great|so|yay|and|oh|fyi|btw|finally|well|"
                    r"looks\s+like|the\s+bank\s+says)[\s,:!-]+)*"
                ).match(low, ctx.start)
                client = ctx.names.at(at.end() if at else ctx.start, ctx.hit.start)
            if client is None and re.search(r"\b(?:he|she|they)\b", subject):
                client = ctx.antecedent(ctx.start)
            client = client or origin
    else:
        for match in _FROM.finditer(low, ctx.hit.start, ctx.end):
            found = ctx.names.at(match.end(), ctx.end)
            if found and not _is_when(ctx, found):
                client = found
                break
        client = client or party(ctx, prepositions=(_TO, _FOR))
        told = re.compile(r"\s*(?:down\s+)?(?:that|how)\s+").match(low, ctx.hit.end, ctx.end)
        if client is None and told:
            client = ctx.names.at(told.end(), ctx.end)
        if client is None:
            named = [
                n
                for n in ctx.named(ctx.start, ctx.end)
                if (number or "\0").lower() not in n.value.lower()
            ]
            client = (
                named[0]
                if len(named) == 1
                else ctx.antecedent()
                if ctx.start > 0 and number is None
                else None
            )
    if client and re.match(r"(?:invoice|inv|re)\b", client.value, re.I):
        client = None
    if (
        client
        and ctx.hit.form == "fact"
        and client.end <= ctx.hit.start
        and re.search(r"[,;]", low[client.end : ctx.hit.start])
    ):
        client = None if len(ctx.named(ctx.start, ctx.hit.start)) > 1 else client
    total = ctx.total(ctx.start, ctx.end)
    return {
        "client": client.value if client else None,
        "invoice_no": number,
        "amount": total.value,
        "currency": total.currency if total.value is not None else None,
    }


_REASON = re.compile(
    r"\b(?:because|since|as|weil|denn|porque|parce\s+que|car|reason:|due\s+to)\s+|(?:for|für|por|"
    r"pour)\s+(?:the\s+|a\s+|his\s+|her\s+|their\s+)?(?=[a-zé])|\s[-–—]\s+|[,;(]\s*|:\s+|[.!]\s+"
)


def refund_issue(ctx: Context) -> dict[str, Any]:
    """Slots of refund.issue."""
    low, raw = ctx.text.low, ctx.text.raw
    who: Name | None = None
    if ctx.hit.form == "fact":
        named = ctx.named(ctx.start, ctx.hit.start)
        who = named[-1] if named else ctx.names.at(ctx.start, ctx.hit.start)
        if who is None and re.search(r"\b(?:he|she|they)\b", low[ctx.start : ctx.hit.start]):
            who = ctx.antecedent(ctx.start)
    if who is None:
        who = party(ctx, prepositions=(_TO, _FOR))
    if who is None and (ctx.hit.form == "verb"):
        # "give 50 back to Ana", "refund the 300 to Ana", "send Ana her money back"
        named = [
            n
            for n in ctx.named(ctx.hit.end, ctx.own_end)
            if re.search(r"\b(?:to|an|a|à)\s+(?:\w+\.?\s+)?$", low[: n.start][-12:])
        ]
        who = named[0] if len(named) == 1 else None
    total = ctx.total(ctx.start, ctx.end)
    reason = None
    ends = [ctx.hit.verb_end, ctx.hit.start, *(ctx.start + end for _, end in total.spans)]
    begin = min(max([*ends, who.end] if who else ends), ctx.end)
    for match in _REASON.finditer(low, begin, ctx.end):
        text = tidy(
            re.sub(
                r"^(?:because|since|as|for|that's|thats|weil|porque)\s+",
                "",
                raw[match.end() : ctx.end],
                flags=re.I,
            )
        )
        if (
            text
            and re.search(r"[^\W\d_]{3}", text)
            and not re.match(r"^(?:please|pls|thx|thanks|today|now)\W*$", text, re.I)
        ):
            reason = text
            break
    if reason is None:
        rest = ctx.text.raw[begin : ctx.end].strip()
        if re.match(r"(?:his|her|their|he|she|they|the|it)\b(?:\s+\S+){2}", rest, re.I):
            reason = tidy(rest)
    if reason is None:
        before = re.search(r"([^.;!?]+)[.;,!?:—–-]+\s*(?:so\s+)?(?:please\s+)?$", raw[: ctx.start])
        reason = tidy(before.group(1)) if before else None
    return {
        "to": who.value if who else None,
        "amount": total.value,
        "currency": total.currency if total.value is not None else None,
        "reason": reason,
    }
