"""Who a lead is, a person or a company, and where they came from."""

import re

from agents.builtin.names import Name, is_company
from agents.builtin.slots.context import Context
from agents.builtin.wording import tidy

PERSON_OF = re.compile(r"(?:\s*,|\s+(?:from|at|of|von|de|bei|chez)(?!\w))\s*")
"""Between a person and their company."""
_COMPANY = re.compile(r"\b(?:them|they|company|firm|agency|business|startup|start-up|their)\b")
_SOURCE = re.compile(
    r"\b(?:from|via|through|referr(?:al|ed)\s*(?:from|by)?|recommended\s+by|"
    r"recommendation\s+(?:from|of)|introduced\s+by|intro\s+(?:from|by)|source\s*:?|found\s+(?:me|"
    r"us)\s+(?:on|via|through)|met\s+(?:\w+\s+){0,3}(?:at|on|in)|wrote\s+in\s+through|"
    r"came\s+(?:in\s+)?(?:from|via|through)|"
    r"(?:at|after|during)\s+(?=the\s|a\s|our\s|my\s|her\s|his\s)|through|(?:approached|contacted|"
    r"spoke\s+to|"
    r"talked\s+to|met)\s+(?:me|us)\s+(?:at|after|during|in|on)|über|von\s+der|aus|empfohlen\s+von|"
    r"conocid[oa]\s+en|del?\s+|por|"
    r"heard\s+(?:of|about)\s+(?:me|us)\s+(?:on|at|in|from|via|through)|"
    r"recommandé\s+par|rencontré\w*\s+(?:à|au)|saw\s+(?:us|me|my|our)|came\s+across|"
    r"reached\s+out\s+(?:on|via|through)|contacted\s+(?:me|us)\s+(?:on|via|through))\s*"
)


_SENT_BY = re.compile(
    r"\s+(?:(?:has|had|kindly|just|who)\s+)*(?:(?:recommended|referred|introduced|suggested|sent|passed|"
    r"mentioned|connected)\s+(?:me|us|him|her|them|this|it)|(?:put|brought|got)\s+us\s+(?:in|together)|"
    r"(?:made|did)\s+the\s+intro)\b"
)
""" "Lena put us in touch": by whom somebody was found."""


def source(ctx: Context, who: Name | None, company: str | None) -> str | None:
    """Where a lead came from, in the words of the message."""
    low, raw = ctx.text.low, ctx.text.raw
    for name in ctx.named(0, ctx.end):
        if (who is None or name.value != who.value) and _SENT_BY.match(low, name.end):
            return name.value
    if who is None:
        areas = [(ctx.start, ctx.end), (ctx.lead, ctx.start)]
    elif who.start >= ctx.start:
        areas = [(who.end, ctx.end), (ctx.hit.verb_end, who.start), (0, ctx.start)]
    else:
        areas = [(who.end, ctx.start), (ctx.start, ctx.end), (0, who.start)]
    for start, end in areas:
        for match in _SOURCE.finditer(low, start, end):
            name = ctx.names.at(match.end(), end, lower=False)
            whose = match.group().strip() in {"from", "at", "of", "de", "del", "von"}
            if name and whose and (name.value == company or is_company(name.value)):
                continue
            text = re.split(
                r"[.;:!?\n,()]|\s[–—-]\s|\s(?:and|then|to\s+my|to\s+the|as\s+a|is\s+a|yesterday|"
                r"last|today|this\s+morning|who|she|he|they)\b",
                raw[match.end() : end],
            )[0]
            keep = match.group().strip().startswith(("referr", "recommend", "intro", "introduced"))
            said = tidy((raw[match.start() : match.end()] if keep else "") + text)
            if said:
                return said
    return None


def split(ctx: Context, who: Name | None) -> tuple[str | None, str | None]:
    """The person and the company that a lead's name says."""
    if who is None:
        return None, None
    low = ctx.text.low
    beside = PERSON_OF.match(low, who.end, ctx.end)
    if beside and not is_company(who.value):
        org = ctx.names.at(beside.end(), ctx.end, lower=False)
        if org and (
            is_company(org.value)
            or (beside.group().strip() in {"at", "of"} and not low.startswith("the ", beside.end()))
        ):
            return who.value, org.value
        if (
            org
            and beside.group().strip() in {"from", "von", "de"}
            and not re.match(r"(?:the|a|my|our|der|dem|jonas)\b", low[beside.end() :])
            and is_company(org.value)
        ):
            return who.value, org.value
    if is_company(who.value):
        return None, who.value
    if " " in who.value and low[: who.start].endswith("the "):
        return None, who.value  # no two names of a person follow an article
    if (
        len(who.value.split()) >= 3
        and not re.search(r"\b(?:van|von|de|der|bin|al|da|la)\b", who.value.lower())
        and not re.search(r"\b(?:he|she|him|her|his)\b", low)
    ):
        return None, who.value
    them = _COMPANY.search(low[ctx.start : ctx.end])
    her = re.search(r"\b(?:he|she|him|her|his|woman|man|guy|lady)\b", low)
    if them and not her:
        return None, who.value
    return who.value, None
