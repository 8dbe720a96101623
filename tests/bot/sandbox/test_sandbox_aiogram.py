"""aiogram's own client can't tell the sandbox from Telegram."""

import asyncio

import pytest
from aiogram import Bot, Dispatcher, F, Router
from aiogram.enums import ParseMode
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramConflictError,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.methods import GetMe
from aiogram.types import (
    BotCommand,
    BotCommandScopeChat,
    BufferedInputFile,
    CallbackQuery,
    CopyTextButton,
    ForceReply,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    Message,
    ReactionTypeEmoji,
    ReplyKeyboardMarkup,
    ReplyParameters,
)
from aiogram.types import KeyboardButton as Key
from conftest import OWNER, Sandbox, png

BUTTONS = InlineKeyboardMarkup(
    inline_keyboard=[
        [InlineKeyboardButton(text="Approve", callback_data="a:1", style="success")],
        [InlineKeyboardButton(text="IBAN", copy_text=CopyTextButton(text="DE02 1203"))],
    ]
)


async def refused(call) -> str:
    """The description of the 400 a call gets."""
    with pytest.raises(TelegramBadRequest) as caught:
        await call
    return caught.value.message.removeprefix("Bad Request: ")


async def test_says_who_it_is(aiogram_bot: Bot) -> None:
    me = await aiogram_bot.get_me()
    assert me.is_bot
    assert me.id == 1000000001


async def test_sends_text_with_entities_and_buttons(aiogram_bot: Bot) -> None:
    sent = await aiogram_bot.send_message(
        OWNER, "😀 <b>bold</b> &lt;x&gt;", parse_mode=ParseMode.HTML, reply_markup=BUTTONS
    )
    assert sent.text == "😀 bold <x>"
    assert sent.entities is not None
    assert [(e.type, e.offset, e.length) for e in sent.entities] == [("bold", 3, 4)]
    assert sent.reply_markup is not None
    assert sent.reply_markup.inline_keyboard[0][0].style == "success"
    copied = sent.reply_markup.inline_keyboard[1][0].copy_text
    assert copied is not None
    assert copied.text == "DE02 1203"
    assert sent.html_text == "😀 <b>bold</b> &lt;x&gt;"
    assert sent.chat.id == OWNER


async def test_replies_and_forced_replies(aiogram_bot: Bot) -> None:
    first = await aiogram_bot.send_message(OWNER, "one")
    second = await aiogram_bot.send_message(
        OWNER,
        "two",
        reply_parameters=ReplyParameters(message_id=first.message_id),
        reply_markup=ForceReply(input_field_placeholder="A reason"),
    )
    assert second.message_id > first.message_id
    assert second.reply_to_message is not None
    assert second.reply_to_message.message_id == first.message_id
    assert second.reply_markup is None
    assert await refused(second.edit_text("three")) == "message can't be edited"


async def test_refuses_a_reply_to_nothing_unless_told_not_to_mind(aiogram_bot: Bot) -> None:
    missing = ReplyParameters(message_id=9999)
    call = aiogram_bot.send_message(OWNER, "x", reply_parameters=missing)
    assert await refused(call) == "message to be replied not found"
    lenient = ReplyParameters(message_id=9999, allow_sending_without_reply=True)
    assert await aiogram_bot.send_message(OWNER, "x", reply_parameters=lenient)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "message text is empty"),
        ("  \n ", "text must be non-empty"),
        ("x" * 4097, "message is too long"),
        ("<foo>", 'can\'t parse entities: Unsupported start tag "foo" at byte offset 0'),
        ("é <b>x", "can't parse entities: Can't find end tag corresponding to start tag \"b\""),
        (
            "<b>x</i>",
            "can't parse entities: Unmatched end tag at byte offset 4, "
            'expected "</b>", found "</i>"',
        ),
        ("é</b>", "can't parse entities: Unexpected end tag at byte offset 2"),
    ],
)
async def test_refuses_bad_text(aiogram_bot: Bot, text: str, reason: str) -> None:
    call = aiogram_bot.send_message(OWNER, text, parse_mode=ParseMode.HTML)
    assert await refused(call) == reason


async def test_counts_length_after_entities_in_utf16(aiogram_bot: Bot) -> None:
    markup = "<b>" + "x" * 4096 + "</b>"
    assert await aiogram_bot.send_message(OWNER, markup, parse_mode=ParseMode.HTML)
    assert await aiogram_bot.send_message(OWNER, "😀" * 2048)
    assert await refused(aiogram_bot.send_message(OWNER, "😀" * 2049)) == "message is too long"


