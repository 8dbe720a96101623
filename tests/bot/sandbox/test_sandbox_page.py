"""The phone's page in a real Chromium, with a scripted bot at the other end."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from conftest import OWNER, Sandbox, keyboard, png, running
from playwright.async_api import Browser, Page, async_playwright, expect

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WORLD = {
    "mail": [
        {
            "id": "1",
            "to": "accounts@northwind.example",
            "subject": "Invoice 7",
            "date": "2026-11-22T09:00:00Z",
            "text": "Hello <Ada>",
            "attachments": [{"name": "7.pdf", "url": "/phone/world/files/7.pdf", "size": 4}],
        }
    ],
    "calendar": [],
    "files": [],
    "invoices": [],
}

pytestmark = pytest.mark.skipif(
    not CHROMIUM.exists(), reason="needs Debian's chromium at /usr/bin/chromium"
)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """A browser for one test."""
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield launched
        await launched.close()


async def opened(browser: Browser, sandbox: Sandbox, **options: Any) -> Page:
    """The page, connected; any script error fails the test."""
    shape = {"viewport": {"width": 390, "height": 844}, "locale": "en-GB"} | options
    context = await browser.new_context(**shape)
    page = await context.new_page()
    page.on("pageerror", fail)
    page.set_default_timeout(10_000)
    await page.goto(sandbox.url)
    await expect(page.locator("#status")).to_have_text("bot")
    return page


def fail(error: Exception) -> None:
    """Turns an error on the page into one of the test."""
    raise AssertionError(f"the page failed: {error}")


async def heard(sandbox: Sandbox) -> dict[str, Any]:
    """The next update, confirmed."""
    (update,) = await sandbox.updates(limit=1)
    await sandbox.updates(offset=update["update_id"] + 1, timeout=0)
    return update


async def test_a_whole_exchange(browser: Browser, sandbox: Sandbox) -> None:
    page = await opened(browser, sandbox)
    await expect(page.locator("#hint")).to_be_visible()
    field = page.get_by_role("textbox", name="Message")
    await field.fill("Invoice Northwind")
    await field.press("Shift+Enter")
    await field.press_sequentially("2400 EUR")
    await field.press("Enter")
    bubble = page.locator("li.out .text")
    await expect(bubble).to_contain_text("Invoice Northwind\n2400 EUR")
    await expect(page.locator("#hint")).to_be_hidden()
    update = await heard(sandbox)
    assert update["message"]["text"] == "Invoice Northwind\n2400 EUR"

    await sandbox.api("sendChatAction", chat_id=OWNER, action="typing")
    await expect(page.locator("#status")).to_have_text("typing…")
    await sandbox.send(
        "<b>Invoice</b> for &lt;Northwind&gt;",
        parse_mode="HTML",
        reply_markup=keyboard([("Approve", "a:1"), ("Reject", "r:1")]),
    )
    await expect(page.locator("#status")).to_have_text("bot")
    card = page.locator("li.in")
    await expect(card.locator("b")).to_have_text("Invoice")
    await expect(card).to_contain_text("<Northwind>")

    approve = card.get_by_role("button", name="Approve")
    await approve.click()
    await expect(approve).to_have_attribute("aria-busy", "true")
    query = (await heard(sandbox))["callback_query"]
    assert query["data"] == "a:1"
    place = {"chat_id": OWNER, "message_id": query["message"]["message_id"]}
    await sandbox.api("editMessageText", **place, text="Sent as 2026-0001")
    await sandbox.api("answerCallbackQuery", callback_query_id=query["id"], text="Approved")
    await expect(page.locator(".toast")).to_have_text("Approved")
    await expect(card).to_have_count(1)
    await expect(card).to_contain_text("Sent as 2026-0001")
    await expect(card).to_contain_text("edited")
    await expect(card.locator(".keys")).to_have_count(0)


async def test_alerts_wait_to_be_read(browser: Browser, sandbox: Sandbox) -> None:
    page = await opened(browser, sandbox)
    await sandbox.send("x", reply_markup=keyboard([("Go", "go")]))
    await page.get_by_role("button", name="Go").click()
    query = (await heard(sandbox))["callback_query"]
    await sandbox.api(
        "answerCallbackQuery", callback_query_id=query["id"], text="Too late", show_alert=True
    )
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("Too late")
    await dialog.get_by_role("button", name="OK").click()
    await expect(dialog).to_be_hidden()


async def test_commands_come_from_the_menu_and_the_slash(
    browser: Browser, sandbox: Sandbox
) -> None:
    page = await opened(browser, sandbox)
    await expect(page.get_by_role("button", name="Menu")).to_be_hidden()
    commands = [
        {"command": "digest", "description": "The day"},
        {"command": "help", "description": "All of it"},
    ]
    await sandbox.api("setMyCommands", commands=commands)
    await page.get_by_role("button", name="Menu").click()
    await page.get_by_role("option", name="/digest").click()
    assert (await heard(sandbox))["message"]["text"] == "/digest"
    field = page.get_by_role("textbox", name="Message")
    await field.press_sequentially("/he")
    await expect(page.get_by_role("option")).to_have_count(1)
    await field.press("ArrowDown")
    await field.press("Enter")
    update = await heard(sandbox)
    assert update["message"]["text"] == "/help"
    assert update["message"]["entities"][0]["type"] == "bot_command"


async def test_a_forced_reply_is_ready_to_write(browser: Browser, sandbox: Sandbox) -> None:
    page = await opened(browser, sandbox)
    asked = await sandbox.send(
        "Why not?", reply_markup={"force_reply": True, "input_field_placeholder": "A reason"}
    )
    field = page.get_by_placeholder("A reason")
    await expect(field).to_be_focused()
    await expect(page.locator("#reply-text")).to_have_text("Why not?")
    await field.press_sequentially("Too dear")
    await field.press("Enter")
    update = await heard(sandbox)
    assert update["message"]["reply_to_message"]["message_id"] == asked["message_id"]
    await expect(page.locator("li.out .quote")).to_contain_text("Why not?")


async def test_files_pins_and_reactions_show(browser: Browser, sandbox: Sandbox) -> None:
    page = await opened(browser, sandbox)
    mine = await sandbox.say("look at this")
    await sandbox.http.post(
        f"/bot{sandbox.token}/sendDocument",
        data={"chat_id": OWNER, "caption": "The invoice"},
        files={"document": ("7.pdf", b"%PDF-1.7")},
    )
    await sandbox.http.post(
        f"/bot{sandbox.token}/sendPhoto",
        data={"chat_id": OWNER},
        files={"photo": ("c.png", png(80, 60))},
    )
    reaction = [{"type": "emoji", "emoji": "👀"}]
    place = {"chat_id": OWNER, "message_id": mine}
    await sandbox.api("setMessageReaction", **place, reaction=reaction)
    await sandbox.api("pinChatMessage", **place)
    await expect(page.locator("li.out .reactions")).to_have_text("👀")
    await expect(page.locator("#pinned")).to_contain_text("look at this")
    link = page.get_by_role("link", name="7.pdf")
    assert (await link.get_attribute("href") or "").startswith("/phone/files/")
    await page.get_by_role("button", name="Open photo c.png").click()
    await expect(page.locator("#zoom img")).to_be_visible()
    await page.keyboard.press("Escape")
    async with page.expect_file_chooser() as chooser:
        await page.get_by_role("button", name="Attach").click()
        await page.get_by_role("menuitem", name="File").click()
    await (await chooser.value).set_files(
        {"name": "note.txt", "mimeType": "text/plain", "buffer": b"hello"}
    )
    await expect(page.locator("li.out .document")).to_contain_text("note.txt")
    await sandbox.api("deleteMessage", **place)
    await expect(page.locator("#pinned")).to_be_hidden()


async def test_nothing_in_a_message_runs(browser: Browser, sandbox: Sandbox) -> None:
    page = await opened(browser, sandbox)
    evil = '<img src=x onerror="document.title=1"><script>document.title=2</script>'
    await sandbox.say(evil)
    await sandbox.send(evil, reply_markup=keyboard([(evil[:40], "x")]))
    await expect(page.locator("li.in .text")).to_contain_text("onerror")
    assert await page.locator("#messages img, #messages script").count() == 0
    assert await page.title() == "Factotum"


async def test_the_world_beside_the_phone(browser: Browser, tmp_path: Path) -> None:
    world = {**WORLD}

    async def read() -> dict[str, Any]:
        return world

    async with running(tmp_path / "s.db", world=read) as sandbox:
        page = await opened(browser, sandbox, viewport={"width": 1280, "height": 860})
        panel = page.get_by_role("complementary", name="The outside world")
        await expect(panel).to_contain_text("Invoice 7")
        await panel.get_by_text("Invoice 7").click()
        await expect(panel).to_contain_text("Hello <Ada>")
        await expect(panel.get_by_role("link", name="7.pdf")).to_be_visible()
        world["files"] = [{"name": "new.txt", "size": 3, "url": None}]
        await expect(panel).to_contain_text("new.txt")
        await expect(panel).to_contain_text("Hello <Ada>")
        narrow = await opened(browser, sandbox, viewport={"width": 360, "height": 640})
        await expect(narrow.locator("#world")).to_be_hidden()
        await narrow.get_by_role("button", name="The outside world").click()
        await expect(narrow.locator("#world")).to_be_visible()
        await narrow.get_by_role("button", name="Back to the chat").click()
        await expect(narrow.locator("#phone")).to_be_visible()


async def test_the_theme_is_remembered(browser: Browser, sandbox: Sandbox) -> None:
    page = await opened(browser, sandbox, color_scheme="light")
    await page.get_by_role("button", name="Switch to dark").click()
    await page.reload()
    await expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    await expect(page.get_by_role("button", name="Switch to light")).to_be_visible()


async def test_reconnects_and_catches_up(browser: Browser, tmp_path: Path) -> None:
    async with running(tmp_path / "s.db") as first:
        page = await opened(browser, first)
        port = int(first.url.rpartition(":")[2])
    await expect(page.locator("#status")).to_have_text("connecting…")
    async with running(tmp_path / "s.db", port=port) as second:
        await second.send("while you were away")
        await expect(page.locator("li.in")).to_contain_text("while you were away")
        await expect(page.locator("#status")).to_have_text("bot")


async def test_unread_messages_are_counted_while_scrolled_up(
    browser: Browser, sandbox: Sandbox
) -> None:
    for number in range(40):
        await sandbox.send(f"message {number}")
    page = await opened(browser, sandbox)
    await expect(page.get_by_text("message 39")).to_be_in_viewport()
    await page.locator("#scroller").evaluate("node => { node.scrollTop = 400 }")
    button = page.get_by_role("button", name="Scroll to the newest message")
    await expect(button).to_be_visible()
    await sandbox.send("unread")
    await expect(page.locator("#unread")).to_have_text("1")
    await button.click()
    await expect(page.locator("li.in", has_text="unread")).to_be_in_viewport()
    await expect(button).to_be_hidden()
    await asyncio.gather(*(sandbox.send("more") for _ in range(3)))
    await expect(page.locator("li.in").last).to_be_in_viewport()


async def test_a_message_is_replied_to_from_its_menu_and_by_key(
    browser: Browser, sandbox: Sandbox
) -> None:
    page = await opened(browser, sandbox)
    await sandbox.send("ask me")
    bubble = page.locator("li.in .bubble")
    await bubble.click(button="right")
    await page.get_by_role("menuitem", name="Reply").click()
    await expect(page.locator("#reply-text")).to_have_text("ask me")
    await page.get_by_role("button", name="Don't reply").click()
    await expect(page.locator("#reply")).to_be_hidden()
    await page.locator("li.in").focus()
    await page.keyboard.press("r")
    await expect(page.locator("#reply-text")).to_have_text("ask me")
    await expect(page.get_by_role("textbox", name="Message")).to_be_focused()
