"""The one registry of commands: it feeds the dispatcher, Telegram's menu and /help."""

from agents.requests import Base
from bot.app import App
from bot.cards import talk
from bot.commands import cost, grants, memory, policy, settings, show, switch
from bot.commands.registry import Command, Reply
from core import inbox
from core.inbox import Message

COMMANDS: tuple[Command, ...] = (
    Command("digest", "what waits, money, today, done", show.digest, slow=True),
    Command("approvals", "decisions that wait for you", show.approvals_),
    Command("runs", "what is under way, and what ended last", show.runs_),
    Command("status", "what runs and what is degraded", show.status),
    Command("why", "why something happened (as a reply to it)", show.why_),
    Command("undo", "take the last thing back", switch.undo_),
    Command("pause", "stop everything that is not sent yet", switch.pause),
    Command("resume", "go on after a pause", switch.resume),
    Command("policy", "what may happen without a tap", policy.policy),
    Command("grants", "what you let happen without asking", grants.grants),
    Command(
        "remember",
        "keep something, with who said it and when",
        memory.usage("/remember Northwind pays net 14"),
        slow=True,
        request=memory.remember,
    ),
    Command(
        "memory",
        "ask what is kept",
        memory.usage("/memory what are Northwind's terms"),
        slow=True,
        request=memory.ask,
    ),
    Command("facts", "what is kept of a client", memory.facts_),
    Command(
        "asof",
        "what was true on a day",
        memory.usage("/asof 1 October Northwind"),
        slow=True,
        request=memory.as_of,
    ),
    Command("preferences", "how you want things done", memory.preferences),
    Command("forget", "find all of somebody and erase it", memory.forget),
    Command("cost", "what models cost, and what was saved", cost.cost, slow=True),
    Command("budget", "what models may cost", cost.budget),
    Command("settings", "zone, currency, hours, company", settings.settings),
    Command("help", "what I can do", show.help_for(lambda: help_text())),
)

_BY_NAME = {command.name: command for command in COMMANDS}
_INTENTS = {
    "digest.show": "digest",
    "status.show": "status",
    "cost.show": "cost",
    "approvals.show": "approvals",
    "undo.last": "undo",
    "pause": "pause",
    "resume": "resume",
}


def by_intent(intent: str) -> Command:
    """The command that shows or switches what a message asked for."""
    return _BY_NAME[_INTENTS[intent]]


def parse(text: str) -> tuple[str, str]:
    """Name (lower case, without slash and bot name) and arguments of a command's text."""
    head, *rest = text.strip().split(maxsplit=1)
    return head.lstrip("/").partition("@")[0].casefold(), "".join(rest)


def in_worker(message: Message) -> bool:
    """Whether a command is too slow for the process that answers taps."""
    command = _BY_NAME.get(parse(message.text)[0])
    return command is not None and command.slow


def request_of(message: Message) -> Base | None:
    """What a command asks for in the way a message would, or None."""
    name, args = parse(message.text)
    command = _BY_NAME.get(name)
    return command.request(args) if command else None


async def run_command(app: App, message: Message) -> list[str]:
    """Runs a command and marks its message handled, in one transaction; returns ready steps."""
    name, args = parse(message.text)
    if name == "start":
        name = "help"
    command = _BY_NAME.get(name)
    if command is None:
        reply = Reply.of(talk.note(f"I don't know /{name}. /help shows what I can do."))
    else:
        reply = await command.run(app, args, message)
    async with app.database.write() as connection:
        if not await inbox.handled(connection, app.clock, message.id):
            return []
        return await reply.put(app, connection)


def help_text() -> str:
    """The list of commands."""
    return "\n".join(f"/{command.name} — {command.help}" for command in COMMANDS)
