"""Words by what they do, in the four languages: the only place where words are listed at length."""

import re
from collections.abc import Iterable


def words(text: str) -> frozenset[str]:
    """The words of a plain list."""
    return frozenset(text.split())


def alternatives(*lists: Iterable[str]) -> str:
    """A regex group of all the words, the longest first; ``_`` stands for a space."""
    every = {word.replace("_", " ") for each in lists for word in each}
    ordered = sorted(every, key=lambda word: (-len(word), word))
    return "(?:" + "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in ordered) + ")"


LANGUAGE_MARKS: dict[str, frozenset[str]] = {
    "en": words(
        "the a an to of for and is are was my me you your please pls can could with on in at it "
        "that this "
        "him her them their from what who when how send remind"
    ),
    "de": words(
        "der die das den dem ein eine einen einem und ist sind bitte mir mich ich du ihm ihr über "
        "für mit "
        "von zu zum zur am um im auf nicht dass wie viel kannst schick schicke stell erinnere "
        "erinner was "
        "wer wann hat haben noch eine rechnung schreib schreibe merk merke dir uhr an bis euro "
        "mach leg trag"
    ),
    "es": words(
        "el la los las un una unos y es son por favor me mi tu su de del que con para en al le les "
        "lo no "
        "cuánto cuanto qué cuándo puedes recuérdame recuerda envía envia manda factura escribe a "
        "mañana "
        "ha han hazle apunta pon reunión hoy"
    ),
    "fr": words(
        "le la les un une des et est sont plaît plait moi mon ma ton ta son sa du de que avec pour "
        "dans à "
        "au aux ne pas je tu il elle envoie envoyer facture rappelle écris ecris rendez vous "
        "demain a ses "
        "quel quelle combien mets lui leur"
    ),
}

TITLES = words(
    "mr mrs ms miss dr prof sir madam mister herr herrn frau señor señora sr sra don doña monsieur "
    "madame "
    "mme mlle m. doctor professor old dear"
)

TAXES = r"(?:vat|mwst|ust|iva|tva|tax|gst|hst|sales tax|mehrwertsteuer|umsatzsteuer)\b"
"""A pattern of what is added to a price by law."""

PRONOUNS = words(
    "him her them em 'em they he she it their his hers theirs its ihm ihr ihn ihnen sie er le les "
    "lui leur leurs "
    "ella él ellos ellas lo la su eux elle elles il ils"
)

PEOPLE = words(
    "client customer student lead prospect kunde kundin kunden cliente cliente client cliente élève"
)

MONTHS: dict[str, frozenset[str]] = {
    "en": words(
        "january february march april may june july august september october november december jan "
        "feb mar "
        "apr jun jul aug sep sept oct nov dec"
    ),
    "de": words(
        "januar februar märz maerz april mai juni juli august september oktober november dezember "
        "jänner "
        "okt dez mrz"
    ),
    "es": words(
        "enero febrero marzo abril mayo junio julio agosto septiembre setiembre octubre noviembre "
        "diciembre"
    ),
    "fr": words(
        "janvier février fevrier mars avril mai juin juillet août aout septembre octobre novembre "
        "décembre "
        "decembre"
    ),
}

WEEKDAYS: dict[str, int] = {
    name: index
    for index, names in enumerate(
        (
            "monday mon montag lunes lundi",
            "tuesday tue tues dienstag martes mardi",
            "wednesday wed weds mittwoch miércoles miercoles mercredi",
            "thursday thu thur thurs donnerstag jueves jeudi",
            "friday fri freitag viernes vendredi",
            "saturday sat samstag sonnabend sábado sabado samedi",
            "sunday sun sonntag domingo dimanche",
        )
    )
    for name in names.split()
}

