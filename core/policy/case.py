"""A case: everything that policy may know of one effect before it judges."""

import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import structlog

from core.actions import Action, Concern, Risk
from core.money import Money

log: Any = structlog.get_logger()

PLANNER = "planner"
"""The agent behind a case where no other is named."""
TRUSTED = frozenset({"operator", "memory"})
"""Origins that can be trusted; every other word means untrusted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One effect to be judged.

    ``at`` is now on the operator's clock. ``agent`` is the role that proposed it. ``origins``
    are what its parameters derive from: ``operator``, ``memory`` or ``untrusted``.
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
    takes_back: bool = False

    @property
    def untrusted(self) -> bool:
        """Whether words of others have a part in it."""
        return not self.origins <= TRUSTED

    @property
    def provenance(self) -> frozenset[str]:
        """The origins, those that nobody knows counted as untrusted."""
        return frozenset(o if o in TRUSTED else "untrusted" for o in self.origins)

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
    agent: str = PLANNER,
    takes_back: bool = False,
) -> Case:
    """The case of ``action`` with these parameters, as planned; ``at`` on the operator's clock.

    Where something is taken back, ``params`` are best those of the effect that is.
    """
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
        origins=frozenset(origins),
        unknown=concern.unknown,
        takes_back=takes_back,
    )
