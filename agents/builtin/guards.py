"""What keeps words from being an order: negation, report, condition, doubt, a question how."""

import re
from collections.abc import Callable

POLITE = re.compile(
    r"(?:\s|[,.!:;*•¿¡–—-]|[\U0001F300-\U0001FAFF\u2600-\u27BF]|\(?\d{1,2}[.)]\s|"
    r"\(?[a-h]\)\s|(?:hi+|hey+|hello|"
    r"yo|och|aye|ach|hallo|hola|bonjour|salut|moin|morning|good\s+(?:morning|afternoon|evening)|ok+|okay|"
    r"alright|all\s+right|right|so(?!\s+you\s+know)|well|and|then|also|but|now|next|first|second|"
    r"third|finally|lastly|firstly|secondly|so+|o+h+|a+h+|um+|uh+|hm+|sorry|oi|pretty|real\s+quick|"
    r"(?:(?:two|three|four|a\s+few|some|a\s+couple\s+of|couple\s+of|\d)\s+(?:quick\s+)?things|"
    r"one\s+thing)(?:\s+(?:please|pls|today|for\s+you))?|"
    r"before\s+i\s+forget|omg|yay+|ugh+|lol|hiya|heya|evening|afternoon|folks|team|dear|love|gosh|"
    r"anyways?|right\s+then|sir|madam|ma'am|yeah|yea|yep|yes|ta|be\s+an\s+angel\s+and|do\s+the\s+"
    r"needful(?:\s+and)?|"
    r"(?:i\s+)?(?:reckon|think|guess)\s+it'?s\s+time|it'?s\s+time|it\s+is\s+time|about\s+time|"
    r"be\s+a\s+(?:dear|love|star|pal|sport)\s+and|do\s+me\s+a\s+favou?r(?:\s+and)?|n|'n'|"
    r"to(?=\s+(?:invoice|bill|send|give|chase|remind|write|email|refund|book|schedule|onboard|add|"
    r"log|record|draft|plan)\b)|"
    r"thanks|thx|great|cool|perfect|nice|btw|by\s+the\s+way|"
    r"quick\s+one|one\s+more(?:\s+thing)?|please|pls|plz|plss|kindly|just(?!\s+so\s+you)|quickly|"
    r"asap|urgent(?:ly)?|actually|factotum|bot|buddy|mate|there|again|already|go\s+ahead\s+and|"
    r"let's|lets|let\s+us|do(?!\s+(?:you|we|i|they|not|me|him|her|them|up|some|a\s+(?:bit|little|quick))\b)|when\s+you\s+(?:can|"
    r"have\s+(?:a\s+)?(?:sec|second|minute|moment|time)|get\s+(?:a\s+)?(?:chance|sec|minute|"
    r"moment))|if\s+you\s+(?:can|could|don't\s+mind|have\s+(?:a\s+)?(?:time|sec|second|minute|"
    r"moment))|if\s+possible|(?:would\s+you\s+|do\s+you\s+)?mind|be\s+so\s+kind\s+(?:as\s+to|and)|"
    r"make\s+sure\s+(?:to|you)|(?:don't|dont|do\s+not)\s+forget\s+to|time\s+to|i\s+(?:want|"
    r"need)\s+you\s+to|i'?d\s+(?:like|love)\s+you\s+to|i\s+would\s+like\s+you\s+to|you\s+(?:can|"
    r"could|should|may)|help\s+me(?:\s+to)?|start\s+by|(?:it\s+would\s+be|would\s+be|"
    r"it'd\s+be)\s+(?:great|good|nice|lovely)\s+if\s+you\s+(?:could|would)|bitte|mal|doch|dann|und|"
    r"noch|jetzt|außerdem|por\s+favor|porfa|y|luego|también|además|ahora|s'il\s+te\s+plaît|"
    r"s'il\s+vous\s+plaît|stp|svp|et|puis|ensuite|aussi|alors|oye|ey|ah)(?![\w']))+"
)
"""What may stand before an order without changing it."""

