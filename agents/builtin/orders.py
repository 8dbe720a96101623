"""How orders are worded: verbs that say all, and verbs that leave it to their object."""

_LIGHT = (
    "gimme do_me_up do_me do_up knock_up bash_out rustle_up crank_out throw_together draw_up "
    "sort_out sort "
    "make_me write_me give_me get_me fix_me_up prepare_me hit_me_with whip_me_up spin_up turn_out "
)
"""What goes with any object, however it is put."""

_OWN: dict[str, str] = {
    "invoice": (
        "send make create issue raise write draft prepare do generate get give need want cut "
        "submit put_together knock_out whip_up fire_off shoot set_up schick schicke stell stelle "
        "erstelle erstell mach mache schreib schreibe sende envía envia envíale manda mándale "
        "mandale haz hazle prepara crea emite genera envoie fais prépare établis rédige crée faire "
        "new one another the issue_out an a forward email e-mail mail"
    ),
    "email": (
        "send write draft drop shoot prepare compose fire_off pen type give do make schick schicke "
        "schreib schreibe sende escribe envía envia manda mándale redacta envoie écris ecris "
        "rédige prépare need new do a an"
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

GENERAL = {kind: _LIGHT + verbs for kind, verbs in _OWN.items()}
"""Verbs (and the "new" and "a" of telegram style) that take a noun of a kind as their object."""

DIRECT: tuple[tuple[str, str], ...] = (
    (
        "reminder.set",
        r"(?:(?:remind|nudge|ping|poke|alert|notify|buzz|prod)|(?:shout|yell|holler)\s+at)\s+"
        r"me(?!\w)(?!\s+(?:again\s+)?(?:what|"
        r"who|whom|whose|where|which|how\s+(?:much|many)|when\s+(?:did|we|i|is|was|does))\b)|"
        r"(?:don'?t|do\s+not)\s+let\s+me\s+forget|wake\s+me(?:\s+up)?|give\s+(?:me|us)\s+a\s+"
        r"(?:nudge|"
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
        r"for\s+the\s+(?:record|file|files|notes)|(?:save|store|keep|note)\s+(?=(?!that\b|this\b|"
        r"it\b)"
        r"[^.;!?\n:]{0,40}\b(?:address|number|phone|birthday|iban|details|password|code|size|"
        r"preferences?)\b)|(?:save|store|log|file|keep)\s+(?:that|this|"
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
        r"(?:give|send|drop)\s+(?=(?!me\b)[^.;!?]{1,40}?\b(?:an?|another|one\s+more)\s+(?:\w+\s+"
        r")?(?:poke|nudge|prod|kick|"
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
        r"(?:book|log|record|enter|register)\s+(?=(?:(?:the|a|another|his|her|their)\s+)?[€$£₹]?\s?"
        r"\d[^.;!?\n]{0,20}\bfrom\b)|"
        r"(?:record|log|book|register|enter|note(?:\s+down)?|mark\s+down|put\s+down|file|add|"
        r"verbuche?|registra|anota|enregistre|note)\s+(?=(?:[^.;!?\n]{0,50})\b(?:payment|paid|"
        r"check|cheque|cash|"
        r"transfer|deposit|zahlung|zahlungseingang|pago|paiement|règlement|received|"
        r"incoming)\b)(?!.{0,30}\breminder)|mark\s+(?=[^.;!?\n]{0,60}\b(?:paid|settled|payed|"
        r"cleared)\b)|(?:payment|money|transfer)\s+(?:received|came\s+in|arrived|"
        r"in)\b(?=\s*(?:from|by|of|[:,–—-]))|"
        r"(?:payment|transfer)\s+(?:from|of\s+[^.;!?\n]{1,25}?\bfrom)\b|(?:got|received)\s+"
        r"(?!(?:an?|the|his|her|their|"
        r"another)\s+(?:\w+\s+)?(?:invoice|bill|e?-?mail|quote|request|message|offer|reminder|"
        r"refund)\b)(?=[^.;!?\n]{0,40}\b(?:from|off)\b)(?=[^.;!?\n]{0,30}\d)",
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
        r"(?:on|for)\s+(?:the|our|my)\s+blog|contenus?|inhalte|social\s+media|carousels?)\b)|content\s+(?:plan|calendar)\b|"
        r"(?:ideas|topics)\s+for\s+(?=(?:\w+\s+){0,3}(?:posts?|newsletters?|articles?|blog)\b)|"
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
        r"templates?)\b|\s+(?:no\.?\s*|nr\.?\s*)?(?:\d{4}-\d|#|inv-?\d)|\s+(?:no\.?|nr\.?|"
        r"number)\s*\w*\d)|stell(?:e|"
        r"en)?\s+(?=[^.;!?\n]{1,120}\bin\s+rechnung)",
    ),
    (
        "meeting.schedule",
        r"block\s+(?:(?:me|us|out|off)\s+)*(?=[^.;!?\n]{0,30}\d[^.;!?\n]{0,40}\b(?:with|w/)\s)|"
        r"(?:half\s+an\s+hour|an\s+hour|\d+(?:[.,]\d+)?\s*(?:min|mins|minutes|h|hrs?|hours?))\s+"
        r"(?=(?:with|w/)\s+\w)|"
        r"(?:book|schedule|arrange|set\s+up|organi[sz]e|fix(?:\s+up)?|line\s+up|put(?:\s+in)?|"
        r"pencil\s+in|slot\s+in|"
        r"squeeze\s+in|get\s+in|fit(?:\s+me)?\s+in|confirm|make)\s+(?:me\s+|us\s+)?(?:in\s+"
        r")?(?:an?|another|the|my|our|one|two|"
        r"\d+|some(?:thing)?|sth|time)\s+(?![^.;!?\n]{0,40}\b(?:flight|table|room|hotel|taxi|cab|"
        r"train|ticket|seat|car|note|list|word|post|"
        r"article|deal|payment|invoice|appointment\s+letter|reminder|lead|client|prospect|bill|"
        r"mail|email|"
        r"newsletter|plan)s?\b)[^.;!?\n]{0,40}?(?<=\s)(?:with|w/|w)\s+(?=(?!that\b|this\b|it\b|"
        r"what\b|a\b|some\b)\w)|"
        r"(?:meet|see)(?!\w)(?:\s+(?:up\s+)?with)?(?=\s+(?!you|ya|me\b|him\b|what|if|whether|how|"
        r"that)[^.;!?\n]{1,60}\b(?:\d|mon|tue|wed|thu|fri|sat|sun|tomorrow|noon|next)\w*)|"
        r"book\s+(?=(?!(?:it|that|this|the\s+(?:payment|amount)|(?:me\s+|us\s+)?(?:a|an|the|my|"
        r"our|two|\d+)\s+(?:\w+\s+)?(?:flight|"
        r"table|room|hotel|taxi|cab|train|ticket|seat|car|ferry|bus)s?)\b)[^.;!?\n]{1,60}\b(?:for|"
        r"on|"
        r"in\s+for|at|in)\s+(?:\w+\s+){0,2}(?:\d|jan|feb|march|april|may|june|july|aug|sept|oct|"
        r"nov|dec|mon|tue|wed|thu|fri|sat|sun|tomorrow|noon|"
        r"next)\w*)|(?:book|pencil|put|squeeze|slot|schedule|get|fit|stick|pop|chuck|bung|whack|"
        r"throw|"
        r"fix)\s+(?=[^.;!?\n]{1,60}\b(?:in|down)\s+(?:for|on|at)\s)|(?:put|get|pencil|stick|pop|"
        r"enter|slot|add|"
        r"squeeze)\s+(?=(?!it\b|that\b|this\b)[^.;!?\n]{1,50}\b(?:in|into|on|to)\s+(?:the|my|"
        r"our)\s+(?:diary|calendar|"
        r"agenda|schedule)\b)|schedule\s+(?=(?!(?:a|an|"
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
        r"(?:(?:e-?mail|mail|message|text|dm)(?!\s+from\b)|write(?:\s+back)?\s+to|"
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
        r"ping(?!\s+me)|schreib(?:e|en)?(?!\s+(?:einen?|das|den|über|mir)\b)|maile?(?!\s+from\b)|sag(?!\s+mir)|"
        r"frag(?:e)?|antworte|informiere|bedanke?\s+dich\s+bei|gib(?=\s+[^.;!?]{1,40}\s+bescheid)|"
        r"escr[ií]be(?:le|les)?(?!\s+(?:un|una|el|la)\s+(?:post|art|hilo|bolet|gui))|dile(?:s)?|"
        r"pregúntale|responde\s+a|avisa\s+a|dis(?=\s+à)|[ée]cri[st](?:-lui|"
        r"-leur)?(?=\s)(?!\s+(?:un|une)\s+(?:post|art|bill|news|fil|script))|demande(?=\s+à)|"
        r"préviens|réponds\s+à|informe)(?!\w)",
    ),
)
