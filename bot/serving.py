"""The bot process: receives from Telegram, answers taps, delivers."""

import asyncio

import structlog
import uvicorn
from telegram.error import TelegramError

from bot import courier as courier_room
from bot import inbound as inbound_room
from bot import ready
from bot.app import App, assemble
from bot.commands import COMMANDS
from bot.courier import Courier
from bot.desk import Desk
from bot.health import BEAT, beat, note_trouble
from bot.inbound import Inbound
from bot.lifetime import until_told
from core.errors import FactotumError
from core.settings import Settings
from core.storage.database import TROUBLE

log: structlog.stdlib.BoundLogger = structlog.get_logger()


def token_of(settings: Settings) -> str:
    """The bot token. Raises FactotumError where none is set or it has no token's form."""
    token = settings.telegram_bot_token
    if token is None or not token.get_secret_value():
        raise FactotumError(
            "No Telegram bot token is set.",
            fix="Get one from @BotFather and set TELEGRAM_BOT_TOKEN, or try `factotum demo`.",
        )
    number, _, rest = token.get_secret_value().partition(":")
    if not (number.isdigit() and len(rest) >= 20):
        raise FactotumError(
            "TELEGRAM_BOT_TOKEN is not a bot token.",
            fix="It looks like 123456789:AA… as @BotFather shows it.",
        )
    return token.get_secret_value()


async def serve(settings: Settings) -> None:
    """Runs the bot process until it is told to end."""
    token = token_of(settings)
    app = assemble(settings)
    sender = courier_room.make_bot(token, settings.telegram_api_url)
    await sender.request.initialize()
    courier = Courier(database=app.database, clock=app.clock, queue=app.queue, bot=sender)
    desk = Desk(app, courier)
    receiver = Inbound(
        bot=inbound_room.make_bot(token, settings.telegram_api_url),
        database=app.database,
        clock=app.clock,
        handle=desk.handle,
        welcome=desk.welcome,
        intruded=desk.intruded,
        ignored_tap=desk.ignored_tap,
        stuck=desk.stuck,
    )
    desk.attach(receiver)
    try:
        await app.current.refresh()
        await desk.replay()
        ready.tell(settings.home, "bot")
        await until_told(
            courier.run(), _receive(receiver, settings), _menu(courier), _beat(app, receiver, desk)
        )
    finally:
        await receiver.close()
        await sender.request.shutdown()
        await app.close()


async def _receive(receiver: Inbound, settings: Settings) -> None:
    if settings.webhook_url is None or settings.webhook_secret is None:
        await receiver.delete_webhook()
        await receiver.poll()
        return
    secret = settings.webhook_secret.get_secret_value()
    server = uvicorn.Server(
        uvicorn.Config(
            receiver.webhook(secret),
            host=settings.webhook_host,
            port=settings.webhook_port,
            log_config=None,
            access_log=False,
        )
    )
    await receiver.set_webhook(settings.webhook_url, secret)
    await server.serve()


async def _menu(courier: Courier) -> None:
    menu = [(command.name, command.help) for command in COMMANDS]
    while True:
        try:
            await courier.set_menu(menu)
        except TelegramError as error:
            log.info("menu_not_set", error=str(error))
            await asyncio.sleep(30)
        else:
            await asyncio.Event().wait()


async def _beat(app: App, receiver: Inbound, desk: Desk) -> None:
    told: str | None = None
    while True:
        try:
            async with app.database.write() as connection:
                await beat(connection, app.clock, "bot")
                if receiver.trouble != told:
                    told = receiver.trouble
                    await note_trouble(connection, app.clock, "telegram", told)
            await desk.sweep()
        except TROUBLE:
            log.exception("beat_failed")
        await asyncio.sleep(BEAT.total_seconds())
