"""Words that are no names, whatever their capitals, and names that are words too."""

from agents.builtin.lexicon import FUNCTION, MONTHS, OBJECTS, WEEKDAYS, words

NOT_NAMES = (
    FUNCTION
    | frozenset(OBJECTS)
    | frozenset(WEEKDAYS)
    | frozenset(
        f"{day}{part}"
        for day in WEEKDAYS
        for part in words("vormittag nachmittag morgen abend früh")
        if day.endswith("tag") or day == "mittwoch"
    )
    | frozenset(
        m
        for names in MONTHS.values()
        for m in names
        if m not in {"may", "mar", "jan", "mai", "april", "june", "august"}
    )
    | words(
        "invoice invoices bill email mail payment payments reminder reminders refund money back "
        "usd eur gbp chf inr euro euros dollars pounds dollar pound fwd fw re net vat iban "
        "linkedin google zoom figma webflow instagram tiktok twitter youtube faq ai api pdf ceo "
        "cfo q1 q2 q3 q4 remember remind send write book put schedule plan draft grade chase note "
        "add create make set show tell give find check look compare answer reply undo pause resume "
        "stop start cancel onboard research record log mark digest status budget approvals course "
        "student students client clients customer lead leads dear regards sir madam best kind "
        "rechnung zahlung termin stell schick schreib erinnere erinner factura facture envía "
        "escribe recuerda pon apunta écris envoie rappelle mets met got paid won great coffee "
        "lunch dinner meeting call inv usual half everything nothing question questions project "
        "final module lesson quiz essay issue issued another good nice big small full total "
        "deposit due bitte euro website overdue unpaid open outstanding late know knows needs "
        "wants back over some quick short soon regarding bescheid everyone all nobody anybody pls "
        "plz asap fyi ping nudge drop shoot get take let ask thank following english german "
        "spanish french swedish italian portuguese dutch european american british christmas "
        "easter vip crm okay marketing design everyone all nobody instead change move switch "
        "ill im ive id youre hes shes theyre dont "
        "cant wont didnt isnt thats whats looks sounds seems order ticket booking pay say ask "
        "tell amount price time came comes went goes saw heard found asked wrote rang called "
        "description subject title text people folks guys someone chapter lesson "
        "dinner money cash cheque check summary recap overview rundown part partial instalment "
        "installment both number other others paiement paiements pago pagos versement virement "
        "ajoute añade agrega fais decline accept confirm congratulate apologise apologize meet "
        "congratulations apologies visa mastercard amex "
        "inform notify reject problem paypal stripe venmo revolut bizum twint zelle klarna sumup "
        "règlement transferencia überweisung zahlungen anzahlung acompte ingreso cobro list"
    )
)
"""Words that with a capital are no name either."""
TRADES = words(
    "design digital shop store legal media software press house company designs works creative "
    "systems solutions consulting"
)
"""Marks of a company that in small letters are as often plain words."""
MONTH_NAMES = frozenset(m for names in MONTHS.values() for m in names)
NUMERALS = words(
    "eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty thirty "
    "forty "
    "fifty sixty seventy eighty ninety hundred thousand grand dozen zwanzig dreißig hundert veinte "
    "treinta cien ciento mil vingt trente cent"
)
CRAFTS = words(
    "charters charter gasthof gasthaus guesthouse inn lodge club guild lofts ceramics pottery "
    "stoneworks cottages society trust council union orchestra choir ensemble quartet parish "
    "kindergarten preschool bookshop library theater sailing shipping ferries rentals rental "
    "catering services supplies supply trading imports exports wines spirits distillery dairy "
    "orchard orchards vineyard vineyards estate timber roofing heating plastics metals instruments "
    "landscaping upholstery tannery bindery foundry quarry outfitters cabins rugs scaffolding "
    "decorating glazing paving fencing flooring tiling plastering welding tailoring printing "
    "haulage removals electrical optics pilates ironworks metalworks woodworks leatherworks "
    "blacksmiths surveyors solicitors electricians caterers decorators farms stores crafts "
    "transport freight nutrition physio physiotherapy veterinary pharmacy toys bikes cycles boats"
)
"""What companies call themselves by, besides the marks in the lexicon."""
DEGREES = words("phil med rer nat ing jur oec pol dent vet habil")
""" "Dr. phil. Anke Sommer"."""
SPANS = words("days nights weeks mornings evenings years months")
EXAMINES = words("read watch review view listen inspect examine")
"""Orders to look at something; as names, no sentence opens with them."""
KIN = (
    r"(?:(?:step|grand)?(?:mum|mom|mother|mama|dad|father|papa|parents?|son|daughter|brother|"
    r"sister)|aunt|uncle|cousin|wife|husband|partner|spouse|boyfriend|girlfriend|nanny|carer|"
    r"guardian|boss|assistant|secretary|accountant|lawyer|agent|manager|landlord|landlady|"
    r"colleague|neighbou?r|friend)"
)
"""A pattern of who is somebody's: of "Zosia's mum" Zosia isn't meant."""
INTERJECTIONS = words(
    "so oh ah hm and yes no hey ok okay wel um uh ugh yay aw now right please huray hi helo wow "
    "nop nah yep yea yeah but then also thanks tha sory"
)
"""Exclamations, without their doubled letters."""
HOUSES = words(
    "studio hotel café cafe atelier bar restaurant gallery galerie motel loft pier club theatre "
    "theater kino cinema gate route shop salon bistro praxis house haus suite"
)
"""What a house is called by, with a number after it."""
HOMOGRAPHS = words(
    "bill mark grant may june april august will penny chase rich frank pat sue bob jack drew art "
    "page dean earl victor max ray rob guy hope grace faith joy rose lily dawn eve iris ivy jade "
    "pearl ruby summer autumn wade miles carter cook parker porter hunter reed"
)
"""First names that are plain words too."""
