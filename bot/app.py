"""The one place where everything is wired together."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.presenter import ChatPresenter
from connectors.billing import Billing, IssueParams
from connectors.calendar import Calendar
from connectors.files import Files, FilesConnector
from connectors.index.embedded import EmbeddedIndex
from connectors.index.fallback import KeywordFallback
from connectors.index.provider import embedding_of
from connectors.index.weaviate import WeaviateIndex
from connectors.index.weaviate_server import address
from connectors.mail import Mail, Maildir, MaildirTransport, SmtpTransport, Transport
from core import profile
from core.actions import Catalogue
from core.clock import Clock, SystemClock
from core.director import Director
from core.executor import Thinker
from core.house import House
from core.memory.actions import Memory
from core.memory.index import Embedding, Index
from core.memory.recall import Recall
from core.memory.recall_cache import RecallCache
from core.policy import PolicyBook
from core.profile import Profile
from core.queue import ArqQueue, Queue
from core.settings import Settings
from core.storage.database import Database
from core.when import day


class Current:
    """The operator's profile as last read, for those who can't wait for the database."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self.profile = Profile()

    async def refresh(self) -> Profile:
        """Reads the profile anew."""
        async with self._db.read() as connection:
            return await self.read(connection)

    async def read(self, connection: AsyncConnection) -> Profile:
        """Reads the profile anew in the caller's transaction."""
        self.profile = await profile.load(connection)
        return self.profile

    def zone(self) -> ZoneInfo:
        """The operator's zone."""
        return self.profile.tz


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """Every part of one process, ready to work. ``close`` ends it."""

    settings: Settings
    clock: Clock
    database: Database
    queue: Queue
    current: Current
    files: Files
    mail: Mail
    calendar: Calendar
    billing: Billing
    catalogue: Catalogue
    policy: PolicyBook
    presenter: ChatPresenter
    director: Director
    index: Index
    recall: RecallCache

    async def close(self) -> None:
        """Closes database, index and queue."""
        await self.queue.close()
        await self.index.close()
        await self.database.close()

    def thinkers(self) -> dict[str, Thinker]:
        """What agent and draft steps can do, by their action."""
        folder = self.settings.home / "previews"

        async def invoice_preview(token: str, params: dict[str, Any]) -> dict[str, Any]:
            typed = IssueParams.model_validate(params)
            content = await self.billing.preview(typed)
            path = folder / f"{token}.pdf"
            await asyncio.to_thread(_write, path, content)
            return {
                "path": str(path),
                "name": "Invoice draft.pdf",
                "caption": f"Draft of the invoice to {typed.client_name} over "
                f"{typed.totals().gross}, due {day(typed.due_date)}. Its number comes on approval.",
            }

        return {"invoice.preview": invoice_preview}


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _transport(settings: Settings, maildir: Maildir) -> Transport:
    if settings.smtp_host is None:
        return MaildirTransport(maildir=maildir)
    return SmtpTransport(
        maildir=maildir,
        host=settings.smtp_host,
        port=settings.smtp_port,
        username=settings.smtp_username or "",
        password=settings.smtp_password.get_secret_value() if settings.smtp_password else "",
        tls=settings.smtp_tls,
    )


def _index(settings: Settings) -> tuple[Index, Embedding]:
    embedding = embedding_of(
        settings.embedding_model, size=settings.embedding_size, local_url=settings.model_url
    )
    folder = settings.home / "index"
    if settings.weaviate_url is None:
        return EmbeddedIndex(folder, embedding=embedding), embedding
    server = address(
        settings.weaviate_url,
        grpc=settings.weaviate_grpc,
        key=settings.weaviate_api_key.get_secret_value() if settings.weaviate_api_key else None,
    )
    local = EmbeddedIndex(folder, embedding=None)
    return KeywordFallback(WeaviateIndex(server, embedding=embedding), local), embedding


def assemble(
    settings: Settings,
    *,
    clock: Clock | None = None,
    database: Database | None = None,
    queue: Queue | None = None,
) -> App:
    """Builds every part from the host's settings; opens nothing yet.

    ``clock``, ``database`` and ``queue`` stand in for those that the settings name.
    """
    clock = clock or SystemClock()
    home = settings.home
    database = database or Database(settings.database_path)
    current = Current(database)
    files = Files(root=home / "files")
    maildir = Maildir(root=home / "mail")

    mail = Mail(
        transport=_transport(settings, maildir),
        maildir=maildir,
        files=files,
        clock=clock,
    )
    calendar = Calendar(root=home / "calendar", clock=clock, zone=current.zone)
    billing = Billing(database=database, files=files, clock=clock, zone=current.zone)
    catalogue = Catalogue(
        (
            House(database=database, clock=clock),
            Memory(database=database, clock=clock),
            mail,
            calendar,
            billing,
            FilesConnector(files=files),
        )
    )
    policy = PolicyBook.at(home, clock)
    presenter = ChatPresenter(clock=clock, catalogue=catalogue, files=files)
    index, embedding = _index(settings)
    return App(
        settings=settings,
        clock=clock,
        database=database,
        queue=queue or ArqQueue(settings.queue_url()),
        current=current,
        files=files,
        mail=mail,
        calendar=calendar,
        billing=billing,
        catalogue=catalogue,
        policy=policy,
        presenter=presenter,
        director=Director(clock, catalogue, presenter, policy),
        index=index,
        recall=RecallCache(Recall(index, clock, embedding=embedding), index, database, clock),
    )
