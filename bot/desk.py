"""The operator's desk: what the bot process does at once; the rest it announces."""

import asyncio
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import requesting, taps
from bot.app import App
from bot.cards.talk import note
from bot.commands import in_worker, run_command
from bot.courier import Courier
from bot.inbound import Inbound
from connectors.files import KeepParams
from core import inbox, pairing
from core.costs import NOTHING
from core.errors import FactotumError
from core.inbox import Arrived, Message
from core.plans import Plan, PlannedStep
from core.storage.database import TROUBLE, is_disk_full

log: Any = structlog.get_logger()

LARGEST = 20 * 1024 * 1024
"""Bytes of a file that Telegram lets a bot download."""
_TYPING_AFTER = 0.4
_TYPING_EVERY = 4.0
_NAMES = {
    "photo": ("A photo", "photo.jpg"),
    "voice": ("A voice note", "voice.ogg"),
    "document": ("A file", "file"),
    "audio": ("An audio file", "audio.mp3"),
    "video": ("A video", "video.mp4"),
    "video_note": ("A video note", "video.mp4"),
    "animation": ("An animation", "animation.mp4"),
    "sticker": ("A sticker", "sticker.webp"),
}
_CANT = {
    "photo": "I can't read pictures yet",
    "voice": "I can't listen to it yet; write me what it says if something should be done",
}


