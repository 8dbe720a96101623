"""Which request a clause makes, by its verb, its object and where they stand."""

import re
from dataclasses import dataclass, replace
from functools import cache

from agents.builtin import phrases
from agents.builtin.clock import BARE_TIME, PART, TIME
from agents.builtin.dates import ELAPSED as _ELAPSED
from agents.builtin.days import DAY
from agents.builtin.lexicon import FUNCTION, OBJECTS, alternatives, words

GENERAL: dict[str, str] = {
    "invoice": (
        "send make create issue raise write draft prepare do generate get give need want cut "
        "submit put_together knock_out whip_up fire_off shoot set_up schick schicke stell stelle "
        "erstelle erstell mach mache schreib schreibe sende envía envia envíale manda mándale "
        "mandale haz hazle prepara crea emite genera envoie fais prépare établis rédige crée faire "
        "new one another the issue_out an a"
    ),
    "email": (
        "send write draft drop shoot prepare compose fire_off pen type give do make schick schicke "
        "schreib schreibe sende escribe envía envia manda mándale redacta envoie écris ecris "
        "rédige prépare need new"
    ),
    "refund": (
        "issue make do give send process arrange initiate need trigger new mach gib haz fais a"
    ),
    "remind": (
        "send issue write draft shoot drop give fire_off do schick schicke sende schreib schreibe "
        "envía manda envoie fais send_out prepare need follow_up_with a new get time_for"
    ),
    "reminder": (
        "set create make add need give put schedule i'd_like want new stell stelle setz mach pon "
        "crea mets crée a set_up have program"
    ),
    "plan": (
        "make create plan draft write prepare need want do build give put_together i'd_like "
        "sketch_out map_out work_out come_up_with set_up mach erstell erstelle haz prepara crea "
        "fais prépare propose outline design develop a new"
    ),
    "content": (
        "write draft create make do need prepare compose whip_up put_together want produce schreib "
        "schreibe verfass verfasse escribe redacta crea écris ecris rédige new publish i'd_like "
        "get_me turn_out sketch knock_out bang_out pen give_me generate haz mach fais a"
    ),
    "meeting": (
        "put book schedule set_up arrange plan organise organize make fix add create pencil "
        "pencil_in need want block have get leg trag mach vereinbare plane setz stell organisiere "
        "buch apunta apúntame agenda agéndame pon ponme programa reserva organiza mets planifie "
        "cale prévois note organise fixe réserve slot enter log find put_in stick setup do new "
        "line_up confirm squeeze_in reserve fix_up i'd_like a an"
    ),
    "lead": (
        "add put note new create save log make file record register put_down jot_down got have "
        "write_down enter stick trag notiere füg añade agrega apunta anota ajoute note enregistre "
        "a park"
    ),
    "client": (
        "add set_up create new make register put open get take welcome sign_up start leg füg "
        "richte añade crea da_de_alta alta ajoute crée enregistre enter setup a"
    ),
}
"""Verbs (and the "new" and "a" of telegram style) that take a noun of a kind as their object."""

_NOUN = re.compile(rf"(?<![\w'-]){alternatives(n.replace(' ', '_') for n in OBJECTS)}(?![\w-]|'s)")
_VERBS = {kind: re.compile(rf"{alternatives(v.split())}(?!\w)") for kind, v in GENERAL.items()}
_CONTENT_START = re.compile(
    r"\b(?:about|that|saying|regarding|concerning|re|whether|über|wegen|dass|sobre|diciendo|que|"
    r"on)\b|:\s"
)
_VERB_END = {"invoice": r"\s*(?:in\s+rechnung)", "x": ""}


@dataclass(frozen=True, slots=True)
class Hit:
    """An intent, the words that decided it, and how its recipient stands to them."""

    intent: str
    start: int
    end: int
    form: str
    """"verb": what it is about follows. "object": "send … an invoice …". "fact": a statement.
    "noun": the noun opens the clause. "show": no slots."""
    verb_end: int
    wish: bool = False
    """ "I'd like to invoice Ana": an order only when it says all that is needed."""


