"""/policy: what may happen without a tap, shown and changed in the chat."""

import re

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.app import App
from bot.cards import policy as cards
from bot.cards.talk import note
from bot.commands.registry import Reply
from bot.outgoing import Outgoing
from core import approvals, profile
from core.errors import FactotumError
from core.inbox import Message
from core.policy import differences, parse, proposal

SUBJECT = "policy"
"""The subject of what shows the policy: a reply to it may carry a new text."""
_FENCED = re.compile(r"\A```[a-z]*\n(.*?)\n?```\Z", re.DOTALL)


async def policy(app: App, args: str, message: Message) -> Reply:
    """Shows the policy, or with a text after it, what that text would change."""
    text = args
    if message.kind == "command":  # as written: a text may begin right on the next line
        text = " ".join(message.text.strip().split(maxsplit=1)[1:])
    if not text.strip():
        async with app.database.write() as connection:
            await app.policy.refresh(connection)
        standing, path = app.policy.standing, app.policy.path
        shown = (cards.policy(standing, name=path.name), cards.text(standing, path))
        return Reply.of(*shown, subject=SUBJECT)

    async def change(connection: AsyncConnection) -> tuple[Outgoing | None, list[str]]:
        await propose(app, connection, text)
        return None, []

    return Reply(change=change)


async def propose(app: App, connection: AsyncConnection, text: str) -> None:
    """Shows what the policy ``text`` would change, with buttons to use it or not."""
    text = _clean(text)
    await app.policy.refresh(connection)
    old = app.policy.standing
    try:
        new = parse(text)
    except FactotumError as error:
        await app.presenter.say(connection, cards.refused(error.message), subject=SUBJECT)
        return
    if text.strip() == old.text.strip() and not old.trouble:
        told = note("That is the policy already; nothing changes.")
        await app.presenter.say(connection, told, subject=SUBJECT)
        return
    local = (await profile.load(connection)).local
    now = app.clock.now()
    kept = await proposal.keep(connection, app.clock, was=old.digest, text=text)
    dead = new.version != old.policy.version
    card = cards.change(
        kept.id,
        old,
        text,
        differences(old.policy, new, app.catalogue, at=local(now)),
        until=local(now + proposal.LIFETIME),
        waiting=len(await approvals.pending(connection)) if dead else 0,
    )
    await app.presenter.say(connection, card, subject=kept.id)


def _clean(text: str) -> str:
    text = text.replace("\r\n", "\n").strip()
    fenced = _FENCED.match(text)
    return (fenced[1] if fenced else text).strip() + "\n"


async def use(
    app: App, connection: AsyncConnection, message: Message, proposal_id: str
) -> tuple[str, list[str]]:
    """A tap on "Use it": the file, the kept copy and the journal change together."""
    found = await proposal.take(connection, app.clock, proposal_id)
    if found is None:
        return "That text was decided, replaced or has lapsed; nothing was changed.", []
    await app.policy.refresh(connection)
    old = app.policy.standing
    try:
        done = await app.policy.replace(connection, was=found.was, text=found.text)
    except FactotumError as error:
        await app.presenter.say(connection, note(error.sentence()), subject=SUBJECT)
        return "The policy stays as it is.", []
    if not done:
        await app.presenter.turn(connection, proposal_id, cards.overtaken())
        return "The policy has changed meanwhile; nothing was changed.", []
    at = (await profile.load(connection)).local(app.clock.now())
    card = cards.used(old.text, app.policy.standing, at=at)
    await app.presenter.turn(connection, proposal_id, card)
    return "The new policy is in force.", []


async def keep(
    app: App, connection: AsyncConnection, message: Message, proposal_id: str
) -> tuple[str, list[str]]:
    """A tap on "Keep the old"."""
    if await proposal.take(connection, app.clock, proposal_id) is None:
        return "That text was decided, replaced or has lapsed; nothing was changed.", []
    await app.presenter.turn(connection, proposal_id, cards.kept())
    return "The old policy stays.", []


TAPS = {"pol": use, "polno": keep}
"""The handlers of this command's buttons, by the kind before the colon."""
