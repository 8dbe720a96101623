"""What plain sentences and questions ask for, without an order."""

import re
from dataclasses import replace

from agents.builtin.intents import Hit, intent_of

_PAID = re.compile(
    r"\b(?:(?:has|have|had|just|finally|also|now|'s|already|today)\s+)*(?:paid|payed|settled|"
    r"transferred|wired|remitted|cleared|sent\s+over\s+(?=[^.;]{0,12}\d)|sent\s+(?:us\s+|"
    r"me\s+)?(?:the\s+money|(?:\S{0,3})\d|(?:the|his|her|their)\s+[€$£₹]?\d[\d.,]*(?=\s*(?:$|"
    r"[,.;!€$£₹]|for\b|"
    r"euros?|eur|dollars?|pounds?|quid|bucks|today|yesterday|over|by|this)))|"
    r"(?!quoted|charged|offered|billed|invoiced|asked|owed|promised|refunded|reminded|told|showed|"
    r"emailed|mailed|"
    r"texted|called)\w+(?:'d|ed)\s+(?:me|us)(?=\s+(?:the\s+|her\s+|his\s+|their\s+|another\s+"
    r")?[€$£₹]?\s?\d)|"
    r"(?:gave|handed|slipped|sent)\s+(?:me|us)(?=\s+[€$£₹]?\s?\d|\s+an?\s+(?:check|cheque)\b)|"
    r"bezahlt|überwiesen|gezahlt|beglichen|pagó|pagado|ha\s+pagado|transferido|transfirió|abonado|"
    r"payé|réglé|viré|versé)\b"
)

_RECEIVED = re.compile(
    r"(?:(?:we|i)(?:'ve|\s+have)?\s+)(?:just\s+|now\s+|finally\s+)?(?:received|got(?!\s+\w+ed\b)|"
    r"been\s+paid)\b(?=.{0,40}\d)"
    r"(?=.{0,60}\b(?:from|off|by)\s)(?!.{0,20}\b(?:e-?mails?|orders?|questions?|requests?|invoice|"
    r"bill|offer|quote)\b)"
)
""" "We have received 500 from Ana"."""
_OWN_PAYMENT = re.compile(
    r"(?:just\s+|finally\s+)?(?:paid|transferred|settled|wired)\s+(?:(?:for\s+)?(?:the|my|our|an?|his|"
    r"her|their)\s|(?:[€$£₹]\s?)?\d[\d.,]*\s*(?:[€$£₹]|[a-z]{3,7})?\s+(?:to(?!\s+(?:me|us)\b)|for)\s)"
)
""" "Paid the electricity bill": what the operator did."""
_NO_MONEY = re.compile(
    r"\s+(?:(?:me|us|you|him|her|them|it)\s+)?(?:(?:an?|another)\s+(?:\w+\s+)?(?:compliment|visit|"
    r"call|tribute)|(?:\w+\s+)?attention|heed|homage|lip\s+service|(?:my|his|her|their)\s+"
    r"(?:last\s+)?respects?)\b"
)
""" "Paid me a compliment": what is paid without money."""
_CAME_IN = re.compile(
    r"\b(?:came\s+in|come\s+in|arrived|landed|has\s+arrived|hit\s+(?:the|my|our)\s+(?:account|"
    r"bank)|is\s+in|eingegangen|han?\s+(?:llegado|entrado)|entró|est\s+arrivé|sont\s+arrivés|"
    r"are\s+in|just\s+in|"
    r"in\s+the\s+(?:bank|account))\b"
)

UNPAID = re.compile(
    r"\b(?:supposedly|apparently|allegedly|hopefully|maybe|perhaps|probably|might|may|seems?|think|"
    r"not|n't|never|hasn't|haven't|hasnt|didn't|yet\s+to|will|'ll|would|should|going\s+to|"
    r"to\s+be|can|could|supposed|must|wants?\s+to|if|when|once|until|unless|nicht|noch|no\s+ha|"
    r"n'a\s+pas|always|usually|never|i|we|to\s+get|get|getting|being|be|says?|said|claims?|thinks?|"
    r"promised?|how|who|why|has\s+anyone|i've|we've|ich|wir|yo|j'ai|nobody|none|nothing|if\s+they|"
    r"waiting)\b"
)
"""With these a report of a payment is none: it is hoped for, denied, asked, or somebody's word."""

_GETS_BACK = re.compile(
    r"\b(?P<back>(?:gets?|get|should\s+get|is\s+getting|receives?|is\s+owed|is\s+due|bekommt|kriegt|recibe|"
    r"récupère))\s+(?=[^.;!?\n]{1,60}\b(?:(?<!\bthe )back|refund(?:ed)?|zurück|de\s+vuelta|"
    r"erstattet)\b)"
)