@pytest.mark.parametrize(
    ("button", "reason"),
    [
        ({"callback_data": "é" * 33}, "BUTTON_DATA_INVALID"),
        ({"callback_data": "x" * 65}, "BUTTON_DATA_INVALID"),
        (
            {},
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        ),
        (
            {"url": "nowhere"},
            "inline keyboard button URL 'nowhere' is invalid: Wrong HTTP URL",
        ),
        (
            {"callback_data": "x", "style": "pink"},
            "can't parse inline keyboard button: invalid button style specified",
        ),
        ({"copy_text": {"text": "x" * 257}}, "BUTTON_COPY_TEXT_INVALID"),
    ],
)
async def test_refuses_bad_buttons(aiogram_bot: Bot, button: dict, reason: str) -> None:
    markup = InlineKeyboardMarkup(
        inline_keyboard=[[InlineKeyboardButton.model_construct(text="x", **button)]]
    )
    assert await refused(aiogram_bot.send_message(OWNER, "x", reply_markup=markup)) == reason


async def test_refuses_a_button_without_a_label(aiogram_bot: Bot) -> None:
    markup = InlineKeyboardMarkup(
        inline_keyboard=[[InlineKeyboardButton(text="", callback_data="x")]]
    )
    reason = await refused(aiogram_bot.send_message(OWNER, "x", reply_markup=markup))
    assert reason == "inline keyboard button text must be non-empty"


async def test_accepts_a_reply_keyboard(aiogram_bot: Bot, sandbox: Sandbox) -> None:
    markup = ReplyKeyboardMarkup(keyboard=[[Key(text="Yes"), Key(text="No")]])
    await aiogram_bot.send_message(OWNER, "Well?", reply_markup=markup)
    shown = (await sandbox.chat())[0]["keyboard"]
    assert [key["text"] for key in shown["keyboard"][0]] == ["Yes", "No"]


async def test_edits_in_place(aiogram_bot: Bot) -> None:
    sent = await aiogram_bot.send_message(OWNER, "before", reply_markup=BUTTONS)
    edited = await sent.edit_text("after")
    assert isinstance(edited, Message)
    assert edited.text == "after"
    assert edited.reply_markup is None
    assert edited.edit_date is not None
    again = await edited.edit_reply_markup(reply_markup=BUTTONS)
    assert isinstance(again, Message)
    assert again.reply_markup is not None


async def test_refuses_edits_that_cannot_be(aiogram_bot: Bot, sandbox: Sandbox) -> None:
    sent = await aiogram_bot.send_message(OWNER, "<b>x</b>", parse_mode="HTML")
    same = sent.edit_text("<strong>x</strong>", parse_mode="HTML")
    assert await refused(same) == (
        "message is not modified: specified new message content and reply markup are exactly "
        "the same as a current content and reply markup of the message"
    )
    missing = aiogram_bot.edit_message_text("y", chat_id=OWNER, message_id=999)
    assert await refused(missing) == "message to edit not found"
    theirs = await sandbox.say("mine")
    foreign = aiogram_bot.edit_message_text("y", chat_id=OWNER, message_id=theirs)
    assert await refused(foreign) == "message can't be edited"
    caption = aiogram_bot.edit_message_caption(
        chat_id=OWNER, message_id=sent.message_id, caption="c"
    )
    assert await refused(caption) == "there is no caption in the message to edit"


async def test_deletes(aiogram_bot: Bot, sandbox: Sandbox) -> None:
    sent = await aiogram_bot.send_message(OWNER, "gone soon")
    assert await sent.delete()
    assert await sandbox.chat() == []
    assert await refused(sent.delete()) == "message to delete not found"


async def test_pins_and_reacts(aiogram_bot: Bot, sandbox: Sandbox) -> None:
    sent = await aiogram_bot.send_message(OWNER, "x")
    assert await sent.pin(disable_notification=True)
    assert await sent.react([ReactionTypeEmoji(emoji="👍")])
    shown = (await sandbox.chat())[0]
    assert shown["pinned"]
    assert shown["reactions"] == ["👍"]
    chat = await aiogram_bot.get_chat(OWNER)
    assert chat.pinned_message is not None
    assert await refused(sent.react([ReactionTypeEmoji(emoji="x")])) == "REACTION_INVALID"
    assert await aiogram_bot.unpin_all_chat_messages(OWNER)
    assert not (await sandbox.chat())[0]["pinned"]
    nothing = aiogram_bot.unpin_chat_message(OWNER)
    assert await refused(nothing) == "message to unpin not found"


