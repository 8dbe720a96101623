"""What a sentence asks to see."""

import re

from agents.builtin import guards, phrases
from agents.builtin.intents import Hit


def show(low: str, start: int, end: int) -> list[Hit]:
    """Everything that a sentence asks to see, in its order."""
    text = low[start:end]
    found: list[Hit] = []
    for intent, pattern in phrases.SHOWS.items():
        if intent in phrases.ANCHORED:
            continue
        match = pattern.search(text)
        if match and not any(
            h.start < start + match.end() and start + match.start() < h.end for h in found
        ):
            found.append(
                Hit(
                    intent,
                    start + match.start(),
                    start + match.end(),
                    "show",
                    start + match.start(),
                )
            )
    return sorted(found, key=lambda h: h.start)


_SHOW_OPENER = re.compile(
    r"(?:show|tell|give|gimme|lemme|report|read|display|print|hit\s+me|run\s+me|walk\s+me|let's\s+"
    r"see|send|what|whats|how|list|get|let\s+me\s+see|any|anything|is|are|see|brief|"
    r"catch|status|digest|update|fill|pull\s+up|open|can\s+i\s+see|could\s+i\s+(?:see|get|have)|"
    r"may\s+i\s+see|i(?:'d|\s+would)?\s+(?:want|like|need|love)\s+(?:to\s+see|the|my|a|an)|need|"
    r"want|where|which|did|has|have|do\s+i|everything|anything|check|quick|daily|morning|today|"
    r"the|my|your|a|"
    r"ai|rundown|briefing|summary|recap|overview|progress|pending|approvals|costs?|spend\w*|budget|"
    r"bring|was|wie|woran|läuft|zeig|gib|qué|cómo|cuánto|muéstrame|enséñame|dame|en\s+qué|où|que|"
    r"combien|montre|donne|fais|tu|tout|est|quoi|statut|estado|stand|resumen|résumé|weekly|evening|"
    r"overnight|jobs?|queue|token|zusammenfassung|tages\w+|freigaben|welche|what's|who|ki-kosten|"
    r"end\s+of)\b"
)


def may_show(low: str, start: int, end: int, shown: list[Hit], named: bool) -> bool:
    """Whether a text that mentions ``shown`` asks to see it. ``named`` if it names anyone."""
    text = low[start:end]
    if not _SHOW_OPENER.match(text) or guards.negated(text) or guards.DOUBT.search(text):
        return False
    if re.match(
        r"(?:how\s+(?:do|does|can|would|should|to)\s+(?!(?:i|we|you|things|my|the|today)\s+(?:look|"
        r"stand|day|cost|week))|why\b|what\s+(?:is\s+an?|does|are)\s+(?!you|your|waiting|pending|"
        r"the\s+(?:costs?|approvals|jobs)))",
        text,
    ) and not re.match(
        r"(?:how\s+does\s+(?:my|the|today)|what\s+does\s+(?:my|the|today|this|it|tomorrow))", text
    ):
        return False
    # A plain sentence that only mentions the word ("the approval took ages") asks for nothing.
    if (
        re.match(r"(?:the|my|your|a|today|his|her|is|are|that)\b", text)
        and re.search(
            r"\b(?:was|were|took|came|went|looks|looked|got|sounds|seems|is\s+(?:great|nice|good|"
            r"too|very|so|bad|fine))\b",
            text,
        )
        and "?" not in text
    ):
        return False
    return not (named and shown[0].intent in {"status.show", "cost.show", "digest.show"})