_GOES_BACK = re.compile(
    r"(?:\d[^.;!?\n]{0,40}?\b)(?P<back>go(?:es)?\s+back(?=\s+to\s+(?!me\b|us\b)))"
)
""" "Half of the 140 goes back to Ida"."""

_UNSURE = re.compile(r"(?:\b(?:may|might|could|would|not|never)|n't)\s+$")
_OF_VALUE = re.compile(
    r"\d[^.;!?]*\b(?:back|zurück|vuelta)\b|\b(?:back|zurück|vuelta)\s+(?:\w+\s+){0,3}?(?:[€$£₹]\s?)?\d+"
    r"(?![\d.]*\.?\s*(?:[ap]m|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|[:h.]\d))|\brefund|erstattet|"
    r"\b(?:half|third|money|cash|fees?|deposit|payment|price|amount|costs?|rest|difference|everything|"
    r"all|percent|hundred|geld|anzahlung|gebühr|betrag|dinero|depósito|argent|acompte|caution)\b|%"
)
""" "Ida gets her keys back" is no refund."""

_NEEDS = re.compile(
    r"\bneeds?\s+(?:to\s+be\s+)?(?:(?P<remind>chasing(?:\s+up)?|chased(?:\s+up)?|dunning)|"
    r"(?P<invoice>billing|billed|invoicing|invoiced)|(?P<refund>refunding|refunded|reimbursing))\b"
)
""" "Bo needs invoicing, 40": to whom it is to be done stands before it."""

_GETS_INVOICE = re.compile(
    r"\b(?:is\s+the\s+(?:one|person|company|client)\s+(?:who|that|which)\s+)?(?:gets?|should\s+get|is\s+to\s+get|needs?|is\s+due|bekommt|kriegt|braucht|necesita|"
    r"a\s+besoin\s+d'une)\s+(?=(?:an?|the|another|one|their|his|her|eine|una|une|new|"
    r"a\s+new)\s+(?:\w+\s+)?(?:invoice|bill|rechnung|factura|facture)\b)|"
    r"\bis\s+the\s+(?:one|person|company|client)\s+to\s+(?:bill|invoice)\b|"
    r"\b(?:invoice|bill|rechnung|factura|facture)\s+(?:can|may|should|must|has\s+to|needs\s+to|"
    r"is\s+to)\s+(?:now\s+|"
    r"finally\s+)?(?:go\s+out|be\s+(?:sent|issued|raised|written))\b"
)

_GETS_MAIL = re.compile(
    r"\b(?:needs?|gets?|should\s+get|is\s+to\s+get)\s+(?:an?|another)\s+(?:e-?mail|mail|message)"
    r"(?=\s+(?:that|about|saying|with)\b)"
)
_PING = re.compile(
    r"(?:^(?:(?!you\b|they\b|we\b|who\b|somebody\b|someone\b|nobody\b|people\b|i\b|to\b|will\b|did)"
    r"\w+\s+)?|[,;!?.—–-]\s*|\band\s+|\bso\s+|\bplease\s+|\bcan\s+you\s+|"
    r"\bcould\s+you\s+)(?P<t>(?:please\s+|pls\s+)?(?:remind|ping|nudge|alert|poke|"
    r"buzz)\s+me(?!\s+(?:again\s+)?(?:what|who|where|which|how))|give\s+me\s+a\s+(?:nudge|ping|"
    r"shout|heads-?up|poke|buzz)|set\s+(?:a|an)\s+(?:reminder|alarm)|wake\s+me)\b"
)

_OWN_SUBJECT = (
    r"(?:i|we|who|what|does|do|did|if|nobody|everybody|everyone|people)\b|(?:an?|every|each|any)\s+"
    r"(?!invoice|bill)\w+\s+(?:gets?|needs?)\b"
)
"""Whoever does not stand for somebody to whom something is to be done."""

_SAVE_TAIL = re.compile(
    r"[,;—–-]\s*(?:so\s+|and\s+)?(?:please\s+|pls\s+)?(?P<t>(?:save|note|remember|keep|store|file|"
    r"log|write)\s+(?:that|this|it)(?:\s+(?:down|please|pls|in\s+mind|for\s+(?:me|later|"
    r"next\s+time)))*|note\s+(?:it\s+)?down|keep\s+(?:that|this|it)\s+in\s+mind|"
    r"make\s+a\s+note(?:\s+of\s+(?:it|that|this))?|merk\s+dir\s+das|apúntalo|note-le|fyi|"
    r"for\s+your\s+(?:info|information))[\s.!]*$"
)

