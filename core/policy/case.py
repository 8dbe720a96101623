"""A case: everything that policy may know of one effect before it judges."""

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import structlog

from core.actions import Action, Concern, Risk, Sensitive
from core.money import Money
from core.plans import MEMORY, OPERATOR, PLANNER, UNTRUSTED

log: Any = structlog.get_logger()

TRUSTED = frozenset({OPERATOR, MEMORY})
"""Origins that can be trusted; every other word means untrusted."""
_LINK = re.compile(
    r"\b[a-z][a-z0-9+.-]{1,20}://[^\s/]|\bwww\.\w|\b(?:[\w-]+\.)+[a-z]{2,}/\S|\bmailto:", re.I
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One effect to be judged.

    ``at`` is now on the operator's clock. ``agent`` is the role that proposed it. ``origins``
    are what its plan and all its parameters derive from (see ``core.plans``), ``sensitive`` what
    the recipient, amount, account, link and attachment do: each kind with each of its origins.
    ``unknown`` names what can't be told yet, see ``core.actions.Concern``. ``takes_back`` is
    true where an earlier effect is to be undone.
    """

    action: str
    risk: Risk
    reversal: Literal["compensate", "irreversible"]
    amount: Money | None
    counterparty: str | None
    at: datetime
    agent: str
    origins: frozenset[str]
    unknown: frozenset[Literal["counterparty", "amount"]] = frozenset()
    sensitive: frozenset[tuple[Sensitive, str]] = frozenset()
    takes_back: bool = False

    @property
    def exposed(self) -> tuple[Sensitive, ...]:
        """What of recipient, amount, account, link and attachment others or a model settled."""
        found = {kind for kind, origin in self.sensitive if origin not in TRUSTED}
        return tuple(kind for kind in Sensitive if kind in found)

    @property
    def untrusted(self) -> bool:
        """Whether words of others, or a model's own, have a part in it."""
        return not self.origins <= TRUSTED or bool(self.exposed)

    @property
    def provenance(self) -> frozenset[str]:
        """The origins, a model and those that nobody knows counted as untrusted."""
        every = self.origins | {origin for _, origin in self.sensitive}
        return frozenset(o if o in TRUSTED else UNTRUSTED for o in every)

    @property
    def amount_unknown(self) -> bool:
        """Whether there is an amount that can't be told: what is about money has one."""
        return self.amount is None and (self.risk is Risk.MONEY or "amount" in self.unknown)

    @property
    def parties(self) -> tuple[str, ...]:
        """Each counterparty as it is compared; none where there is none or it is unknown."""
        parts = party_key(self.counterparty or "").split(";")
        return tuple(part.strip() for part in parts if part.strip())


def party_key(text: str) -> str:
    """A counterparty as it is compared: without case and extra spaces."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def case_of(
    action: Action,
    params: dict[str, Any],
    *,
    at: datetime,
    origins: Collection[str],
    provenance: Mapping[str, Collection[str]] | None = None,
    agent: str = PLANNER,
    takes_back: bool = False,
) -> Case:
    """The case of ``action`` with these parameters, as planned; ``at`` on the operator's clock.

    ``origins`` are the plan's, ``provenance`` what single parameters derive from; what that
    leaves out derives from what the plan does. Where something is taken back, ``params`` are
    best those of the effect that is.
    """
    of = {name: frozenset((provenance or {}).get(name, origins)) for name in params}
    try:
        concern = action.concerns(params)
    except Exception:
        # What can't be read is not known, and that counts against it.
        log.exception("concern_unreadable", action=action.name)
        concern = Concern(unknown=frozenset({"counterparty", "amount"}))
    return Case(
        action=action.name,
        risk=action.risk,
        reversal=action.reversal.kind,
        amount=concern.amount,
        counterparty=concern.counterparty,
        at=at,
        agent=agent,
        origins=frozenset(origins).union(*of.values()),
        unknown=concern.unknown,
        sensitive=frozenset(
            (kind, origin)
            for name, value in params.items()
            for kind in _kinds(action, name, value)
            for origin in of[name] or {UNTRUSTED}  # what nobody knows the origin of
        ),
        takes_back=takes_back,
    )


def _kinds(action: Action, name: str, value: Any) -> set[Sensitive]:
    """What a parameter is of all that is sensitive; one that is left empty is nothing."""
    if value in (None, "", [], (), {}):
        return set()
    named = {action.sensitive[name]} if name in action.sensitive else set[Sensitive]()
    return named | {Sensitive.LINK} if _links(value) else named


def _links(value: Any) -> bool:
    match value:
        case str():
            return _LINK.search(value) is not None
        case dict():
            return any(map(_links, value.values()))
        case list() | tuple():
            return any(map(_links, value))
        case _:
            return False
