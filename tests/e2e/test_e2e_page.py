"""A whole invoice on the phone's page in a real Chromium, from typing to the opened PDF."""

import io
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from driving import Demo
from playwright.async_api import Browser, Error, expect
from pypdf import PdfReader
from screenshots import CHROMIUM, NARROW, WIDE, browsing, opened, said

pytestmark = pytest.mark.skipif(
    not CHROMIUM.exists(), reason="needs Debian's chromium at /usr/bin/chromium"
)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """A browser for one test."""
    async with browsing() as launched:
        yield launched


async def test_an_invoice_from_typing_to_the_opened_pdf(
    browser: Browser, house: Demo, tmp_path: Path
) -> None:
    before, mails = house.invoices(), len(house.mails())
    page = await opened(browser, house.phone.address, color_scheme="light", **NARROW)
    troubles: list[Error] = []
    page.on("pageerror", lambda error: troubles.append(error))
    await said(page, "Invoice Northwind 2453 EUR for the brand workshop, net 14")
    card = page.locator("li.in").filter(has_text="2,453.00 EUR").first
    await expect(card).to_contain_text("Nothing has happened yet")
    await expect(card).to_contain_text("accounts@northwind.example")
    for name in ("Approve", "Edit", "Reject", "Why"):
        await expect(card.get_by_role("button", name=name, exact=True)).to_be_visible()
    assert house.invoices() == before
    assert len(house.mails()) == mails

    asks = page.locator("li.in").filter(has_text="What should be different")
    earlier = await asks.count()
    await card.get_by_role("button", name="Edit", exact=True).click()
    asked = asks.nth(earlier)  # others were asked about other cards
    await asked.get_by_role("button", name="Amount", exact=True).click()
    await expect(page.get_by_placeholder("2,453.00 EUR")).to_be_focused()
    await page.keyboard.type("2653")
    await page.keyboard.press("Enter")
    newer = page.locator("li.in").filter(has_text="2,653.00 EUR").first
    await expect(newer.locator("s").first).to_contain_text("2,453.00 EUR")
    await expect(card).to_contain_text("Replaced")
    await newer.get_by_role("button", name="Approve", exact=True).click()
    await expect(newer).to_contain_text("Done: ")
    await expect(newer.get_by_role("button", name="Approve", exact=True)).to_have_count(0)
    (number,) = set(house.invoices()) - set(before)
    await expect(newer).to_contain_text(number)
    assert len(house.mails()) == mails + 1

    link = page.get_by_role("link", name=f"Invoice {number}.pdf")
    await expect(link).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390
    address = await link.get_attribute("href")
    response = await page.request.get(house.phone.address + str(address))
    assert response.headers["content-type"] == "application/pdf"
    assert "inline" in response.headers["content-disposition"]
    text = PdfReader(io.BytesIO(await response.body())).pages[0].extract_text()
    assert number in text
    assert troubles == []


@pytest.mark.parametrize("shape", ["narrow dark", "wide light", "wide dark"])
async def test_the_same_in_dark_and_wide(browser: Browser, house: Demo, shape: str) -> None:
    width, _, theme = shape.partition(" ")
    size = NARROW if width == "narrow" else WIDE
    page = await opened(browser, house.phone.address, color_scheme=theme, **size)
    troubles: list[Error] = []
    page.on("pageerror", lambda error: troubles.append(error))
    amount = f"{3000 + len(shape)}"
    await said(page, f"Invoice Bluebird {amount} EUR for a {theme} sign")
    card = page.locator("li.in").filter(has_text=f"{int(amount):,}.00 EUR").first
    approve = card.get_by_role("button", name="Approve", exact=True)
    await approve.click()
    await expect(card).to_contain_text("Done: ")
    number = max(n for n in house.invoices() if n[0].isdigit())
    if width == "wide":
        panel = page.get_by_role("complementary", name="The outside world")
        await expect(panel).to_contain_text(number)
    assert await page.evaluate("document.documentElement.scrollWidth") <= size["viewport"]["width"]
    # Words can be read: the card's text stands out from its bubble.
    contrast = await card.locator(".bubble").evaluate(
        """node => {
            const light = colour => {
                const parts = colour.match(/[\\d.]+/g).slice(0, 3).map(v => v / 255)
                    .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
                return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
            };
            const text = light(getComputedStyle(node.querySelector(".text")).color);
            const ground = light(getComputedStyle(node).backgroundColor);
            return (Math.max(text, ground) + 0.05) / (Math.min(text, ground) + 0.05);
        }"""
    )
    assert contrast >= 4.5
    assert troubles == []