_QUESTION = re.compile(
    r"^(?:what|whats|when|where|who|whom|whose|which|how\s+(?:much|many|long|often|late|"
    r"do(?=\s+(?!i\b|we\b|you\b)[^?]*\b(?:usually|normally|typically|generally)\b))|did|has|"
    r"have|do\s+(?:we|i)|does|is|are|was|were|am|remind\s+me\s+(?:what|who|when|where|which|how)|"
    r"do\s+you\s+(?:remember|know|recall)|let\s+me\s+know(?=\s+(?:what|how|who|where|which|"
    r"whether))|(?:can|could)\s+you\s+(?:remember|recall|"
    r"remind\s+me\s+(?:what|who|how|when|where))|tell\s+me|"
    r"show\s+me|any\s+idea|look\s+up|check|give\s+me|"
    r"was|wer|wann|wo|welche[rs]?|wie\s*viel|wie\s+(?:viele|lautet|heißt|hoch)|hat|haben|qué|"
    r"cuál(?:es)?|cuánt[oa]s?|cuándo|quién|dónde|quel(?:le)?s?|combien|quand|qui|où|est-ce\s+"
    r"qu[e'])(?!\w)"
)

_WORLD = re.compile(
    r"\b(?:other|others|people|everyone|studios|freelancers?|businesses|companies|competitors?|"
    r"market|average|typical(?:ly)?|usual(?:ly)?|going\s+rate|best|cheapest|law|legal(?:ly)?|"
    r"visas?|rule|"
    r"regulations?|rules|rate\s+(?:in|for)|tax(?:es)?|"
    r"vat\s+(?:rate|rules|threshold|on)|official|deadline\s+for|population|weather|exchange\s+rate|"
    r"tools?|software|required|requirements?|allowed|mandatory|anyone|one\s+need|"
    r"current\s+\w+\s+rate|inflation|interest\s+rate|in\s+general|normally|most|latest|price\s+of|"
    r"capital|difference\s+between|open\s+source|alternatives?)\b"
)

_OURS = re.compile(
    r"\b(?:we|our|us|i|my|me|mine|ours|ich|wir|unser\w*|mein\w*|mi|mis|nuestr\w+|nous|notre|nos|"
    r"wi-?fi|password|passcode|(?:door|alarm|studio|gate|office)\s+code|iban|vat\s+(?:id|number)|"
    r"login|"
    r"mon|ma|mes|j'ai|hemos|tenemos|habíamos|avons)\b"
)

_COMPANY_FACT = re.compile(
    r"\b(?:terms|invoice|invoices|paid|pay|pays|owe|owes|owed|rate|agreed?|number|address|iban|"
    r"wi-?fi|password|passcode|code|login|"
    r"birthday|contact|phone|suppl(?:y|ies|ied|iers?)|delivers?|"
    r"email|vat|deadline|budget|project|prefer\w*|said|last|spoke|speak|"
    r"talk\w*|met|meet|introduced|referr\w*|promised?|quoted?|charge[ds]?|discount|contract|name|"
    r"cost|flight|hotel|sent|signed|account|favou?rite|client\s+since|due|open|outstanding|"
    r"still)\b"
)


_SETTLED = re.compile(
    r"\b(?:ever|already|still|yet|finally)\b[^?]*\b(?:paid|sent|settled|due|open|overdue|signed|"
    r"booked|refunded)\b|"
    r"\b(?:paid|sent|settled|signed|refunded)\b[^?]*\b(?:already|yet|ever|in\s+full)\b"
)
_TOLD_US = re.compile(
    r"\b(?:did|does|has|have)\s+[^.?!]{1,40}?\b(?:say|said|tell|told|mention\w*|agree\w*|"
    r"promise\w*|want\w*|ask\w*|order\w*|"
    r"pay|paid|sen[dt]|prefer\w*|quote\w*|offer\w*|decide\w*|suggest\w*|reply|replied|answer\w*|"
    r"book\w*|owe)\b"
)


