"""Slots of new clients and leads, and of mail."""

import re
from typing import Any

from agents.builtin.names import Name, is_company
from agents.builtin.slots.context import Context
from agents.builtin.slots.leads import PERSON_OF, source, split
from agents.builtin.wording import tidy

_CONTACT = re.compile(
    r"\b(?:(?:(?:my|the|our|their|main|key)\s+)*contact(?:\s+(?:person|there|is|name|of\s+theirs))*|ansprechpartner(?:in)?(?:\s+ist)?|"
    r"(?:my|the|our)\s+(?:person|contact)(?:\s+there)?(?:\s+is)?|ask\s+for|speak\s+to|talk\s+to|"
    r"reach|attn|c/o|contacto(?:\s+es)?|interlocut\w+)\s*(?:is|:|,|=|there|would\s+be|ist|"
    r"es)?\s*(?:is\s+)?"
)
_IS_CONTACT = re.compile(
    r"\s+(?:is|will\s+be|as)\s+(?:my|the|our|their)?\s*(?:(?:main|point\s+of|key)\s+)?(?:person|"
    r"contact|guy|woman|man)\b|\s+is\s+(?:who|the\s+one)|\s+from\s+there"
)
_BROUGHT_BY = re.compile(r"\b(?:in|at|on|via|through|near|during|after)\s+(?:\w+\s+){0,3}$")
"""After these words a name says where somebody was met, not who it was."""
_TELLS = re.compile(
    r"\s+(?:said|says|told|tells|mentioned|thinks|recommended|suggested|introduced|referred|sent|"
    r"put\s+us)\b"
)


def _kept(ctx: Context, found: list[Name]) -> list[Name]:
    return [n for n in found if "@" not in n.value]


def client_onboard(ctx: Context) -> dict[str, Any]:
    """Slots of client.onboard."""
    low = ctx.text.low
    contact, contact_span = _contact(ctx)
    client: Name | None = None
    if ctx.hit.form == "verb":
        if ctx.pronoun_at(ctx.hit.end):
            client = ctx.antecedent()
        else:
            skip = re.compile(
                r"\s*(?:(?:for|of|with|our|my|the(?=\s+(?:new|latest|client|customer)\b)|a|an|new|"
                r"client|customer|latest|up|on|als)\b[\s:,]*)*"
            ).match(low, ctx.hit.end, ctx.end)
            client = ctx.names.at(skip.end() if skip else ctx.hit.end, ctx.end)
    if (
        client is None
        or "@" in client.value
        or (contact_span and client.start >= contact_span[0] and client.end <= contact_span[1])
    ):
        client = None
        found = [
            n
            for n in _kept(ctx, ctx.named(ctx.hit.start, ctx.end))
            if not contact_span or not contact_span[0] <= n.start < contact_span[1]
        ]
        client = found[0] if found else None
    if client is None:
        lead = re.compile(r"\s*(?:new\s+)?(?:client|customer|kunde|cliente)?\s*[:,–—-]\s*").match(
            low, ctx.hit.end, ctx.end
        )
        client = ctx.names.at(lead.end(), ctx.end) if lead else None
    if client is None:
        earlier = [
            n
            for n in _kept(ctx, ctx.named(0, ctx.hit.start))
            if not contact_span or not contact_span[0] <= n.start < contact_span[1]
        ]
        client = earlier[-1] if earlier else None
    if client and not contact and (of := PERSON_OF.match(low, client.end, ctx.end)):
        # "onboard Ana Lopez from Acme GmbH": the person is the contact.
        org = ctx.names.at(of.end(), ctx.end, lower=False)
        if (
            org
            and (
                is_company(org.value)
                or of.group().strip() in {"from", "at", "von", "de", "bei", "of"}
            )
            and not is_company(client.value)
        ):
            contact, client = client.value, org
    email = ctx.address(0 if ctx.start == 0 else ctx.start, ctx.end) or ctx.address(0, ctx.end)
    return {"client": client.value if client else None, "contact": contact, "email": email}


def _contact(ctx: Context) -> tuple[str | None, tuple[int, int] | None]:
    low = ctx.text.low
    for match in _CONTACT.finditer(low, ctx.start, ctx.end):
        name = ctx.names.at(match.end(), ctx.end, lower=True)
        if name and "@" not in name.value:
            return name.value, (name.start, name.end)
    for name in ctx.named(ctx.start, ctx.end):
        if _IS_CONTACT.match(low, name.end, ctx.end):
            return name.value, (name.start, name.end)
    return None, None


