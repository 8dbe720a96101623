"""The kernel's tables. Names are the architecture's words; states are checked by the database."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from core.storage.base import Json, Moment, metadata


def _states(*names: str) -> CheckConstraint:
    listed = ", ".join(f"'{name}'" for name in names)
    return CheckConstraint(f"state IN ({listed})", name="state")


operator = Table(
    "operator",
    metadata,
    Column("user_id", Integer, primary_key=True),
    Column("chat_id", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("paired_at", Moment, nullable=False),
)

setting = Table(
    "setting",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("value", Json),
    Column("updated_at", Moment, nullable=False),
)

journal = Table(
    "journal",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("kind", String(64), nullable=False),
    Column("actor", String(64), nullable=False),
    Column("subject", String(64), nullable=False),
    Column("data", Json, nullable=False),
    Column("previous", LargeBinary(32), nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
    Index("ix_journal_subject", "subject"),
)

inbox = Table(
    "inbox",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("update_id", Integer, nullable=False, unique=True),
    Column("kind", String(16), nullable=False),
    Column("user_id", Integer),
    Column("chat_id", Integer),
    Column("message_id", Integer),
    Column("reply_to", Integer),
    Column("text", Text, nullable=False),
    Column("data", Json, nullable=False),
    Column("state", String(16), nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("handled_at", Moment),
    _states("received", "handled", "ignored"),
    Index("ix_inbox_state", "state"),
    Index("ix_inbox_message", "chat_id", "message_id"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("chat_id", Integer, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("payload", Json, nullable=False),
    Column("edit_of", Integer, ForeignKey("outbox.id")),
    Column("subject", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("not_before", Moment),
    Column("message_id", Integer),
    Column("error", Text),
    Column("created_at", Moment, nullable=False),
    Column("sent_at", Moment),
    _states("queued", "sending", "sent", "unknown", "failed", "dropped"),
    Index("ix_outbox_state", "state", "id"),
    Index("ix_outbox_message", "chat_id", "message_id"),
    Index("ix_outbox_subject", "subject"),
)

client = Table(
    "client",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("token", String(64), unique=True),
    Column("name", Text, nullable=False, unique=True),
    Column("contact", Text),
    Column("email", Text),
    Column("currency", String(3)),
    Column("address", Json, nullable=False),
    Column("vat_id", Text),
    Column("state", String(16), nullable=False),
    Column("created_at", Moment, nullable=False),
    _states("active", "removed"),
)

lead = Table(
    "lead",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("token", String(64), unique=True),
    Column("name", Text),
    Column("company", Text),
    Column("email", Text),
    Column("source", Text),
    Column("state", String(16), nullable=False),
    Column("created_at", Moment, nullable=False),
    _states("new", "removed"),
)

fact = Table(
    "fact",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("token", String(64), unique=True),
    Column("subject", String(64), nullable=False),
    Column("relation", String(64), nullable=False),
    Column("value", Json, nullable=False),
    Column("statement", Text, nullable=False),
    Column("source", Json, nullable=False),
    Column("asserted_by", String(64), nullable=False),
    Column("trust", String(16), nullable=False),
    Column("confidence", Integer, nullable=False),
    Column("valid_from", Moment, nullable=False),
    Column("valid_to", Moment),
    Column("recorded_at", Moment, nullable=False),
    Column("superseded_by", String(32), ForeignKey("fact.id")),
    Column("retracted_at", Moment),
    Index("ix_fact_subject", "subject", "relation"),
)

run = Table(
    "run",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("intent", String(32), nullable=False),
    Column("title", Text, nullable=False),
    Column("plan", Json, nullable=False),
    Column("request", Json, nullable=False),
    Column("explanation", Json, nullable=False),
    Column("inbox_id", Integer, ForeignKey("inbox.id")),
    Column("replaces", String(32), ForeignKey("run.id")),
    Column("cost", Json, nullable=False),
    Column("state", String(16), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("ended_at", Moment),
    _states("running", "done", "failed", "rejected", "cancelled", "replaced", "denied"),
    Index("ix_run_created", "created_at"),
    Index("ix_run_inbox", "inbox_id"),
)

step = Table(
    "step",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("run_id", String(32), ForeignKey("run.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("key", String(32), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("action", String(64), nullable=False),
    Column("params", Json, nullable=False),
    Column("depends", Json, nullable=False),
    Column("instead_of", String(32)),
    Column("verdict", Json),
    Column("hold_seconds", Integer, nullable=False, default=0),
    Column("result", Json),
    Column("error", Text),
    Column("attempts", Integer, nullable=False, default=0),
    Column("not_before", Moment),
    Column("lease_until", Moment),
    Column("worker", String(32)),
    Column("state", String(16), nullable=False),
    UniqueConstraint("run_id", "key"),
    _states(
        "blocked",
        "asking",
        "held",
        "waiting",
        "ready",
        "running",
        "done",
        "failed",
        "cancelled",
        "unknown",
    ),
    Index("ix_step_state", "state"),
)

spending = Table(
    "spending",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("inbox_id", Integer, ForeignKey("inbox.id")),
    Column("model", Text, nullable=False),
    Column("tokens", Integer, nullable=False),
    Column("micros", Integer, nullable=False),
    Column("unknown", Integer, nullable=False),
    Column("at", Moment, nullable=False),
    Index("ix_spending_at", "at"),
)

approval = Table(
    "approval",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("run_id", String(32), ForeignKey("run.id"), nullable=False),
    Column("payload_hash", String(64), nullable=False),
    Column("policy_version", String(16), nullable=False),
    Column("batch_id", String(32)),
    Column("outbox_id", Integer, ForeignKey("outbox.id")),
    Column("reason", Text),
    Column("decided_by", Integer),
    Column("decided_at", Moment),
    Column("expires_at", Moment, nullable=False),
    Column("nudge_at", Moment),
    Column("snoozed", Boolean, nullable=False, default=False),
    Column("state", String(16), nullable=False),
    Column("created_at", Moment, nullable=False),
    _states("pending", "approved", "rejected", "expired", "replaced", "cancelled"),
    Index("ix_approval_state", "state"),
    Index("ix_approval_batch", "batch_id"),
    Index("ix_approval_run", "run_id"),
)

grant = Table(
    "grant",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("action", String(64), nullable=False),
    Column("counterparty", Text, nullable=False),
    Column("counterparty_key", Text, nullable=False),
    Column("up_to_minor", Integer),
    Column("up_to_currency", String(3)),
    Column("uses", Integer, nullable=False),
    Column("uses_left", Integer, nullable=False),
    Column("made_from", String(32), ForeignKey("approval.id"), nullable=False),
    Column("state", String(16), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    # One approval makes a grant once, however often its button is tapped.
    UniqueConstraint("made_from", "action", "counterparty_key"),
    CheckConstraint("uses_left BETWEEN 0 AND uses", name="uses_left"),
    CheckConstraint("(up_to_minor IS NULL) = (up_to_currency IS NULL)", name="up_to"),
    _states("active", "used_up", "revoked", "expired"),
    Index("ix_grant_action", "state", "action", "counterparty_key"),
)

effect = Table(
    "effect",
    metadata,
    Column("token", String(32), primary_key=True),
    Column("step_id", String(32), ForeignKey("step.id"), nullable=False, unique=True),
    Column("action", String(64), nullable=False),
    Column("params", Json, nullable=False),
    Column("result", Json),
    Column("reverses", String(32), ForeignKey("effect.token")),
    Column("state", String(16), nullable=False),
    Column("intended_at", Moment, nullable=False),
    Column("confirmed_at", Moment),
    _states("intended", "confirmed", "unknown", "failed", "reversed"),
    Index("ix_effect_state", "state", "confirmed_at"),
)

prompt = Table(
    "prompt",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("subject", String(64), nullable=False),
    Column("data", Json, nullable=False),
    Column("outbox_id", Integer, ForeignKey("outbox.id")),
    Column("state", String(16), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    _states("open", "answered", "closed"),
    Index("ix_prompt_state", "state"),
)

schedule = Table(
    "schedule",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("token", String(64), unique=True),
    Column("kind", String(16), nullable=False),
    Column("data", Json, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("state", String(16), nullable=False),
    Column("created_at", Moment, nullable=False),
    _states("active", "done", "cancelled"),
    Index("ix_schedule_due", "state", "due_at"),
)