def statement(low: str, start: int, end: int) -> Hit | None:
    """An intent that a plain sentence, not an order, makes clear."""
    text = low[start:end]
    tail = _SAVE_TAIL.search(text)
    paid = _payment(text, start)
    if paid is not None:
        return paid
    if tail:
        return Hit(
            "memory.save",
            start + tail.start("t"),
            start + tail.end("t"),
            "tail",
            start + tail.start(),
        )
    ping = _PING.search(text)
    if ping:
        return Hit(
            "reminder.set",
            start + ping.start("t"),
            start + ping.end("t"),
            "verb",
            start + ping.end("t"),
        )
    back = _GETS_BACK.search(text) or _GOES_BACK.search(text)
    unsure = back and _UNSURE.search(text[: back.start()])
    if back and not unsure and _OF_VALUE.search(text) and not re.match(_OWN_SUBJECT, text):
        return Hit(
            "refund.issue",
            start + back.start("back"),
            start + back.end(),
            "fact",
            start + back.end(),
        )
    mailed = _GETS_MAIL.search(text)
    if mailed and not re.match(_OWN_SUBJECT, text):
        return Hit(
            "email.write", start + mailed.start(), start + mailed.end(), "object",
            start + mailed.end(),
        )  # fmt: skip
    invoiced = _GETS_INVOICE.search(text)
    if invoiced and not re.match(_OWN_SUBJECT, text):
        return Hit(
            "invoice.create",
            start + invoiced.start(),
            start + invoiced.end(),
            "fact",
            start + invoiced.end(),
        )
    needs = _NEEDS.search(text)
    if needs and not re.match(_OWN_SUBJECT, text):
        intent = intent_of(needs.lastgroup or "")
        return Hit(intent, start + needs.start(), start + needs.end(), "fact", start + needs.end())
    return None


def _payment(text: str, start: int) -> Hit | None:
    received = _RECEIVED.match(text)
    if received and "?" not in text:
        return Hit("payment.record", start, start + received.end(), "verb", start + received.end())
    for pattern in (_PAID, _CAME_IN):
        paid = pattern.search(text)
        if paid and _OWN_PAYMENT.match(text):
            continue
        if not paid or "?" in text or UNPAID.search(text[: paid.end()]):
            continue
        if _NO_MONEY.match(text, paid.end()):
            continue
        if pattern is _CAME_IN and not re.search(r"\d", text):
            continue
        return Hit(
            "payment.record", start + paid.start(), start + paid.end(), "fact", start + paid.end()
        )
    return None


_NOTES = re.compile(r"(?:note|log|jot|apunta|anota|toma\s+nota|notier)")
_HABIT = re.compile(
    r"\b(?:always|usually|last\s+(?:time|year)|upfront|up\s+front|in\s+advance|siempre|suele|por\s+adelantado|"
    r"immer|meistens|im\s+voraus|toujours|d'avance|used\s+to|each|every|cada|chaque|jede[nsr]?)\b"
)


_THE_PAYMENT = re.compile(
    r"\s*(?:le|la|el|une?|una|die|eine|the|a)\s+(?P<payment>paiement|virement|versement|règlement|"
    r"pago|transferencia|zahlung|überweisung|payment)\b(?!\s+(?:plan|terms?)\b)"
)


def noted_payment(low: str, hit: Hit, end: int) -> Hit | None:
    """The payment that an order to note something reports: "note that Ida has paid the 40"."""
    if hit.intent != "memory.save" or not _NOTES.match(low, hit.start):
        return None
    told = low[hit.verb_end : end]
    if not re.search(r"\d", told) or _HABIT.search(told):
        return None
    if named := _THE_PAYMENT.match(told):
        return replace(hit, intent="payment.record", end=hit.verb_end + named.start("payment"))
    return _payment(told, hit.verb_end)


_ABLE = re.compile(r"do\s+you\s+know\s+how\s+to\b")
""" "Do you know how to grade?" asks what this machine can do."""


def question(low: str, start: int, end: int, *, named: bool) -> Hit | None:
    """What a question asks about: the company itself or the world; None for the other kind."""
    text = low[start:end]
    match = _QUESTION.match(text)
    if not match or _ABLE.match(text):
        return None
    opener = match.group()
    ours = bool(_OURS.search(text[match.end() :])) or opener in {"do we", "do i", "am"}
    world = bool(_WORLD.search(text))
    ours = ours or bool(re.search(r"\b(?:did|was|were)\s+the\b", text))
    ours = ours or (named and bool(_TOLD_US.search(text)))
    settled = "?" in text[-2:] and bool(_SETTLED.search(text))
    asks = (
        settled
        or "?" in low[end : end + 2]
        or not opener.startswith(("show", "check", "give", "look", "tell", "is", "are", "was"))
    )
    if (
        re.search(r"\b(?:you|your|du|dir|dich|tú|te|tu|toi|vous)\b", text[match.end() :])
        and not named
    ):
        return None
    if (named and not (world and not ours)) or (ours and _COMPANY_FACT.search(text) and not world):
        return Hit("memory.ask", start, start + match.end(), "question", start) if asks else None
    if world and asks and not opener.startswith(("give", "show", "check", "tell")):
        return Hit("research", start, start, "question", start)
    return None