def lead_add(ctx: Context) -> dict[str, Any]:
    """Slots of lead.add."""
    low = ctx.text.low
    who: Name | None = None
    if ctx.hit.form in {"verb", "object"} and ctx.pronoun_at(ctx.hit.verb_end):
        who = ctx.antecedent()
        if who and _TELLS.match(low, who.end):
            # "Ida referred me to Ben, put him down": who tells of somebody isn't the lead.
            told = [
                n for n in _kept(ctx, ctx.named(who.end, ctx.hit.start)) if n.value != who.value
            ]
            who = told[0] if len(told) == 1 else who
    else:
        skip = re.compile(
            r"\s*(?:(?:a|an|the|new|lead|for|called|named|is|prospect|contact|woman|man|guy|as|"
            r"warm|hot)\b\s*)*[:,–—-]?\s*"
        ).match(low, ctx.hit.verb_end if ctx.hit.form != "noun" else ctx.hit.end, ctx.end)
        who = ctx.names.at(skip.end() if skip else ctx.hit.end, ctx.end)
    if who is None or "@" in who.value:
        listed = re.compile(r"[^:.;!?\n]*:\s*").match(low, ctx.hit.end, ctx.end)
        who = ctx.names.at(listed.end(), ctx.end) if listed else None
    if who is None or "@" in who.value:
        found = _kept(ctx, ctx.named(ctx.start, ctx.end)) or _kept(ctx, ctx.named(0, ctx.start))
        found = [
            n
            for n in found
            if not _BROUGHT_BY.search(low[: n.start]) and not _TELLS.match(low, n.end)
        ]
        who = found[0] if found else None
    person, company = split(ctx, who)
    return {
        "name": person,
        "company": company,
        "email": ctx.address(ctx.start, ctx.end) or ctx.address(0, ctx.end),
        "source": source(ctx, who, company),
    }


_ABOUT = re.compile(
    r"^(?:[\s,;:–—.-]|\b(?:that|about|saying|regarding|concerning|re|to\s+say(?:\s+that)?|"
    r"to\s+tell\s+(?:him|her|them)(?:\s+that)?|and\s+(?:say|tell\s+(?:him|her|them)|let\s+(?:him|"
    r"her|them)\s+know|ask(?:\s+(?:him|her|them|for|if|whether|about))*|explain|"
    r"mention)(?:\s+that)?|to\s+ask(?:\s+(?:him|her|them|about|for|if|whether))*|to\s+let\s+(?:him|"
    r"her|them)\s+know(?:\s+that)?|from\s+(?:me|us)\b|"
    r"know(?:\s+(?:that|about))?|by\s+(?:e-?)?mail|whether|if|dass|über|wegen|bescheid|que|sobre|"
    r"para\s+decirle\s+que|diciendo\s+que|pour\s+(?:lui\s+)?dire\s+que|telling\s+(?:him|her|"
    r"them)(?:\s+that)?|asking(?:\s+(?:for|if|whether|about))*|back|on|a\s+(?:quick\s+|"
    r"short\s+)?(?:mail|email|line|message|note|reply)|an\s+(?:email|e-mail)|for\s+(?!the\b|his\b|"
    r"her\b|their\b|a\b)|please|pls|with|of|explaining(?:\s+that)?|informing\s+(?:him|her|"
    r"them))\b)+",
    re.I,
)
_REMINDER = re.compile(r"(?:an?|the)\s+(?:\w+\s+)?(?:reminder|nudge)", re.I)
_EMAIL_TO = re.compile(r"\b(?:to|an|a|à|für|for)\s+")
_TWO = re.compile(r"\s(?:and|und|y|et|&)\s|,")
_NOT_TO = re.compile(
    r"\b(?:to|a|à)\s+(?:say|tell|ask|let|inform|explain|thank|apologi[sz]e|confirm|remind|"
    r"the\s+effect|see|be|come|send)\b"
)


_ONLY_TO = re.compile(
    r"(?:(?:an?|another|the)\s+)?(?:\w+\s+)?(?:(?:e-?mail|mail|message|note|letter|line)\s+)?"
    r"(?:out\s+)?(?:to|for)\s+(?:(?:mr|mrs|ms|dr)\.?\s+)?▢\W*"
)
""" "Send an email to Ida" says nothing of what it should say."""