async def test_does_not_know_other_chats(aiogram_bot: Bot, sandbox: Sandbox) -> None:
    assert await refused(aiogram_bot.send_message(42, "x")) == "chat not found"
    assert await refused(aiogram_bot.send_message("@nobody", "x")) == "chat not found"
    await sandbox.http.post("/phone/blocks", json={"blocked": True})
    with pytest.raises(TelegramForbiddenError, match="bot was blocked by the user"):
        await aiogram_bot.send_message(OWNER, "x")


async def test_keeps_commands_by_scope(aiogram_bot: Bot) -> None:
    commands = [BotCommand(command="digest", description="The day")]
    scope = BotCommandScopeChat(chat_id=OWNER)
    assert await aiogram_bot.set_my_commands(commands, scope=scope)
    (kept,) = await aiogram_bot.get_my_commands(scope=scope)
    assert (kept.command, kept.description) == ("digest", "The day")
    assert await aiogram_bot.get_my_commands() == []
    assert await aiogram_bot.delete_my_commands(scope=scope)
    assert await aiogram_bot.get_my_commands(scope=scope) == []
    bad = aiogram_bot.set_my_commands([BotCommand(command="Bad-One", description="x")])
    assert await refused(bad) == "BOT_COMMAND_INVALID"


async def test_files_go_up_and_down(aiogram_bot: Bot) -> None:
    sent = await aiogram_bot.send_document(
        OWNER,
        BufferedInputFile(b"%PDF-1.7 x", "invoice ü.pdf"),
        caption="<i>c</i>",
        parse_mode="HTML",
    )
    assert sent.document is not None
    assert sent.document.file_name == "invoice ü.pdf"
    assert sent.document.mime_type == "application/pdf"
    assert sent.document.file_size == 10
    assert sent.caption == "c"
    file = await aiogram_bot.download(sent.document.file_id)
    assert file is not None
    assert file.read() == b"%PDF-1.7 x"
    again = await aiogram_bot.send_document(OWNER, sent.document.file_id)
    assert again.document is not None
    assert again.document.file_unique_id == sent.document.file_unique_id
    wrong = aiogram_bot.send_photo(OWNER, sent.document.file_id)
    assert await refused(wrong) == "can't use file of type Document as Photo"
    long = aiogram_bot.send_document(OWNER, BufferedInputFile(b"x", "x"), caption="x" * 1025)
    assert await refused(long) == "message caption is too long"
    assert await refused(aiogram_bot.get_file("nonsense")) == "invalid file_id"


async def test_photos(aiogram_bot: Bot) -> None:
    sent = await aiogram_bot.send_photo(OWNER, BufferedInputFile(png(40, 30), "c.png"))
    assert sent.photo is not None
    assert (sent.photo[-1].width, sent.photo[-1].height) == (40, 30)
    media = InputMediaPhoto(media=BufferedInputFile(png(8, 8), "d.png"), caption="new")
    edited = await sent.edit_media(media)
    assert isinstance(edited, Message)
    assert edited.caption == "new"
    assert edited.photo is not None
    assert edited.photo[-1].width == 8
    bad = aiogram_bot.send_photo(OWNER, BufferedInputFile(b"not a picture", "x.png"))
    assert await refused(bad) == "IMAGE_PROCESS_FAILED"
    group = [InputMediaPhoto(media=BufferedInputFile(png(9, 9), f"{n}.png")) for n in "ab"]
    assert len(await aiogram_bot.send_media_group(OWNER, group)) == 2


async def test_refuses_what_is_too_big(aiogram_bot: Bot, sandbox: Sandbox) -> None:
    too_big = BufferedInputFile(b"\0" * (50 * 1024 * 1024 + 1), "big.bin")
    with pytest.raises(TelegramEntityTooLarge):
        await aiogram_bot.send_document(OWNER, too_big)
    with pytest.raises(TelegramEntityTooLarge):
        await aiogram_bot.send_photo(OWNER, BufferedInputFile(b"\0" * (10 << 20 | 1), "p.png"))
    upload = {"file": ("big.bin", b"\0" * (20 * 1024 * 1024 + 1))}
    await sandbox.http.post("/phone/files", files=upload)
    (update,) = await aiogram_bot.get_updates(timeout=5)
    assert update.message is not None
    assert update.message.document is not None
    call = aiogram_bot.get_file(update.message.document.file_id)
    assert await refused(call) == "file is too big"


