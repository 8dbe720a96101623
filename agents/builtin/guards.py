"""What keeps words from being an order: negation, report, condition, doubt, a question how."""

import re

POLITE = re.compile(
    r"(?:\s|[,.!:;*•–—-]|[\U0001F300-\U0001FAFF\u2600-\u27BF]|\(?\d{1,2}[.)]\s|(?:"
    r"hi+|hey+|hello|yo|hallo|hola|bonjour|salut|moin|morning|good\s+(?:morning|afternoon|evening)|"
    r"ok+|okay|alright|all\s+right|right|so(?!\s+you\s+know)|well|and|then|"
    r"also|but|now|next|first|second|third|finally|lastly|oh|ah|um|uh|hm+|thanks|thx|great|cool|"
    r"perfect|nice|btw|by\s+the\s+way|quick\s+one|one\s+more(?:\s+thing)?|"
    r"please|pls|plz|plss|kindly|just(?!\s+so\s+you)|quickly|asap|urgent(?:ly)?|actually|factotum|"
    r"bot|buddy|mate|there|again|already|go\s+ahead\s+and|let's|lets|let\s+us|do(?!\s+(?:you|we|i|"
    r"they|not)\b)|"
    r"when\s+you\s+(?:can|have\s+(?:a\s+)?(?:sec|second|minute|moment|time)|"
    r"get\s+(?:a\s+)?(?:chance|sec|minute|moment))|if\s+you\s+(?:can|could|don't\s+mind|"
    r"have\s+(?:a\s+)?(?:time|sec|second|minute|moment))|"
    r"if\s+possible|(?:would\s+you\s+|do\s+you\s+)?mind|be\s+so\s+kind\s+(?:as\s+to|and)|"
    r"make\s+sure\s+(?:to|you)|(?:don't|dont|do\s+not)\s+forget\s+to|"
    r"time\s+to|i\s+(?:want|need)\s+you\s+to|i'?d\s+(?:like|love)\s+you\s+to|"
    r"i\s+would\s+like\s+you\s+to|you\s+(?:can|could|should|may)|help\s+me(?:\s+to)?|start\s+by|"
    r"(?:it\s+would\s+be|would\s+be|it'd\s+be)\s+(?:great|good|nice|lovely)\s+if\s+you\s+(?:could|"
    r"would)|"
    r"bitte|mal|doch|dann|und|noch|jetzt|außerdem|por\s+favor|porfa|y|luego|también|además|ahora|"
    r"s'il\s+te\s+plaît|s'il\s+vous\s+plaît|stp|svp|et|puis|ensuite|aussi|alors|oye|ey|ah"
    r")(?![\w']))+"
)
"""What may stand before an order without changing it."""

ABILITY = re.compile(
    r"(?:can|could|would|will|cd)\s+(?:you|u|ya)\s+(?:(?:please|pls|just|also|maybe|possibly|"
    r"quickly|kindly|then|go\s+ahead\s+and|help\s+me(?:\s+to)?)\s+)*"
    r"|(?:kannst|könntest|würdest|magst)\s+du\s+(?:(?:bitte|mir|mal|mir\s+bitte)\s+)*|(?:puedes|"
    r"podrías|me\s+puedes|me\s+podrías)\s+(?:por\s+favor\s+)?"
    r"|(?:peux-tu|tu\s+peux|pourrais-tu|tu\s+pourrais|peux\s+tu|"
    r"pourriez-vous)\s+(?:s'il\s+te\s+plaît\s+)?|(?:any\s+chance\s+you\s+(?:can|could))\s+"
)
"""A question in form, an order in meaning, if it says what exactly."""

