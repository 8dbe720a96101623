"""python-telegram-bot's own client can't tell the sandbox from Telegram."""

import asyncio
from collections.abc import Awaitable
from typing import Any

import pytest
from conftest import OWNER, Sandbox, png
from telegram import (
    BotCommand,
    BotCommandScopeAllPrivateChats,
    CopyTextButton,
    ForceReply,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaDocument,
    LinkPreviewOptions,
    MenuButtonCommands,
    Message,
    ReplyParameters,
    Update,
)
from telegram.error import (
    BadRequest,
    Conflict,
    EndPointNotFound,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TimedOut,
)
from telegram.ext import AIORateLimiter, ExtBot

# The library warns of its own change to timedeltas whenever retry_after is read.
pytestmark = pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")

Bot = ExtBot[Any]
BUTTONS = InlineKeyboardMarkup(
    [
        [
            InlineKeyboardButton("Approve", callback_data="a:1", api_kwargs={"style": "success"}),
            InlineKeyboardButton("Reject", callback_data="r:1"),
        ],
        [InlineKeyboardButton("IBAN", copy_text=CopyTextButton("DE02 1203"))],
        [InlineKeyboardButton("Portal", url="https://example.org/x")],
    ]
)


async def refused(call: Awaitable[Any]) -> str:
    """The description of the 400 a call gets, its first letter lowered."""
    with pytest.raises(BadRequest) as caught:
        await call
    message = caught.value.message
    return message if message[1:2].isupper() else message[:1].lower() + message[1:]


async def test_says_who_it_is(ptb_bot: Bot) -> None:
    assert ptb_bot.id == 1000000001
    assert ptb_bot.username == "factotum_sandbox_bot"


async def test_sends_text_with_entities_and_buttons(ptb_bot: Bot) -> None:
    sent = await ptb_bot.send_message(
        OWNER,
        '😀 <b>bold</b> <pre><code class="language-py">x = 1</code></pre>',
        parse_mode="HTML",
        reply_markup=BUTTONS,
        link_preview_options=LinkPreviewOptions(is_disabled=True),
        disable_notification=True,
    )
    assert [(e.type, e.offset, e.length) for e in sent.entities] == [
        ("bold", 3, 4),
        ("pre", 8, 5),
    ]
    assert sent.parse_entity(sent.entities[1]) == "x = 1"
    assert sent.entities[1].language == "py"
    assert sent.reply_markup is not None
    assert sent.reply_markup.inline_keyboard[0][0].to_dict()["style"] == "success"
    assert sent.reply_markup.inline_keyboard[2][0].url == "https://example.org/x"
    assert sent.link_preview_options is not None
    assert sent.link_preview_options.is_disabled
    assert sent.date.utcoffset() is not None


async def test_replies(ptb_bot: Bot) -> None:
    first = await ptb_bot.send_message(OWNER, "one")
    second = await ptb_bot.send_message(
        OWNER, "two", reply_parameters=ReplyParameters(first.message_id)
    )
    assert second.reply_to_message is not None
    assert second.reply_to_message.text == "one"
    missing = ReplyParameters(9999)
    call = ptb_bot.send_message(OWNER, "x", reply_parameters=missing)
    assert await refused(call) == "message to be replied not found"
    lenient = ReplyParameters(9999, allow_sending_without_reply=True)
    sent = await ptb_bot.send_message(OWNER, "x", reply_parameters=lenient)
    assert sent.reply_to_message is None


async def test_forced_reply_reaches_the_phone(ptb_bot: Bot, sandbox: Sandbox) -> None:
    await ptb_bot.send_message(
        OWNER, "Why?", reply_markup=ForceReply(input_field_placeholder="A reason")
    )
    shown = (await sandbox.chat())[0]
    assert shown["keyboard"] == {"force_reply": True, "input_field_placeholder": "A reason"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (" \n", "text must be non-empty"),
        ("x" * 4097, "message is too long"),
        ("a <c>", 'can\'t parse entities: unsupported start tag "c" at byte offset 2'),
        ("a < b", 'can\'t parse entities: unsupported start tag "" at byte offset 2'),
        ("<b", "can't parse entities: unclosed start tag at byte offset 0"),
        ("<i>x", "can't parse entities: can't find end tag corresponding to start tag \"i\""),
        (
            "<span>x</span>",
            'can\'t parse entities: tag "span" must have class "tg-spoiler" at byte offset 0',
        ),
    ],
)
async def test_refuses_bad_text(ptb_bot: Bot, text: str, reason: str) -> None:
    found = await refused(ptb_bot.send_message(OWNER, text, parse_mode="HTML"))
    assert found.lower() == reason