SMALL_NUMBERS: dict[str, int] = {
    word: value
    for value, group in {
        1: "one a an ein eine einer einem einen un una uno une",
        2: "two zwei dos deux couple",
        3: "three drei tres trois",
        4: "four vier cuatro quatre",
        5: "five fünf cinco cinq",
        6: "six sechs seis",
        7: "seven sieben siete sept",
        8: "eight acht ocho huit",
        9: "nine neun nueve neuf",
        10: "ten zehn diez dix",
        11: "eleven elf once onze",
        12: "twelve zwölf doce douze",
        13: "thirteen treize trece dreizehn",
        14: "fourteen vierzehn catorce quatorze",
        15: "fifteen fünfzehn quince quinze",
        20: "twenty zwanzig veinte vingt",
        30: "thirty dreißig treinta trente",
        40: "forty vierzig cuarenta quarante",
        45: "forty-five fünfundvierzig",
        50: "fifty fünfzig cincuenta cinquante",
        60: "sixty sechzig sesenta soixante",
        90: "ninety neunzig noventa",
    }.items()
    for word in group.split()
}

FUNCTION = words(
    "a an the this that these those my your our his her its their some any no every each all both "
    "i you he she it we they me him us them myself yourself who whom whose which what when where "
    "why how "
    "and or but so if because as than then too also just only very really still again already yet "
    "of to in on at by for from with without about over under into onto off out up down after "
    "before "
    "between during until till since per via re regarding concerning around against through near "
    "w/ "
    "is are was were be been being am do does did done has have had having will would shall should "
    "can "
    "could may might must not don't dont doesn't didn't won't isn't aren't wasn't hasn't haven't "
    "let's "
    "please pls plz kindly thx thanks thank hi hey hello ok okay yes no nope yep cheers sorry "
    "one two three four five six seven eight nine ten first second third last next new now today "
    "tonight "
    "tomorrow tmrw yesterday later soon asap morning afternoon evening night week month year day "
    "days "
    "it's its that's there's here there he's she's they're we're i'm i've i'd i'll you're what's "
    "who's "
    "der die das den dem des ein eine einen einem einer und oder aber ist sind war hat haben wird "
    "bitte "
    "mir mich ich du er sie es wir ihr ihm ihn ihnen dir dich für mit von vom zu zum zur am um im "
    "in an "
    "auf aus bei bis nach über unter vor nicht noch mal doch auch dass ob wenn wie was wer wann wo "
    "heute "
    "morgen gestern el la los las un una unos unas y o pero es son fue ha han por para con de del "
    "que en "
    "al le les lo me mi mis tu te su sus se no si cuando como qué cuánto quién hoy mañana favor le "
    "la les "
    "une des du au aux et ou mais est sont a ont pour avec dans sur sous chez par ne pas plus je "
    "tu il "
    "elle nous vous ils moi toi lui leur ce cette ces son sa ses mon ma mes ton ta tes s'il te "
    "plaît "
    "anyone someone somebody anybody everybody everyone nobody something anything nothing "
    "everything"
)

