"""Sums of money in a text, worked out where the text leaves it to be."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from agents.builtin import currencies
from agents.builtin.lexicon import FUNCTION, MONTHS, words
from agents.builtin.numbers import Number, find_numbers

UNITS = words(
    "day days hour hours hr hrs h minute minutes min mins week weeks month months year years "
    "session "
    "sessions piece pieces page pages tag tage tagen stunde stunden woche wochen monat monate "
    "monaten día "
    "días dia dias hora horas semana semanas mes meses jour jours heure heures semaine semaines "
    "mois word "
    "words photo photos unit units seat seats person people head night nights logo logos post "
    "posts item items "
    "participant participants class classes lesson lessons workshop workshops article articles "
    "slide slides kilo kilos metre metres morning mornings afternoon afternoons evening evenings "
    "nacht nächte nächten seite seiten stück sitzung sitzungen meter "
    "sesión sesiones noche noches página páginas clase clases unidad unidades metro metros "
    "journée journées nuit nuits séance séances mètre mètres unité unités"
)
LABEL = re.compile(
    r"(?:#|\bno\.?|\bnr\.?|\bnumber|\bnummer|\bnúmero|\bnuméro|\bn°|\bn\.º|\bmodule?|\blesson|"
    r"\bquiz|\broom|"
    r"\bchapter|\bversion|\bcohort|\bphase|\bstep|\bweek|\bday|\bpage|\bunit|\blevel|\bpart|\btask|"
    r"\bexercise|"
    r"\bassignment|\bsprint|\bround|\bbatch|\bpo|\border|\bticket|\bissue|\bepisode|\bvol\.?|\bq|"
    r"\bkw|"
    r"\bnet|\bmilestone|\bstage|\bgate|\bsuite|\bfloor|\bstreet|\bpurchase order|\bclause|"
    r"\bkapitel|\bseiten?|\bwoche|\bmodul|\blektion|\bchapitre|\bleçon|\bsemaine|\bcapítulo|"
    r"\bsemana|\blección|\bchapters|\blessons|\bmodules|\bweeks|"
    r"\boption|\bjob|\btable|\bseat|\bhall|\bflat|\bapartment|\bplatform|\bflight|\bcase|"
    r"\bref|\breference|\bcode|\bage|\baged)\s*$"
)
_STREET = re.compile(
    r"[a-z]?\s+(?:(?!(?:for|the|on|in|of|at|to)\s)[\w'.-]+\s+){0,2}(?:street|st\.|road|rd|lane|avenue|ave|drive|close|court|"
    r"square|terrace|"
    r"crescent|hill|way|boulevard|gardens|row|mews|quay)\b"
)
_SO_MANY = re.compile(
    r"\b\d+\s+(?!(?:hours?|days?|weeks?|min\w*|people|guests|persons)\b)[^\W\d_]+s\s+(?:at|@)\s*$"
)
_SO_MANY_AT = re.compile(
    r"\s*(?:at|@|x|×|\*|times)\s*[€$£₹]?\s?\d[\d.,]*(?!\s*(?:[ap]\.?m\b|o'?clock|h\b|uhr|:))(?![\d.,:])"
)
""" "5 at 20": a count, if anything."""
_OF_DAY = re.compile(r"\s*(?:[ap]\.?m\b|o'?clock|h\b|uhr|:\d|on\b|tomorrow|today|in\s+the\b)")
_APIECE = re.compile(r"\s*(?:each|apiece|a\s+(?:piece|pop|go|head|dozen)|per\s+\w+)\b")
_FROM = re.compile(r"\d+\s*(?:-|–|to|and|&|bis|und|a|y|à|et)\s*$")
""" "Chapters 1 to 3": the number before the last."""
_PAID_NUMBER = re.compile(r"(?:\binvoices?|\brechnung|\bfactura|\bfacture|\binv)\s*$")
_MINUS = re.compile(r"(?:^|\s)[-−]$")
_VAGUE = re.compile(
    r"(?:\babout|\baround|\broughly|~|\bapprox\.?|\bapproximately|\bcirca|\bca\.|\bmaybe|\bsome|"
    r"\bbetween|"
    r"\bup to|\bat least|\bat most|\bmore than|\bless than|\bungefähr|\betwa|\bunos|\benviron|"
    r"\bsomething like|(?:\btwice|\bdouble|\btriple|\bthrice|\bzweimal|\bdreimal|\bdoppelt\w*|"
    r"\bdoble|\bdeux fois|\bdos veces)(?:\s+(?:the|my|his|her|their|usual|normal|das|el|le))*)\s*$"
)
_VAGUE_AFTER = re.compile(
    r"\s*-?ish\b|,?\s+(?:or\s+so|or\s+thereabouts|give\s+or\s+take|i\s+think|i\s+guess|i\s+"
    r"believe|if\s+i\s+remember|"
    r"oder\s+so|más\s+o\s+menos|ou\s+quelque\s+chose)\b"
)
NEXT_WORD = re.compile(r"\s*([^\W\d_][\w'-]*)")
PART_OF_COUNT = re.compile(
    r"\s*(?:(?:out\s+)?of|von|de|sur)\s+(?:(?:the|her|his|their|our|my|those|these|den|las|los|les|ses|"
    r"sus|ihren|seinen)\s+)?(?P<all>\d{1,3}|two|three|four|five|six|seven|eight|nine|ten|twelve)"
    r"(?=\s+(?!(?:on|in|for|from|to|at|and|is|was|as|by|this|that|has)\b)(?:[^\W\d_][\w'-]*\s+)?[^\W\d_][\w'-]{2,}(?:s|en)\b(?<!euros)(?<!pounds)(?<!dollars)(?<!bucks)(?<!francs))"
)
""" "2 of her 5 lessons": two are meant."""
_FEES = words("fee price charge deposit retainer bill discount voucher")
"""What has a price and is not counted: "the 90 workshop fee"."""
_VERBS = words("goes comes needs gets covers includes belongs makes takes stays remains applies")
"""Words in -s that are no plural: "the 260 course fee goes back"."""
_YEAR = re.compile(r"(?:199|20[0-3])\d")
_PHRASE_WORDS = re.compile(r"[^\W\d_][\w'-]*")
_MONTH = {m for names in MONTHS.values() for m in names}


@dataclass(frozen=True, slots=True)
class Money:
    """A number that may be a sum of money. ``bare`` when no currency stands with it."""

    value: Decimal
    currency: str | None
    start: int
    end: int
    unclear: bool = False

    @property
    def bare(self) -> bool:
        """No currency is said."""
        return self.currency is None


@cache
def _around() -> tuple[re.Pattern[str], re.Pattern[str]]:
    sign = currencies.pattern()
    return (
        re.compile(rf"(?P<cur>{sign})[ ]?$"),
        re.compile(rf"[ ]?(?:-|of )?(?P<cur>{sign})"),
    )


def find_money(
    raw: str,
    low: str,
    *,
    taken: Iterable[tuple[int, int]] = (),
    language: str = "en",
    territory: str | None = None,
    own: str = "",
) -> list[Money]:
    """The numbers of a text that may be money, in order.

    ``taken`` are spans of dates, times, durations and addresses, which are not. ``territory`` and
    ``own``, the operator's country and currency, settle words like "kroner".
    """
    before, after = _around()
    spans = list(taken)
    found: list[Money] = []
    for number in find_numbers(low, language):
        inside = any(s < number.end and number.start < e for s, e in spans)
        if inside and not _is_price(low, number):
            continue
        head, start = low[: number.start], number.start
        end, codes = number.end, list[str]()
        left = before.search(head[-24:])
        if left and left["cur"] == "won":
            left = None  # "we won 3 cases"
        # In "640€ 4 the posters" the sign is taken already.
        if (
            left
            and found
            and head[: len(head) - len(head[-24:]) + left.start("cur")]
            .rstrip()
            .endswith(tuple("0123456789k"))
        ):
            left = None
        if left and (
            left.start() == 0
            or not head[-24:][left.start() - 1].isalpha()
            or not left["cur"].isalpha()
        ):
            at = len(head) - len(head[-24:]) + left.start("cur")
            code = currencies.currency_of(
                raw[at : at + len(left["cur"])], territory=territory, own=own
            )
            if code is not None:
                codes.append(code)
                start = at
        right = after.match(low, number.end)
        if right:
            code = currencies.currency_of(
                raw[right.start("cur") : right.end("cur")], territory=territory, own=own
            )
            if code:
                codes = [c for c in codes if c]  # the house "Zur Krone" before "450 Euro"
            if code is not None:
                codes.append(code)
                end = right.end()
        if not codes and not _may_be_bare(low, number):
            continue
        currency = codes[-1] if codes else None
        unclear = (
            number.unclear
            or "" in codes
            or len(set(codes)) > 1
            or bool(_MINUS.search(low[:start][-2:]))
            or bool(_VAGUE.search(low[:start][-24:]))
            or bool(_VAGUE_AFTER.match(low, end))
            or _other_money(raw, low, end)
            or bool(not codes and _SO_MANY_AT.match(low, end))
        )
        found.append(Money(number.value, currency or None, start, end, unclear))
    return found


def _is_price(low: str, number: Number) -> bool:
    """Whether what looks like a time of day is a price: "12 pallets at 9.50", "at 3 each"."""
    counted = _SO_MANY.search(low[: number.start][-48:])
    return bool(counted and not _OF_DAY.match(low, number.end)) or bool(
        _APIECE.match(low, number.end)
    )


@cache
def _renamed() -> re.Pattern[str]:
    return re.compile(
        r"[\s,.]*(?:(?:no|sorry|wait|i\s+mean|actually|rather)[\s,]+)+(?:in\s+)?"
        rf"(?P<cur>{currencies.pattern()})"
    )


def _other_money(raw: str, low: str, end: int) -> bool:
    """Whether the currency of a sum is taken back: "500 CHF, no, euros"."""
    match = _renamed().match(low, end)
    return match is not None and bool(
        currencies.currency_of(raw[match.start("cur") : match.end("cur")])
    )


def _may_be_bare(low: str, number: Number) -> bool:
    head, tail = low[: number.start], low[number.end :]
    if re.match(r"0\d", low[number.start : number.end]):
        return False  # "0398" counts nothing
    if re.match(r"\)\s", tail) and re.search(r"(?:^|\s)$", head) and number.value < 20:
        return False  # "1) … 2) …": the numbers of a list
    if tail[:1].isalpha() or re.match(
        r"\s*(?:%|percent|per cent|prozent|por ciento|pour cent|°|[-/.]\d|o'?clock\b)", tail
    ):
        return False
    if re.search(r"[\w]$|[-/+<>&%]$|\d[-/.,]$|\w[(\[{]$", head) or (
        LABEL.search(head[-24:]) or LABEL.search(_FROM.sub("", head[-32:]))
    ):
        return False
    if _PAID_NUMBER.search(head[-12:]) and re.search(
        r"\b(?:paid|settled|unpaid|overdue|open|bezahlt|pagad|payé)", low
    ):
        return False
    if PART_OF_COUNT.match(tail):
        return False
    word = NEXT_WORD.match(tail)
    if (word and word[1] in _MONTH) or _STREET.match(tail):
        return False
    if number.worded and not number.unclear and number.value < 10:
        return False  # "the other two": a count
    # 2026 alone is a year as likely as a sum.
    if (
        not number.worded
        and 1990 <= number.value <= 2039
        and re.search(r"(?:\bin|\bfor|\bof|\bsince|\bfrom|\bq[1-4]|\w{3,9})\s*$", head[-10:])
        and number.end - number.start == 4
    ):
        last = re.search(r"([^\W\d_]+)\s*$", head)
        if last and (
            last[1] in _MONTH
            or last[1]
            in {
                "in",
                "since",
                "from",
                "back",
                "year",
                "season",
                "spring",
                "summer",
                "autumn",
                "winter",
            }
        ):
            return False
    if not word:
        return True
    return not counts(tail)


def counts(tail: str) -> bool:
    """Whether the words after a number are what it counts ("3 logos", "20 business cards")."""
    last = 0
    for index, match in enumerate(_PHRASE_WORDS.finditer(tail)):
        gap = tail[last : match.start()]
        word = match.group().rstrip("'’")
        if word in _FEES:
            return False
        if gap.strip() or index > 3 or (word in FUNCTION and word not in UNITS):
            return False
        if word in UNITS or word in {"x", "times"}:
            after = NEXT_WORD.match(tail, match.end())
            return not (after and after[1] in _FEES)
        if word in _VERBS:
            return False
        if word.endswith("s") and not word.endswith(("ss", "us", "is", "'s")):
            return True
        last = match.end()
    return False


def is_year(low: str, money: Money) -> bool:
    """Whether a number beside a sum is a year: "400 for the 2026 audit"."""
    return bool(
        money.bare
        and _YEAR.fullmatch(low, money.start, money.end)
        and re.search(
            r"\b(?:the|for|of|in|since|fy|year|des|del|de|von|für)\s*$", low[: money.start]
        )
    )