_DIRECT: tuple[tuple[str, str], ...] = (
    (
        "reminder.set",
        r"(?:remind|nudge|ping|poke|alert|notify|buzz|prod)\s+me(?!\w)(?!\s+(?:again\s+)?(?:what|"
        r"who|whom|whose|where|which|how\s+(?:much|many)|when\s+(?:did|we|i|is|was|does))\b)|"
        r"(?:don'?t|do\s+not)\s+let\s+me\s+forget|wake\s+me(?:\s+up)?|give\s+me\s+a\s+(?:nudge|"
        r"ping|shout|poke|heads-?up|reminder|buzz|prod|call)|(?:make\s+sure|"
        r"see\s+to\s+it)\s+(?:that\s+)?i\s+(?:don'?t\s+forget|remember)|erinner(?:e|st)?\s+mich|"
        r"denk\s+dran|recuérdame|recuerdame|recordarme|avísame|rappelle[- ]moi|rappelle\s+moi|"
        r"fais-moi\s+penser|me\s+rappeler|reminder\s+(?:to|for\s+me|on|tomorrow|"
        r"at)\b(?![^.;!?\n]{1,60}\b(?:outstanding|unpaid|overdue)\b)|reminder\s*:|"
        r"set\s+me\s+a\s+reminder|recordatorio(?=\s*:|\s+para)|mich\s+erinnern|rappel(?=\s*:)|"
        r"add\s+to\s+my\s+(?:to-?do|todo)s?(?:\s+list)?\s*:?",
    ),
    (
        "memory.save",
        r"(?:remember|memori[sz]e)(?!\s+(?:when|me|how|what|who|where|the\s+time|that\s+time|"
        r"last)\b)(?:\s+(?:that|this|for\s+(?:later|me|next\s+time)|also|please)\b)?(?:\s*:)?|"
        r"(?:make\s+a\s+)?(?:note(?!\s+(?:taken|worthy|to\s+(?!self)))|"
        r"take\s+a\s+note)(?:\s+(?:to\s+self|for\s+(?:later|the\s+file|the\s+record|you|me|"
        r"next\s+time)|down|that|of|this(?:\s+down)?))?(?:\s+(?:that))?\s*[:,—–-]?(?=\s)|note\s*:|"
        r"(?:keep|bear|have)\s+in\s+mind(?:\s+that)?|fyi|for\s+your\s+(?:information|notes|memory)|"
        r"for\s+the\s+(?:record|file|files|notes)|(?:save|store|log|file|keep)\s+(?:that|this|"
        r"the\s+fact\s+that|for\s+later)\b\s*:?|jot\s+(?:this\s+|that\s+)?down(?:\s+that)?\s*:?|"
        r"write\s+(?:this|that)\s+down\s*:?|(?:just\s+)?so\s+you\s+know|(?:don'?t|"
        r"do\s+not)\s+forget\s+that|good\s+to\s+know\s*:|for\s+future\s+reference|heads\s+up\s*:|"
        r"merk(?:e)?\s+dir(?:\s+bitte)?(?:,?\s+dass)?|notier(?:e)?(?:\s+dir)?(?:,?\s+dass)?\s*:?|"
        r"zur\s+info|recuerda\s+que|ten\s+en\s+cuenta\s+que|toma\s+nota(?:\s+de)?(?:\s+que)?\s*:?|"
        r"apunta\s+que|anota\s+que|note\s+que|retiens\s+que|souviens-toi\s+que|"
        r"n'oublie\s+pas\s+que|pour\s+info|no\s+olvides\s+que|vergiss\s+nicht,?\s+dass",
    ),
    (
        "memory.rule",
        r"(?:from\s+(?:now|today|here|this\s+(?:day|month|week))\s+on(?:wards)?|from\s+(?:january|"
        r"next\s+(?:week|month|year))\s+(?:on|onwards)|going\s+forward|in\s+(?:the\s+)?future|"
        r"henceforth|as\s+a\s+(?:general\s+)?rule|new\s+rule|house\s+rule|standing\s+(?:rule|"
        r"order)|rule\s*:|as\s+of\s+(?:now|today|next\s+\w+)|ab\s+(?:jetzt|sofort|heute|"
        r"nächster\s+woche)|von\s+nun\s+an|de\s+ahora\s+en\s+adelante|a\s+partir\s+de\s+(?:ahora|"
        r"hoy)|à\s+partir\s+de\s+maintenant|désormais|dorénavant)\b|(?:always|never|immer|niemals?|"
        r"siempre|nunca|toujours)\s+(?:\w+\s+)?(?:send|write|invoice|bill|use|add|put|call|cc|bcc|"
        r"mail|email|round|charge|quote|book|schedule|address|sign|ask|include|wait|offer|answer|"
        r"reply|give|accept|phone|contact|attach|copy|set|plan|leave|start|check|remind|chase|"
        r"refund|propose|post|publish)(?!\w)",
    ),
    (
        "invoice.remind",
        r"(?:give|send|drop)\s+(?=(?!me\b)[^.;!?]{1,40}?\ban?\s+(?:\w+\s+)?(?:poke|nudge|prod|kick|"
        r"push|shout|ping|reminder)\s+(?:about|regarding|over|for|on|"
        r"of)\b[^.;!?]{0,30}\b(?:invoice|payment|bill|money|inv-?\d|\d{4}-\d))|(?:send|give|drop|"
        r"write|mail|email)\s+(?=(?!me\b)[^.;!?]{1,60}?\breminder\b[^.;!?]{0,60}\b(?:invoices?|"
        r"payment|overdue|unpaid|outstanding)\b)|(?:a\s+)?(?:\w+\s+)?reminder\s+(?=(?:to|for|"
        r"an)\s+(?!me\b)[^.;!?]{1,60}\b(?:outstanding|unpaid|overdue|open\s+invoice|payment)\b)|"
        r"chase(?!\w)(?:\s+up)?|dun(?!\w)|(?:nudge|remind|prod|poke|ping|hassle|press|"
        r"pester)(?=\s+(?!me\b)[^.;!?\n]{1,60}?\b(?:open|unpaid|overdue|outstanding|late|due|"
        r"invoices?|inv-?\d|payments?|pay|paying|bill|money|owes?|settle)\b)(?!\s+me\b)|"
        r"follow\s+up\s+(?=(?:with\s+[^.;!?]{1,40}\s+)?(?:on|about)\s+[^.;!?]{0,40}\b(?:invoice|"
        r"payment|unpaid|overdue)\b)|follow\s+up\s+(?=with\s+[^.;!?]{1,40}\b(?:invoice|payment|"
        r"unpaid|overdue|money)\b)|mahn(?:e|en)?(?!\w)|relance(?!\w)|(?:recuérdale|recuerdale|"
        r"rappelle|erinnere|erinner)(?=\s+(?!mich|moi|me\b|-moi)[^.;!?]{1,60}?\b(?:rechnung|"
        r"factura|facture|zahlung|pago|paiement|bezahlen|pagar|payer)\b)|reclama(?=\s)",
    ),
    (
        "refund.issue",
        r"refund(?!\w)(?!\s+(?:policy|requests?|rules)\b)|reimburse(?!\w)|(?:give|pay|send|"
        r"transfer|wire|hand|return)\s+(?=[^.;!?\n]{1,80}?\b(?:back|"
        r"money\s+back)(?!\s+(?:to\s+(?:me|work|him\s+that|her\s+that)|about|that|with|whether|"
        r"on\s+(?:the|his|her)))\b(?:[^.;!?]{0,30}))(?=[^.;!?\n]{0,80}(?:\d|money|fee|half|deposit|"
        r"payment|hundred|amount))|return\s+(?=[^.;!?]{0,50}(?:money|fee|deposit|payment))|"
        r"erstatte?(?!\w)|(?:überweis|zahl)(?:e)?\s+(?=[^.;!?]{1,60}\bzurück)|reembols(?:a|ale|"
        r"e)(?!\w)|devu[eé]lve(?:le|les)?(?!\w)|rembourse(?!\w)|(?:money\s+back|(?:[€$£₹]|"
        r"[a-z]{3}\s)?\s?\d[\d.,]*\s*\S{0,8}\s+back)(?=\s+(?:to|for)\s)",
    ),
    (
        "payment.record",
        r"(?:record|log|book|register|enter|note(?:\s+down)?|mark\s+down|put\s+down|file|add|"
        r"verbuche?|registra|anota|enregistre|note)\s+(?=(?:[^.;!?\n]{0,50})\b(?:payment|paid|"
        r"transfer|deposit|zahlung|zahlungseingang|pago|paiement|règlement|received|"
        r"incoming)\b)(?!.{0,30}\breminder)|mark\s+(?=[^.;!?\n]{0,60}\b(?:paid|settled|payed|"
        r"cleared)\b)|(?:payment|money|transfer)\s+(?:received|came\s+in|arrived|in)\s+(?:from|"
        r"by)\b|payment\s+from|(?:got|received)\s+(?!(?:an?|the|his|her|their|"
        r"another)\s+(?:\w+\s+)?(?:invoice|bill|e?-?mail|quote|request|message|offer|reminder|"
        r"refund)\b)(?=[^.;!?\n]{0,40}\bfrom\b)(?=[^.;!?\n]{0,30}\d)",
    ),
    (
        "submission.grade",
        r"(?:grade|assess|correct|score|benote|bewerte|korrigiere?|califica|corrige|"
        r"corriger)(?!\w)(?=\s+\S)|(?:mark|evaluate|review|check|go\s+over|look\s+over|look\s+at|"
        r"give\s+feedback\s+(?:on|to))(?=\s[^.;!?\n]{0,60}\b(?:essay|quiz|test|assignment|homework|"
        r"module|final\s+project|submission|exercise|exam|coursework|portfolio|lesson|task|"
        r"hausaufgabe|ejercicio|devoir|capstone|worksheet|paper|midterm|lab)\b)(?!\s+(?:it|that|"
        r"this)\s+(?:down|as))",
    ),
    (
        "student.answer",
        r"(?:answer|reply(?:\s+to)?|respond(?:\s+to)?|help(?:\s+out)?|get\s+back\s+to|beantworte|"
        r"antworte|responde(?:\s+a)?|contesta(?:\s+a)?|réponds(?:\s+à)?|respond|handle|"
        r"take\s+care\s+of|deal\s+with|tackle)(?=\s[^;!?\n]{0,80}?\b(?:student|students|questions?|"
        r"course|forum|lesson|module|cohort|learner|participant|kurs|frage|teilnehmer\w*|curso|"
        r"alumn[oa]|pregunta|élève|étudiante?|cours|quiz|homework|assignment|pupil)\b)",
    ),
    (
        "client.onboard",
        r"on-?board(?!\w)|(?:get|have)\s+(?=[^.;!?\n]{1,50}\bonboarded\b)|"
        r"kick\s+off\s+(?:the\s+)?onboarding|(?:start|begin|run|do|launch|trigger|"
        r"initiate)\s+(?:the\s+|an?\s+)?(?:client\s+)?onboarding|"
        r"set\s+(?=[^.;!?\n]{1,60}\bup\s+as\s+(?:a\s+|our\s+|my\s+)?(?:new\s+)?(?:client|"
        r"customer))|(?:get|take|sign|make|put|add|have|register|enter|create|"
        r"save)\s+(?=[^.;!?\n]{1,60}\b(?:as|set\s+up\s+as)\s+(?:a\s+|an\s+|our\s+|my\s+|"
        r"the\s+)?(?:new\s+|latest\s+)?(?:client|customer))|(?:add|"
        r"put)\s+(?=[^.;!?\n]{1,60}\b(?:to|on|in|into)\s+(?:my|our|the)\s+(?:client|customer)s?\b)|"
        r"take\s+on\s+(?=[A-Za-z])|set\s+up\s+(?=[^.;!?\n]{1,60}\bas\s+(?:a\s+|"
        r"our\s+)?(?:new\s+)?(?:client|customer))|(?:nimm|"
        r"leg)\s+(?=[^.;!?]{1,60}\bals\s+(?:neuen?\s+)?kund)|da\s+de\s+alta\s+(?:a\s+)?",
    ),
    (
        "lead.add",
        r"(?:add|put|save|note|log|file|enter|register|record|jot|write|stick|get|take|mark|"
        r"park)\s+(?=[^.;!?\n]{1,80}\b(?:as\s+(?:a\s+|an\s+|our\s+|my\s+)?(?:new\s+|warm\s+|hot\s+|"
        r"potential\s+|possible\s+|cold\s+)?(?:lead|prospect|client|customer|interessent)|(?:to|on|"
        r"in|into|under|with|among)\s+(?:my\s+|our\s+|"
        r"the\s+)?(?:list\s+of\s+)?(?:new\s+)?(?:leads?|prospects?|pipeline|crm)(?:\s+list)?)\b)|"
        r"(?:potential|possible|prospective)\s+(?:new\s+)?(?:client|customer)\s*[:,–—-]?|(?:new|"
        r"fresh|hot|warm)\s+(?:lead|prospect)\b\s*[:,–—-]?|lead\s*[:–—-]|neuer\s+lead\s*:?|"
        r"nuevo\s+(?:lead|contacto)\s*:?|nouveau\s+(?:lead|prospect)\s*:?",
    ),
    (
        "content.plan",
        r"(?:plan|line\s+up|map\s+out|schedule|outline|brainstorm|propose|sketch(?:\s+out)?|"
        r"lay\s+out|queue\s+up|plane|planifica|planifie|programa)\s+(?=[^.;!?\n]{0,70}\b(?:posts?|"
        r"newsletters?|articles?|content|threads?|scripts?|videos?|blog\s*posts?|pieces|episodes|"
        r"tweets?|stories|reels|beiträge|artikel|artículos|publicaciones|publications|contenidos?|"
        r"contenus?|inhalte|social\s+media|carousels?)\b)|content\s+(?:plan|calendar)\b|"
        r"editorial\s+(?:plan|calendar)\b|(?:what|which)\s+(?:do|should|shall|could|can|"
        r"will)\s+(?:we|i)\s+(?:publish|post|write\s+about)\b|(?:give|get|suggest|come\s+up\s+with|"
        r"find)\s+(?:me\s+)?(?=[^.;!?\n]{0,40}\b(?:ideas|topics)\b)(?=[^.;!?]{0,70}\b(?:posts?|"
        r"newsletters?|articles?|content|blog|linkedin)\b)|(?:what|was)\s+(?:veröffentlichen|"
        r"posten)\s+wir",
    ),
    (
        "content.write",
        r"(?:turn|convert|rework|make|transform|"
        r"repurpose)\s+(?=[^.;!?\n]{1,90}\binto\s+(?:an?\s+)?(?:\w+\s+){0,2}(?:post|newsletter|"
        r"article|thread|script|blog)\b)|(?:write|blog|post|tweet|"
        r"pen)\s+(?:something\s+)?(?=about\s)|write\s+(?:up\s+)?(?=the\s+(?:first|second|third|"
        r"next|last)(?:\s+one)?\b\s*(?:[,.:;–—-]|on\b|about\b|$))|write\s+(?=(?:the|this|next|our|"
        r"an?|another|up)\s[^.;!?\n]{0,30}\b(?:post|newsletter|article|thread|script|blog|caption|"
        r"piece)\b)",
    ),
    (
        "invoice.create",
        r"(?:invoice|bill|inv|rechnung(?=\s+(?:an|für|über))|facture-?r?(?!\s+de)(?=\s)|"
        r"factura(?:le|les|r)?|fakturiere?|berechne|charge(?!\s+(?:my|it|the\s+(?:phone|battery|"
        r"laptop|car))\b))(?!\w|'s)(?=\s)(?!\s+(?:is|was|has|should|will|and|reminder|numbers?|"
        r"templates?)\b|\s+(?:no\.?\s*|nr\.?\s*)?(?:\d{4}-\d|#|inv-?\d))|stell(?:e|"
        r"en)?\s+(?=[^.;!?\n]{1,120}\bin\s+rechnung)",
    ),
    (
        "meeting.schedule",
        r"(?:meet|see)(?!\w)(?:\s+(?:up\s+)?with)?(?=\s+(?!you|ya|me\b|him\b|what|if|whether|how|"
        r"that)[^.;!?\n]{1,60}\b(?:\d|mon|tue|wed|thu|fri|sat|sun|tomorrow|noon|next)\w*)|"
        r"book\s+(?=(?!(?:it|that|this|the\s+(?:payment|amount))\b)[^.;!?\n]{1,60}\b(?:for|on|"
        r"in\s+for|at|in)\s+(?:\w+\s+){0,2}(?:\d|mon|tue|wed|thu|fri|sat|sun|tomorrow|noon|"
        r"next)\w*)|(?:book|pencil|put|squeeze|slot|schedule|get|fit|"
        r"fix)\s+(?=[^.;!?\n]{1,60}\b(?:in|down)\s+(?:for|on|at)\s)|schedule\s+(?=(?!(?:a|an|"
        r"the)\s)[^.;!?\n]{1,60}\b(?:for|on|at)\s)|(?:invite)\s+(?=[^.;!?\n]{1,60}\b(?:to|"
        r"for)\s+(?:a\s+|an\s+)?(?:call|meeting|coffee|lunch|zoom|dinner|chat))|(?:book|reserve|"
        r"block)\s+(?=[^.;!?\n]{0,30}\b(?:min|minutes|hour|hours|mins|h)\b[^.;!?\n]{0,6}\b(?:with|"
        r"w/))|triff(?!\w)",
    ),
    (
        "research",
        r"(?:look\s+(?:it|that|this)\s+up|(?:google|research|check)\s+(?:it|that|this)|(?:collect|"
        r"gather|get|find|pull)\s+(?:together\s+)?(?:me\s+)?(?:some\s+|any\s+|all\s+|"
        r"more\s+)?(?:information|info|facts|data|details|material|background)\s+(?:on|about)|"
        r"research|investigate|google|dig\s+(?:into|up|around)|look\s+(?:into|up)|find\s+out|"
        r"read\s+up\s+on|search(?:\s+(?:for|online|the\s+web))?|compare|figure\s+out|look\s+(?:for|"
        r"around\s+for)|do\s+(?:some|a\s+bit\s+of|a\s+little|a\s+quick)\s+(?:research|"
        r"digging)\s*(?:on|into|about)?|check\s+(?:online|the\s+web|whether|if|what|which|how|who|"
        r"where|when)|scout|explore|gather\s+\w+\s+(?:on|about)|get\s+me\s+(?:the\s+)?(?:facts|"
        r"info|information|numbers|an\s+overview)\s+(?:on|about|of)|i\s+(?:want|need|"
        r"'?d\s+like)\s+to\s+know|find(?!\s+(?:\w+\s+)?(?:a|an)\s+(?:slot|time|date|moment|"
        r"day)\b)(?=\s+(?:me\s+)?(?:\w+\s+)?(?:a|an|the|some|three|two|five|four|\d+|out|good|"
        r"cheap|information|info|all|which|what|affordable|examples|alternatives)\b)|recherchiere?|"
        r"finde\s+heraus|find\s+heraus|schau\s+(?:mal\s+)?nach|vergleiche?|investiga|averigua|"
        r"busca|compara|recherche|cherche|renseigne-toi|compare|trouve|screen|analy[sz]e|"
        r"list\s+the)(?!\w)",
    ),
    (
        "email.write",
        r"(?:e-?mail|mail|message|text|dm|write(?:\s+back)?\s+to|"
        r"write\s+something(?:\s+\w+)?\s+to(?!\s+(?:post|publish))|write\s+back|"
        r"write(?=\s+(?!about\b|one\b|a\b|an\b|the\b|some|up\b|another|down\b|me\b|it\b|this\b|"
        r"that\b|on\b|something\b|two\b|three\b|\d|our\b|my\b|next|if\b|when\b|in\b|at\b|more|"
        r"better|well)\w)|reply(?:\s+to)?|respond\s+to|answer|tell(?!\s+me|\s+us)|ask(?!\s+(?:me|"
        r"yourself)\b)|inform|notify|thank(?!s|\s+you|\s+u\b|\s+god|\s+goodness)|apologi[sz]e\s+to|"
        r"let(?=\s+(?!me|us\b|it\b|'s)[^.;!?\n]{1,40}?\s+know)|get\s+back\s+to|"
        r"drop(?=\s+[^.;!?]{1,40}\s+(?:a|an)\s+(?:mail|line|email|note|message))|congratulate|"
        r"update(?=\s+(?!me|the\b|my\b|it)\w+\s+(?:on|about|that))|remind(?!\s+me)|warn|"
        r"confirm(?=\s+(?:with|to)\s)|follow\s+up\s+with|invite|forward|send(?=\s+(?!me\b|out\b|"
        r"an?\b|the\s+(?:invoice|bill)|it\b|that\b|this\b|off\b)[^.;!?\n]{1,50}?\s(?:the|our|my|a|"
        r"an|his|her|their|some)\s)|send(?=\s+(?:the|our|my|a|an)\s[^.;!?\n]{2,50}?\sto\s)|"
        r"ping(?!\s+me)|schreib(?:e|en)?(?!\s+(?:einen?|das|den|über|mir)\b)|maile?|sag(?!\s+mir)|"
        r"frag(?:e)?|antworte|informiere|bedanke?\s+dich\s+bei|gib(?=\s+[^.;!?]{1,40}\s+bescheid)|"
        r"escr[ií]be(?:le|les)?(?!\s+(?:un|una|el|la)\s+(?:post|art|hilo|bolet|gui))|dile(?:s)?|"
        r"pregúntale|responde\s+a|avisa\s+a|dis(?=\s+à)|[ée]cri[st](?:-lui|"
        r"-leur)?(?=\s)(?!\s+(?:un|une)\s+(?:post|art|bill|news|fil|script))|demande(?=\s+à)|"
        r"préviens|réponds\s+à|informe)(?!\w)",
    ),
)
_COMPILED = [(intent, re.compile(source)) for intent, source in _DIRECT]