ABILITY = re.compile(
    r"(?:can|could|would|will|cd)\s+(?:you|u|ya|ye|yous)\s+(?:(?:please|pls|just|also|maybe|"
    r"possibly|"
    r"quickly|kindly|then|go\s+ahead\s+and|help\s+me(?:\s+to)?)\s+)*|(?:kannst|könntest|würdest|"
    r"magst)\s+du\s+(?:(?:bitte|mir|mal|mir\s+bitte)\s+)*|(?:puedes|podrías|me\s+puedes|"
    r"me\s+podrías)\s+(?:por\s+favor\s+)?|(?:peux-tu|tu\s+peux|pourrais-tu|tu\s+pourrais|peux\s+tu|"
    r"pourriez-vous)\s+(?:s'il\s+te\s+plaît\s+)?|(?:can\s+we\s+(?=(?:fit|squeeze|book|schedule|"
    r"pencil)\b))|(?:(?:why\s+(?:don'?t|not)|can'?t|couldn'?t)\s+(?:you|u)\s+(?!even\b|see\b|just\b)"
    r"(?![^.;!?]*\b(?:yourself|lol|haha|ever|never)\b))|(?:any\s+chance\s+you\s+(?:can|could))\s+"
)
"""A question in form, an order in meaning, if it says what exactly."""

