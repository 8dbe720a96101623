"""Phrases that by themselves say which request is meant; slots come from elsewhere."""

import re
from collections.abc import Mapping

_ADDRESS = r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
_ALL = r"(?:everything|all|all\s+(?:work|jobs|tasks|of\s+it|activity|activities|outgoing\s+\w+)|it\s+all|things|work|work(?:ing)?|the\s+(?:whole\s+)?(?:work|queue|jobs|lot|show|whole\s+thing|machine|automation|bots?|agents?)|operations|anything|any\s+work|(?:your|the|all)\s+(?:work|agents|jobs|tasks))"
_END = r"(?=$|[\s,.!?;:)…-]*$|\s+(?:please|pls|for|until|till|now|then|again|today|while|i'?m|and|thanks|thx|right|immediately|meanwhile|bitte)\b|[,.!;:—–-])"

SHOWS: Mapping[str, re.Pattern[str]] = {
    "undo.last": re.compile(
        rf"^(?:(?:no|oh\s+no|oops|whoops|nope|shit|damn|argh|ugh|wrong(?:\s+one)?|my\s+(?:bad|mistake)|sorry|wait|mist|hoppla|that\s+was\s+(?:wrong|a\s+mistake|the\s+wrong\s+\w+))[\s,.!:;–—-]+)*"
        rf"(?:undo|(?:take|roll|put)\s+(?:that|it|this)(?:\s+(?:last\s+)?(?:one|step|action|thing))?\s+back|take\s+back\s+(?:that|the\s+last|what)|roll\s?back|revert|reverse\s+(?:that|it|this|the\s+last|what\s+you|your\s+last)|unsend|"
        r"cancel\s+(?:that|the\s+last\s+\w+|what\s+you\s+just|your\s+last)|(?:scrap|scratch)\s+(?:that|the\s+last)\s+(?:last\s+)?(?:action|step|one)|go\s+back\s+(?:one|a)\s+step|step\s+back\s+one|"
        r"mach(?:e)?\s+(?:das|es|die\s+letzte\s+\w+)\s+(?:wieder\s+)?(?:rückgängig|ungeschehen)|rückgängig|deshaz|deshacer|anula\s+(?:eso|lo\s+último|la\s+última)|annule\s+(?:ça|cela|la\s+dernière|le\s+dernier|ce\s+que)|défais)"
        r"(?=\s*$|\s*[,.!?;:–—-]|\s+(?:that|it|this|please|pls|the\s+last|last|your\s+last|what|again|step|action|bitte|eso|lo\s+último|lo|la|ça|thing|my\s+last|now|thx|thanks|just|did|lo\s+que|immediately|quick(?:ly)?)\b)"
    ),
    "pause": re.compile(
        rf"^(?:pause|freeze|halt|suspend)(?:\s+{_ALL})?{_END}|^(?:put|place)\s+{_ALL}\s+on\s+(?:hold|pause|ice)|^(?:hold|stop|pause|freeze|halt|suspend|cease)\s+(?:on\s+)?{_ALL}(?:\s+else)?\b(?!\s+(?:off\s+)?(?:to|at|with|by|from))|"
        rf"^(?:stand\s+(?:down|by)|take\s+(?:a|five|the\s+(?:rest|day|afternoon|week|evening))\s*(?:of\s+the\s+day\s+)?(?:break|off|minutes)|go\s+(?:to\s+sleep|quiet|on\s+(?:hold|standby))|stop\s+working|hold\s+(?:it|your\s+fire|fire)|hold\s+still|"
        rf"nothing\s+(?:goes|is\s+to\s+go|leaves|gets\s+sent)\s+out|no\s+(?:more\s+)?(?:work|mails?|emails?|messages?)\s+(?:goes?\s+out|until|till|for\s+now)|down\s+tools|press\s+pause|hit\s+pause|switch\s+(?:yourself\s+)?off\s+for|"
        r"(?:let's|lets)\s+pause|pausier(?:e|en)?(?:\s+\w+){0,2}|halt\s+alles|stopp(?:e)?(?:\s+alles)?(?=[\s,.!]*$)|mach\s+(?:mal\s+)?(?:eine\s+)?pause|alles\s+(?:stoppen|anhalten|pausieren)|para(?:\s+todo|lo\s+todo)|pausa(?:\s+todo|\s+por\s+favor|\s*[.!]*$)|detén\s+todo|"
        r"mets\s+(?:tout\s+)?en\s+pause|tout\s+en\s+pause|arrête\s+tout|stoppe\s+tout|fais\s+une\s+pause)"
        rf"|^(?:don'?t|do\s+not)\s+(?:send|do|start|run|publish|touch|post)\s+(?:out\s+)?(?:anything|any\s+\w+|stuff)(?:\s+(?:out|else|more|new))*\s+(?:until|till|for\s+now|today|before|right\s+now)\b|^i\s+need\s+you\s+to\s+(?:stop|pause)|^(?:please\s+)?stop{_END}(?!\s+(?:it|that))"
    ),
    "resume": re.compile(
        rf"^(?:resume|un-?pause|unfreeze|restart|re-?start){_END}|^(?:resume|restart|unpause|unfreeze)\s+{_ALL}|^(?:carry|go|keep)\s+on(?:\s+(?:now|please|pls|again|then|with\s+(?:it|{_ALL}|what\s+you)|working|where))?[\s.!]*(?:$|[,.!]|\s)(?!\w+ing)|"
        rf"^(?:continue|proceed)(?:\s+(?:with\s+)?(?:{_ALL}|work(?:ing)?|where|as\s+(?:before|normal|usual)|please|now|then|again))*[\s.!]*(?:$|[,.!]|(?=\s+and\b))|"
        rf"^(?:get\s+|go\s+)?back\s+to\s+(?:work|it|business|normal|your\s+\w+)|^(?:get|go)\s+back\s+to\s+work|^(?:start|switch|turn|fire|power|spin|boot)\s+(?:{_ALL}\s+)?(?:back\s+)?(?:up|on)(?:\s+(?:{_ALL}))?(?:\s+again)?[\s.!]*(?:$|[,.!]|\s+(?:and|again|please|now)\b)|"
        rf"^start\s+(?:{_ALL}\s+)?(?:again|working|back\s+up)|^start\s+{_ALL}\s+(?:up\s+)?again|^pick\s+up\s+where|^(?:wake\s+up|you'?re\s+(?:back\s+)?on(?:\s+again)?|(?:the\s+)?pause\s+is\s+over|break'?s?\s+(?:is\s+)?over|as\s+you\s+were|green\s+light|get\s+going\s+again|off\s+you\s+go(?:\s+again)?|let's\s+go\s+again|end\s+(?:of\s+)?(?:the\s+)?pause|lift\s+the\s+(?:pause|freeze|hold)|release\s+the\s+hold|keep\s+going|everything\s+can\s+(?:go|run|start)\s+(?:again|out\s+again)|hold'?s\s+off)\b|"
        r"^(?:mach\s+weiter|weiter(?:machen|arbeiten)?\b|fortsetzen|arbeite\s+weiter|leg\s+wieder\s+los|es\s+geht\s+weiter|sigue(?:\s+trabajando)?\b|continúa|reanuda|retoma|puedes\s+seguir|reprends|continue|vas-y|remets-toi\s+au\s+travail|on\s+reprend)"
    ),
    "approvals.show": re.compile(
        r"\b(?:approvals?|sign-?offs?|freigaben?|genehmigungen|aprobaciones|aprobación|approbations?|validations?)\b(?!\s+(?:from|by|of\s+the\s+(?:client|budget)))|"
        r"\b(?:waiting|wait|waits|pending|sitting|stuck|queued|parked|held)\s+(?:for|on|with)\s+(?:me\b|my\b)|\bneeds?\s+approv\w+|\bneeds?\s+(?:my|me\s+to)\s+(?:approv\w*|ok\w*|okay|go|sign\w*|yes|attention|decision|confirm\w*|green\s+light|blessing|say-so|thumbs)|"
        r"\b(?:to|should|must|can|i)\s+(?:sign\s+off|approve|okay|ok|confirm|green-?light|release)\b|\bawait\w*\s+(?:my|me|approval)\b|\bmy\s+(?:ok|okay|approval|sign-?off|signature|go-ahead|green\s+light|yes|blessing)\b|\b(?:wartet|warten)\s+auf\s+(?:mich|mein)|zum\s+freigeben|pendiente\w*\s+de\s+(?:mi|aprob)|que\s+(?:tengo\s+que\s+)?aprobar|à\s+(?:valider|approuver)|en\s+attente\s+de\s+(?:ma|mon|valid|approb)|"
        r"\bwhat'?s?\s+(?:is\s+)?(?:still\s+)?pending\b|\bpending\s+(?:items|requests|actions|stuff|things|decisions)\b|\bdrafts?\s+(?:waiting|to\s+approve)"
    ),
    "cost.show": re.compile(
        r"\b(?:how\s+much|what)\s+(?:have|has|did|do|does|are|is|am)\s+(?:i|you|we|it|this|that|all\s+(?:this|that)|your|the\s+(?:bot|ai|models?|agents?|llm))\b(?:[^.?!;]{0,30})\b(?:spen[dt]|cost|costs|costing|burn\w*|use[ds]?|charg\w*|pa(?:y|id|ying))\b[^.?!;]{0,12}(?:\b(?:on|for)\s+(?:you|ai|tokens|the\s+(?:models?|api|bot|ai|llm))|\bme\b|\bus\b|\bso\s+far|\btoday|\bthis\s+(?:week|month|year)|\byesterday|\blast\s+(?:week|month)|\?|$)|"
        r"\b(?:ai|api|llm|model|token|bot|your|running|openai)\s+(?:spend(?:ing)?|costs?|usage|bill|expenses?|budget|price|consumption)\b|\b(?:spend|spending|costs?|usage|burn\s?rate)\s+(?:report|overview|summary|so\s+far|against|vs|this\s+(?:week|month)|today|of\s+the\s+(?:ai|bot|models?))|"
        r"^(?:(?:show|give|tell|see)(?:\s+me)?\s+|what(?:'s|\s+is|\s+are)\s+|see\s+)?(?:the\s+|my\s+|our\s+|your\s+)?(?:costs?|spend(?:ing)?|budget|expenses|token\s+\w+|bill\s+so\s+far)[\s?.!]*(?:$|please|pls|so\s+far|today|this)|\bwhat\s+(?:you'?ve|have\s+you|you\s+have|did\s+you|it\s+has|has\s+it|it'?s)\s+cost\b|\bhow\s+(?:expensive|pricey)\s+(?:are|were|have)\s+you|\bwhat\s+do\s+you\s+cost|\bhow\s+much\s+(?:budget|money)\s+(?:is|do\s+(?:you|we|i)\s+have|have\s+you)\s+(?:left|used)|\b(?:over|within|under|on)\s+budget\b|\bwhat\s+am\s+i\s+paying\s+for\s+(?:you|all\s+this)|\bbudget\s+(?:is\s+)?left\b|\bhow\s+much\s+of\s+(?:the|my|our|your)\s+budget\b|\b(?:left|remaining)\s+(?:of|in)\s+(?:the|my|your)\s+budget|"
        r"\bwas\s+(?:hast\s+du|kostest\s+du|habe\s+ich\s+für\s+dich)\b[^?]*|\bki-kosten|\bcuánto\s+(?:me\s+)?(?:has\s+costado|cuestas|he\s+gastado|llevo\s+gastado|llevas)|\bgasto\s+(?:de|en)\s+ia|\bcombien\s+(?:m'as-tu|tu\s+m'as|as-tu)\s+coût|\bcombien\s+(?:j'ai|ai-je)\s+dépensé|\bwie\s*viel\s+(?:hast\s+du|kostest|habe\s+ich\s+(?:für\s+dich|diese))"
    ),
    "status.show": re.compile(
        r"^(?:(?:what(?:'s|\s+is)|show(?:\s+me)?|give\s+me|tell\s+me|send\s+me|quick|current|get\s+me|check)\s+)*(?:the\s+|a\s+|your\s+|system\s+|job\s+|current\s+|quick\s+)*status(?:\s+(?:update|report|check|please|pls|now|overview|of\s+(?:everything|things|the\s+(?:jobs|queue|system|work)|all\s+jobs|your\s+work)))*[\s?.!]*(?:$|[,;]|and\b)|"
        r"\bwhat\s+are\s+you\s+(?:currently\s+|right\s+now\s+)?(?:working|doing|up\s+to|busy|on\b)|\bwhat\s+(?:have\s+you\s+been|were\s+you)\s+(?:up\s+to|doing|working)|\bwhat'?s?\s+(?:is\s+)?(?:currently\s+|still\s+)?(?:running|in\s+progress|in\s+the\s+(?:queue|works|pipeline)|going\s+on\s+(?:right\s+now|behind|in\s+the\s+background)|happening\s+(?:right\s+now|in\s+the\s+background)|cooking|queued)|"
        r"\b(?:is|are|anything|any|has|have|did)\b[^.?!]{0,40}\b(?:stuck|still\s+running|hanging|hung|failing|crash\w*|in\s+the\s+queue|jobs?\s+(?:running|failed|stuck)|running\s+(?:ok|fine|smoothly|now|properly))\b|\b(?:jobs?|tasks|queue)\s+(?:status|running|are\s+running|look)|"
        r"\b(?:are|is)\s+(?:you|everything|all|all\s+systems|the\s+(?:bot|system|queue|jobs?))\s+(?:still\s+)?(?:alive|running|working|up|online|awake|busy|idle|ok(?:ay)?|fine|healthy|on\s+track|there|go|in\s+order|done\s+yet)\b|\bare\s+you\s+(?:still\s+)?(?:paused|on\s+it|there|working)|\bhow\s+(?:far|are\s+(?:you|things|the\s+jobs)|is\s+(?:it|everything|the\s+work))\s+(?:along|getting\s+on|coming|are\s+you|going\s+with|running|progressing)|\bhow\s+far\s+(?:along\s+)?(?:are|did)\s+you|\bwhere\s+(?:do\s+(?:we|things)|are\s+(?:we|you|things))\s+(?:stand|at|with\s+(?:everything|the\s+jobs))|\b(?:any\s+)?progress\s+(?:report|update|so\s+far)|^progress[?.!\s]*$|\bwhat\s+(?:jobs|tasks)\b|\bwhich\s+(?:jobs|tasks)\b|\bhow\s+many\s+(?:jobs|tasks)\b|"
        r"\b(?:wie\s+ist\s+der\s+stand|was\s+machst\s+du\s+(?:gerade|jetzt)|woran\s+arbeitest|läuft\s+(?:alles|noch)|was\s+läuft\s+gerade|qué\s+estás\s+haciendo|en\s+qué\s+(?:estás|trabajas)|cómo\s+va\s+todo|estado\s+actual|où\s+en\s+(?:es-tu|sommes|est)|que\s+fais-tu|tu\s+fais\s+quoi|qu'est-ce\s+que\s+tu\s+fais|tout\s+(?:va|tourne|roule)\s+bien)\b|^(?:statut|estado|stand)[\s?!.]*$"
    ),
    "digest.show": re.compile(
        r"\b(?:digest|rundown|run-down|briefing|tagesüberblick|tagesübersicht|resumen\s+(?:del\s+día|diario|de\s+hoy)|résumé\s+(?:du\s+jour|de\s+la\s+journée)|zusammenfassung)\b|^(?:brief\s+me|debrief\s+me|catch\s+me\s+up|fill\s+me\s+in|bring\s+me\s+up\s+to\s+(?:speed|date)|get\s+me\s+up\s+to\s+speed|update\s+me|sum\s+(?:it\s+|things\s+)?up\s+(?:my|the)\s+day)\b|"
        r"\b(?:daily|morning|evening|today's|weekly|my|overnight|quick|the|end\s+of\s+day|a)\s+(?:daily\s+|morning\s+|quick\s+)?(?:summary|overview|recap|roundup|round-up|wrap-?up|brief|report)\b(?!\s+(?:of|about|on|for|from)\s+(?!(?:the\s+|my\s+|to)?(?:day|today|morning|night|week|yesterday|what)))|^(?:summary|recap|overview|brief|the\s+(?:daily|news))(?:\s+(?:please|pls|of\s+(?:the\s+|my\s+|to)?(?:day|today)))?[\s?.!]*$|"
        r"\bwhat(?:'s|\s+is|\s+do\s+i\s+have|\s+have\s+i\s+got|s)\s+(?:on|up|ahead|coming\s+up|happening|planned|new|next|going\s+on)\s*(?:(?:for\s+)?(?:me|my\s+(?:plate|agenda|schedule|calendar|list)|the\s+(?:agenda|menu|plan|schedule|cards))\s*)?(?:for\s+)?(?:today|tomorrow|this\s+(?:morning|week)|now|the\s+day)?[\s?!.]*$|\bwhat\s+(?:did\s+i\s+miss|have\s+i\s+missed|came\s+in|happened\s+(?:overnight|while|since|yesterday|today|last\s+night))\b|\bhow\s+does\s+(?:my|the|today|this)\s*(?:day|week|morning|today)?\s*look|\bwhat\s+does\s+(?:my|the|today|tomorrow)\s*(?:day|week|morning)?\s*look\s+like|\bwhat'?s\s+my\s+(?:day|week|morning|schedule|agenda)\b|\banything\s+(?:new|i\s+should\s+know)\b|\bwhat\s+do\s+i\s+need\s+to\s+know\s+(?:today|this|for)|\bwas\s+steht\s+(?:heute\s+)?an\b|\bwas\s+gibt'?s\s+neues|\bqué\s+(?:tengo\s+(?:para\s+)?hoy|hay\s+(?:de\s+nuevo|hoy|para\s+hoy))|\bquoi\s+de\s+neuf|\b(?:fais|donne)(?:-moi)?\s+(?:le\s+)?(?:point|résumé)|\bdame\s+(?:el\s+)?resumen"
    ),
}
"""What to show or switch. Checked after the guards; most may stand anywhere in a sentence."""

ANCHORED = {"undo.last", "pause", "resume"}

ADDRESS = re.compile(_ADDRESS)
