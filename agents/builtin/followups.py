"""Orders that mean something only by what the message says before: "… Answer it", "… book it"."""

import re

_DEBT = re.compile(
    r"\b(?:unpaid|overdue|outstanding|open\s+invoice|has(?:n't|\s+not)\s+(?:yet\s+)?(?:paid|"
    r"settled)|haven't\s+(?:paid|"
    r"settled)|hasnt\s+paid|havent\s+paid|not\s+(?:paid|settled)|still\s+(?:owes|open)|owes|"
    r"forg[eo]t(?:ten|s)?\s+to\s+(?:pay|settle)|"
    r"late\s+(?:with|on)\s+(?:the\s+)?(?:invoice|payment)|didn't\s+pay|never\s+paid|no\s+(?:payment|money)|"
    r"(?:payment|money|transfer)\b[^.;!?]{0,30}\b(?:missing|late|overdue)|"
    r"nicht\s+(?:be|ge)zahlt|überfällig|no\s+(?:me\s+|nos\s+)?han?\s+pagado|impagad[ao]|n'(?:a|ont)\s+"
    r"(?:toujours\s+)?pas\s+(?:encore\s+)?(?:payé|réglé)|impayée?|past\s+due|invoice\s+\S+\s+is\s+(?:still\s+)?(?:open|late|due))\b"
)
_REMIND_DEBTOR = re.compile(
    r"erinnere?\s+(?:ihn|sie)\b|mahne?\s+(?:ihn|sie)\b|recuérdaselo\b|reclámaselo\b|relance-l(?:e|a|es)\b|"
    r"rappelle-l(?:e|a|es|ui|eur)\b|(?:nudge|ping|poke|prod|chase|hassle|remind)\s+(?!me\b)(?=\w)|(?:give|send)\s+the\s+(?:customer|"
    r"client|debtor|company)\s+an?\s+(?:\w+\s+)?(?:reminder|nudge|push|kick|poke|prod|ping)\b|(?:send|write|drop|shoot|give|"
    r"mail|email)\s+(?!me\b)(?:out\s+)?(?=(?:\w+\s+){0,4}?(?:a\s+|the\s+|"
    r"another\s+)?(?:\w+\s+)?(?:reminder|nudge|chaser|push|kick|poke|prod|shove|ping)\b)|(?:a|another|the)\s+(?:gentle|friendly|"
    r"polite|second|first|last|firm|quick|short)?\s*(?:reminder|nudge)\s+(?:would\s+be|is\s+due|"
    r"please|is\s+in\s+order|might\s+help|will\s+do)"
)


_ANSWER_IT = re.compile(
    r"(?:(?:answer|reply(?:\s+to)?|respond(?:\s+to)?|get\s+back\s+to|help)(?:\s+(?:him|her|them|it|"
    r"(?:that|this)(?:\s+one)?|the\s+question))?|(?:give|send|write)\s+(?:him|her|them)\s+(?:an?|the)\s+(?:\w+\s+)?"
    r"(?:answer|reply|response))(?=(?:[\s,]*(?:please|pls|for\s+me|thanks|"
    r"quickly|today|out|nicely))*[\s.!?]*$)"
)
_GRADE_IT = re.compile(r"(?:mark|grade|assess|score)\s+(?:it|that|this|them)(?!\s+as\b)\b")
_HANDED_IN = re.compile(r"\b(?:handed|turned|sent|given)\s+in\s+(?:the|an?|his|her|their)\b")
_BOOK_IT = re.compile(
    r"(?:book|log|record|enter|register|note)\s+(?:it|that|this)(?=(?:[\s,]*(?:in|down|"
    r"as\s+paid|please|pls|"
    r"for\s+me|thanks|now|today))*[\s.!?]*$)"
)
_GOT_MONEY = re.compile(
    r"\b(?:payment|money|transfer|deposit)\b[^.;!?]{0,40}\b(?:came|arrived|landed|is\s+(?:in|here))\b|"
    r"\b(?:got|received|came\s+in|arrived|entrado|llegado)\b[^.;!?]{0,12}\d|"
    r"\d[^.;!?]{0,40}\b(?:received|came\s+in|arrived)\b"
)
_PLAN_IT = re.compile(
    r"(?:(?:give|make|draft|write|draw\s+up)\s+(?:me\s+)?(?:a|the)\s+plan|plan\s+(?:\w+\s+)?"
    r"(?:issues|instalments|editions|parts|pieces|of\s+them))(?=[\s,]*(?:please|pls)?[\s.!?]*$)"
)
_PIECES = re.compile(
    r"\b(?:posts|newsletters?|articles|threads|scripts|videos|episodes|reels|blog)\b"
)
_COURSE = re.compile(
    r"\b(?:students?|learner|participants?|attendees?|course|lesson|"
    r"module|cohort|forum|homework|assignment|quiz|kurs|"
    r"alumn[oa]|élève|curso|cours)\b"
)
_ORDERS = (
    ("invoice.remind", _REMIND_DEBTOR, _DEBT),
    ("student.answer", _ANSWER_IT, _COURSE),
    ("submission.grade", _GRADE_IT, _HANDED_IN),
    ("content.plan", _PLAN_IT, _PIECES),
    ("payment.record", _BOOK_IT, _GOT_MONEY),
)
"""What is ordered, in which words, and what must have been said before."""


def follow_up(low: str, start: int, end: int) -> tuple[str, int] | None:
    """The intent of an order that points back, and where its words end."""
    for intent, order, said in _ORDERS:
        match = order.match(low, start, end)
        if match and said.search(low[:start]):
            return intent, match.end()
    return None
