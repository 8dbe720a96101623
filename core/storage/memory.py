"""Memory's tables: facts with their sources, what they hang on, what happened, and signals."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from core.storage.base import Json, Moment, metadata, states

person = Table(
    "person",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", Text, nullable=False),
    Column("email", Text),
    Column("role", Text),
    Column("client_id", String(32), ForeignKey("client.id")),
    Column("state", String(16), nullable=False),
    Column("created_at", Moment, nullable=False),
    states("active", "removed"),
)

project = Table(
    "project",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", Text, nullable=False),
    Column("client_id", String(32), ForeignKey("client.id")),
    Column("due_at", Moment),
    Column("state", String(16), nullable=False),
    Column("created_at", Moment, nullable=False),
    states("active", "done", "removed"),
)

deliverable = Table(
    "deliverable",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", Text, nullable=False),
    Column("project_id", String(32), ForeignKey("project.id")),
    Column("due_at", Moment),
    Column("state", String(16), nullable=False),
    Column("created_at", Moment, nullable=False),
    states("active", "done", "removed"),
)

piece = Table(
    "piece",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", Text, nullable=False),
    Column("format", String(16)),
    Column("state", String(16), nullable=False),
    Column("created_at", Moment, nullable=False),
    states("active", "done", "removed"),
)
"""Pieces of content."""

student = Table(
    "student",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", Text, nullable=False),
    Column("email", Text),
    Column("state", String(16), nullable=False),
    Column("created_at", Moment, nullable=False),
    states("active", "removed"),
)

enrolment = Table(
    "enrolment",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("student_id", String(32), ForeignKey("student.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("created_at", Moment, nullable=False),
    states("active", "done", "removed"),
)
"""A student in a course; ``name`` is the course's."""

submission = Table(
    "submission",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("student_id", String(32), ForeignKey("student.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("created_at", Moment, nullable=False),
    states("active", "done", "removed"),
)
"""A student's work; ``name`` is the assignment's."""

alias = Table(
    "alias",
    metadata,
    Column("entity_id", String(32), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("said", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Index("ix_alias_key", "key"),
)
"""Other names by which an entity is known, as the owner confirmed them."""

episode = Table(
    "episode",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("ref", String(64), nullable=False, unique=True),
    Column("entity_id", String(32)),
    Column("text", Text, nullable=False),
    Column("trust", String(16), nullable=False),
    Column("at", Moment, nullable=False),
    Column("summary_id", String(32), ForeignKey("summary.id")),
    Column("pruned_at", Moment),
    CheckConstraint("trust IN ('owner', 'system', 'untrusted')", name="trust"),
    Index("ix_episode_entity", "entity_id", "at"),
    Index("ix_episode_at", "at"),
)
"""What happened: messages, mails and runs, by the id of what they tell of."""

summary = Table(
    "summary",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("entity_id", String(32)),
    Column("text", Text, nullable=False),
    Column("sources", Json, nullable=False),
    Column("from_at", Moment, nullable=False),
    Column("to_at", Moment, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("pruned_at", Moment),
    Index("ix_summary_entity", "entity_id", "to_at"),
)
"""Episodes in short; ``sources`` are their ids."""

transcript = Table(
    "transcript",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("box", String(8), nullable=False),
    Column("row_id", Integer, nullable=False),
    Column("content", Json, nullable=False),
    Column("pruned_at", Moment, nullable=False),
    UniqueConstraint("box", "row_id"),
    CheckConstraint("box IN ('inbox', 'outbox')", name="box"),
)
"""What was said in old messages, put away from ``inbox`` and ``outbox`` until it is purged."""

signal = Table(
    "signal",
    metadata,
    Column("entity_id", String(32), primary_key=True),
    Column("name", String(32), primary_key=True),
    Column("ref", String(64), primary_key=True),
    Column("value", Float, nullable=False),
    Column("at", Moment, nullable=False),
    # The words that a value was read from: quote, kind, place, trust, confidence.
    Column("evidence", Json),
    Index("ix_signal_series", "entity_id", "name", "at"),
)
"""Time series about an entity, worked out by code; ``ref`` is what a value was worked out from."""

fact = Table(
    "fact",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("token", String(64), unique=True),
    # The first row of the same statement: copies of it with another end share its sources.
    Column("origin", String(32), nullable=False),
    Column("subject", String(64), nullable=False),
    Column("relation", String(64), nullable=False),
    Column("value_kind", String(8), nullable=False),
    Column("value", Json, nullable=False),
    Column("statement", Text, nullable=False),
    Column("asserted_by", String(64), nullable=False),
    Column("model", Text),
    Column("approval_id", String(32)),
    Column("trust", String(16), nullable=False),
    Column("confidence", Integer, nullable=False),
    Column("how", String(16), nullable=False),
    # The fact that gave this copy its end or brought it back.
    Column("because_of", String(32)),
    Column("valid_from", Moment),
    Column("valid_to", Moment),
    Column("recorded_at", Moment, nullable=False),
    Column("superseded_by", String(32), ForeignKey("fact.id")),
    Column("superseded_at", Moment),
    Column("retracted_at", Moment),
    Column("retention", String(16), nullable=False),
    CheckConstraint(
        "value_kind IN ('text', 'number', 'money', 'date', 'entity')", name="value_kind"
    ),
    CheckConstraint("trust IN ('owner', 'system', 'untrusted')", name="trust"),
    CheckConstraint("confidence BETWEEN 0 AND 100", name="confidence"),
    CheckConstraint("how IN ('stated', 'corrected', 'changed', 'closed', 'restored')", name="how"),
    CheckConstraint("valid_to > valid_from", name="valid"),
    CheckConstraint("(superseded_by IS NULL) = (superseded_at IS NULL)", name="superseded"),
    Index("ix_fact_subject", "subject", "relation"),
    Index("ix_fact_origin", "origin"),
    Index("ix_fact_superseded_by", "superseded_by"),
)
"""Statements in two times, see core/memory/facts.py. A trigger refuses to change what was said."""

fact_source = Table(
    "fact_source",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("fact_id", String(32), nullable=False),
    Column("token", String(64), unique=True),
    Column("kind", String(16), nullable=False),
    Column("ref", Text),
    Column("place", Text),
    Column("quote", Text, nullable=False),
    Column("trust", String(16), nullable=False),
    Column("at", Moment, nullable=False),
    CheckConstraint("trust IN ('owner', 'system', 'untrusted')", name="trust"),
    Index("ix_fact_source_fact", "fact_id"),
)

contradiction = Table(
    "contradiction",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("token", String(64), unique=True),
    Column("against", String(32), nullable=False),
    Column("candidate", Json, nullable=False),
    Column("outbox_id", Integer, ForeignKey("outbox.id")),
    Column("state", String(16), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("decided_at", Moment),
    states("open", "kept_old", "took_new", "kept_both", "settled"),
    Index("ix_contradiction_state", "state"),
)
"""Statements that contradict what holds, until the owner has decided."""