_KIND_INTENT = {
    "remind": "invoice.remind",
    "reminder": "reminder.set",
    "invoice": "invoice.create",
    "refund": "refund.issue",
    "email": "email.write",
    "plan": "content.plan",
    "content": "content.write",
    "meeting": "meeting.schedule",
    "lead": "lead.add",
    "client": "client.onboard",
}
_NEED_TO = re.compile(r"(?:need|want|would\s+like)\s+(?=to\s)")
_NEED = re.compile(
    r"(?:i|we)(?:'d|\s+would)?\s+(?:need|want|like)(?:\s+to\s+(?:have|see|get))?\s+(?=\S)|"
    r"(?:ich\s+(?:brauche|hätte\s+gern|möchte))\s+|(?:necesito|quiero|quisiera)\s+|"
    r"(?:j'ai\s+besoin\s+d(?:e|'une?)|je\s+(?:veux|voudrais))\s+"
)


def intent_of(kind: str) -> str:
    """The intent that a kind of noun stands for."""
    return _KIND_INTENT[kind]


@cache
def _opening(kind: str) -> re.Pattern[str]:
    nouns = alternatives(n.replace(" ", "_") for n, k in OBJECTS.items() if k == kind)
    return re.compile(
        r"(?:(?:the\s+|a\s+|an\s+|another\s+|one\s+)?(?:new|next|quick|final|usual|short|payment|"
        r"quarterly|weekly|monthly|linkedin|blog|strategy|video|phone|project|intro|discovery|"
        rf"team|kick-?off|full|partial)\s+){{0,3}}{nouns}(?![\w-]|'s)"
    )


