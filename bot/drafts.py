"""The drafts in the chat: a file to look at, which says in the end what became of it."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.outgoing import Outgoing, esc
from core import outbox
from core.clock import Clock
from core.runs import Run, Step
from core.storage.schema import outbox as outbox_table

REJECTED = "Rejected."
CANCELLED = "Cancelled."
EXPIRED = "Expired: nobody answered."
REPLACED = "Replaced by the newer one below."
FAILED = "Not done; the card says why."
TAKEN_BACK = "Sent, and taken back."
REFINE = "agent.refine"
"""The action of the step that words a card better; the card itself shows what came of it."""
_ENDED = {"failed": FAILED, "cancelled": CANCELLED, "denied": "Refused by your policy."}


def subject(run_id: str) -> str:
    """What the letter with the draft of a run is about."""
    return f"{run_id}:draft"


def became(run: Run, steps: Sequence[Step]) -> str:
    """What became of the draft of a run that has ended, as its steps tell."""
    if run.state in _ENDED:
        return _ENDED[run.state]
    done = [step for step in steps if step.state == "done"]
    results = [step.result or {} for step in done]
    names = [str(result["pdf_name"]) for result in results if result.get("pdf_name")]
    how = "Sent" if any(step.action == "mail.send" for step in done) else "Issued"
    return f"{how} as {names[0].removesuffix('.pdf')}." if names else f"{how}."


async def settle(connection: AsyncConnection, clock: Clock, run_id: str, words: str) -> None:
    """Says below the drafts of a run, where there are any, what became of them."""
    rows = await connection.execute(
        select(outbox_table).where(
            outbox_table.c.subject == subject(run_id),
            outbox_table.c.kind == "document",
            outbox_table.c.state != "dropped",
        )
    )
    for row in rows.all():
        first = Outgoing.load(row.payload)
        what = first.html.rpartition(". ")[0] or first.html.rstrip(
            "."
        )  # without what was still to come
        told = Outgoing(html=f"{what}. <b>{esc(words)}</b>")
        await outbox.put(
            connection,
            clock,
            chat_id=row.chat_id,
            kind="edit",
            payload=told.payload(),
            subject=subject(run_id),
            edit_of=row.id,
        )