def email_write(ctx: Context) -> dict[str, Any]:
    """Slots of email.write."""
    low, hit = ctx.text.low, ctx.hit
    verb = low[hit.start : hit.end]
    who: Name | None = None
    begin = hit.end
    keep_noun = bool(re.search(r"\b(?:apology|thank-you)$", verb))
    if hit.form == "verb":
        at = re.compile(
            r"\s*(?:back\s+)?(?:(?:by|via|per|par|por)\s+(?:e-?mail|mail|message|text|correo|courriel)\s+)?"
            r"(?:to\s+(?!(?:say|tell|ask|let)\b)|à\s+|a\s+|an\s+|with\s+)?(?:both\s+(?!of\b))?"
        ).match(low, hit.end, ctx.end)
        position = at.end() if at else hit.end
        if ctx.text.language == "en" and at and at.group().split()[-1:] == ["a"]:
            position = hit.end  # an article: "send a copy of it to Ida"
        if ctx.pronoun_at(hit.end):
            who = ctx.antecedent()
            pronoun = re.compile(
                r"\s*(?:back\s+)?(?:to\s+|à\s+|with\s+)?(?:(?:both|all|each)\s+of\s+)?['\w]+"
            ).match(low, hit.end, ctx.end)
            begin = pronoun.end() if pronoun else hit.end
            both = "both of" in low[hit.end : begin]
            who = None if both and who and not _TWO.search(who.value) else who
        else:
            who = ctx.names.several(position, ctx.end)
            if who and verb.startswith(("forward", "send")) and low[: who.end].endswith("'s"):
                who = None  # "Forward Rob's message to Kim"
            if who is None:
                who, begin = _send_to(ctx, position)
            else:
                begin = who.end
    else:
        inside = low[hit.verb_end : hit.end]
        if ctx.pronoun_at(hit.verb_end) and not inside.startswith((" me ", " us ")):
            who = ctx.antecedent()
        else:
            who = ctx.names.several(hit.verb_end, hit.end)
        begin = hit.end
        if who is None:
            who, begin = _send_to(ctx, hit.verb_end, hit.end)
        if keep_noun:
            begin = (
                low.rfind(" an ", 0, hit.end) if " an " in low[hit.start : hit.end] else hit.start
            )
            begin = max(begin, hit.verb_end)
    if who is None and hit.form == "object" and hit.start > ctx.start:
        awaiting = ctx.named(ctx.start, hit.start)
        who = awaiting[0] if len(awaiting) == 1 else None
    if who is not None and who.value.lower() in {"the", ""}:
        who = None
    about = _about(ctx, begin, ctx.end)
    if about and who and _ONLY_TO.fullmatch(about.lower().replace(who.value.lower(), "▢")):
        about = None
    if ctx.lead < ctx.start and about and _REMINDER.fullmatch(about):
        about = tidy(ctx.text.raw[ctx.lead : ctx.start])
    return {"to": who.value if who else None, "about": about}


def _send_to(ctx: Context, position: int, resume: int | None = None) -> tuple[Name | None, int]:
    """A recipient further on: "send the contract to Ana", "a mail to Ana"."""
    low = ctx.text.low
    for match in _EMAIL_TO.finditer(low, position, ctx.own_end):
        if ctx.text.language == "en" and match.group().strip() in {"a", "an", "à"}:
            continue  # articles there, and no "to"
        if _NOT_TO.match(low, match.start()) or re.search(
            r"\b(?:that|saying|about|whether|because|to\s+(?:say|tell|ask|let)|:)\s",
            low[ctx.hit.end : match.start()],
        ):
            continue
        if ctx.pronoun_at(match.end()):
            ended = re.compile(r"\w+").match(low, match.end())
            return ctx.antecedent(match.end()), ended.end() if ended else match.end()
        name = ctx.names.several(match.end(), ctx.own_end)
        if name and not any(w.start < name.end and name.start < w.end for w in ctx.whens):
            tail = ctx.text.raw[name.end : ctx.end].strip(" .,!?")
            return name, name.end if (tail and resume is not None) or (
                _ABOUT.match(ctx.text.raw[name.end : ctx.end]) and tail
            ) else position if resume is None else name.end
    return None, resume if resume is not None else position


def _about(ctx: Context, begin: int, end: int) -> str | None:
    text = ctx.text.raw[begin:end]
    rest = re.sub(r"^\s*for\s+(?:me|us)\b", "", text)
    rest = _ABOUT.sub("", rest)
    if re.fullmatch(
        r"[\s,.!?]*(?:for\s+me|please|pls|would\s+you|today|now|tomorrow|asap|soon|too|later|"
        r"this\s+(?:morning|afternoon|week)|again|immediately|first\s+thing|right\s+away|quickly|"
        r"back|will\s+you|can\s+you|ok|(?:in|auf|en)\s+(?:english|german|french|spanish|dutch|"
        r"italian|deutsch|englisch|inglés|français|anglais|español))*(?:[\s,.!?]+(?:would\s+you|please|pls|thanks|"
        r"for\s+me))*[\s,.!?]*",
        rest,
        re.I,
    ):
        return None
    return tidy(rest)