async def test_refuses_markdown_clearly(ptb_bot: Bot) -> None:
    found = await refused(ptb_bot.send_message(OWNER, "*x*", parse_mode="MarkdownV2"))
    assert "can't parse entities" in found
    found = await refused(ptb_bot.send_message(OWNER, "*x*", parse_mode="RTF"))
    assert found == "unsupported parse_mode"


async def test_refuses_too_much_callback_data(ptb_bot: Bot) -> None:
    markup = InlineKeyboardMarkup([[InlineKeyboardButton("x", callback_data="x" * 65)]])
    found = await refused(ptb_bot.send_message(OWNER, "x", reply_markup=markup))
    assert found.upper() == "BUTTON_DATA_INVALID"


async def test_edits_in_place(ptb_bot: Bot, sandbox: Sandbox) -> None:
    sent = await ptb_bot.send_message(OWNER, "before", reply_markup=BUTTONS)
    same = ptb_bot.edit_message_text(
        "before", chat_id=OWNER, message_id=sent.message_id, reply_markup=BUTTONS
    )
    assert (await refused(same)).startswith("message is not modified: specified new message")
    edited = await sent.edit_text("after")
    assert isinstance(edited, Message)
    assert edited.reply_markup is None
    assert edited.edit_date is not None
    assert await refused(ptb_bot.edit_message_text("x", OWNER, 999)) == "message to edit not found"
    theirs = await sandbox.say("mine")
    foreign = ptb_bot.edit_message_reply_markup(OWNER, theirs, reply_markup=BUTTONS)
    assert await refused(foreign) == "message can't be edited"
    assert await edited.delete()
    assert await refused(edited.delete()) == "message to delete not found"


async def test_reactions_pins_and_actions(ptb_bot: Bot, sandbox: Sandbox) -> None:
    theirs = await sandbox.say("hello")
    assert await ptb_bot.set_message_reaction(OWNER, theirs, "👀")
    assert await ptb_bot.pin_chat_message(OWNER, theirs)
    assert await ptb_bot.send_chat_action(OWNER, "typing")
    shown = (await sandbox.chat())[0]
    assert (shown["reactions"], shown["pinned"]) == (["👀"], True)
    assert await ptb_bot.unpin_chat_message(OWNER, theirs)
    assert await ptb_bot.set_message_reaction(OWNER, theirs)
    shown = (await sandbox.chat())[0]
    assert (shown["reactions"], shown["pinned"]) == ([], False)
    chat = await ptb_bot.get_chat(OWNER)
    assert chat.first_name == "Marta"
    assert chat.last_name == "Keller"


async def test_profile(ptb_bot: Bot) -> None:
    scope = BotCommandScopeAllPrivateChats()
    assert await ptb_bot.set_my_commands([BotCommand("help", "All of it")], scope=scope)
    (command,) = await ptb_bot.get_my_commands(scope=scope)
    assert command.command == "help"
    assert await ptb_bot.set_my_name("Fac")
    assert (await ptb_bot.get_my_name()).name == "Fac"
    assert await ptb_bot.set_my_description("d")
    assert await ptb_bot.set_my_short_description("s")
    assert await ptb_bot.set_chat_menu_button(menu_button=MenuButtonCommands())
    assert (await ptb_bot.get_chat_menu_button()).type == "commands"
    many = [BotCommand(f"c{n}", "x") for n in range(101)]
    assert (await refused(ptb_bot.set_my_commands(many))).upper() == "BOT_COMMANDS_TOO_MUCH"


