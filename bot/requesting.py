"""Buttons that ask for something in the way a message would: the worker handles their taps."""

from agents.requests import Base, InvoiceRemind
from bot.cards.digest import REMIND
from core.inbox import Message


def in_worker(message: Message) -> bool:
    """Whether a tap is handled in the worker: an answer to a question, or a request."""
    data = str(message.data.get("data", ""))
    return data.startswith(("q:prm_", f"{REMIND}:"))


def request_of(message: Message) -> Base | None:
    """What a tap asks for, or None."""
    kind, _, number = str(message.data.get("data", "")).partition(":")
    return InvoiceRemind(invoice_no=number) if kind == REMIND and number else None
