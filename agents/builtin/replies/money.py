"""Replies to the cards of invoices, payments and refunds."""

import re
from datetime import date
from typing import Any

from agents.builtin.clock import small
from agents.builtin.currencies import currency_of
from agents.builtin.lexicon import FUNCTION
from agents.builtin.replies import whom
from agents.builtin.replies.card import Card, Changes
from agents.builtin.replies.doubts import RELATIVE
from agents.builtin.replies.fields import named, worded
from agents.builtin.replies.reply import Reply, Span
from agents.builtin.slots import terms
from agents.builtin.slots.context import INVOICE_NUMBER
from agents.builtin.sums import decide
from agents.builtin.total import NOTHING, Sum

_FOR_WHAT = re.compile(
    r"^(?:(?:it's|its|it\s+is|that's|this\s+is|it\s+was|should\s+be|make\s+(?:it|that)|bill\s+it|"
    r"put)\s+)?(?:for|as|für|por|para|pour|about)\s+(?P<value>.+)$",
    re.S,
)
_ORDER = re.compile(
    r"(?:make|change|set|update|raise|lower|move|reduce|increase)\s+(?:it|that|the|this)\b"
)
_WORD = re.compile(r"[^\W\d_][\w']*")
_ENDS = re.compile(r"[\s.!,]*$")
_CURRENCY = re.compile(
    r"\s*(?P<to>(?:in|make\s+(?:it|that)|it's|its|should\s+be|use|change\s+(?:it\s+)?to|"
    r"\s)*)\s*(?P<c>[^\d]{1,20}?)"
    r"(?:\s+(?:instead|please|not\s+\w+))*[\s,.!]*"
)
_NUMBERED = re.compile(
    r"(?:(?:it's|for|on|against)\s+)?(?:the\s+)?(?:invoice|inv\b|rechnung|factura|#)"
)
_SUM_OF = re.compile(
    r"(?:the\s+)?(?:amount|price|total|sum|betrag|preis|importe|precio|montant|prix)\b"
)
_WHO = {"refund.issue": "to"}
_WHAT = {"invoice.create": "description", "refund.issue": "reason"}


def alone(reply: Reply, only: bool) -> Changes:
    """Whom, what for and where to, as one clause says it."""
    who, what = _WHO.get(reply.intent, "client"), _WHAT.get(reply.intent)
    field, value = named(
        reply, "client", "description", "amount", "currency", "due", "reason", "invoice_no", "email"
    ) or ("", "")
    if field in {"description", "reason"}:
        return {what: value} if what else {}
    if reply.intent == "invoice.create" and (found := whom.address(reply)):
        address, name = found
        return {"email": address} | ({who: name} if name else {})
    match field:
        case "client":
            name = whom.named(reply, value)
            return {who: name} if name else {}
        case "invoice_no" if reply.intent == "payment.record":
            number = INVOICE_NUMBER.search(f"invoice {value}")
            return {"invoice_no": value.lstrip("#")} if number else {}
        case "currency":
            code = currency_of(value, territory=reply.territory, own=reply.currency)
            return {"currency": code} if code else {}
        case "amount" | "due":
            return {}
        case _:
            pass
    about = _about(reply) if what else None
    if what and about:
        return {what: about}
    if reply.intent == "payment.record" and _NUMBERED.match(reply.text.low):
        number = reply.context.invoice_number(0, len(reply.text.raw))
        return {"invoice_no": number} if number else {}
    code = None if reply.money else _currency_alone(reply, only=only)
    if code:
        return {"currency": code}
    if reply.money or reply.whens or _terms(reply)[2]:
        return {}
    name = whom.recipient(reply, alone=only)
    return {who: name} if name else {}


def starts(reply: Reply) -> bool:
    """A field, an order, terms to pay or an address."""
    fields = ("client", "amount", "currency", "due", "email", "description")
    low = reply.text.low
    where = terms.terms(low)[1]
    due = reply.intent == "invoice.create" and (
        (where is not None and where[0] == 0) or re.match(r"due\b|payable\b", low)
    )
    return bool(
        named(reply, *fields)
        or _ORDER.match(low)
        or (_SUM_OF.match(low) and reply.money)
        or due
        or (whom.orders(reply) and whom.recipient(reply))
        or (reply.intent == "invoice.create" and whom.address(reply))
    )