def _nameless(pattern: re.Pattern[str]) -> str:
    """The source of a pattern for use inside another."""
    return re.sub(r"\(\?P<\w+>", "(?:", re.sub(r"\(\?P=\w+\)", "[./-]", pattern.pattern))


_SKIPPABLE = re.compile(
    rf"(?:(?:(?:on|at|by|for|um|am|el|le)\s+)?(?:{_nameless(_ELAPSED)}|{_nameless(DAY)}|"
    rf"{_nameless(TIME)}|{_nameless(BARE_TIME)}|{_nameless(PART)})[\s,]*)+"
)
_SUM_FIRST = re.compile(
    r"(?:[€$£₹]|[a-z]{3}\s)?\s?\d[\d.,' ]*k?\s*(?:[€$£₹]|[a-z]{3,7})?\s+(?=(?:invoice|bill|"
    r"rechnung|factura|facture|refund)\b)"
)
_DEBT = re.compile(
    r"\b(?:unpaid|overdue|outstanding|open\s+invoice|hasn't\s+(?:paid|settled)|haven't\s+(?:paid|"
    r"settled)|hasnt\s+paid|havent\s+paid|not\s+(?:paid|settled)|still\s+(?:owes|open)|owes|"
    r"late\s+(?:with|on)\s+(?:the\s+)?(?:invoice|payment)|didn't\s+pay|never\s+paid|no\s+payment|"
    r"past\s+due|invoice\s+\S+\s+is\s+(?:still\s+)?(?:open|late|due))\b"
)
_REMIND_DEBTOR = re.compile(
    r"(?:nudge|ping|poke|prod|chase|hassle|remind)\s+(?!me\b)(?=\w)|(?:send|write|drop|shoot|give|"
    r"mail|email)\s+(?!me\b)(?:out\s+)?(?=(?:\w+\s+){0,4}?(?:a\s+|the\s+|"
    r"another\s+)?(?:\w+\s+)?(?:reminder|nudge|chaser)\b)|(?:a|another|the)\s+(?:gentle|friendly|"
    r"polite|second|first|last|firm|quick|short)?\s*(?:reminder|nudge)\s+(?:would\s+be|is\s+due|"
    r"please|is\s+in\s+order|might\s+help|will\s+do)"
)