OBJECTS: dict[str, str] = {
    noun: kind
    for kind, group in {
        "remind": (
            "payment_reminder late_payment_reminder invoice_reminder dunning_letter overdue_notice "
            "payment_notice payment_nudge dunning_notice dunning payment_chaser chaser "
            "overdue_reminder "
            "zahlungserinnerung mahnung recordatorio_de_pago rappel_de_paiement "
            "relance "
            "reminder_about_the_invoice reminder_for_the_invoice reminder_for_invoice"
        ),
        "reminder": "reminder alarm erinnerung recordatorio rappel wecker alarma",
        "invoice": (
            "invoice inv bill rechnung factura facture invoicing schlussrechnung abschlagsrechnung "
            "teilrechnung deposit_invoice"
        ),
        "refund": "refund rückerstattung erstattung reembolso remboursement",
        "email": (
            "email e-mail mail message reply line word e-mails mensaje correo mensaje courriel "
            "nachricht "
            "antwort note response respuesta réponse mot apology thank-you"
        ),
        "plan": (
            "content_plan content_calendar editorial_plan editorial_calendar posting_plan "
            "posting_schedule "
            "publishing_plan publishing_schedule social_plan redaktionsplan contentplan "
            "calendario_editorial plan_de_contenidos calendrier_éditorial post_ideas content_ideas"
        ),
        "content": (
            "post newsletter article thread script posts newsletters articles threads scripts "
            "blogpost "
            "blog_post blogposts blog_posts beitrag artikel artículo entrada guion billet hilo "
            "skript "
            "boletín infolettre blogbeitrag blog_article beiträge artículos linkedin_post carousel "
            "tweets"
        ),
        "meeting": (
            "call meeting coffee lunch dinner breakfast brunch zoom debrief kickoff kick-off sync "
            "catch-up "
            "catchup chat appointment demo interview session review standup workshop walkthrough "
            "handover "
            "videocall video_call phone_call one-on-one 1:1 onboarding_call check-in consultation "
            "consult viewing fitting tea site_visit catch_up tasting "
            "drinks "
            "teams_call intro strategy_call google_meet facetime termin treffen besprechung anruf "
            "telefonat mittagessen kaffee reunión reunion llamada cita café almuerzo comida cena "
            "videollamada réunion rendez-vous rdv appel déjeuner dîner visio point slot skype "
            "huddle visit"
        ),
        "lead": (
            "lead leads prospect prospects potential_client potential_customer interessent "
            "interessentin"
        ),
        "client": "client customer kunde kundin cliente clienta",
    }.items()
    for noun in (word.replace("_", " ") for word in group.split())
}
"""Nouns that tell what a general verb ("send", "make", "put") is asked to do."""

ORG_MARKS = words(
    "gmbh ag ltd limited inc llc llp plc corp corporation co oy ab as bv nv sl sa sarl sas srl spa "
    "kg ohg ug ehf hf uab sia oyj zrt nyrt doo ood eood bhd sdn pvt pte gbr eurl bvba "
    "studio studios group logistics foods legal textiles bakery consulting partners agency labs "
    "media "
    "design designs press house collective foundation institute school academy university hotel "
    "cafe café "
    "restaurant clinic bank works solutions systems software technologies tech digital creative "
    "brewery "
    "ventures holding industries company shop store & sons daughters brothers e.v. kft sp zoo pty "
    "aps as "
    "association museum gallery theatre festival farm winery roasters bikes yoga architects "
    "atelier "
    "dental street brewing robotics tea events steel movers optik books films film travel tours "
    "insurance pharma hotels marketing realty estates builders "
    "construction motors garage energy fitness gym salon kitchen bistro bar pizzeria capital "
    "advisory media clinic vet florist flowers coffee carpentry plumbing "
    "joinery nursery interiors fashion jewellery jewelry cosmetics records productions pictures "
    "publishing printers print architecture engineering "
    "schreinerei bäckerei tischlerei praxis verlag boulangerie panadería taller kayak bygg "
    "cooperative diner deli grill kennels boutique shoes barbers spa stables gardens"
)

INSTITUTIONS = words(
    "office surgery council school association committee trust charity library church parish "
    "society club agency department hospital practice union federation foundation university "
    "college academy institute museum gallery theatre embassy chamber board court ministry "
    "authority centre center hotel clinic pharmacy nursery orchestra choir league guild bureau "
    "brewery bakery company firm partnership cooperative estate household "
    "sisters brothers twins family siblings"
)
"""What a body of people is: "the Ashdown parish office" is its whole name."""

TYPO_PRONE = words(
    "invoice remind reminder refund schedule newsletter article approve approval approvals "
    "research "
    "remember payment meeting thursday tuesday wednesday saturday tomorrow student client status "
    "digest "
    "resume onboard please thread"
)

COMMON = FUNCTION | words(
    "refunds payments thirsty turned tuesdays article articles artikel rechnung factura facture "
    "cliente "
    "client clients student students schedule schedules remainder remembers resumed rescheduled "
    "digests "
    "statue status articulate meetings pleased pleas places placed stated student's mailing "
    "boarding "
    "aboard approval approves statues resumes resumé réunion reunion resumen remind reminds "
    "greeting "
    "threat tread treads "
    "meetings seeing fleeting pleasure refunded rebound refine refined demand payments postpone"
)
