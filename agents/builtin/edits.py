"""Replies to a card: only what they change, only what is certain."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from agents.builtin.amounts import find_money
from agents.builtin.answers import understand_answer
from agents.builtin.dates import When, durations, find_whens, resolve
from agents.builtin.guards import strip_polite
from agents.builtin.intents import Hit
from agents.builtin.names import Names
from agents.builtin.phrases import ADDRESS
from agents.builtin.slots import billing, calendar
from agents.builtin.slots.context import INVOICE_NUMBER, Context, tidy
from agents.builtin.sums import Sum, decide
from agents.builtin.text import Text, prepare
from agents.builtin.understand import territory

__all__ = ["understand_answer", "understand_edit"]


_FIELDS: dict[str, tuple[str, ...]] = {
    "client": (
        "client",
        "customer",
        "recipient",
        "company",
        "bill to",
        "kunde",
        "kundin",
        "cliente",
        "client name",
    ),
    "description": (
        "description",
        "title",
        "text",
        "line",
        "item",
        "wording",
        "what for",
        "beschreibung",
        "titel",
        "concepto",
        "descripción",
        "libellé",
        "titre",
    ),
    "amount": (
        "amount",
        "price",
        "total",
        "sum",
        "fee",
        "betrag",
        "preis",
        "importe",
        "precio",
        "montant",
        "prix",
    ),
    "currency": ("currency", "währung", "moneda", "devise"),
    "due": (
        "due",
        "due date",
        "deadline",
        "terms",
        "payment terms",
        "zahlungsziel",
        "vencimiento",
        "échéance",
    ),
    "to": ("to", "recipient", "address", "an", "para", "à"),
    "subject": ("subject", "betreff", "asunto", "objet"),
    "body": ("body", "text", "message"),
    "with": ("with", "who", "guest", "attendee", "person"),
    "start": ("start", "time", "date", "when", "day", "zeit", "hora", "heure"),
    "duration": ("duration", "length", "dauer", "duración", "durée"),
    "what": ("what", "title", "text"),
    "topic": ("topic", "subject", "theme", "thema", "tema", "sujet"),
    "reason": ("reason", "because"),
    "email": ("email", "mail", "e-mail", "address"),
    "contact": ("contact", "contact person"),
    "invoice_no": ("invoice", "invoice number", "number", "no"),
}
_SETS = re.compile(
    r"(?:(?:change|set|update|make|rename|correct|fix|edit|ändere|cambia|change)\s+)?(?:the\s+|"
    r"its\s+|den\s+|die\s+|das\s+|la\s+|el\s+|le\s+|"
    r"l')?(?P<field>{fields})(?:\s+line)?\s*(?:\s+(?:to|is|should\s+(?:be|say|read)|into|as|=|zu|"
    r"auf|in|a|en|por|à|must\s+be|needs\s+to\s+be)\s+|\s*[:=]\s*)(?P<value>.+)$",
)
_NEGATION = re.compile(
    r"^(?:no+|nope|nein|non|nah|not\s+quite|almost|wrong|close|hm+|wait|sorry|actually|ah|oh|"
    r"yes\s+but|ok\s+but|but|fine\s+but|good\s+but|looks\s+good\s+but)\b[\s,.!:;–—-]*"
)
_INSTEAD = re.compile(
    r"[\s,]*\b(?:instead|rather|please|pls|stattdessen|lieber|mejor|plutôt|then)\b[\s.!]*$", re.I
)
_VAGUE = re.compile(
    r"\b(?:shorter|longer|nicer|friendlier|warmer|better|cheaper|more\s+\w+|less\s+\w+|"
    r"different(?:ly)?|rewrite|rephrase|again|maybe|perhaps|not\s+sure|don'?t\s+know|if|should|"
    r"could\s+be|think|how|why|what|who|when)\b"
)
_RELATIVE = re.compile(
    r"\b(?:\d+\s*\S{0,7}\s+(?:less|more|lower|higher|cheaper|off|extra)|(?:add|plus|minus|less|"
    r"another|extra|additional|take\s+off|knock\s+off|raise\s+(?:it\s+)?by|lower\s+(?:it\s+)?by|"
    r"reduce\s+(?:it\s+)?by|increase\s+(?:it\s+)?by)\s+\S{0,4}\d)|%|\bpercent\b"
)
"""A change relative to the card's amount, which a reply alone doesn't know."""
_TO_WHOM = re.compile(
    r"^(?:(?:please\s+)?(?:send|address|make|bill|invoice|mail|email|direct|write|book|issue|"
    r"change|switch)\s+(?:it|this|that)?\s*(?:out\s+)?(?:to|for|with|an|with|a|à)\s+|(?:it's|its|"
    r"it\s+is|this\s+is|that's|should\s+be|it\s+should\s+(?:be|go))\s+(?:to|with|for)?\s*|(?:to|"
    r"with|for|an|mit|con|avec|para|pour|für)\s+|client\s*:?\s*)"
)
_FOR_WHAT = re.compile(
    r"^(?:(?:it's|its|it\s+is|that's|this\s+is|it\s+was|should\s+be|make\s+(?:it|that)|bill\s+it|"
    r"put)\s+)?(?:for|as|für|por|para|pour|about)\s+(?P<value>.+)$"
)
_SAY_INSTEAD = re.compile(
    r"^(?:say|write|put|use|make\s+it|it\s+should\s+(?:say|be|read)|should\s+say|have\s+it\s+say|"
    r"schreib|pon|mets)?\s*(?P<new>.+?)\s+(?:instead\s+of|rather\s+than|not|statt|anstatt|"
    r"en\s+vez\s+de|en\s+lugar\s+de|au\s+lieu\s+de)\s+(?P<old>.+)$",
    re.I,
)
_REPLACE = re.compile(
    r"^(?:replace|change|swap|switch|ersetze|cambia|reemplaza|remplace)\s+(?P<old>.+?)\s+(?:with|"
    r"by|to|for|into|durch|por|par)\s+(?P<new>.+)$",
    re.I,
)
_APPEND = re.compile(
    r"^(?:and\s+|also\s+|please\s+)*(?:add|append|mention|include|tell\s+(?:him|her|"
    r"them)(?:\s+also)?|say\s+also|also\s+say|füg(?:e)?\s+hinzu|ergänze|añade|agrega|"
    r"ajoute)(?:\s+(?:that|also|a\s+(?:line|sentence|note|ps|p\.s\.)\s+(?:that|saying|about)|dass|"
    r"que|to\s+(?:it|the\s+end)))*\s*:?\s*(?P<text>.+)$",
    re.I,
)


def understand_edit(
    text: str,
    *,
    intent: str,
    now: datetime,
    zone: ZoneInfo,
    currency: str = "EUR",
    names: Sequence[str] = (),
    current: datetime | None = None,
) -> dict[str, Any]:
    """The slots of ``intent`` that a reply changes, with their values; {} when none for certain.

    For ``email.write`` besides its slots: ``subject``, ``body_replace`` (old, new) and ``append``.
    ``current`` is the card's ``start`` or ``at`` (local wall time): a time alone keeps its day, a
    day alone its time, "an hour later" counts from it. Without it these change nothing.
    """
    prepared = prepare(text)
    raw = prepared.raw.strip()
    if not raw or len(raw) > 2000:
        return {}
    begin, _ = strip_polite(prepared.low, 0, len(prepared.low))
    body = prepared.raw[begin:].strip() or raw
    body = _NEGATION.sub("", body) if not _NEGATION.fullmatch(body) else ""
    lowered = _NEGATION.match(body.lower())
    if lowered:
        body = body[lowered.end() :]
    begin, _ = strip_polite(body.lower(), 0, len(body))
    body = body[begin:] or body
    if not body.strip():
        return {}
    reader = _Reader(prepare(body), intent, now, zone, names, current, currency)
    return reader.read()


_PLAIN: dict[str, tuple[str, ...]] = {
    "invoice.remind": ("client", "invoice_no"),
    "client.onboard": ("client", "contact", "email"),
    "lead.add": ("email",),
    "content.write": ("topic",),
    "content.plan": ("topic",),
}
"""What can be changed on the cards with few slots."""


class _Reader:
    """One reply to one card."""

    def __init__(
        self,
        text: Text,
        intent: str,
        now: datetime,
        zone: ZoneInfo,
        names: Sequence[str],
        current: datetime | None,
        currency: str,
    ) -> None:
        self.currency = currency
        self.text, self.intent, self.now, self.zone = text, intent, now, zone
        self.current = current
        self.names = Names(text, names)
        hit = Hit(intent, 0, 0, "fact", 0)
        length = len(text.raw)
        self.ctx = Context(
            text,
            self.names,
            hit,
            0,
            length,
            length,
            0,
            now,
            zone,
            currency,
            (),
            territory(zone.key),
        )

    def read(self) -> dict[str, Any]:
        match self.intent:
            case "invoice.create" | "refund.issue" | "payment.record":
                return self._money_card()
            case "meeting.schedule":
                return self._meeting()
            case "reminder.set":
                return self._reminder()
            case "email.write":
                return self._mail()
            case _:
                return self._plain()

    def _field(self, *fields: str) -> tuple[str, str] | None:
        """A field named outright ("title: …", "change the amount to …") and its new value."""
        options = sorted(
            ((name, f) for f in fields for name in _FIELDS[f]), key=lambda o: -len(o[0])
        )
        pattern = _SETS.pattern.replace(
            "{fields}", "|".join(re.escape(name) for name, _ in options)
        )
        match = re.match(pattern, self.text.low, re.S)
        if not match:
            return None
        value = tidy(_INSTEAD.sub("", self.text.raw[match.start("value") : match.end("value")]))
        if value is None:
            return None
        field = next(f for name, f in options if name == match["field"])
        return field, value

    def _money_card(self) -> dict[str, Any]:
        named = self._field(
            "client", "description", "amount", "currency", "due", "reason", "invoice_no"
        )
        who_slot = "to" if self.intent == "refund.issue" else "client"
        about_slot = {"invoice.create": "description", "refund.issue": "reason"}.get(self.intent)
        if named:
            field, value = named
            if field in {"description", "reason"}:
                return {about_slot: value} if about_slot else {}
            if field == "client":
                name = self._name(value)
                return {who_slot: name} if name else {}
            if field == "invoice_no" and self.intent == "payment.record":
                number = INVOICE_NUMBER.search(f"invoice {value}")
                return {"invoice_no": value.lstrip("#")} if number else {}
            if field == "amount":
                return self._amount_only()
        changed: dict[str, Any] = {}
        if self.intent == "invoice.create":
            days, by, where = billing.due(self.ctx, 0, len(self.text.low))
            if where is None:
                where, days, by = self._bare_due()
            if days is not None:
                changed["due_days"] = days
            elif by is not None:
                changed["due_date"] = by
        else:
            where = None
        rest = self.text if where is None else Text(_blank(self.text.raw, where))
        changed.update(self._amount(rest))
        if not changed and about_slot:
            about = self._about(rest)
            if about:
                changed[about_slot] = about
        if not any(k in changed for k in ("amount", "description", "reason")):
            who = self._recipient(rest)
            if who:
                changed.pop(about_slot or "", None)
                changed[who_slot] = who
        return changed

    def _amount_only(self) -> dict[str, Any]:
        return self._amount(self.text)

    def _amount(self, text: Text) -> dict[str, Any]:
        whens = [
            (w.start, w.end) for w in find_whens(text.low, self.now, self.zone) if w.day or w.clock
        ]
        money = find_money(
            text.raw,
            text.low,
            taken=whens,
            language=text.language,
            territory=territory(self.zone.key),
            own=self.currency,
        )
        total = _contrast(text.low, money) or decide(text.low, money, language=text.language)
        changed: dict[str, Any] = {}
        if _RELATIVE.search(text.low):
            return {}
        if total.value is not None and not _VAGUE.search(
            re.sub(r"make it|should be", "", text.low)
        ):
            changed["amount"] = total.value
            if total.currency:
                changed["currency"] = total.currency
        elif not money:
            code = _currency_alone(text, territory(self.zone.key), self.currency)
            if code:
                changed["currency"] = code
        return changed

    def _bare_due(self) -> tuple[tuple[int, int] | None, int | None, Any]:
        """ "in 10 days", "1 December": on an invoice a day alone is the day to pay by."""
        low = self.text.low
        days = re.search(
            r"\b(?P<n>\d{1,3}|ten|thirty|fourteen|seven|twenty|sixty)\s*(?:days?|tage|días|"
            r"jours)\b",
            low,
        )
        if (
            days
            and not re.search(r"\b(?:at|per|a)\s+(?:day|\d)", low)
            and len(low.split()) <= 6
            and not find_money(self.text.raw, low, taken=[days.span()])
        ):
            count = int(days["n"]) if days["n"].isdigit() else billing.small(days["n"])
            return days.span(), count, None
        whens = [w for w in self.ctx.whens if w.day and not w.clock and not w.vague]
        if (
            len(whens) == 1
            and re.fullmatch(
                r"(?:make\s+(?:it|that)|by|until|on|due|not|change\s+(?:it\s+)?to|"
                r"move\s+(?:it\s+)?to|[\s,.])*",
                low[: whens[0].start],
            )
            and not low[whens[0].end :]
            .strip(" .!")
            .replace("instead", "")
            .replace("please", "")
            .strip()
        ):
            return (whens[0].start, whens[0].end), None, whens[0].day
        return None, None, None

    def _about(self, text: Text) -> str | None:
        match = _FOR_WHAT.match(text.low)
        if not match:
            return None
        value = tidy(_INSTEAD.sub("", text.raw[match.start("value") : match.end("value")]))
        if value is None or _VAGUE.search(value.lower()):
            return None
        name = self.names.at(match.start("value"), len(text.raw), lower=False)
        # "for Helvetica AG" names whom, "for the logo" what.
        if name and name.end >= match.start("value") + len(value) - 1:
            return None
        return value

    def _recipient(self, text: Text) -> str | None:
        match = _TO_WHOM.match(text.low)
        start = match.end() if match else 0
        end = len(_INSTEAD.sub("", text.raw).rstrip(" .!"))
        if start >= end:
            return None
        address = ADDRESS.search(text.raw, start, end)
        if address and self.intent == "email.write":
            return address.group().rstrip(".")
        own = Names(text, self.names.known)
        name = own.several(start, end)
        if (
            name is None
            or text.raw[name.end : end].strip(" .,!")
            or (not match and not name.value[:1].isupper())
        ):
            return None
        if not match and len(text.raw.split()) > 5:
            return None
        return name.value

    def _name(self, value: str) -> str | None:
        text = prepare(value)
        name = Names(text, self.names.known).at(0, len(text.raw))
        if name is None:
            return None
        return name.value if not text.raw[name.end :].strip(" .,!") else value

    def _meeting(self) -> dict[str, Any]:
        changed: dict[str, Any] = {}
        named = self._field("with")
        if named:
            name = self._name(named[1])
            return {"with": name} if name else {}
        low = self.text.low
        whens = _wanted(low, [w for w in self.ctx.whens if not w.past])
        when = calendar.one_of(whens)
        if when and when.vague and not when.day:
            when = None
        if when is not None and not _VAGUE.search(_INSTEAD.sub("", low).replace("if possible", "")):
            start = self._moment(when)
            if start is not None:
                changed["start"] = start
            if when.minutes:
                changed["duration_min"] = when.minutes
        spells = [
            m
            for s, e, m in durations(low)
            if not any(w.start < e and s < w.end for w in self.ctx.whens)
        ]
        if len(spells) == 1 and not re.search(
            r"\b(?:later|earlier|longer|shorter|after|before)\b", low
        ):
            changed["duration_min"] = spells[0]
        shifted = self._shifted()
        if shifted is not None:
            return {"start": shifted}
        if not changed:
            who = self._recipient(self.text)
            if who:
                changed["with"] = who
        return changed

    def _reminder(self) -> dict[str, Any]:
        named = self._field("what")
        if named:
            return {"what": named[1]}
        shifted = self._shifted()
        if shifted is not None:
            return {"at": shifted}
        whens = _wanted(self.text.low, [w for w in self.ctx.whens if not w.past])
        when = calendar.one_of(whens)
        if when is None or _VAGUE.search(self.text.low):
            match = re.match(r"(?:to|that|about|it's\s+(?:to|about))\s+(?P<v>.+)$", self.text.low)
            value = (
                tidy(_INSTEAD.sub("", self.text.raw[match.start("v") :]))
                if match and when is None
                else None
            )
            return {"what": value} if value else {}
        at = self._moment(when)
        return {} if at is None else {"at": at}

    def _moment(self, when: When) -> datetime | None:
        """What ``when`` makes of the card's moment."""
        if when.moment or (when.day and when.clock):
            return resolve(when, self.now, self.zone)
        if self.current is None:
            return None
        if when.clock is None:
            return datetime.combine(when.day, self.current.time()) if when.day else None
        day = self.current.date()
        moment = resolve(replace(when, day=day), datetime.min.replace(tzinfo=UTC), self.zone)
        evening = when.clock.open and when.part is None and self.current.hour >= 18
        if moment is not None and evening and 6 <= moment.hour < 12 and not when.zone:
            moment += timedelta(hours=12)
        return moment

    def _shifted(self) -> datetime | None:
        """ "half an hour later": the card's moment moved."""
        way = re.search(r"\b(?P<later>later|further\s+back)\b|\bearlier\b", self.text.low)
        spells = durations(self.text.low)
        if self.current is None or way is None or len(spells) != 1 or self.ctx.whens:
            return None
        return self.current + timedelta(minutes=spells[0][2] * (1 if way["later"] else -1))

    def _mail(self) -> dict[str, Any]:
        raw = self.text.raw.strip()
        named = self._field("to", "subject")
        if named:
            if named[0] == "subject":
                return {"subject": named[1]}
            address = ADDRESS.search(named[1])
            name = address.group() if address else self._name(named[1])
            return {"to": name} if name else {}
        appended = _APPEND.match(raw)
        if (
            appended
            and tidy(appended["text"])
            and not re.fullmatch(
                r"(?:more\s+\w+|something|it|that|a\s+joke|details?)",
                appended["text"].strip(" .").lower(),
            )
        ):
            return {"append": tidy(appended["text"])}
        replaced = _REPLACE.match(raw) or _SAY_INSTEAD.match(raw)
        if replaced:
            old, new = tidy(_bare_words(replaced["old"])), tidy(_bare_words(replaced["new"]))
            whom = _TO_WHOM.match(replaced["new"].lower())
            if whom and replaced["new"].lower().startswith(("send", "to ", "write to", "mail")):
                name = self._name(replaced["new"][whom.end() :])
                return {"to": name} if name else {}
            if old and new and len(old.split()) <= 12 and len(new.split()) <= 30:
                return {"body_replace": (old, new)}
        about = re.match(
            r"(?:it's|its|make\s+it|it\s+should\s+be)\s+about\s+(?P<v>.+)$", self.text.low
        )
        if about:
            value = tidy(_INSTEAD.sub("", self.text.raw[about.start("v") :]))
            return {"about": value} if value else {}
        if _TO_WHOM.match(self.text.low) or ADDRESS.fullmatch(raw.rstrip(".")):
            who = self._recipient(self.text)
            return {"to": who} if who else {}
        return {}

    def _plain(self) -> dict[str, Any]:
        """Cards with few slots: only a field named outright changes anything."""
        slots = _PLAIN.get(self.intent, ())
        named = self._field(*slots) if slots else None
        if named is None:
            return {}
        field, value = named
        if field == "email":
            address = ADDRESS.search(value)
            return {"email": address.group().rstrip(".")} if address else {}
        if field in {"client", "contact"}:
            name = self._name(value)
            return {field: name} if name else {}
        return {field: value}


