"""Writes the pictures of the README: a demo of its own, looked at with a real Chromium.

    uv run python tests/e2e/screenshots.py [FOLDER]

FOLDER is ``docs/images`` unless given. It needs Debian's ``chromium`` and writes
``chat-invoice.png``, ``chat-done.png``, ``chat-dark.png`` and ``wide.png``.
"""

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from driving import Phone, demo
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
NARROW: dict[str, Any] = {"viewport": {"width": 390, "height": 844}}
WIDE: dict[str, Any] = {"viewport": {"width": 1280, "height": 860}, "device_scale_factor": 1}
LARGEST = 300 * 1024
IMAGES = Path(__file__).parents[2] / "docs" / "images"
ORDER = "Invoice Northwind 2400 EUR for the brand workshop, net 14"


@asynccontextmanager
async def browsing() -> AsyncIterator[Browser]:
    """A Chromium for the length of a block."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        try:
            yield browser
        finally:
            await browser.close()


async def opened(browser: Browser, address: str, **options: Any) -> Page:
    """The phone's page, connected."""
    context = await browser.new_context(locale="en-GB", **({"device_scale_factor": 1.5} | options))
    page = await context.new_page()
    page.set_default_timeout(20_000)
    expect.set_options(timeout=20_000)  # a machine that does other things too is slow
    await page.goto(address)
    await expect(page.locator("#status")).to_have_text("bot")
    return page


async def said(page: Page, text: str) -> None:
    """Types a message and sends it."""
    field = page.get_by_role("textbox", name="Message")
    await field.fill(text)
    await field.press("Enter")


async def lowest(page: Page, button: str | None) -> None:
    """Scrolls until a button is at the lower edge, or to the end of the chat."""
    where = page.get_by_role("button", name=button, exact=True).last if button else None
    node = await where.element_handle() if where else None
    await page.evaluate(
        """node => {
            const box = document.getElementById("scroller");
            const below = node
                ? node.getBoundingClientRect().bottom - box.getBoundingClientRect().bottom + 4
                : box.scrollHeight;
            box.scrollTop += below;
        }""",
        node,
    )


async def keep(page: Page, path: Path) -> None:
    """A picture once everything stands still."""
    await page.evaluate("document.fonts.ready")
    await page.mouse.move(1, 1)  # nothing looks pointed at
    await page.screenshot(path=path, animations="disabled", caret="hide")
    size = path.stat().st_size  # noqa: ASYNC240 - nothing else runs meanwhile
    if size > LARGEST:
        raise SystemExit(f"{path} has {size // 1024} KB, more than {LARGEST // 1024}.")


async def pictures(phone: Phone, folder: Path) -> None:
    """All of them, in the order of one conversation."""
    async with browsing() as browser:
        page = await opened(browser, phone.address, color_scheme="light", **NARROW)
        await said(page, ORDER)
        chat = page.locator("#messages")
        approve = page.get_by_role("button", name="Approve", exact=True)
        await expect(approve).to_be_visible()
        await expect(chat.get_by_text("Invoice draft.pdf")).to_be_visible()
        await lowest(page, "Reject")
        await keep(page, folder / "chat-invoice.png")
        await lowest(page, None)

        await approve.click()
        await expect(chat.get_by_text("Done: Invoice to Northwind")).to_be_visible()
        await expect(chat.get_by_text("Invoice 2026-004.pdf").last).to_be_visible()
        await expect(page.locator(".toast")).to_have_count(0)
        await keep(page, folder / "chat-done.png")

        card = phone.card("Email Bluebird that the menu boards are ready")
        await said(page, "Remind me Thursday at 9 to call the printer")
        await expect(chat.get_by_text("Reminder set for")).to_be_visible()
        await page.close()

        dark = await opened(browser, phone.address, color_scheme="dark", **NARROW)
        await said(dark, "/digest")
        await expect(dark.get_by_role("button", name="1 Approve")).to_be_visible()
        await expect(dark.get_by_role("button", name="Open photo").last).to_be_visible()
        await keep(dark, folder / "chat-dark.png")
        await dark.close()

        phone.approved(card)
        wide = await opened(browser, phone.address, color_scheme="light", **WIDE)
        panel = wide.get_by_role("complementary", name="The outside world")
        await expect(panel).to_contain_text("2026-004")
        await said(wide, "Put a call with Northwind on Tuesday 15:00")
        await expect(wide.get_by_role("button", name="Approve", exact=True).last).to_be_visible()
        await keep(wide, folder / "wide.png")


def main() -> None:
    """Runs a demo in a folder of its own and looks at it."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else IMAGES
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary, demo(Path(temporary) / "home") as house:
        asyncio.run(pictures(house.phone, folder.resolve()))
    for path in sorted(folder.glob("*.png")):
        sys.stdout.write(f"{path}: {path.stat().st_size // 1024} KB\n")


if __name__ == "__main__":
    main()
