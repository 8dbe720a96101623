"""What keeps better models out: noted for /status, and said in the chat where money does."""

from datetime import datetime

from agents.gateway import Tier
from agents.planner import Thought
from bot.app import App
from bot.health import note_trouble


class Degraded:
    """Follows what the thoughts about messages say of the models."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._trouble: str | None = None
        self._ends: datetime | None = None
        self._said: set[str] = set()

    async def note(self, thought: Thought) -> None:
        """Notes what is wrong with the models, and that nothing is any more.

        A message that needed none tells nothing of them, unless a limit's time is over.
        """
        over = self._ends is not None and self._app.clock.now() >= self._ends
        told = thought.degraded or thought.tier is not Tier.BUILTIN or over
        if not told or thought.degraded == self._trouble:
            return
        async with self._app.database.write() as connection:
            await note_trouble(connection, self._app.clock, "model", thought.degraded or None)
        self._trouble = thought.degraded
        limit = thought.over.limit if thought.over else None
        self._ends = limit.ends if limit else None

    def sentence(self, thought: Thought) -> str:
        """That a limit kept a better model out, once for each day and month; else nothing."""
        over = thought.over
        if over is None or over.limit is None or (over.limit.ends and over.message in self._said):
            return ""
        self._said.add(over.message)
        who = "I" if thought.tier is Tier.BUILTIN else thought.model
        return f"{over.message.rstrip('.')}; {who} read this instead."