def together(reply: Reply) -> Changes:
    """The amount, its currency and the time to pay, as all clauses say them."""
    changed: dict[str, Any] = {}
    rest = reply
    if reply.intent == "invoice.create":
        days, by, where = _terms(reply)
        if days is not None:
            changed["due_days"] = days
        elif by is not None:
            changed["due_date"] = by
        rest = reply.without([where]) if where else reply
    return changed | _amount(rest)


def _terms(reply: Reply) -> tuple[int | None, date | None, Span | None]:
    """Days or a day to pay by. On an invoice a day alone ("1 December") is that too."""
    if reply.intent != "invoice.create":
        return None, None, None
    low = reply.text.low
    days, by, where = terms.due(reply.context, 0, len(low))
    if where is not None:
        return days, by, where
    match = re.search(
        r"\b(?P<n>\d{1,3}|ten|thirty|fourteen|seven|twenty|sixty)\s*(?:days?|tage|días|jours)\b"
        r"(?!\s+(?:of|von|de)\b)",
        low,
    )
    if (
        match
        and not re.search(r"\b(?:at|per|a)\s+(?:day|\d)", low)
        and len(low.split()) <= 6
        and all(match.start() <= m.start < match.end() for m in reply.money)
    ):
        count = int(match["n"]) if match["n"].isdigit() else small(match["n"])
        return count, None, match.span()
    whens = [w for w in reply.whens if w.day and not w.clock and not w.vague]
    if (
        len(whens) == 1
        and re.fullmatch(
            r"(?:make\s+(?:it|that)|by|until|on|due|not|change\s+(?:it\s+)?to|move\s+(?:it\s+)?to|"
            r"[\s,.])*",
            low[: whens[0].start],
        )
        and not low[whens[0].end :]
        .strip(" .!")
        .replace("instead", "")
        .replace("please", "")
        .strip()
    ):
        return None, whens[0].day, (whens[0].start, whens[0].end)
    return None, None, None


def _amount(reply: Reply) -> Changes:
    low = reply.text.low
    if RELATIVE.search(low):
        return {}
    total = _contrasted(reply)
    if total.value is not None:
        code = {"currency": total.currency} if total.currency else {}
        return {"amount": total.value} | code
    return {}


def _contrasted(reply: Reply) -> Sum:
    """The sum asked for; of "from 2400 to 2600" the second."""
    low, money = reply.text.low, reply.money
    if (
        len(money) == 2
        and re.search(r"\bfrom\s*$", low[: money[0].start])
        and re.fullmatch(r"\s*to\s*", low[money[0].end : money[1].start])
    ):
        return Sum(money[1].value, money[1].currency)
    return decide(low, money, language=reply.text.language) if money else NOTHING


def _currency_alone(reply: Reply, *, only: bool) -> str | None:
    match = _CURRENCY.fullmatch(reply.text.low)
    # A word alone beside another change is hardly one: "2600, Bob" is no sum in bolivianos.
    if match and not match["to"] and not only:
        return None
    if not match:
        return None
    said = reply.text.raw[match.start("c") : match.end("c")]
    return currency_of(said, territory=reply.territory, own=reply.currency) or None


def _about(reply: Reply) -> str | None:
    low = reply.text.low
    match = _FOR_WHAT.match(low)
    if not match:
        return None
    start = match.start("value")
    # "for 2600" says how much, "for Helvetica AG" whom, "for the 2026 audit" what.
    said = [m for m in reply.money if m.start == start or (not m.bare and _ENDS.match(low, m.end))]
    if said or re.fullmatch(r"\d+\s*(?:days?|weeks?|tage|días|jours)\W*", low[start:]):
        return None
    value = worded(reply, start)
    name = reply.names.at(start, len(reply.text.raw), lower=False)
    if value is None or (name and name.end >= start + len(value) - 1):
        return None
    return value if set(_WORD.findall(value.lower())) - FUNCTION else None


CARD = Card(
    alone=alone,
    starts=starts,
    together=together,
    links=re.compile(r"\s+(?=(?:for|für|por|para|pour)\s)"),
)
