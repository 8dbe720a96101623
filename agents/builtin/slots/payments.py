"""Slots of payments that came in and of refunds."""

import re
from typing import Any

from agents.builtin.names import Name
from agents.builtin.slots.billing import FOR, FROM, TO, is_when, party
from agents.builtin.slots.context import INVOICE_NUMBER, Context
from agents.builtin.total import Sum
from agents.builtin.wording import tidy

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
            for match in FROM.finditer(low, ctx.start, ctx.end):
                origin = ctx.names.at(match.end(), ctx.end)
                if (
                    origin
                    and not is_when(ctx, origin)
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
        for match in FROM.finditer(low, ctx.hit.start, ctx.end):
            found = ctx.names.at(match.end(), ctx.end)
            if found and not is_when(ctx, found):
                client = found
                break
        client = client or party(ctx, prepositions=(TO, FOR))
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
    if client and (
        re.match(r"(?:invoice|inv|re)\b", client.value, re.I) or _PART.match(low, client.start)
    ):
        client = None
    if (
        client
        and ctx.hit.form == "fact"
        and client.end <= ctx.hit.start
        and re.search(r"[,;]", low[client.end : ctx.hit.start])
    ):
        client = None if len(ctx.named(ctx.start, ctx.hit.start)) > 1 else client
    total = ctx.total(ctx.start, ctx.end)
    if total.value is None or total.why == "stated as a total":
        total = _next_to(ctx) or total
    if total.value is None and ctx.hit.form != "fact" and _IT.match(low, ctx.hit.end):
        total = ctx.total(ctx.lead, ctx.end)
    if number and _several_numbers(ctx):
        client, number = None, None
    return {
        "client": client.value if client else None,
        "invoice_no": number,
        "amount": total.value,
        "currency": total.currency if total.value is not None else None,
        "unclear": unclear(total, low[ctx.start : ctx.end]),
    }


_IN_PART = re.compile(
    r"\b(?:half|third|quarter|part|partial(?:ly)?|partly|some(?:thing)?|roughly|instal+ments?|deposit|"
    r"percent|per\s+cent|hälfte|teil\w*|rate|anzahlung|mitad|parte|plazo|moitié|partie|acompte)\b|%"
)


def unclear(total: Sum, low: str) -> str | None:
    """Whether a sum is spoken of that can't be told; where none is, all that is open counts."""
    told = total.why or _IN_PART.search(low)
    return "amount" if total.value is None and told else None


def _next_to(ctx: Context) -> Sum | None:
    """The sum right after "paid", where others stand further off."""
    found = ctx.money(ctx.hit.end, ctx.end)
    if ctx.hit.form != "fact" or not found or found[0].unclear:
        return None
    between = ctx.text.low[ctx.hit.end : ctx.hit.end + found[0].start]
    after = ctx.text.low[ctx.hit.end + found[0].end : ctx.end]
    if not _RIGHT_AFTER.fullmatch(between) or _GOES_ON.match(after):
        return None
    return Sum(found[0].value, found[0].currency)


def _several_numbers(ctx: Context) -> bool:
    """Whether two invoices are named, so that one payment can't be all that is meant."""
    low = ctx.text.low
    first = INVOICE_NUMBER.search(low, ctx.start, ctx.end)
    second = INVOICE_NUMBER.search(low, first.end(), ctx.end) if first else None
    return bool(first and second and first.group() != second.group())


_PART = re.compile(
    r"(?:part|partial|first|second|last|final|late|down|advance|cash|bank|card|full|half|another|"
    r"remaining|new|big|small|cheque|check|paypal|incoming)[\s-]+(?:payment|deposit|transfer|"
    r"instal?lment)"
)
"""A kind of payment, and nobody: "log a part payment on #18"."""
_IT = re.compile(r"\s*(?:it|that|this|them|the\s+(?:payment|money))?(?!\w)(?!\s*\d)")
_RIGHT_AFTER = re.compile(r"\s*(?:us\s+|me\s+)?(?:the\s+|another\s+|his\s+|her\s+|their\s+|a\s+)?")
_GOES_ON = re.compile(r"\s*(?:and|or|plus|x|×|each|per|an?\b|/|of\b)")
_OF_SUM = re.compile(
    r"^[^.,;!?]*\b(?:half|third|quarter|\d+\s*%|all|part)\s+of\s+(?:the|his|her|their)\s*[€$£₹]?\s?\d"
)
"""Words that say how much, and not why."""
_REASON = re.compile(
    r"\b(?:because|since|as|weil|denn|porque|parce\s+que|car|reason:|due\s+to)\s+|(?:for|für|por|"
    r"pour)\s+(?:the\s+|a\s+|his\s+|her\s+|their\s+)?(?=[a-zé])|\s[-–—]\s+|[,;(]\s*|:\s+|[.!]\s+"
)


_MOVES = re.compile(
    r"\b(?:mov(?:es?|ed|ing)|go(?:es|ing)?|went|gone|fl(?:ies|ew|ying)|travel\w*|relocat\w+|zieht|"
    r"fährt|va|fue|part(?:ie?|i)?)\s+to\s+$"
)
"""What goes to a place, not money to somebody: "she moves to Ankara"."""


_HAS_PAID = re.compile(r"\s+(?:has\s+|had\s+)?paid\b")


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
        who = party(ctx, prepositions=(TO, FOR))
    if who is None and (ctx.hit.form == "verb"):
        # "give 50 back to Ana", "refund the 300 to Ana", "send Ana her money back"
        named = [
            n
            for n in ctx.named(ctx.hit.end, ctx.own_end)
            if re.search(r"\b(?:to|an|a|à)\s+(?:\w+\.?\s+)?$", low[: n.start][-12:])
        ]
        paid = [n for n in ctx.named(ctx.hit.end, ctx.own_end) if _HAS_PAID.match(low, n.end)]
        named = named or paid
        who = named[0] if len(named) == 1 else None
    if who and _MOVES.search(low, ctx.start, who.start):
        who = None
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
            and not _OF_SUM.search(text.lower())
            and not re.match(r"^(?:please|pls|thx|thanks|today|now)\W*$", text, re.I)
        ):
            reason = text
            break
    if reason is None:
        rest = ctx.text.raw[begin : ctx.end].strip()
        if not _OF_SUM.search(rest.lower()) and re.match(
            r"(?:his|her|their|he|she|they|the|it)\b(?:\s+\S+){2}", rest, re.I
        ):
            reason = tidy(rest)
    if reason is None:
        before = re.search(r"([^.;!?]+)[.;,!?:—–-]+\s*(?:so\s+)?(?:please\s+)?$", raw[: ctx.start])
        reason = tidy(before.group(1)) if before else None
    return {
        "to": who.value if who else None,
        "amount": total.value,
        "currency": total.currency if total.value is not None else None,
        "unclear": unclear(total, low[ctx.start : ctx.end]),
        "reason": reason,
    }