NEGATED = re.compile(
    r"\b(?:don'?t|do\s+not|does\s+not|doesn'?t|dont|no\s+need|needn'?t|not\s+(?:to|yet|now|going)|"
    r"shouldn'?t|should\s+not|mustn'?t|won'?t|will\s+not|can'?t|cannot|never(?!\s+mind)|hold\s+off|"
    r"wait\s+(?:with|before|until|till|for)|skip|stop|avoid|refrain|without|instead\s+of|not|"
    r"no\s+more|no\s+longer|rather\s+than|forget\s+(?:about|the|that|it)|cancel|leave|delete|nicht|"
    r"kein(?:e|en|er)?|noch\s+nicht|nie(?:mals)?|no(?=\s+(?:le\s+)?(?:factur|envíes|mandes|escrib|"
    r"recuerd|hagas|reembols|pongas))|ne\s+\w+\s+pas|n'\w+\s+pas|pas)\b"
)
_NOT_NEGATED = re.compile(
    r"\b(?:don'?t|do\s+not|dont)\s+(?:let\s+me\s+forget|forget\s+to|wait)|if\s+you\s+don'?t\s+mind|"
    r"why\s+(?:don'?t|not)\s+you|not\s+only|didn'?t\s+you|nicht\s+vergessen|can'?t\s+you|"
    r"vergiss(?:t)?\s+nicht|n'oublie[sz]?\s+pas|no\s+(?:te\s+)?olvides"
)
_PAYMENTS = ("bank", "stripe", "paypal", "wise", "revolut", "klarna", "sumup", "twint")
_NOT_A_MACHINE = "".join(rf"(?<!\b{each}\s)" for each in _PAYMENTS)
""" "The bank says that Ida paid" is no hearsay."""
REPORTED = re.compile(
    rf"\b(?:said|{_NOT_A_MACHINE}(?:says|tells\s+(?:me|us))|saying|told\s+(?:me|us)|"
    r"asked|asks|asking|wrote|writes|mentioned|"
    r"mentions|suggested|suggests|used\s+to\s+say|likes\s+to\s+say|claims|claimed|thinks|thought|"
    r"wants|wanted|would\s+like|"
    r"requested|requests|replied|answered|insists|insisted|reckons|hopes|promised|promises|offered|"
    r"proposed|proposes|begged|keeps(?:\s+\w+ing)?|preach(?:es|ed)?|goes\s+on\s+about|nags|nagged|"
    r"moans|swears|advises|advised|recommends|recommended|messaged|texted|emailed|e-mailed|mailed|"
    r"pinged|phoned|rang|"
    r"called|commented|announced|shouts|shouted|shouting|yells|yelled|used\s+to\s+\w+|expects|expected|is\s+hoping|demands|demanded|sagte?|sagt|"
    r"meint(?:e)?|schrieb|schreibt|fragt(?:e)?|will|möchte|wollte|dijo|dice|escribió|quiere|pide|"
    r"pidió|pregunta|(?:he|she|they|it)'ll|a\s+dit|dit\s+que|veut|demande|a\s+demandé|a\s+écrit|écrit\s+que|"
    r"according\s+to)\b"
)
CONDITION = re.compile(
    r"(?:(?:for\s+)?(?:example|instance)|e\.\s?g\b|zum\s+beispiel|z\.\s?b\b|por\s+ejemplo|"
    r"par\s+exemple|sample|if|when(?!\s+(?:did|do|does|is|are|was|were|will|have|has|can|should))|"
    r"whenever|once|as\s+soon\s+as|in\s+case|unless|until|till|provided|assuming|suppose|supposing|"
    r"imagine|what\s+if|even\s+if|had|should\s+\w+\s+(?:ever|not)|wenn|falls|sobald|sofern|"
    r"angenommen|si(?!\w)|cuando|en\s+cuanto|en\s+caso|imagina|quand|dès\s+que|lorsque|au\s+cas|"
    r"imaginons|after\s+(?:he|she|they|we|i|the)|before\s+(?:he|she|they|we|i)\s+\w+)\b"
)
DOUBT = re.compile(
    r"\b(?:maybe|perhaps|might|thinking\s+(?:of|about)|thought\s+(?:of|about)|wondering|i\s+wonder|"
    r"considering|should\s+(?:i|we)|i\s+(?:really\s+)?(?:should|could|might|may|would|must|ought|"
    r"guess|suppose|wish|hope|doubt)|i'?d\s+(?:rather|better|have\s+to|probably|supposedly|apparently|"
    r"allegedly|hopefully|say)|i'll|(?<![a-z]\s)ill(?=\s+[a-z])|i\s+will|we'll|we\s+(?:should|could|might|must|will)|"
    r"i'?m\s+(?:going\s+to|gonna|about\s+to|tempted|planning|not\s+sure|thinking|considering|torn|"
    r"still)|gonna|i\s+have\s+to|i'?ve\s+(?:got\s+)?to|gotta|i\s+was\s+going\s+to|not\s+sure|"
    r"unsure|haven'?t\s+decided|one\s+day|some\s?day|at\s+some\s+point|eventually|in\s+theory|"
    r"hypothetically|theoretically|tempted|someday|(?:do\s+you\s+think|would\s+it|what\s+would|"
    r"shall\s+(?:i|we))|probably|vielleicht|eventuell|ich\s+(?:sollte|könnte|müsste|überlege|muss|"
    r"werde)|soll(?:te)?\s+ich|quizás|quizá|tal\s+vez|a\s+lo\s+mejor|debería|podría(?!s)|peut-être|"
    r"je\s+(?:devrais|pourrais|pense|vais|dois)|dois-je|i\s+hate|i\s+love|let\s+me(?!\s+know)|i\s+"
    r"keep)\b"
)
PAST = re.compile(
    # "It's time we billed Kline" is no report.
    r"\b(?<!\btime )(?<!\btime that )(?:i|we|i've|we've|i'd|ich|he|she|they|"
    r"j'ai|yo|already)\s+(?:(?:have|had|already|just|finally|also|only|even|habe|hab|ai)\s+)*(?:invoiced|billed|mailed|emailed|e-mailed|sent|"
    r"wrote|written|messaged|refunded|reimbursed|reminded|chased|booked|scheduled|arranged|set|put|"
    r"added|onboarded|graded|marked|answered|replied|researched|paid|transferred|called|met|told|"
    r"asked|did|made|drafted|posted|published|planned|issued|returned|forgot|noted|saved|created|"
    r"taken|took|had|geschickt|geschrieben|gemacht|gestellt|envoyé|écrit|fait|envié|escrib[ií]|"
    r"hecho|facturé|mandé)\b|\balready\s+(?:\w+ed|sent|done|paid|written|did|wrote|made|put|told|"
    r"gone)\b|\b(?:schon|bereits|ya|déjà)\s+\w+"
)
DONE = re.compile(
    r"^(?:(?:ok|okay|and|so|just|finally|already|also|yes|yep|done|well|hi|hey)[\s,.!:–—-]+)*(?:sent|"
    r"invoiced|billed|refunded|reimbursed|reminded|chased|booked|scheduled|e-?mailed|mailed|messaged|"
    r"wired|transferred|remitted|discussed|agreed|talked|spoke|cancelled|asked|promised|offered|"
    r"wrote|posted|published|graded|onboarded|answered|replied|(?:received|got)\s+(?:your|my|his|her|"
    r"their|an?)\s+(?:\w+\s+)?(?:e?-?mail|message|call|letter|note|reminder|invoice|bill|question))\b"
    r"(?!\s*[:?])|(?<!can\s)(?<!could\s)(?<!would\s)\byou\s+(?:(?:have|already|just|only|were|are)\s+)*"
    r"(?:sent|invoiced|billed|refunded|reminded|chased|booked|scheduled|e-?mailed|mailed|wrote|posted|"
    r"graded|onboarded|supposed\s+to)\b"
)
NOT_THERE = re.compile(
    r"\b(?:payment|transfer|cheque|check|money|zahlung|überweisung|pago|transferencia|paiement|"
    r"virement)\b[^.;!?\n]{0,40}\b(?:failed|bounced|pending|declined|reversed|late|missing|overdue|"
    r"hasn't|has\s+not|isn't|never|fehlt|falta|manque)\b"
)
CHANGES = re.compile(
    r"(?:^|[.,;:!?]\s+|\b(?:please|pls|you|to|and)\s+)(?:move|shift|postpone|reschedule|push\s+back|"
    r"bring\s+forward|verschieb\w*|verleg\w*|aplaza|mueve|décale|reporte)\s[^.;!?\n]*\b(?:call|meeting|"
    r"appointment|lunch|dinner|breakfast|coffee|session|slot|visit|chat|termin|treffen|anruf|cita|"
    r"reunión|llamada|rendez-vous|rdv|réunion|appel)\b"
)
TOLD = re.compile(
    r"^(?:(?:the|our|my|your|their|his|her|all|these|those)\s+)?(?:\w+\s+)?(?:costs?|prices?|status|"
    r"refunds?|reminders|approvals?|budgets?|invoices|payments)(?:\s+\w+)?\s+(?:is|are|was|were|keeps?|went|goes|took|"
    r"takes?)\b(?!.*\?)"
)
HOW_TO = re.compile(
    r"^(?:how\s+(?:do|can|would|should|could|does|did|to|are|come|about)\b|how's\b|(?:do|does|did|"
    r"are|were|have|is\s+it\s+possible|is\s+there|am\s+i\s+able|can\s+i|could\s+i\s+\w+\s+you|"
    r"may\s+i|can\s+we|can\s+one)\b(?!\s+(?:me|us|it|not)\b)|what\s+(?:about|happens|would\s+happen|if|"
    r"do\s+you|can\s+you|else\s+can|are\s+you\s+able|would)\b|why\b|wie\s+(?:kann|macht|mache|geht|"
    r"funktioniert)|kann\s+(?:ich|man)|was\s+passiert|cómo\b|como\s+(?:puedo|se|hago)|se\s+puede|"
    r"puedo\b|qué\s+pasa|comment\b|est-ce\s+(?:que|qu')|puis-je|peut-on|que\s+se\s+passe|(?:are|"
    r"were)\s+you\s+able|do\s+you\s+know\s+how|is\s+it\s+possible|know\s+how|explain\s+how|"
    r"tell\s+me\s+how|teach\s+me|show\s+me\s+how|wondering\s+(?:how|whether|if))"
)
CANCELLED = re.compile(
    r"(?:\b(?:never\s?mind|nevermind|forget\s+(?:it|that|about\s+(?:it|that))|"
    r"leave\s+it(?:\s+(?:be|alone|for\s+now))?|(?:i'?m\s+)?leav(?:e|ing)\s+(?:that|it|"
    r"this)\s+(?:alone|be|for\s+now)|(?:scratch|scrap|strike|drop|kill|bin)\s+that|ignore\s+"
    r"(?:that|this|me|it)|"
    r"on\s+second\s+thoughts?,?\s+(?:no|don'?t|leave|not|let|i)|actually,?\s+(?:no|don'?t|not|"
    r"leave\s+it|never|wait)|no\s+wait,?\s+(?:don'?t|leave|not)|(?:don'?t|do\s+not)\s+(?:do\s+(?:that|it|"
    r"anything|this)|bother|send\s+(?:it|that|them|yet|now)|act)|please\s+(?:don'?t|do\s+not)(?=[\s.!]*$)|nothing\s+to\s+do|no\s+action|(?:just|"
    r"only)\s+(?:kidding|joking|thinking\s+(?:aloud|out\s+loud)|saying|an\s+example|testing)|"
    r"just\s+an?\s+(?:idea|thought|example|test)|jk|lol\s+no|haha\s+no|kidding|i'?ll\s+(?:do|"
    r"handle|take\s+care\s+of|deal\s+with|sort|manage)\s+(?:it|that|this|them)(?:\s+myself)?|(?:do|"
    r"did|doing)\s+it\s+myself|not\s+now(?!,?\s+but)|need\s+to\s+sleep\s+on\s+it|sleep\s+on\s+it|"
    r"let\s+me\s+think|vergiss\s+es|schon\s+erledigt|doch\s+nicht|olvídalo|déjalo|no\s+importa|"
    r"mejor\s+no|laisse\s+tomber|oublie|en\s+fait\s+non)\b)"
)