async def test_files_go_up_and_down(ptb_bot: Bot) -> None:
    sent = await ptb_bot.send_document(OWNER, b"%PDF-1.7 x", filename="invoice.pdf", caption="c")
    assert sent.document is not None
    assert (sent.document.file_name, sent.caption) == ("invoice.pdf", "c")
    file = await sent.document.get_file()
    assert bytes(await file.download_as_bytearray()) == b"%PDF-1.7 x"
    edited = await sent.edit_caption("new")
    assert isinstance(edited, Message)
    assert edited.caption == "new"
    media = InputMediaDocument(b"other", filename="other.txt")
    replaced = await edited.edit_media(media)
    assert isinstance(replaced, Message)
    assert replaced.document is not None
    assert replaced.document.file_name == "other.txt"
    photo = await ptb_bot.send_photo(OWNER, png(50, 20))
    assert (photo.photo[-1].width, photo.photo[-1].height) == (50, 20)
    voice = await ptb_bot.send_voice(OWNER, b"OggS....", filename="v.ogg")
    assert voice.voice is not None
    copy = await ptb_bot.copy_message(OWNER, OWNER, sent.message_id)
    forward = await ptb_bot.forward_message(OWNER, OWNER, sent.message_id)
    assert forward.message_id > copy.message_id
    assert forward.forward_origin is not None
    assert (await refused(ptb_bot.send_document(OWNER, b"", filename="e"))) == (
        "file must be non-empty"
    )
    long = ptb_bot.send_document(OWNER, b"x", caption="x" * 1025)
    assert await refused(long) == "message caption is too long"


async def test_refuses_what_is_too_big(ptb_bot: Bot) -> None:
    with pytest.raises(NetworkError, match="Request Entity Too Large"):
        await ptb_bot.send_document(OWNER, b"\0" * (50 * 1024 * 1024 + 1), filename="b")
    with pytest.raises(NetworkError, match="Request Entity Too Large"):
        await ptb_bot.send_photo(OWNER, b"\0" * (10 * 1024 * 1024 + 1))


async def test_gets_every_kind_of_update(ptb_bot: Bot, sandbox: Sandbox) -> None:
    first = await sandbox.say("/start CODE")
    await sandbox.say("approve", reply_to=first, forward_from="Someone Else")
    await sandbox.http.post("/phone/edits", json={"message_id": first, "text": "changed"})
    await sandbox.say("hi all", chat_id=-77)
    await sandbox.http.post(
        "/phone/files", files={"file": ("p.png", png())}, data={"caption": "look"}
    )
    await sandbox.http.post("/phone/files", files={"file": ("v.ogg", b"OggS", "audio/ogg")})
    await sandbox.say("let me in", user_id=77)
    updates = await ptb_bot.get_updates(timeout=5, allowed_updates=Update.ALL_TYPES)
    start, forwarded, edited, added, group, photo, voice, stranger = updates
    assert start.message is not None
    assert [e.type for e in start.message.entities] == ["bot_command"]
    assert forwarded.message is not None
    assert forwarded.message.forward_origin is not None
    assert forwarded.message.reply_to_message is not None
    assert edited.edited_message is not None
    assert edited.edited_message.text == "changed"
    assert added.my_chat_member is not None
    assert added.my_chat_member.new_chat_member.status == "member"
    assert added.my_chat_member.chat.type == "group"
    assert group.effective_chat is not None
    assert group.effective_chat.id == -77
    assert photo.message is not None
    assert photo.message.photo
    assert photo.message.caption == "look"
    assert voice.message is not None
    assert voice.message.voice is not None
    assert stranger.effective_user is not None
    assert stranger.effective_user.id == 77
    assert await ptb_bot.get_updates(offset=updates[-1].update_id + 1) == ()
    assert await ptb_bot.leave_chat(-77)
    assert await refused(ptb_bot.send_message(-77, "x")) == "chat not found"


async def test_answers_a_tap(ptb_bot: Bot, sandbox: Sandbox) -> None:
    sent = await ptb_bot.send_message(OWNER, "x", reply_markup=BUTTONS)
    body = {"message_id": sent.message_id, "button": "Approve", "user_id": 99}
    tap = asyncio.create_task(sandbox.http.post("/phone/taps", json=body))
    (update,) = await ptb_bot.get_updates(timeout=10)
    query = update.callback_query
    assert query is not None
    assert (query.data, query.from_user.id) == ("a:1", 99)
    too_long = ptb_bot.answer_callback_query(query.id, "x" * 201)
    assert (await refused(too_long)).upper() == "MESSAGE_TOO_LONG"
    assert await query.answer("Not yours", show_alert=True)
    assert (await tap).json() == {"answer": "Not yours"}
    assert (await refused(query.answer("again"))).startswith("query is too old and response")


