"""A new policy that waits for the operator's tap. One waits at a time; a newer one replaces it."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from core.clock import Clock
from core.ids import new_id
from core.policy.book import text_digest
from core.storage.schema import setting

LIFETIME = timedelta(days=1)
_KEY = "policy.proposed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """The text that would be used, bound by digests to it and to the text it replaces."""

    id: str
    was: str
    becomes: str
    text: str
    until: str

    @property
    def whole(self) -> bool:
        """Whether the text is still the one that was shown."""
        return text_digest(self.text) == self.becomes


async def keep(connection: AsyncConnection, clock: Clock, *, was: str, text: str) -> Proposal:
    """Keeps ``text`` until it is decided; ``was`` is the digest of the text in force."""
    made = Proposal(
        id=new_id("pol"),
        was=was,
        becomes=text_digest(text),
        text=text,
        until=(clock.now() + LIFETIME).isoformat(),
    )
    values = {"value": asdict(made), "updated_at": clock.now()}
    await connection.execute(
        insert(setting)
        .values(key=_KEY, **values)
        .on_conflict_do_update(index_elements=[setting.c.key], set_=values)
    )
    return made


async def take(connection: AsyncConnection, clock: Clock, proposal_id: str) -> Proposal | None:
    """Uses the proposal up; None where it was decided, replaced, changed, or is over."""
    value = await connection.scalar(select(setting.c.value).where(setting.c.key == _KEY))
    if not value or value["id"] != proposal_id:
        return None
    await connection.execute(delete(setting).where(setting.c.key == _KEY))
    found = Proposal(**value)
    over = datetime.fromisoformat(found.until) <= clock.now()
    return found if found.whole and not over else None
