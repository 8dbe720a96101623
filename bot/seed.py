"""The demo's example company: planted once, through the same connectors as everything else."""

import asyncio
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

from tzlocal import get_localzone_name

from bot.app import App, assemble
from bot.outgoing import Outgoing
from bot.seeded import MARK, OWNER_ID, OWNER_NAME
from connectors.billing import IssueParams, LineParams, PaymentParams, Seller
from connectors.calendar import AddParams
from core import pairing, profile
from core.clients import everyone
from core.errors import FactotumError
from core.house import NewClient, NewLead
from core.memory import keeping
from core.memory.facts import Source
from core.memory.gate import Candidate
from core.memory.values import Value
from core.profile import Company, Profile
from core.settings import Settings
from core.storage.migrate import migrate

COMPANY = Company(
    name="Studio Example",
    person="Ada Example",
    address=("Lindenweg 7", "10437 Berlin", "Germany"),
    email="ada@studio.example",
    iban="DE02 1203 0000 0000 2020 51",
    bank="Example Bank",
    tax_rate="0",
    tax_note="No VAT is charged (small business, § 19 UStG).",
)
CLIENTS = (
    NewClient(
        name="Northwind Traders",
        contact="Nora Winter",
        email="accounts@northwind.example",
        currency="EUR",
        address=("Harbour Road 12", "20457 Hamburg", "Germany"),
    ),
    NewClient(
        name="Bluebird Bakery",
        contact="Ben Ofori",
        email="ben@bluebird.example",
        currency="EUR",
        address=("Market Square 3", "50667 Cologne", "Germany"),
    ),
    NewClient(
        name="Cedar & Stone Architects",
        contact="Cleo Marsh",
        email="office@cedarstone.example",
        currency="GBP",
        address=("4 Mill Lane", "Bristol BS1 4DJ", "United Kingdom"),
    ),
)
_WELCOME = (
    "<b>Welcome to Factotum.</b>\n"
    "This is an example company on your own machine; nothing here leaves it. "
    "Tell me what to do in your own words, for example:\n"
    "<i>Invoice Northwind 2400 EUR for the brand workshop, net 14</i>\n\n"
    "What would leave the house waits for your Approve. /help shows the rest."
)


def _zone() -> str:
    try:
        return Profile(zone=get_localzone_name()).zone
    except ValueError:
        return "UTC"


async def plant(app: App) -> None:
    """Pairs the demo's owner and adds the example company, unless that was done before."""
    async with app.database.read() as connection:
        if await pairing.current(connection) is not None:
            return
    async with app.database.write() as connection:
        await profile.change(
            connection,
            app.clock,
            actor="host",
            zone=_zone(),
            currency="EUR",
            company=COMPANY.model_dump(mode="json"),
        )
    await app.current.refresh()
    for place, client in enumerate(CLIENTS):
        await app.catalogue["client.add"].perform(f"seed-client-{place}", client)
    await app.catalogue["lead.add"].perform(
        "seed-lead",
        NewLead(
            name="Lena Fischer",
            company="Fischer Yoga",
            email="lena@fischer-yoga.example",
            source="the website form",
        ),
    )
    await _facts(app)
    await _invoices(app)
    await _calendar(app)
    # The owner comes last: whoever is paired has everything else.
    async with app.database.write() as connection:
        await pairing.pair(
            connection, app.clock, user_id=OWNER_ID, chat_id=OWNER_ID, name=OWNER_NAME
        )
        await app.presenter.say(connection, Outgoing(html=_WELCOME))


async def _facts(app: App) -> None:
    async with app.database.write() as connection:
        ids = {client.name: client.id for client in await everyone(connection)}
        for place, (name, relation, value, statement) in enumerate(
            (
                (CLIENTS[0].name, "payment_terms", _days(14), "Northwind pays net 14"),
                (CLIENTS[2].name, "payment_terms", _days(30), "Cedar & Stone pays net 30"),
                (
                    CLIENTS[1].name,
                    "preference",
                    Value.text("Ben of Bluebird prefers mails"),
                    "Ben of Bluebird prefers mails",
                ),
            )
        ):
            candidate = Candidate(
                subject=ids[name],
                relation=relation,
                value=value,
                statement=statement,
                source=Source(kind="owner", quote=f"{statement} (example data)"),
            )
            await keeping.remember(connection, app.clock, candidate, token=f"seed-fact-{place}")


def _days(days: int) -> Value:
    return Value.number(days, "days")


async def _invoices(app: App) -> None:
    today = app.current.profile.local(app.clock.now()).date()
    bills = (
        (CLIENTS[1], "Menu boards", 48_000, 70, True),
        (CLIENTS[1], "Autumn window display", 86_000, 32, False),
        (CLIENTS[2], "Website concept, first part", 150_000, 9, False),
    )
    seller = Seller(
        name=COMPANY.name,
        address=COMPANY.address,
        email=COMPANY.email,
        iban=COMPANY.iban,
        bank=COMPANY.bank,
    )
    for place, (client, what, minor, days_ago, paid) in enumerate(bills):
        issued = today - timedelta(days=days_ago)
        terms = 30 if client.currency == "GBP" else 14
        result = await app.billing.issue(
            f"seed-invoice-{place}",
            IssueParams(
                client_name=client.name,
                client_address=client.address,
                client_email=client.email or "",
                currency=client.currency or "EUR",
                issue_date=issued,
                due_date=issued + timedelta(days=terms),
                lines=(LineParams(description=what, unit_minor=minor, tax_rate=Decimal(0)),),
                tax_note=COMPANY.tax_note,
                seller=seller,
            ),
        )
        if paid:
            await app.billing.record_payment(
                f"seed-payment-{place}",
                PaymentParams(
                    invoice=result.number,
                    amount_minor=minor,
                    currency=result.currency,
                    date=result.due_date,
                ),
            )


async def _calendar(app: App) -> None:
    zone = app.current.profile.tz
    today = app.clock.now().astimezone(zone).date()
    entries = (
        (0, time(16, 0), 45, "Planning the week", ""),
        (1, time(10, 30), 60, "Call with Bluebird Bakery", "Bluebird Bakery"),
        (3, time(14, 0), 90, "Site visit with Cedar & Stone", "Cedar & Stone Architects"),
    )
    for place, (days, at, minutes, title, who) in enumerate(entries):
        start = datetime.combine(today + timedelta(days=days), at, tzinfo=zone).astimezone(UTC)
        await app.calendar.add(
            f"seed-entry-{place}",
            AddParams(
                title=title,
                start=start,
                end=start + timedelta(minutes=minutes),
                zone=str(zone),
                with_=who,
            ),
        )


async def _main() -> None:
    app = assemble(Settings())
    try:
        await plant(app)
    finally:
        await app.close()
    (app.settings.home / MARK).touch()


if __name__ == "__main__":
    try:
        migrate(Settings().database_path)
        asyncio.run(_main())
    except FactotumError as error:
        raise SystemExit(error.sentence()) from None