_ANSWER_IT = re.compile(
    r"(?:answer|reply(?:\s+to)?|respond(?:\s+to)?|get\s+back\s+to|help)(?:\s+(?:him|her|them|it|"
    r"that|this|the\s+question))?(?=(?:[\s,]*(?:please|pls|for\s+me|thanks|quickly|today|out|"
    r"nicely))*[\s.!?]*$)"
)
_COURSE = re.compile(
    r"\b(?:students?|learner|course|lesson|module|cohort|forum|homework|assignment|quiz|kurs|"
    r"alumn[oa]|élève|curso|cours)\b"
)


def _reminds_debtor(low: str, start: int, end: int) -> Hit | None:
    """ "Send them a reminder" where the message says that an invoice is open."""
    match = _REMIND_DEBTOR.match(low, start, end)
    if not match or not _DEBT.search(low[:start]):
        return None
    return Hit("invoice.remind", start, match.end(), "verb", match.end())


def anchored(low: str, start: int, end: int) -> Hit | None:
    """The intent of a clause that opens with an order, be it after a time or a sum; or None."""
    hit = _order(low, start, end)
    if hit is not None:
        return hit
    for pattern in (_SKIPPABLE, _SUM_FIRST):
        skipped = pattern.match(low, start, end)
        if skipped and start < skipped.end() < end:
            hit = _order(low, skipped.end(), end)
            if hit is not None and (
                hit.form != "noun" or pattern is _SUM_FIRST or hit.intent == "meeting.schedule"
            ):
                return hit
    return None