NEGATED = re.compile(
    r"\b(?:don'?t|do\s+not|does\s+not|doesn'?t|dont|no\s+need|needn'?t|not\s+(?:to|yet|now|going)|"
    r"shouldn'?t|should\s+not|mustn'?t|won'?t|will\s+not|"
    r"can'?t|cannot|never(?!\s+mind)|hold\s+off|wait\s+(?:with|before|until|till|for)|skip|stop|"
    r"avoid|refrain|without|instead\s+of|"
    r"not|no\s+more|no\s+longer|rather\s+than|forget\s+(?:about|the|that|it)|cancel|leave|delete|"
    r"nicht|kein(?:e|en|er)?|noch\s+nicht|nie(?:mals)?|no(?=\s+(?:le\s+)?(?:factur|envíes|mandes|"
    r"escrib|recuerd|hagas|reembols|pongas))|ne\s+\w+\s+pas|n'\w+\s+pas|pas)\b"
)
_NOT_NEGATED = re.compile(
    r"\b(?:don'?t|do\s+not|dont)\s+(?:let\s+me\s+forget|forget\s+to|wait)|if\s+you\s+don'?t\s+mind|"
    r"why\s+(?:don'?t|not)\s+you|not\s+only|didn'?t\s+you|nicht\s+vergessen|can'?t\s+you"
)
REPORTED = re.compile(
    r"\b(?:said|says|saying|told\s+(?:me|us)|tells\s+me|asked|asks|asking|wrote|writes|mentioned|"
    r"mentions|suggested|suggests|claims|claimed|thinks|thought|"
    r"wants|wanted|would\s+like|requested|requests|replied|answered|insists|insisted|reckons|hopes|"
    r"promised|promises|offered|proposed|proposes|begged|keeps|messaged|texted|announced|"
    r"expects|expected|is\s+hoping|demands|demanded|sagte?|sagt|meint(?:e)?|schrieb|schreibt|"
    r"fragt(?:e)?|will|möchte|wollte|dijo|dice|escribió|quiere|pide|pidió|pregunta|"
    r"a\s+dit|dit\s+que|veut|demande|a\s+demandé|a\s+écrit|écrit\s+que|according\s+to)\b"
)
CONDITION = re.compile(
    r"(?:if|when(?!\s+(?:did|do|does|is|are|was|were|will|have|has|can|should))|whenever|once|"
    r"as\s+soon\s+as|in\s+case|unless|until|till|provided|assuming|suppose|supposing|imagine|"
    r"what\s+if|even\s+if|had|should\s+\w+\s+(?:ever|not)|"
    r"wenn|falls|sobald|sofern|angenommen|si(?!\w)|cuando|en\s+cuanto|en\s+caso|imagina|quand|"
    r"dès\s+que|lorsque|au\s+cas|imaginons|after\s+(?:he|she|they|we|i|the)|before\s+(?:he|she|"
    r"they|we|i)\s+\w+)\b"
)
DOUBT = re.compile(
    r"\b(?:maybe|perhaps|might|thinking\s+(?:of|about)|thought\s+(?:of|about)|wondering|i\s+wonder|"
    r"considering|should\s+(?:i|we)|i\s+(?:really\s+)?(?:should|could|might|may|would|must|ought|"
    r"guess|suppose|wish|hope)|"
    r"i'?d\s+(?:rather|better|have\s+to|probably|say)|i'?ll|i\s+will|we'?ll|we\s+(?:should|could|"
    r"might|must|will)|i'?m\s+(?:going\s+to|gonna|about\s+to|tempted|planning|not\s+sure|thinking|"
    r"considering|torn|still)|gonna|"
    r"i\s+have\s+to|i'?ve\s+(?:got\s+)?to|gotta|i\s+was\s+going\s+to|not\s+sure|unsure|"
    r"haven'?t\s+decided|one\s+day|some\s?day|at\s+some\s+point|eventually|in\s+theory|"
    r"hypothetically|theoretically|tempted|someday|"
    r"(?:do\s+you\s+think|would\s+it|what\s+would|shall\s+(?:i|we))|probably|vielleicht|eventuell|"
    r"ich\s+(?:sollte|könnte|müsste|überlege|muss|werde)|soll(?:te)?\s+ich|quizás|quizá|tal\s+vez|"
    r"a\s+lo\s+mejor|"
    r"debería|podría(?!s)|peut-être|je\s+(?:devrais|pourrais|pense|vais|dois)|dois-je|i\s+hate|"
    r"i\s+love|let\s+me|i\s+keep)\b"
)
PAST = re.compile(
    r"\b(?:i|we|i've|we've|i'd|ich|he|she|they|j'ai|yo|already)\s+(?:(?:have|had|already|just|"
    r"finally|also|only|even|habe|hab|ai)\s+)*"
    r"(?:invoiced|billed|mailed|emailed|e-mailed|sent|wrote|written|messaged|refunded|reimbursed|"
    r"reminded|chased|booked|scheduled|arranged|set|put|added|onboarded|graded|marked|"
    r"answered|replied|researched|paid|transferred|called|met|told|asked|did|made|drafted|posted|"
    r"published|planned|issued|returned|forgot|noted|saved|created|taken|took|had|"
    r"geschickt|geschrieben|gemacht|gestellt|envoyé|écrit|fait|envié|escrib[ií]|hecho|facturé|"
    r"mandé)\b"
    r"|\balready\s+(?:\w+ed|sent|done|paid|written|did|wrote|made|put|told|gone)\b|\b(?:schon|"
    r"bereits|ya|déjà)\s+\w+"
)
HOW_TO = re.compile(
    r"^(?:how\s+(?:do|can|would|should|could|does|did|to|are|come|about)\b|how's\b|(?:do|does|did|"
    r"are|were|have|is\s+it\s+possible|is\s+there|am\s+i\s+able|can\s+i|could\s+i\s+\w+\s+you|"
    r"may\s+i|can\s+we|can\s+one)\b(?!\s+(?:me|us|it|not)\b)|"
    r"what\s+(?:happens|would\s+happen|if|do\s+you|can\s+you|else\s+can|are\s+you\s+able|would)\b|"
    r"why\b|wie\s+(?:kann|macht|mache|geht|funktioniert)|kann\s+(?:ich|man)|was\s+passiert|"
    r"cómo\b|como\s+(?:puedo|se|hago)|se\s+puede|puedo\b|qué\s+pasa|comment\b|est-ce\s+(?:que|qu')|"
    r"puis-je|peut-on|que\s+se\s+passe|"
    r"(?:are|were)\s+you\s+able|do\s+you\s+know\s+how|is\s+it\s+possible|know\s+how|explain\s+how|"
    r"tell\s+me\s+how|teach\s+me|show\s+me\s+how|wondering\s+(?:how|whether|if))"
)
CANCELLED = re.compile(
    r"(?:\b(?:never\s?mind|nevermind|forget\s+(?:it|that|about\s+(?:it|that))|"
    r"leave\s+it(?:\s+(?:be|alone|for\s+now))?|(?:i'?m\s+)?leav(?:e|ing)\s+(?:that|it|"
    r"this)\s+(?:alone|be|for\s+now)|scratch\s+that|ignore\s+(?:that|this|me|it)|"
    r"on\s+second\s+thoughts?,?\s+(?:no|don'?t|leave|not|let|i)|actually,?\s+(?:no|don'?t|not|"
    r"leave\s+it|never|wait)|no\s+wait,?\s+(?:don'?t|leave|not)|don'?t\s+(?:do\s+(?:that|it|"
    r"anything|this)|bother|send\s+(?:it|that|them)|act)|"
    r"nothing\s+to\s+do|no\s+action|(?:just|only)\s+(?:kidding|joking|thinking\s+(?:aloud|"
    r"out\s+loud)|saying|an\s+example|testing)|just\s+an?\s+(?:idea|thought|example|test)|jk|"
    r"lol\s+no|haha\s+no|kidding|"
    r"i'?ll\s+(?:do|handle|take\s+care\s+of|deal\s+with|sort|manage)\s+(?:it|that|this|"
    r"them)(?:\s+myself)?|(?:do|did|doing)\s+it\s+myself|not\s+now|need\s+to\s+sleep\s+on\s+it|"
    r"sleep\s+on\s+it|let\s+me\s+think|vergiss\s+es|schon\s+erledigt|doch\s+nicht|"
    r"olvídalo|déjalo|no\s+importa|mejor\s+no|laisse\s+tomber|oublie|en\s+fait\s+non)\b)"
)
IT_ITSELF = re.compile(
    r"^(?:do|send|make|write|issue|arrange|handle|sort|book|go\s+ahead|set\s+it|schedule|confirm|"
    r"take\s+care\s+of|mach|schick|hazlo|envíalo|fais(?:-le)?|yes)\b[\s,]*(?:(?:it|that|this|one|"
    r"so|them|both|him|her|das|up|out|off|over|on|with|for|me|please|pls|now|today)\b[\s,.!]*)*$"
)
""" "please do that": an order to do what the words before it are about."""


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