class Desk:
    """Handles events of the operator. Every method is safe to call again after a crash."""

    def __init__(self, app: App, courier: Courier) -> None:
        self._app = app
        self._courier = courier
        self._inbound: Inbound | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._late: set[int] = set()
        self._busy: set[int] = set()

    def attach(self, inbound: Inbound) -> None:
        """Says where files can be downloaded."""
        self._inbound = inbound

    async def handle(self, message: Message) -> None:
        """Handles one kept event."""
        match message.kind:
            case "tap":
                await self._tap(message)
            case "command" if not in_worker(message):
                await self._command(message)
            case "text" | "command":
                await self._app.queue.message(message.id)
                self._spawn(self._show_typing(message))
            case "due":  # comes of a schedule, in the worker
                await self._app.queue.message(message.id)
            case "file":
                self._spawn(self._file(message))
            case "other":
                await self._say(message, "I can't do anything with that kind of message.")

    async def replay(self) -> None:
        """Handles what was kept but not handled when the process died."""
        async with self._app.database.read() as connection:
            waiting = await inbox.waiting(connection, "tap", "command", "text", "file", "other")
        for message in waiting:
            await self._guarded(message)

    async def sweep(self) -> None:
        """Handles what was left behind by a passing trouble, seen at two sweeps in a row."""
        async with self._app.database.read() as connection:
            waiting = await inbox.waiting(connection, "tap", "command", "file", "other")
        for message in waiting:
            if message.id in self._late and message.id not in self._busy:
                await self._guarded(message)
        self._late = {message.id for message in waiting}

    async def _guarded(self, message: Message) -> None:
        """Handles a kept event; one that can't be handled is said so and never blocks the rest."""
        try:
            await self.handle(message)
        except TROUBLE:
            log.exception("event_put_off", message=message.id)
        except Exception:  # nothing about one event may stop the ones after it
            log.exception("event_failed", message=message.id)
            await self._say(
                message, "Something went wrong inside; nothing was done. The log has the details."
            )

    async def welcome(self, arrived: Arrived, code: str, name: str) -> bool:
        """Pairs the sender of a right code; True where it was one."""
        app = self._app
        async with app.database.write() as connection:
            paired = await pairing.redeem(
                connection,
                app.clock,
                code,
                user_id=arrived.user_id or 0,
                chat_id=arrived.chat_id or 0,
                name=name,
            )
            if not paired:
                return False
            kept = await inbox.receive(connection, app.clock, arrived)
            if kept is not None:
                await inbox.handled(connection, app.clock, kept)
            await app.presenter.say(
                connection,
                note(
                    "Paired. From now on I listen to you alone.\n"
                    "/help shows what I can do, /settings your zone, hours and company."
                ),
            )
        self._courier.call()
        return True

    async def intruded(self, connection: AsyncConnection, title: str) -> None:
        """Tells the operator that somebody added the bot to a group.

        The courier is not called, since nothing is committed yet; it looks by itself soon.
        """
        await self._app.presenter.say(
            connection,
            note(f"Somebody added me to the group “{title}”. I left it and did nothing there."),
        )

    async def ignored_tap(self, callback_id: str) -> None:
        """Ends the spinner of a tap that counts for nothing."""
        await self._courier.answer(callback_id, "")

    async def stuck(self, error: Exception) -> None:
        """An update can't be kept: says so past the outbox, which can't be written either."""
        async with self._app.database.read() as connection:
            who = await pairing.current(connection)
        if who is None:
            return
        why = "The disk is full" if is_disk_full(error) else "The database can't be written"
        await self._courier.tell(
            who.chat_id,
            f"{why} on the machine I run on, so I can't take anything in. Your message is not "
            "lost: it waits at Telegram and I go on by myself once there is room.",
        )

    async def _tap(self, message: Message) -> None:
        callback_id = str(message.data["callback_id"])
        if requesting.in_worker(message):
            await self._app.queue.message(message.id)
            await self._courier.answer(callback_id, "")
            return
        try:
            words = await taps.handle(self._app, message)
        except FactotumError as error:
            words = error.sentence()
        self._courier.call()
        await self._courier.answer(callback_id, words)

    async def _command(self, message: Message) -> None:
        try:
            ready = await run_command(self._app, message)
        except FactotumError as error:
            await self._say(message, error.sentence())
            return
        self._courier.call()
        for step_id in ready:
            await self._app.queue.step(step_id)

    async def _say(self, message: Message, text: str) -> None:
        app = self._app
        async with app.database.write() as connection:
            if await inbox.handled(connection, app.clock, message.id):
                await app.presenter.say(connection, note(text), subject=f"msg_{message.id}")
        self._courier.call()

    async def _file(self, message: Message) -> None:
        self._busy.add(message.id)
        try:
            await self._keep(message)
        except TROUBLE:
            log.exception("file_put_off", message=message.id)
        finally:
            self._busy.discard(message.id)

    async def _keep(self, message: Message) -> None:
        what, name = _NAMES.get(str(message.data["media"]), ("A file", "file"))
        size = message.data.get("size") or 0
        if size > LARGEST:
            await self._say(
                message,
                f"{what} of {size / 1024 / 1024:.0f} MB is more than the 20 MB that Telegram "
                "lets me have, so I could not keep it. It stays here in the chat.",
            )
            return
        try:
            content = await self._inbound_now().download(str(message.data["file_id"]))
            sha256 = await self._app.files.stage(content)
        except FactotumError as error:
            await self._say(
                message, f"I could not keep it: {error.sentence()} Send it again later."
            )
            return
        cant = _CANT.get(str(message.data["media"]), "I can't read files yet")
        caption = (
            " Your caption was not read as an order; send it as a message if it is one."
            if message.text
            else ""
        )
        name = str(message.data.get("name") or name)
        plan = Plan(
            intent="file.keep",
            title=f"{what} to keep: {name}",
            steps=(
                PlannedStep(
                    key="keep",
                    label="keep the file",
                    action="files.keep",
                    params=KeepParams(name=name[:1000], sha256=sha256, folder="inbox").model_dump(
                        mode="json"
                    ),
                ),
            ),
            afterword=f"{cant}.{caption}",
        )
        app = self._app
        async with app.database.write() as connection:
            if not await inbox.handled(connection, app.clock, message.id):
                return
            started = await app.director.start(
                connection,
                plan,
                explanation={"model": "no model", "rationale": "You sent a file to keep."},
                cost=NOTHING,
                inbox_id=message.id,
            )
        for step_id in started.ready:
            await app.queue.step(step_id)

    def _inbound_now(self) -> Inbound:
        if self._inbound is None:
            raise FactotumError("Telegram is not connected yet.")
        return self._inbound

    async def _show_typing(self, message: Message) -> None:
        """While a message takes longer than a moment, the chat says that it is read."""
        await asyncio.sleep(_TYPING_AFTER)
        for _ in range(15):
            async with self._app.database.read() as connection:
                if not await inbox.is_waiting(connection, message.id):
                    return
            await self._courier.typing(message.chat_id or 0)
            await asyncio.sleep(_TYPING_EVERY)

    def _spawn(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
