"""Mails: a draft in the operator's own words, sent when approved."""

from datetime import timedelta

from pydantic import ValidationError

from agents import manners
from agents.context import Context, Counterparty, fact_source, remembered_address
from agents.outcomes import Ask, Choice, Say
from agents.playbooks import letters
from agents.recipients import recipient
from agents.requests import EmailWrite
from agents.roles import Thought
from agents.roles.communications import MailDraft, MailWanted
from agents.roles.thinking import MODEL
from connectors.mail import SendParams
from core.errors import FactotumError
from core.memory.entities import Entity
from core.plans import FollowUp, Origin, Plan, PlannedStep, Value

_PATIENCE = timedelta(days=5)
"""How long an answer is waited for before the mail is followed up."""


async def write(request: EmailWrite, context: Context) -> Plan | Ask | Say:
    """The plan of one mail. ``extra`` may carry an edited ``subject`` and ``body``."""
    if request.to is None:
        return Ask(
            "to",
            "Who is the mail for?",
            tuple(Choice(c.name, c.name) for c in context.clients[:6]),
        )
    found = recipient(request.to, context)
    if isinstance(found, Ask):
        return found
    who, person = found
    kept = await remembered_address(context, person or who.client)
    address = (kept[0] if kept else who.email) or context.extra.get("email")
    if not address:
        return Ask("email", f"What is the mail address of {who.name}?")
    if not request.about:
        return Ask("about", f"What should the mail to {who.name} say?")
    company = context.profile.company
    contact = who.client.contact if who.client and not person else None
    greeting = contact or (who.name if "@" not in who.name else "")
    manner = await manners.manner(context, who.client)
    thought = await context.think(
        MailWanted(
            to_name=greeting,
            about=request.about,
            greeting=manner.greet(greeting),
            closing=f"{manner.closing}\n{letters.signature(company)}",
            tone=manner.tone,
            materials=manner.materials,
        ),
        MailDraft,
    )
    subject = context.extra.get("subject") or manner.subject(thought.output.subject)
    about = subject.removeprefix("Re: ")
    body = context.extra.get("body") or thought.output.body
    today = context.profile.local(context.now).date()
    # What was edited on the card stands as it is, so nothing remembered went into it.
    own = {"subject_prefix"} if "subject" in context.extra else set[str]()
    own |= {"greeting", "closing", "tone"} if "body" in context.extra else set[str]()
    try:
        params = SendParams(
            to=(address,),
            to_name=who.name if "@" not in who.name else "",
            sender=context.sender,
            sender_name=company.name,
            subject=subject,
            body=body,
        )
    except ValidationError:
        raise FactotumError(
            f"{address} or {context.sender} is not a mail address.",
            fix="Nothing was done; say it again with another, or see /settings.",
        ) from None
    return Plan(
        intent=request.intent,
        title=f"Mail to {who.name}",
        steps=(
            PlannedStep(
                key="send",
                label="send the mail",
                action="mail.send",
                params=params.model_dump(mode="json"),
                provenance={
                    slot: tuple(sorted(thought.origins))
                    for slot in ("subject", "body")
                    if slot not in context.extra
                },
                agent=thought.explanation.agent,
            ),
        ),
        values=(
            Value(
                slot="to",
                label="To",
                shown=who.name,
                origin=Origin.SAID,
                source=who.source,
            ),
            Value(
                slot="email",
                label="Address",
                shown=address,
                origin=Origin.REMEMBERED if kept or person or who.client else Origin.SAID,
                source=fact_source(kept[1], context) if kept else _record(who, person),
            ),
            Value(
                slot="subject",
                label="Subject",
                shown=subject,
                origin=Origin.SAID if "subject" in context.extra else Origin.WORKED_OUT,
                source="" if "subject" in context.extra else "from your words",
            ),
            Value(
                slot="body",
                label="Text",
                shown=body,
                origin=Origin.WORKED_OUT if _worded(thought, context) else Origin.SAID,
                source=_by(thought, context),
            ),
            *(value for value in manner.values if value.slot not in own),
            *await manners.reminders(context, who.client, today),
        ),
        preview={
            "mail_from": context.from_line,
            "mail_to": address,
            "mail_subject": subject,
            "mail_body": body,
        },
        request=request.model_dump(mode="json", by_alias=True),
        reversal="A sent mail can't be called back.",
        follow_up=FollowUp(
            on=today + _PATIENCE,
            request={
                "intent": request.intent,
                "to": request.to,
                "about": f"I am following up on my last mail, “{about}”, and would be glad to hear"
                " from you",
                "$extra": {"subject": f"Re: {about}"},
            },
        ),
    )


def _record(who: Counterparty, person: Entity | None) -> str:
    """Where an address comes from that nobody said in this message."""
    if person:
        return f"{person.name}'s record" if person.email else ""
    return "the client's record" if who.client else ""


def _worded(thought: Thought[MailDraft], context: Context) -> bool:
    """Whether a model worded the text, and nobody changed it since."""
    return MODEL in thought.origins and "body" not in context.extra


def _by(thought: Thought[MailDraft], context: Context) -> str:
    """Whose words the text is in, as the card says it."""
    if "body" in context.extra:
        return "your words"
    if _worded(thought, context):
        return f"worded by {thought.explanation.model} from what you said"
    better = "; a better draft follows" if thought.better else ""
    return f"your words in a plain letter; no model wrote it{better}"