def _order(low: str, start: int, end: int) -> Hit | None:
    for intent, pattern in phrases.SHOWS.items():
        if intent in phrases.ANCHORED:
            match = pattern.match(low[:end], start) if False else pattern.match(low[start:end])
            if match:
                return Hit(intent, start, start + match.end(), "show", start)
    reminded = _reminds_debtor(low, start, end)
    if reminded:
        return reminded
    answered = _ANSWER_IT.match(low, start, end)
    if answered and _COURSE.search(low[:start]):
        return Hit("student.answer", start, answered.end(), "verb", answered.end())
    direct: Hit | None = None
    for intent, pattern in _COMPILED:
        match = pattern.match(low, start, end)
        if match:
            direct = Hit(intent, start, match.end(), "verb", match.end())
            break
    if direct and direct.intent not in {"email.write", "content.write"}:
        return direct
    wanted = _NEED_TO.match(low, start, end)
    if wanted:
        return anchored_after_need(low, wanted.end(), end)
    by_object = _general(low, start, end)
    if by_object and (direct is None or by_object.intent != "email.write"):
        # "send Ana the contract" is a mail unless a nearer noun says what it is.
        return by_object
    if direct:
        return direct
    need = _NEED.match(low, start, end)
    if need:
        return anchored_after_need(low, need.end(), end) or _general(
            low, need.end(), end, need=True
        )
    return None


def anchored_after_need(low: str, start: int, end: int) -> Hit | None:
    """ "I'd like to invoice Ana 300": an order only when it says all; the caller sees to that."""
    verb = re.compile(r"to\s+(?=\w)").match(low, start, end)
    hit = anchored(low, verb.end(), end) if verb else None
    return replace(hit, wish=True) if hit else None