def _contrast(low: str, money: list[Any]) -> Sum | None:
    """ "from 2400 to 2600": the second is meant."""
    if (
        len(money) == 2
        and re.search(r"\bfrom\s*$", low[: money[0].start])
        and re.fullmatch(r"\s*to\s*", low[money[0].end : money[1].start])
    ):
        return Sum(money[1].value, money[1].currency)
    return None


def _wanted(low: str, whens: list[When]) -> list[When]:
    """The moments without those that the reply sets aside ("Wednesday instead of Tuesday")."""
    return [
        w
        for w in whens
        if not re.search(
            r"\b(?:not|from|instead\s+of|rather\s+than|nicht|statt|no)\s+(?:on\s+|at\s+)?$",
            low[: w.start],
        )
    ]


def _currency_alone(text: Text, territory_: str | None, own: str) -> str | None:
    from agents.builtin.currencies import currency_of

    match = re.fullmatch(
        r"(?:in|make\s+(?:it|that)|it's|its|should\s+be|use|in\s+|change\s+(?:it\s+)?to|"
        r"\s)*\s*(?P<c>[^\d]{1,20}?)(?:\s+(?:instead|please|not\s+\w+))*[.!]*",
        text.low.strip(),
    )
    if not match:
        return None
    at = text.low.index(match["c"])
    return currency_of(text.raw[at : at + len(match["c"])], territory=territory_, own=own) or None


def _bare_words(value: str) -> str:
    return re.sub(
        r"^(?:the\s+word\s+|the\s+part\s+about\s+|from\s+)",
        "",
        value.strip().strip("\"'."),
        flags=re.I,
    ).strip("\"'")


def _blank(raw: str, span: tuple[int, int]) -> str:
    return raw[: span[0]] + " " * (span[1] - span[0]) + raw[span[1] :]
