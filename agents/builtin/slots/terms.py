"""When an invoice is due: days to pay, or the day to pay by."""

import re
from datetime import date

from agents.builtin.clock import small
from agents.builtin.lexicon import SMALL_NUMBERS, alternatives
from agents.builtin.slots.context import Context
from agents.builtin.text import HIDDEN

_N = rf"(?P<n>\d{{1,3}}|{alternatives(SMALL_NUMBERS)})"
_TERMS = re.compile(
    rf"\b(?:net|netto)[\s-]*{_N}(?:\s*(?:days?|tage))?\b"
    r"|\b(?:due|payable|to\s+be\s+paid|pay(?:ment)?(?:\s+(?:terms?|due|target))?|terms|zahlbar|"
    r"fällig|zahlungsziel|a\s+pagar|vencimiento|payable|à\s+payer|échéance)\s*:?\s*(?:of\s+|"
    r"are\s+|is\s+)?(?:in|within|innerhalb\s+von|binnen|a|en|sous|dans|à)?\s*"
    rf"{_N.replace('<n>', '<n2>')}\s*(?P<u2>days?|weeks?|fortnights?|tage?n?|wochen?|d[ií]as?|"
    r"semanas?|jours?|semaines?)\b(?:\s*(?:net|netto))?"
    rf"|\b(?:in|within|innerhalb\s+von|binnen|sous)\s+{_N.replace('<n>', '<n5>')}\s*(?P<u5>days?|"
    r"fortnights?|weeks?|tage?n?|wochen?|jours?)\b"
    rf"|\b{_N.replace('<n>', '<n3>')}[\s-]*(?P<u3>days?|weeks?|fortnights?|tage?n?|wochen?|"
    r"d[ií]as?|jours?)\s*(?:net|netto|to\s+pay|payment|terms?|zahlungsziel|zeit|term|de\s+plazo|credit|"
    r"fin\s+de\s+mois)"
    r"|\b(?:gets?|has|have|give\s+\w+|"
    rf"allow\s+\w+)\s+{_N.replace('<n>', '<n8>')}[\s-]*(?P<u8>days?|weeks?|fortnights?)\b"
    r"|\b(?P<receipt>(?:due|payable)\s+(?:on|upon)\s+receipt|due\s+(?:immediately|now|at\s+once)|"
    r"sofort\s+fällig|payment\s+on\s+receipt)"
    r"|(?:(?<=,)|(?<=\.)|(?<=;)|(?<=-)|(?<=–)|(?<=\()|^|"
    rf"\bwith)\s*(?:the\s+usual\s+|both\s+|each\s+|all(?:\s+of\s+them)?\s+)?"
    rf"{_N.replace('<n>', '<n4>')}[\s-]*(?P<u4>days?|weeks?|fortnights?|tage?|"
    r"d[ií]as|jours?)(?=\s*(?:$|[.,;!)]|please|pls|thanks|as\s+usual))"
    rf"|\ba\s+{_N.replace('<n>', '<n6>')}\s*(?P<u6>d[ií]as)\b|"
    rf"\bà\s+{_N.replace('<n>', '<n7>')}\s*(?P<u7>jours)\b"
)
_DUE = re.compile(
    r"\b(?:due|payable|pay(?:ment)?\s+(?:due\s+)?(?:by|until|date)|to\s+be\s+paid|by|until|before|"
    r"latest|fällig|zahlbar|bis|spätestens|vence|vencimiento|antes\s+del?|para\s+el|échéance|"
    r"payable|avant\s+le|d'ici\s+le|deadline)\s*:?\s*"
    r"(?:(?:date|on|by|until|till|at|the|am|bis|zum|el|le|au|before|is|latest|no\s+later\s+than|"
    r"den)\s+)*"
)
_RATED = re.compile(
    r"\s*,?\s*(?:at\s+)?[€$£₹]?\s?\d[\d.,]*\s?[^\W\d]*\s*(?:an?|per|/)\s*(?:day|week)\b"
)
""" "3 days, 520 a day": how long it took, not how long there is to pay."""
_QUOTED = re.compile(r'"[^"\n]+"')


def terms(low: str) -> tuple[int | None, tuple[int, int] | None]:
    """Days to pay, and where they are said."""
    match = _TERMS.search(low)
    if not match:
        return None, None
    if match["receipt"]:
        return 0, match.span()
    for key, unit in (
        ("n", ""),
        ("n2", "u2"),
        ("n3", "u3"),
        ("n4", "u4"),
        ("n5", "u5"),
        ("n6", "u6"),
        ("n7", "u7"),
        ("n8", "u8"),
    ):
        if match[key]:
            count = small(match[key])
            word = (match[unit] or "") if unit else ""
            if count is None:
                return None, match.span()
            unit_days = 14 if word.startswith("f") else 7 if word.startswith(("w", "s")) else 1
            return count * unit_days, match.span()
    return None, match.span()


def due(
    ctx: Context, start: int, end: int
) -> tuple[int | None, date | None, tuple[int, int] | None]:
    """Days to pay or a day to pay by, and where it is said."""
    # What stands between quotation marks is a name of something, no condition.
    low = _QUOTED.sub(lambda m: HIDDEN * len(m.group()), ctx.text.low[start:end])
    days, span = terms(low)
    if span and not (_RATED.match(low, span[1]) or _DUE.search(low, span[1])):
        return days, None, (start + span[0], start + span[1])
    for match in _DUE.finditer(low):
        said = next(
            (
                w
                for w in ctx.whens
                if match.start() <= w.start - start <= match.end() < w.end - start
                and not w.past
                and (w.day or w.unclear or w.vague)
            ),
            None,
        )
        if said is not None:
            return None, said.day, (start + match.start(), said.end)
    if span and not _RATED.match(low, span[1]):
        return days, None, (start + span[0], start + span[1])
    return None, None, None