def strip_polite(low: str, start: int, end: int) -> tuple[int, bool]:
    """Where the sentence proper starts, and whether it is put as "can you …"."""
    asked = False
    while True:
        match = POLITE.match(low, start, end)
        if match and match.end() > start:
            asked = asked or (
                " mind" in low[max(start - 1, 0) : match.end()] and "forget" not in match.group()
            )
            start = match.end()
            continue
        ability = ABILITY.match(low, start, end)
        if ability and ability.end() > start:
            start, asked = ability.end(), True
            continue
        return start, asked


def negated(text: str) -> bool:
    """Whether a text negates what it is about."""
    return bool(NEGATED.search(_NOT_NEGATED.sub(" ", text)))


_HELD_BACK: tuple[tuple[Callable[[str], object], str], ...] = (
    (negated, "it says what not to do"),
    (REPORTED.search, "it tells what somebody said"),
    (DOUBT.search, "it thinks aloud"),
    (PAST.search, "it tells what was done"),
    (DONE.search, "it tells what was done"),
    (NOT_THERE.search, "the money isn't there"),
    (CHANGES.search, "it moves what is booked already"),
    (TOLD.match, "it tells how things are"),
    (HOW_TO.match, "it asks how, or whether"),
    (CONDITION.match, "it says what would be"),
    (CANCELLED.search, "it takes something back"),
)


def held_back(text: str) -> str | None:
    """Why a text that gives no order to this machine's reading should not be given one by another.

    None where nothing in it holds an order back.
    """
    return next((why for found, why in _HELD_BACK if found(text.strip())), None)
