"""Sums of money in a text, worked out where the text leaves it to be."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from itertools import pairwise

from agents.builtin import currencies
from agents.builtin.lexicon import FUNCTION, MONTHS, alternatives, words
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
    "slide slides"
)
_UNIT = alternatives(UNITS)
_PER = re.compile(
    rf"\s*(?:/\s*|(?:a|an|per|each|every|the|pro|por|par|je|am|le|la|al|die)\s+)(?P<unit>{_UNIT})\b"
)
_EACH = re.compile(r"\s*(?:each|apiece|a piece|je|cada uno|cada una|pièce|chacun|a pop)\b")
_AT_RATE = re.compile(r"(?:\bat|@|\bà|\ba|\bx|×|\*|\bje|\bzu|\bof)\s*$")
_LABEL = re.compile(
    r"(?:#|\bno\.?|\bnr\.?|\bnumber|\bnummer|\bnúmero|\bnuméro|\bn°|\bn\.º|\bmodule?|\blesson|"
    r"\bquiz|\broom|"
    r"\bchapter|\bversion|\bcohort|\bphase|\bstep|\bweek|\bday|\bpage|\bunit|\blevel|\bpart|\btask|"
    r"\bexercise|"
    r"\bassignment|\bsprint|\bround|\bbatch|\bpo|\border|\bticket|\bissue|\bepisode|\bvol\.?|\bq|"
    r"\bkw|"
    r"\bnet|\bmilestone|\bstage|\bgate|\bsuite|\bfloor|\bstreet|\bpurchase order|\bclause|"
    r"\boption)\s*$"
)
_PAID_NUMBER = re.compile(r"(?:\binvoices?|\brechnung|\bfactura|\bfacture|\binv)\s*$")
_OF_TOTAL = re.compile(
    r"(?:\bof|\bout of|\bfrom|\bde|\bvon|\bsur)\s+(?:the|their|his|her|a|our|los|der|den|les|total "
    r"of|la)?\s*(?:total\s+(?:of\s+)?)?$"
)
_FRACTION = re.compile(
    r"(?P<pct>\d{1,3}(?:[.,]\d+)?)\s*(?:%|percent\b|per cent\b|prozent\b|por ciento\b|pour cent\b)"
    r"|\b(?P<half>half|die hälfte|hälfte|la mitad|mitad|la moitié|moitié)\b"
    r"|\b(?P<third>(?:a|one) third|ein drittel|un tercio|un tiers)\b"
    r"|\b(?P<quarter>(?:a|one) quarter|ein viertel|un cuarto|un quart)\b"
)
_TAX = re.compile(r"\s*(?:vat|mwst|ust|iva|tva|tax|gst|sales tax|mehrwertsteuer|umsatzsteuer)\b")
_CORRECTION = re.compile(
    r"^[\s,.;:!—–-]*(?:no|oh no|oops|sorry|wait|no wait|wait no|actually|scratch that|correction|i "
    r"mean|i meant|"
    r"rather|make (?:it|that)|make|nein|quatsch|doch|no espera|perdón|mejor|non|pardon|plutôt|err|"
    r"uh|um|hang on|"
    r"hold on|better|or rather|let's say|lets say|it's|its|that's|should be|it should be|"
    r"moment|ich meine|stattdessen|besser|[\s,.;:!—–-])+[\s,.;:!—–-]*$"
)
_STATED = re.compile(
    r"(?:\bthat's|\bthats|\bthat is|\bthat makes|\bso|\bi\.e\.|\bie|=|\bmeaning|\bmakes|\bwhich is|"
    r"\bdas sind|\balso|\btotal(?:ling)?|\bin total|\bequals|\bes decir|\bsoit)\s*:?\s*$"
)
_NOT_BEFORE = re.compile(
    r"(?:\bnot|\binstead of|\brather than|\bnicht|\bstatt|\ben vez de|\bau lieu de)\s*$"
)
_PLUS = re.compile(r"^\s*(?:plus|\+)\s*$")
_LESS = re.compile(r"^\s*(?:minus|less|-)\s*$")
_VAGUE = re.compile(
    r"(?:\babout|\baround|\broughly|~|\bapprox\.?|\bapproximately|\bcirca|\bca\.|\bmaybe|\bsome|"
    r"\bbetween|"
    r"\bup to|\bat least|\bat most|\bmore than|\bless than|\bungefähr|\betwa|\bunos|\benviron|"
    r"\bsomething like)\s*$"
)
_REST = re.compile(
    r"\b(?:rest|remaining|remainder|balance|difference|outstanding|other half|restbetrag|resto|"
    r"reste|solde)\b"
)
_NEXT_WORD = re.compile(r"\s*([^\W\d_][\w'-]*)")
_PHRASE_WORDS = re.compile(r"[^\W\d_][\w'-]*")
_MONTH = {m for names in MONTHS.values() for m in names}
_CENT = Decimal("0.01")


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


@dataclass(frozen=True, slots=True)
class Sum:
    """What a text asks for: ``value`` is None when it cannot be told for certain."""

    value: Decimal | None
    currency: str | None
    spans: tuple[tuple[int, int], ...] = ()
    why: str = ""


NOTHING = Sum(None, None)


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
) -> list[Money]:
    """The numbers of a text that may be money, in order.

    ``taken`` are spans of dates, times, durations and addresses, which are not.
    """
    before, after = _around()
    spans = list(taken)
    found: list[Money] = []
    for number in find_numbers(low, language):
        if any(s < number.end and number.start < e for s, e in spans):
            continue
        head, start = low[: number.start], number.start
        end, codes = number.end, list[str]()
        left = before.search(head[-24:])
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
            code = currencies.currency_of(raw[at : at + len(left["cur"])], territory=territory)
            if code is not None:
                codes.append(code)
                start = at
        right = after.match(low, number.end)
        if right:
            code = currencies.currency_of(
                raw[right.start("cur") : right.end("cur")], territory=territory
            )
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
            or bool(_VAGUE.search(low[:start][-16:]))
        )
        found.append(Money(number.value, currency or None, start, end, unclear))
    return found


def _may_be_bare(low: str, number: Number) -> bool:
    head, tail = low[: number.start], low[number.end :]
    if tail[:1].isalpha() or re.match(
        r"\s*(?:%|percent|per cent|prozent|por ciento|pour cent|°|[-/.]\d)", tail
    ):
        return False
    if re.search(r"[\w]$|[-/+]$|\d[-/.,]$", head) or _LABEL.search(head[-24:]):
        return False
    if _PAID_NUMBER.search(head[-12:]) and re.search(
        r"\b(?:paid|settled|unpaid|overdue|open|bezahlt|pagad|payé)", low
    ):
        return False
    word = _NEXT_WORD.match(tail)
    if word and word[1] in _MONTH:
        return False
    # 2026 alone is a year as likely as a sum.
    if (
        not number.worded
        and 1990 <= number.value <= 2039
        and re.search(r"(?:\bin|\bfor|\bof|\bsince|\bq[1-4]|\w{3,9})\s*$", head[-10:])
        and number.end - number.start == 4
    ):
        last = re.search(r"([^\W\d_]+)\s*$", head)
        if last and (
            last[1] in _MONTH
            or last[1] in {"in", "since", "year", "season", "spring", "summer", "autumn", "winter"}
        ):
            return False
    if not word:
        return True
    return not _counts(tail)


def _counts(tail: str) -> bool:
    """Whether the words after a number are what it counts ("3 logos", "20 business cards")."""
    last = 0
    for index, match in enumerate(_PHRASE_WORDS.finditer(tail)):
        gap = tail[last : match.start()]
        word = match.group()
        if gap.strip() or index > 3 or (word in FUNCTION and word not in UNITS):
            return False
        if word in UNITS or word in {"x", "times"}:
            return True
        if word.endswith("s") and not word.endswith(("ss", "us", "is", "'s")):
            return True
        last = match.end()
    return False


def decide(low: str, money: list[Money], *, language: str = "en") -> Sum:
    """The one sum that a request is about, by the arithmetic that its words ask for."""
    if not money:
        return NOTHING
    spoken = {m.currency for m in money if m.currency}
    currency = next(iter(spoken)) if len(spoken) == 1 else None
    spans = tuple((m.start, m.end) for m in money)
    if len(spoken) > 1:
        return Sum(None, None, spans, "two currencies are named")
    for rule in (_corrected, _product, _fraction, _stated, _arithmetic, _single):
        result = rule(low, money, language)
        if result is not None:
            value = result.value
            if value is not None:
                value = value.quantize(_CENT, ROUND_HALF_UP)
                if value <= 0 or value > Decimal(100_000_000):
                    value = None
            return Sum(value, currency, result.spans or spans, result.why)
    return Sum(None, currency, spans, "several sums are named")


def _corrected(low: str, money: list[Money], language: str) -> Sum | None:
    for first, second in pairwise(money):
        between = low[first.end : second.start]
        if between.strip(" ,.;:!—–-") and _CORRECTION.match(between):
            rest = [m for m in money if m is not first]
            return decide(low, rest, language=language)
    for index, each in enumerate(money):
        if _NOT_BEFORE.search(low[: each.start][-14:]) and len(money) > 1:
            return decide(low, money[:index] + money[index + 1 :], language=language)
    return None


def _product(low: str, money: list[Money], language: str) -> Sum | None:
    rates: list[tuple[Money, str | None]] = []
    for each in money:
        per = _PER.match(low, each.end)
        if per:
            rates.append((each, per["unit"]))
        elif _EACH.match(low, each.end):
            rates.append((each, None))
    numbers = find_numbers(low, language)
    if not rates:
        for each in money:
            head = low[: each.start].rstrip()
            if re.search(r"(?:\bat|@|\bà|\bx|×|\*|\bje|\bzu)$", head) and re.search(
                rf"(?:\d|\b{_UNIT}|\b\w+s)\s*(?:\bat|@|\bà|x|×|\*|\bje|\bzu)$", head
            ):
                rates.append((each, None))
    if not rates:
        return None
    if len(rates) > 1:
        return Sum(None, None, (), "two rates are named")
    rate, unit = rates[0]
    counts = [
        n
        for n in numbers
        if (n.end <= rate.start or n.start >= rate.end) and _counts_unit(low, n, unit, rate)
    ]
    others = [m for m in money if m is not rate and not any(n.start == m.start for n in counts)]
    if len(counts) != 1 or rate.unclear or counts[0].unclear:
        stated = [m for m in others if _STATED.search(low[: m.start][-14:])]
        if len(stated) == 1:
            return Sum(stated[0].value, None, (), "stated as a total")
        return Sum(None, None, (), "a rate without a count")
    total = counts[0].value * rate.value
    if any(m.value != total for m in others):
        return Sum(None, None, (), "the product and the stated sum differ")
    return Sum(total, None, (), f"{counts[0].value} times {rate.value}")


def _counts_unit(low: str, number: Number, unit: str | None, rate: Money) -> bool:
    tail = low[number.end :]
    if re.match(
        r"\s*(?:days|tage|tagen)?\s*(?:net|netto|to pay|payment|zahlungsziel)", tail
    ) or re.search(r"(?:\bnet|\bin|\bwithin|\bdue|\bzahlbar in)\s*$", low[: number.start]):
        return False
    if number.end <= rate.start and re.match(r"\s*(?:x|×|\*)\s*$", low[number.end : rate.start]):
        return True
    if unit is None:
        return _counts(tail) and number.end <= rate.start
    word = _NEXT_WORD.match(tail)
    if not word:
        return False
    stem = {"hrs": "h", "hr": "h", "hours": "h", "hour": "h"}.get(word[1], word[1])[:3]
    other = {"hrs": "h", "hr": "h", "hours": "h", "hour": "h"}.get(unit, unit)[:3]
    return stem == other


def _fraction(low: str, money: list[Money], language: str) -> Sum | None:
    share: Decimal | None = None
    where: tuple[int, int] = (0, 0)
    for match in _FRACTION.finditer(low):
        if any(m.start <= match.start() < m.end for m in money):
            continue
        if match["pct"] and (
            _TAX.match(low, match.end())
            or re.match(r"\s*(?:discount|off|rabatt|descuento|remise)", low[match.end() :])
        ):
            continue
        if match["half"] and re.match(
            r"\s*(?:an?\s+)?(?:hour|day|past|week|year|a day|an hour)", low[match.end() :]
        ):
            continue
        if share is not None:
            return Sum(None, None, (), "two shares are named")
        if match["pct"]:
            share = Decimal(match["pct"].replace(",", ".")) / 100
        else:
            share = (
                Decimal("0.5")
                if match["half"]
                else Decimal(1) / 3
                if match["third"]
                else Decimal("0.25")
            )
        where = match.span()
    if share is None:
        return None
    stated = [m for m in money if _STATED.search(low[: m.start][-14:])]
    if len(stated) == 1 and stated[0].start > where[1]:
        return Sum(stated[0].value, None, (), "stated as the share")
    totals = [
        m
        for m in money
        if m.start >= where[1]
        and re.search(r"\b(?:of|on|from|von|vom|de|del|des|der|du|sur)\b", low[where[1] : m.start])
        and not re.search(r"[.;!?]", low[where[1] : m.start])
    ]
    if len(totals) == 1 and not totals[0].unclear:
        total = totals[0].value * share
        others = [m for m in money if m is not totals[0]]
        if any(m.value != total.quantize(_CENT) for m in others):
            return Sum(None, None, (), "the share and the stated sum differ")
        return Sum(total, None, (), f"{share * 100:.0f}% of {totals[0].value}")
    if (
        len(money) == 1
        and re.match(
            r"\s*(?:deposit|down ?payment|upfront|advance|anzahlung|anticipo|"
            r"acompte)?\s*[:=(,]?\s*$",
            low[where[1] : money[0].start],
        )
        and where[1] <= money[0].start
        and not money[0].unclear
        and low[where[1] : money[0].start].strip()
    ):
        return Sum(money[0].value, None, (), "stated beside the share")
    return Sum(None, None, (), "a share of an uncertain total")


def _stated(low: str, money: list[Money], language: str) -> Sum | None:
    stated = [
        m
        for m in money
        if re.search(
            r"(?:\bin total|\btotal|\btotalling|\ball in all|\bmakes|\bso that's|=)\s*:?\s*$",
            low[: m.start][-16:],
        )
        or re.match(r"\s*(?:in total|total|altogether|all in|insgesamt|en total)\b", low[m.end :])
    ]
    if len(stated) == 1 and len(money) > 1 and not stated[0].unclear:
        return Sum(stated[0].value, None, (), "stated as a total")
    return None


def _arithmetic(low: str, money: list[Money], language: str) -> Sum | None:
    discount = re.search(
        r"(?P<pct>\d{1,2}(?:[.,]\d+)?)\s*(?:%|percent|per cent)\s*(?:discount|off|rabatt|descuento|"
        r"remise)",
        low,
    )
    if discount and len(money) == 1 and not money[0].unclear:
        share = 1 - Decimal(discount["pct"].replace(",", ".")) / 100
        return Sum(money[0].value * share, None, (), f"{discount['pct']}% off {money[0].value}")
    if len(money) < 2 or any(m.unclear for m in money):
        return None
    total = money[0].value
    for first, second in pairwise(money):
        between = low[first.end : second.start]
        if _PLUS.match(between):
            total += second.value
        elif _LESS.match(between):
            total -= second.value
        else:
            return None
    return Sum(total, None, (), "added up")


def _single(low: str, money: list[Money], language: str) -> Sum | None:
    part = [m for m in money if not _OF_TOTAL.search(low[: m.start][-24:])]
    candidates = part if part and len(part) < len(money) else money
    if len(candidates) > 1:
        said = [m for m in candidates if not m.bare]
        # A number without a currency beside a sum with one is usually no sum at all.
        candidates = said or candidates
    values = {m.value for m in candidates}
    if len(values) != 1:
        return None
    if any(m.unclear for m in candidates):
        return Sum(None, None, (), "the sum is not certain")
    if _REST.search(low) and len(money) > 1:
        return Sum(None, None, (), "a rest is asked for")
    return Sum(candidates[0].value, None, (), "the sum in the message")