def _general(low: str, start: int, end: int, *, need: bool = False) -> Hit | None:
    stop = _CONTENT_START.search(low, start, end)
    limit = stop.start() if stop and stop.start() > start else end
    for noun in _NOUN.finditer(low, start, limit):
        kind = OBJECTS[" ".join(noun.group().split())]
        if _describes(low, noun, limit):
            continue
        verb = _VERBS[kind].match(low, start, limit)
        if (
            verb
            and verb.group() in {"the", "a", "an", "one", "another", "new"}
            and _is_told_of(low, noun.end(), end)
        ):
            return None
        if verb and re.search(
            r"\b(?:not|no|never|nicht|kein\w*|pas|ningun\w*|aucune?)\b",
            low[verb.end() : noun.start()],
        ):
            return None
        if verb and verb.end() <= noun.start():
            plain = verb.group() in {"a", "an", "the", "one", "another", "new"}
            return Hit(
                _KIND_INTENT[kind],
                start,
                noun.end(),
                "noun" if plain else "object",
                start if plain else verb.end(),
            )
        if _is_told_of(low, noun.end(), end) and not need:
            return None
        if (
            kind == "email"
            and noun.start() == start
            and not re.match(r"\s+(?:back\s+)?(?:to|for|an|a|à)\b", low[noun.end() : end])
        ):
            return None
        if noun.start() == start or (need and _only_modifiers(low[start : noun.start()])):
            return Hit(_KIND_INTENT[kind], start, noun.end(), "noun", start)
        opening = _opening(kind).match(low, start, limit)
        if opening and not low.startswith(("the ", "that ", "this "), start):
            return Hit(_KIND_INTENT[kind], start, opening.end(), "noun", start)
        if verb is None and kind in {"invoice", "meeting", "content"}:
            continue
        return None
    return None


def _is_told_of(low: str, position: int, end: int) -> bool:
    """ "The invoice was 900": a sentence about a thing, not a call for it."""
    return bool(
        re.search(
            r"\b(?:is|was|were|are|has|had|have|went|came|arrived|looks?|looked|says|said|got|took|"
            r"made|ran|felt|seems?|didn't|isn't|wasn't|hasn't|will|would|should|could|might|may|"
            r"can)\b",
            low[position:end],
        )
    )


def _only_modifiers(between: str) -> bool:
    return len(between.split()) <= 4


def _describes(low: str, noun: re.Match[str], limit: int) -> bool:
    """Whether the noun only describes the next one ("email address", "post office")."""
    after = re.match(
        r"\s+(address|list|sheet|office|template|numbers?|campaign|centre|center|id|software|"
        r"system|card|notes?|series|job|agenda|minutes|emails?|mails?|season|day|time|policy|"
        r"process|history)\b",
        low[noun.end() : limit],
    )
    return bool(after)