async def test_second_poller_ends_the_first(ptb_bot: Bot, sandbox: Sandbox) -> None:
    first = asyncio.create_task(ptb_bot.get_updates(timeout=20))
    await sandbox.poll_waits()
    other = sandbox.http.post(f"/bot{sandbox.token}/getUpdates", json={"timeout": 20}, timeout=30)
    second = asyncio.create_task(other)
    with pytest.raises(Conflict, match="make sure that only one bot instance is running"):
        await first
    await sandbox.say("x")
    assert len((await second).json()["result"]) == 1


async def test_no_polling_while_a_webhook_is_set(ptb_bot: Bot) -> None:
    assert await ptb_bot.set_webhook("http://127.0.0.1:9/hook", secret_token="s-1")
    info = await ptb_bot.get_webhook_info()
    assert info.url == "http://127.0.0.1:9/hook"
    with pytest.raises(Conflict, match="can't use getUpdates method while webhook is active"):
        await ptb_bot.get_updates()
    assert await ptb_bot.delete_webhook(drop_pending_updates=True)
    assert await ptb_bot.get_updates() == ()
    call = ptb_bot.set_webhook("https://example.org/hook")
    assert (await refused(call)).startswith("bad webhook")
    call = ptb_bot.set_webhook("http://127.0.0.1:9/hook", secret_token="no spaces")
    assert await refused(call) == "secret token contains unallowed characters"


async def test_tokens(ptb_bot: Bot, sandbox: Sandbox) -> None:
    for token in ("1000000001:another-token-of-the-same-kind", "1:x"):
        other: Bot = ExtBot(token, base_url=f"{sandbox.url}/bot")
        with pytest.raises(InvalidToken):
            await other.initialize()
        await other.shutdown()


async def test_unknown_method(ptb_bot: Bot) -> None:
    with pytest.raises(EndPointNotFound):
        await ptb_bot.do_api_request("getNothing")


async def test_other_chats(ptb_bot: Bot, sandbox: Sandbox) -> None:
    assert await refused(ptb_bot.send_message(42, "x")) == "chat not found"
    await sandbox.say("hello", user_id=42)
    assert await ptb_bot.send_message(42, "x")
    await sandbox.http.post("/phone/blocks", json={"user_id": 42})
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await ptb_bot.send_message(42, "x")


async def test_faults_look_like_telegram(ptb_bot: Bot, sandbox: Sandbox) -> None:
    await sandbox.fault(method="sendMessage", status=429, retry_after=7, count=1)
    with pytest.raises(RetryAfter) as caught:
        await ptb_bot.send_message(OWNER, "x")
    assert caught.value.retry_after == 7
    for status in (500, 502):
        await sandbox.fault(method="*", status=status, count=1)
        with pytest.raises(NetworkError):
            await ptb_bot.send_message(OWNER, "x")
    await sandbox.fault(method="*", status="drop", count=1)
    with pytest.raises(NetworkError):
        await ptb_bot.send_message(OWNER, "dropped")
    assert await sandbox.chat() == []
    await sandbox.fault(method="*", status="timeout", count=1)
    with pytest.raises(TimedOut):
        await ptb_bot.send_message(OWNER, "arrived", read_timeout=0.5)
    assert [message["text"] for message in await sandbox.chat()] == ["arrived"]


async def test_rate_limiter_waits_as_told(sandbox: Sandbox) -> None:
    bot: Bot = ExtBot(
        sandbox.token,
        base_url=f"{sandbox.url}/bot",
        rate_limiter=AIORateLimiter(max_retries=1),
    )
    async with bot:
        await sandbox.fault(method="sendMessage", status=429, retry_after=1, count=1)
        assert await bot.send_message(OWNER, "in the end")
    assert [message["text"] for message in await sandbox.chat()] == ["in the end"]
