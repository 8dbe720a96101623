"""What the kernel asks of whoever tells the operator what happened."""

from datetime import datetime
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from core.runs import Run, Step


class Presenter(Protocol):
    """Tells the operator what happened, inside the transaction in which it happened."""

    async def asked(self, connection: AsyncConnection, run: Run, approval_id: str) -> int:
        """Puts the approval card into the outbox; returns the letter's id."""
        ...

    async def drafted(self, connection: AsyncConnection, run: Run, step: Step) -> None:
        """Shows what a draft step prepared; tells where it could not."""
        ...

    async def moved(self, connection: AsyncConnection, run: Run) -> None:
        """A run went on: shows what is done and what comes, or that it waits in a hold window."""
        ...

    async def ended(self, connection: AsyncConnection, run: Run, steps: list[Step]) -> None:
        """Tells the outcome of a run that has ended."""
        ...

    async def held_up(
        self, connection: AsyncConnection, run: Run, step: Step, again_at: datetime | None
    ) -> None:
        """A step could not be done: tried again at ``again_at``, or, with None, unclear."""
        ...