_PAID = re.compile(
    r"\b(?:(?:has|have|had|just|finally|also|now|'s|already|today)\s+)*(?:paid|payed|settled|"
    r"transferred|wired|remitted|cleared|sent\s+over\s+(?=[^.;]{0,12}\d)|sent\s+(?:us\s+|"
    r"me\s+)?(?:the\s+money|(?:\S{0,3})\d)|"
    r"bezahlt|überwiesen|gezahlt|beglichen|pagó|pagado|ha\s+pagado|transferido|transfirió|abonado|"
    r"payé|réglé|viré|versé)\b"
)
_CAME_IN = re.compile(
    r"\b(?:came\s+in|come\s+in|arrived|landed|has\s+arrived|hit\s+(?:the|my|our)\s+(?:account|"
    r"bank)|is\s+in|eingegangen|ha\s+llegado|entró|est\s+arrivé|sont\s+arrivés|are\s+in|just\s+in|"
    r"in\s+the\s+(?:bank|account))\b"
)
_UNPAID = re.compile(
    r"\b(?:supposedly|apparently|allegedly|hopefully|maybe|perhaps|probably|might|may|seems?|think|"
    r"not|n't|never|hasn't|haven't|hasnt|didn't|yet\s+to|will|'ll|would|should|going\s+to|"
    r"to\s+be|can|could|supposed|must|wants?\s+to|if|when|once|until|unless|nicht|noch|no\s+ha|"
    r"n'a\s+pas|always|usually|never|i|we|to\s+get|get|getting|being|be|says?|said|claims?|thinks?|"
    r"promised?|how|who|why|has\s+anyone|i've|we've|ich|wir|yo|j'ai|nobody|none|if\s+they|"
    r"waiting)\b"
)
_GETS_BACK = re.compile(
    r"\b(?:gets?|get|should\s+get|is\s+getting|receives?|is\s+owed|is\s+due|bekommt|kriegt|recibe|"
    r"récupère)\s+(?=[^.;!?\n]{1,60}\b(?:back|refund(?:ed)?|zurück|de\s+vuelta|erstattet)\b)"
)
_GETS_INVOICE = re.compile(
    r"\b(?:gets?|should\s+get|is\s+to\s+get|needs?|is\s+due|bekommt|kriegt|braucht|necesita|"
    r"a\s+besoin\s+d'une)\s+(?=(?:an?|the|another|one|their|his|her|eine|una|une|new|"
    r"a\s+new)\s+(?:\w+\s+)?(?:invoice|bill|rechnung|factura|facture)\b)"
)
_OWED = re.compile(r"\b(?:in\s+rechnung\s+stellen)\b")
_PING = re.compile(
    r"(?:^|[,;!?.—–-]\s*|\band\s+|\bso\s+|\bplease\s+|\bcan\s+you\s+|"
    r"\bcould\s+you\s+)(?P<t>(?:please\s+|pls\s+)?(?:remind|ping|nudge|alert|poke|"
    r"buzz)\s+me(?!\s+(?:again\s+)?(?:what|who|where|which|how))|give\s+me\s+a\s+(?:nudge|ping|"
    r"shout|heads-?up|poke|buzz)|set\s+(?:a|an)\s+(?:reminder|alarm)|wake\s+me)\b"
)
_SAVE_TAIL = re.compile(
    r"[,;—–-]\s*(?:so\s+|and\s+)?(?:please\s+|pls\s+)?(?P<t>(?:save|note|remember|keep|store|file|"
    r"log|write)\s+(?:that|this|it)(?:\s+(?:down|please|pls|in\s+mind|for\s+(?:me|later|"
    r"next\s+time)))*|note\s+(?:it\s+)?down|keep\s+(?:that|this|it)\s+in\s+mind|"
    r"make\s+a\s+note(?:\s+of\s+(?:it|that|this))?|merk\s+dir\s+das|apúntalo|note-le|fyi|"
    r"for\s+your\s+(?:info|information))[\s.!]*$"
)
_QUESTION = re.compile(
    r"^(?:what|whats|when|where|who|whom|whose|which|how\s+(?:much|many|long|often|late)|did|has|"
    r"have|do\s+(?:we|i)|does|is|are|was|were|am|remind\s+me\s+(?:what|who|when|where|which|how)|"
    r"do\s+you\s+(?:remember|know|recall)|(?:can|could)\s+you\s+(?:remember|recall|"
    r"remind\s+me\s+(?:what|who|how|when|where))|tell\s+me|"
    r"show\s+me|any\s+idea|look\s+up|check|give\s+me|"
    r"was|wer|wann|wo|welche[rs]?|wie\s*viel|wie\s+(?:viele|lautet|heißt|hoch)|hat|haben|qué|"
    r"cuál(?:es)?|cuánt[oa]s?|cuándo|quién|dónde|quel(?:le)?s?|combien|quand|qui|où)(?!\w)"
)
_WORLD = re.compile(
    r"\b(?:other|others|people|everyone|studios|freelancers?|businesses|companies|competitors?|"
    r"market|average|typical(?:ly)?|usual(?:ly)?|going\s+rate|best|cheapest|law|legal(?:ly)?|"
    r"regulations?|rules|rate\s+(?:in|for)|tax(?:es)?|"
    r"vat\s+(?:rate|rules|threshold|on)|official|deadline\s+for|population|weather|exchange\s+rate|"
    r"tools?|software|required|requirements?|allowed|mandatory|anyone|one\s+need|"
    r"current\s+\w+\s+rate|inflation|interest\s+rate|in\s+general|normally|most|latest|price\s+of|"
    r"capital|difference\s+between|open\s+source|alternatives?)\b"
)
_OURS = re.compile(
    r"\b(?:we|our|us|i|my|me|mine|ours|ich|wir|unser\w*|mein\w*|mi|mis|nuestr\w+|nous|notre|nos|"
    r"mon|ma|mes|j'ai|hemos|tenemos|habíamos|avons)\b"
)
_COMPANY_FACT = re.compile(
    r"\b(?:terms|invoice|invoices|paid|pay|pays|owe|owes|owed|rate|agreed?|number|address|iban|"
    r"birthday|contact|phone|email|vat|deadline|budget|project|prefer\w*|said|last|spoke|speak|"
    r"talk\w*|met|meet|introduced|referr\w*|promised?|quoted?|charge[ds]?|discount|contract|name|"
    r"cost|flight|hotel|sent|signed|account|favou?rite|client\s+since|due|open|outstanding|"
    r"still)\b"
)


def statement(low: str, start: int, end: int) -> Hit | None:
    """An intent that a plain sentence, not an order, makes clear."""
    text = low[start:end]
    tail = _SAVE_TAIL.search(text)
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
    back = _GETS_BACK.search(text)
    if back and not text.startswith(("i ", "we ")):
        return Hit(
            "refund.issue", start + back.start(), start + back.end(), "fact", start + back.end()
        )
    invoiced = _GETS_INVOICE.search(text)
    if invoiced and not re.match(r"(?:i|we|who|does|do|did|if)\b", text):
        return Hit(
            "invoice.create",
            start + invoiced.start(),
            start + invoiced.end(),
            "fact",
            start + invoiced.end(),
        )
    for pattern in (_PAID, _CAME_IN):
        paid = pattern.search(text)
        if not paid or "?" in text or _UNPAID.search(text[: paid.end()]):
            continue
        if pattern is _CAME_IN and not re.search(r"\d", text):
            continue
        return Hit(
            "payment.record", start + paid.start(), start + paid.end(), "fact", start + paid.end()
        )
    return None


def question(low: str, start: int, end: int, *, named: bool) -> Hit | None:
    """What a question asks about: the company itself or the world; None for the other kind."""
    text = low[start:end]
    match = _QUESTION.match(text)
    if not match:
        return None
    opener = match.group()
    ours = bool(_OURS.search(text[match.end() :])) or opener in {"do we", "do i", "am"}
    world = bool(_WORLD.search(text))
    ours = ours or bool(re.search(r"\b(?:did|was|were)\s+the\b", text))
    asks = "?" in low[end : end + 2] or not opener.startswith(
        ("show", "check", "give", "look", "tell", "is", "are", "was")
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


ROLE_WORDS = FUNCTION | words("money invoice payment")