async def test_polls_with_a_dispatcher(aiogram_bot: Bot, sandbox: Sandbox) -> None:
    router = Router()

    @router.message(F.text)
    async def on_text(message: Message) -> None:
        markup = InlineKeyboardMarkup(
            inline_keyboard=[[InlineKeyboardButton(text="Yes", callback_data="y")]]
        )
        await message.answer(f"You said {message.text}", reply_markup=markup)

    @router.callback_query()
    async def on_tap(query: CallbackQuery) -> None:
        assert isinstance(query.message, Message)
        await query.message.edit_text("Done")
        await query.answer("Thank you")

    dispatcher = Dispatcher()
    dispatcher.include_router(router)
    polling = asyncio.create_task(
        dispatcher.start_polling(aiogram_bot, handle_signals=False, close_bot_session=False)
    )
    try:
        await sandbox.say("hello")
        async with asyncio.timeout(10):
            while not (card := (await sandbox.chat())[1:]):  # noqa: ASYNC110 - seen from outside
                await asyncio.sleep(0.005)
        tap = {"message_id": card[0]["message_id"], "button": "Yes"}
        answer = await sandbox.http.post("/phone/taps", json=tap)
        assert answer.json() == {"answer": "Thank you"}
        shown = (await sandbox.chat())[1]
        assert (shown["text"], shown["buttons"]) == ("Done", [])
        assert shown["edit_date"] is not None
    finally:
        await dispatcher.stop_polling()
        await polling


async def test_second_poller_ends_the_first(aiogram_bot: Bot, sandbox: Sandbox) -> None:
    first = asyncio.create_task(aiogram_bot.get_updates(timeout=30))
    await sandbox.poll_waits()
    second = asyncio.create_task(aiogram_bot.get_updates(timeout=30))
    with pytest.raises(TelegramConflictError, match="terminated by other getUpdates request"):
        await first
    await sandbox.say("x")
    assert len(await second) == 1


async def test_answers_a_tap_once(aiogram_bot: Bot, sandbox: Sandbox) -> None:
    sent = await aiogram_bot.send_message(OWNER, "x", reply_markup=BUTTONS)
    tap = asyncio.create_task(
        sandbox.http.post("/phone/taps", json={"message_id": sent.message_id, "button": "a:1"})
    )
    (update,) = await aiogram_bot.get_updates(timeout=10)
    query = update.callback_query
    assert query is not None
    assert query.data == "a:1"
    assert query.from_user.id == OWNER
    too_long = aiogram_bot.answer_callback_query(query.id, text="x" * 201)
    assert await refused(too_long) == "MESSAGE_TOO_LONG"
    assert await query.answer(show_alert=True)
    assert (await tap).json() == {"answer": None}
    old = "query is too old and response timeout expired or query ID is invalid"
    assert await refused(aiogram_bot.answer_callback_query(query.id)) == old
    assert await refused(aiogram_bot.answer_callback_query("12345")) == old


async def test_tokens(aiogram_bot: Bot, sandbox: Sandbox) -> None:
    session = aiogram_bot.session
    with pytest.raises(TelegramUnauthorizedError):
        await Bot("1000000001:another-token-of-the-same-kind", session=session).get_me()
    with pytest.raises(TelegramNotFound):
        await Bot("1:x", session=session).get_me()


async def test_unknown_method(aiogram_bot: Bot) -> None:
    class GetNothing(GetMe):
        __api_method__ = "getNothing"

    with pytest.raises(TelegramNotFound):
        await aiogram_bot(GetNothing())


async def test_faults_look_like_telegram(aiogram_bot: Bot, sandbox: Sandbox) -> None:
    await sandbox.fault(method="sendMessage", status=429, retry_after=7, count=1)
    with pytest.raises(TelegramRetryAfter) as caught:
        await aiogram_bot.send_message(OWNER, "x")
    assert caught.value.retry_after == 7
    for status in (500, 502):
        await sandbox.fault(method="*", status=status, count=1)
        with pytest.raises(TelegramServerError):
            await aiogram_bot.send_message(OWNER, "x")
    await sandbox.fault(method="*", status="drop", count=1)
    with pytest.raises(TelegramNetworkError):
        await aiogram_bot.send_message(OWNER, "dropped")
    assert await sandbox.chat() == []
    await sandbox.fault(method="*", status="timeout", count=1)
    with pytest.raises(TelegramNetworkError):
        await aiogram_bot.send_message(OWNER, "arrived", request_timeout=1)
    assert [message["text"] for message in await sandbox.chat()] == ["arrived"]
    assert await aiogram_bot.send_message(OWNER, "well again")
