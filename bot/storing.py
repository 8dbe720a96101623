"""What comes of a message, stored in one transaction: runs, questions, answers."""

from collections import Counter

from sqlalchemy.ext.asyncio import AsyncConnection

from agents.outcomes import Ask, Doubt, Say
from agents.requests import Show
from bot import doubts, outline
from bot.app import App
from bot.cards import talk
from bot.commands import by_intent
from bot.editing import with_extra
from bot.reading import Reading, dump
from core import approvals, explanations, inbox, journal, outbox, prompts, runs
from core.ids import new_id
from core.inbox import Message
from core.memory import keeping
from core.plans import Plan
from core.prompts import Prompt

_EXPLAINED = ("model", "tier", "rationale", "tokens", "degraded")


async def store(
    app: App,
    message: Message,
    reading: Reading,
    *,
    prompt: Prompt | None,
    answer: str = "",
) -> list[str]:
    """Commits everything that comes of a message; returns steps that can go."""
    ready: list[str] = []
    replies = {
        made.intent: await by_intent(made.intent).run(app, "", message)
        for made in reading.made
        if isinstance(made, Show)
    }
    async with app.database.write() as connection:
        if not await inbox.handled(connection, app.clock, message.id):
            return []
        if prompt:
            if not await prompts.answered(connection, app.clock, prompt.id):
                return []
            await turn_question(app, connection, prompt, answer)
        facts = [f for made in reading.made if isinstance(made, Say) for f in made.facts]
        await journal.append(
            connection,
            app.clock,
            kind="message.understood",
            subject=f"msg_{message.id}",
            data={
                "requests": [dump(r) for r in reading.requests],
                "facts": facts,
                **{key: reading.explanation.get(key) for key in _EXPLAINED},
            },
        )
        await explanations.keep(connection, app.clock, reading.thoughts, inbox_id=message.id)
        if reading.degraded:
            about = f"msg_{message.id}"
            await app.presenter.say(connection, talk.note(reading.degraded), subject=about)
        if outline.needed(reading) and not reading.confirmed:
            await outline.show(
                app,
                connection,
                message,
                reading,
                text=str(prompt.data["text"]) if prompt else message.text,
            )
            return ready
        together = Counter(made.intent for made in reading.made if isinstance(made, Plan))
        batches = {intent: new_id("bat") for intent, n in together.items() if n > 1}
        if reading.confirmed:  # one card for all that the plan asks
            batches = dict.fromkeys(together, new_id("bat"))
        for place, made in zip(reading.places, reading.made, strict=True):
            if isinstance(made, Show):
                ready += await replies[made.intent].put(app, connection)
            else:
                batch = batches.get(made.intent) if isinstance(made, Plan) else None
                ready += await _store_one(app, connection, message, reading, made, place, batch)
        for batch in dict.fromkeys(batches.values()):
            await _show_together(app, connection, batch)
    return ready


async def _show_together(app: App, connection: AsyncConnection, batch: str) -> None:
    """Shows what is asked of a batch: one card, where it is more than one thing."""
    asked = await approvals.of_batch(connection, batch)
    if not asked:
        return
    if len(asked) > 1:
        letter = await app.presenter.asked_together(connection, batch)
    else:
        run = await runs.load(connection, asked[0].run_id)
        assert run is not None
        letter = await app.presenter.show_card(connection, run, asked[0].id)
    for found in asked:
        await approvals.shown(connection, found.id, letter)


async def _store_one(
    app: App,
    connection: AsyncConnection,
    message: Message,
    reading: Reading,
    made: Plan | Ask | Say | Doubt,
    place: int,
    batch: str | None,
) -> list[str]:
    match made:
        case Plan():
            started = await app.director.start(
                connection,
                with_extra(made, reading.extras_of(place)),
                explanation=reading.explanation,
                cost=reading.cost,
                inbox_id=message.id,
                batch_id=batch,
            )
            return started.ready
        case Ask():
            await _ask(app, connection, message, reading, made, place)
        case Say():
            await app.presenter.say(
                connection, talk.say(made, f"msg_{message.id}"), subject=f"msg_{message.id}"
            )
        case Doubt():
            await keeping.remember(
                connection, app.clock, made.candidate, token=f"msg_{message.id}:{place}"
            )
            await doubts.ask(app, connection)
    return []


async def _ask(
    app: App,
    connection: AsyncConnection,
    message: Message,
    reading: Reading,
    ask: Ask,
    place: int,
) -> None:
    for closed in await prompts.close_all(connection, app.clock):
        if closed.kind == "question":
            await turn_question(app, connection, closed, "No longer asked.")
    prompt_id = await prompts.open_one(
        connection,
        app.clock,
        kind="question",
        subject=f"msg_{message.id}",
        data={
            "slot": ask.slot,
            "question": ask.text,
            "choices": [[c.label, c.answer] for c in ask.choices],
            "requests": [dump(r) for r in reading.requests],
            "place": place,
            "extras": reading.extras,
            "explanation": reading.explanation,
            "text": message.text,
        },
    )
    letter = await app.presenter.say(
        connection, talk.question(ask, prompt_id), subject=f"msg_{message.id}"
    )
    await prompts.shown(connection, prompt_id, letter)


async def turn_question(app: App, connection: AsyncConnection, prompt: Prompt, answer: str) -> None:
    """Turns a question into itself with its answer, without buttons."""
    letter = await outbox.load(connection, prompt.outbox_id) if prompt.outbox_id else None
    if letter:
        await outbox.put(
            connection,
            app.clock,
            chat_id=letter.chat_id,
            kind="edit",
            payload=talk.answered(str(prompt.data["question"]), answer).payload(),
            subject=letter.subject,
            edit_of=letter.id,
        )


async def only_say(app: App, message: Message, text: str) -> list[str]:
    """Answers a message with a plain sentence and does nothing else."""
    async with app.database.write() as connection:
        if await inbox.handled(connection, app.clock, message.id):
            await journal.append(
                connection,
                app.clock,
                kind="message.understood",
                subject=f"msg_{message.id}",
                data={"requests": [], "model": "no model", "rationale": text},
            )
            await app.presenter.say(connection, talk.note(text), subject=f"msg_{message.id}")
    return []
