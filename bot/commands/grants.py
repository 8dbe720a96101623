"""/grants: what may happen without asking, given from a card, listed and revoked."""

import re
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.app import App
from bot.cards import grants as cards
from bot.cards.talk import note
from bot.commands.registry import Reply
from core import approvals, outbox, profile, runs
from core import grants as store
from core.approvals import Approval
from core.errors import FactotumError
from core.inbox import Message
from core.plans import provenance
from core.policy import Case, case_of, party_key
from core.runs import Run

USES = 10
"""How often a grant given from a card can be used."""
_GIVE = re.compile(r"(apr_[0-9a-z]{1,40}):([0-9]{1,3})")
_UNKNOWN = "I don't know this button; nothing happened."


async def grants(app: App, args: str, message: Message) -> Reply:
    """Lists the grants in force."""
    async with app.database.read() as connection:
        found = await store.active(connection, app.clock)
        owner = await profile.load(connection)
    return Reply.of(cards.listed(found, owner), subject="grants")


async def propose(app: App, connection: AsyncConnection, approval_id: str) -> str:
    """Offers a grant for what is like this approval; returns what to answer to the tap.

    Where none may be given, the chat is told why.
    """
    found = await approvals.load(connection, approval_id)
    run = await runs.load(connection, found.run_id) if found else None
    if found is None or run is None:
        return _UNKNOWN
    try:
        cases = await _like(app, connection, found, run)
    except FactotumError as error:
        await app.presenter.say(connection, note(error.message), subject=f"{approval_id}:why")
        return "This can't be granted."
    now = (await profile.load(connection)).local(app.clock.now())
    card = cards.offer(cases, approval_id, title=run.plan.title, uses=USES, now=now)
    await app.presenter.say(connection, card, subject=f"{approval_id}:grant")
    return ""


async def _like(app: App, connection: AsyncConnection, approval: Approval, run: Run) -> list[Case]:
    """The asked effects of the run, one for each action and counterparty.

    Raises FactotumError with the reason where one of them can't be granted.
    """
    if approval.state not in ("pending", "approved"):
        raise FactotumError("That card was not approved, so nothing like it is granted.")
    policy = await app.policy.refresh(connection)
    now = (await profile.load(connection)).local(app.clock.now())
    cases: dict[tuple[str, str], Case] = {}
    derives = provenance(run.plan)
    for step in await runs.steps(connection, run.id):
        if (step.verdict or {}).get("verdict") != "ask":
            continue
        action = app.catalogue[step.action]
        back = step.kind == "compensate"
        case = case_of(
            action,
            step.params,
            at=now,
            origins=run.plan.origins,
            provenance=None if back else derives.get(step.key),
            takes_back=back,
        )
        reason = store.refusal(case, policy)
        if reason:
            raise FactotumError(f"No grant for {action.name}. {reason}")
        key = (case.action, party_key(case.counterparty or ""))
        before = cases.get(key)
        if before is None or (before.amount and case.amount and before.amount < case.amount):
            cases[key] = case
    if not cases:
        raise FactotumError("Nothing of that was asked, so it needs no grant.")
    return list(cases.values())


async def offer(
    app: App, connection: AsyncConnection, message: Message, approval_id: str
) -> tuple[str, list[str]]:
    """A tap on the button that offers a grant."""
    return await propose(app, connection, approval_id), []


async def confirm(
    app: App, connection: AsyncConnection, message: Message, rest: str
) -> tuple[str, list[str]]:
    """A tap on one of the offered times: gives the grants."""
    named = _GIVE.fullmatch(rest)
    if named is None or int(named[2]) not in cards.DAYS:
        return _UNKNOWN, []
    approval_id, lasts = named[1], timedelta(days=int(named[2]))
    found = await approvals.load(connection, approval_id)
    run = await runs.load(connection, found.run_id) if found else None
    if found is None or run is None:
        return _UNKNOWN, []
    try:
        made = [
            await store.give(
                connection,
                app.clock,
                case,
                app.policy.policy,
                uses=USES,
                lasts=lasts,
                made_from=approval_id,
            )
            for case in await _like(app, connection, found, run)
        ]
    except FactotumError as error:
        await app.presenter.say(connection, note(error.message), subject=f"{approval_id}:why")
        return "This can't be granted any more.", []
    given = [grant for grant in made if grant]
    if not given:
        return "This card has made its grant already; /grants shows what is in force.", []
    card = cards.given(given, await profile.load(connection))
    await app.presenter.turn(connection, f"{approval_id}:grant", card)
    return "Granted.", []


async def cancel(
    app: App, connection: AsyncConnection, message: Message, approval_id: str
) -> tuple[str, list[str]]:
    """A tap on Cancel under an offer."""
    if any(grant.made_from == approval_id for grant in await store.active(connection, app.clock)):
        return "That was granted already; /grants has a button to revoke it.", []
    await app.presenter.turn(connection, f"{approval_id}:grant", cards.none_given())
    return "No grant was given.", []


async def revoke(
    app: App, connection: AsyncConnection, message: Message, grant_id: str
) -> tuple[str, list[str]]:
    """A tap on Revoke: ends the grant and shows what is left in force."""
    ended = await store.revoke(connection, app.clock, grant_id)
    letter = (
        await outbox.by_message(connection, chat_id=message.chat_id, message_id=message.message_id)
        if message.chat_id and message.message_id
        else None
    )
    if letter:
        left = await store.active(connection, app.clock)
        await outbox.put(
            connection,
            app.clock,
            chat_id=letter.chat_id,
            kind="edit",
            payload=cards.listed(left, await profile.load(connection)).payload(),
            subject=letter.subject,
            edit_of=letter.id,
        )
    return ("Revoked; it is asked again." if ended else "That grant had ended already."), []


TAPS = {"grant": offer, "give": confirm, "giveno": cancel, "revoke": revoke}
"""The handlers of these buttons, by the kind before the colon."""
