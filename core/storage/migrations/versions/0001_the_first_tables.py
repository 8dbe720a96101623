"""The first tables"""

import sqlalchemy as sa
from alembic import op

import core.storage.base

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "client",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("address", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("vat_id", sa.Text(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created_at", core.storage.base.Moment(), nullable=False),
        sa.CheckConstraint("state IN ('active', 'removed')", name=op.f("ck_client_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_client")),
        sa.UniqueConstraint("name", name=op.f("uq_client_name")),
        sa.UniqueConstraint("token", name=op.f("uq_client_token")),
    )
    op.create_table(
        "document_sequence",
        sa.Column("series", sa.String(length=8), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.CheckConstraint("last > 0", name=op.f("ck_document_sequence_last_positive")),
        sa.PrimaryKeyConstraint("series", "year", name=op.f("pk_document_sequence")),
    )
    op.create_table(
        "fact",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=True),
        sa.Column("origin", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("relation", sa.String(length=64), nullable=False),
        sa.Column("value_kind", sa.String(length=8), nullable=False),
        sa.Column("value", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("asserted_by", sa.String(length=64), nullable=False),
        sa.Column("model", sa.Text(), nullable=True),
        sa.Column("approval_id", sa.String(length=32), nullable=True),
        sa.Column("trust", sa.String(length=16), nullable=False),
        sa.Column("confidence", sa.Integer(), nullable=False),
        sa.Column("how", sa.String(length=16), nullable=False),
        sa.Column("because_of", sa.String(length=32), nullable=True),
        sa.Column("valid_from", core.storage.base.Moment(), nullable=True),
        sa.Column("valid_to", core.storage.base.Moment(), nullable=True),
        sa.Column("recorded_at", core.storage.base.Moment(), nullable=False),
        sa.Column("superseded_by", sa.String(length=32), nullable=True),
        sa.Column("superseded_at", core.storage.base.Moment(), nullable=True),
        sa.Column("retracted_at", core.storage.base.Moment(), nullable=True),
        sa.Column("retention", sa.String(length=16), nullable=False),
        sa.CheckConstraint(
            "value_kind IN ('text', 'number', 'money', 'date', 'entity')",
            name=op.f("ck_fact_value_kind"),
        ),
        sa.CheckConstraint("trust IN ('owner', 'system', 'untrusted')", name=op.f("ck_fact_trust")),
        sa.CheckConstraint("confidence BETWEEN 0 AND 100", name=op.f("ck_fact_confidence")),
        sa.CheckConstraint(
            "how IN ('stated', 'corrected', 'changed', 'closed', 'restored')",
            name=op.f("ck_fact_how"),
        ),
        sa.CheckConstraint("valid_to > valid_from", name=op.f("ck_fact_valid")),
        sa.CheckConstraint(
            "(superseded_by IS NULL) = (superseded_at IS NULL)", name=op.f("ck_fact_superseded")
        ),
        sa.ForeignKeyConstraint(["superseded_by"], ["fact.id"], name=op.f("fk_fact_superseded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fact")),
        sa.UniqueConstraint("token", name=op.f("uq_fact_token")),
    )
    with op.batch_alter_table("fact", schema=None) as batch_op:
        batch_op.create_index("ix_fact_subject", ["subject", "relation"], unique=False)
        batch_op.create_index("ix_fact_origin", ["origin"], unique=False)
        batch_op.create_index("ix_fact_superseded_by", ["superseded_by"], unique=False)

    op.create_table(
        "fact_source",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("fact_id", sa.String(length=32), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("ref", sa.Text(), nullable=True),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("trust", sa.String(length=16), nullable=False),
        sa.Column("at", core.storage.base.Moment(), nullable=False),
        sa.CheckConstraint(
            "trust IN ('owner', 'system', 'untrusted')", name=op.f("ck_fact_source_trust")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fact_source")),
        sa.UniqueConstraint("token", name=op.f("uq_fact_source_token")),
    )
    with op.batch_alter_table("fact_source", schema=None) as batch_op:
        batch_op.create_index("ix_fact_source_fact", ["fact_id"], unique=False)

    op.create_table(
        "inbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("update_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("chat_id", sa.Integer(), nullable=True),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.Column("reply_to", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("data", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("received_at", core.storage.base.Moment(), nullable=False),
        sa.Column("handled_at", core.storage.base.Moment(), nullable=True),
        sa.CheckConstraint(
            "state IN ('received', 'handled', 'ignored')", name=op.f("ck_inbox_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox")),
        sa.UniqueConstraint("update_id", name=op.f("uq_inbox_update_id")),
    )
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.create_index("ix_inbox_message", ["chat_id", "message_id"], unique=False)
        batch_op.create_index("ix_inbox_state", ["state"], unique=False)

    op.create_table(
        "invoice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("series", sa.String(length=8), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("cancels", sa.Integer(), nullable=True),
        sa.Column("params", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("params_sha256", sa.String(length=64), nullable=False),
        sa.Column("client_name", sa.Text(), nullable=False),
        sa.Column("client_key", sa.Text(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("issue_date", sa.Date(), nullable=False),
        sa.Column("due_date", sa.Date(), nullable=False),
        sa.Column("net_minor", sa.Integer(), nullable=False),
        sa.Column("tax_minor", sa.Integer(), nullable=False),
        sa.Column("total_minor", sa.Integer(), nullable=False),
        sa.Column("pdf_path", sa.Text(), nullable=True),
        sa.Column("pdf_sha256", sa.String(length=64), nullable=True),
        sa.Column("recorded_at", core.storage.base.Moment(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'credit_note') = (cancels IS NOT NULL)", name=op.f("ck_invoice_cancels")
        ),
        sa.CheckConstraint("kind IN ('invoice', 'credit_note')", name=op.f("ck_invoice_kind")),
        sa.CheckConstraint(
            "(pdf_path IS NULL) = (pdf_sha256 IS NULL)", name=op.f("ck_invoice_pdf")
        ),
        sa.CheckConstraint("due_date >= issue_date", name=op.f("ck_invoice_due_after_issue")),
        sa.CheckConstraint("length(currency) = 3", name=op.f("ck_invoice_currency")),
        sa.CheckConstraint("serial > 0", name=op.f("ck_invoice_serial_positive")),
        sa.CheckConstraint("total_minor = net_minor + tax_minor", name=op.f("ck_invoice_total")),
        sa.CheckConstraint("total_minor > 0", name=op.f("ck_invoice_total_positive")),
        sa.ForeignKeyConstraint(["cancels"], ["invoice.id"], name=op.f("fk_invoice_cancels")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice")),
        sa.UniqueConstraint("cancels", name=op.f("uq_invoice_cancels")),
        sa.UniqueConstraint("number", name=op.f("uq_invoice_number")),
        sa.UniqueConstraint("series", "year", "serial", name=op.f("uq_invoice_series_year_serial")),
        sa.UniqueConstraint("token", name=op.f("uq_invoice_token")),
    )
    with op.batch_alter_table("invoice", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_invoice_client_key"), ["client_key"], unique=False)
        batch_op.create_index("ix_invoice_due_date", ["due_date"], unique=False)

    op.create_table(
        "journal",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", core.storage.base.Moment(), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("data", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("previous", sa.LargeBinary(length=32), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_journal")),
    )
    with op.batch_alter_table("journal", schema=None) as batch_op:
        batch_op.create_index("ix_journal_subject", ["subject"], unique=False)

    op.create_table(
        "lead",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("company", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created_at", core.storage.base.Moment(), nullable=False),
        sa.CheckConstraint("state IN ('new', 'removed')", name=op.f("ck_lead_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lead")),
        sa.UniqueConstraint("token", name=op.f("uq_lead_token")),
    )
    op.create_table(
        "operator",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("chat_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("paired_at", core.storage.base.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_operator")),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("chat_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("payload", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("edit_of", sa.Integer(), nullable=True),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("not_before", core.storage.base.Moment(), nullable=True),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", core.storage.base.Moment(), nullable=False),
        sa.Column("sent_at", core.storage.base.Moment(), nullable=True),
        sa.CheckConstraint(
            "state IN ('queued', 'sending', 'sent', 'unknown', 'failed', 'dropped')",
            name=op.f("ck_outbox_state"),
        ),
        sa.ForeignKeyConstraint(["edit_of"], ["outbox.id"], name=op.f("fk_outbox_edit_of")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index("ix_outbox_message", ["chat_id", "message_id"], unique=False)
        batch_op.create_index("ix_outbox_state", ["state", "id"], unique=False)
        batch_op.create_index("ix_outbox_subject", ["subject"], unique=False)

    op.create_table(
        "schedule",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("data", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("due_at", core.storage.base.Moment(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created_at", core.storage.base.Moment(), nullable=False),
        sa.CheckConstraint(
            "state IN ('active', 'done', 'cancelled')", name=op.f("ck_schedule_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schedule")),
        sa.UniqueConstraint("token", name=op.f("uq_schedule_token")),
    )
    with op.batch_alter_table("schedule", schema=None) as batch_op:
        batch_op.create_index("ix_schedule_due", ["state", "due_at"], unique=False)

    op.create_table(
        "setting",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("value", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("updated_at", core.storage.base.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_setting")),
    )
    op.create_table(
        "invoice_line",
        sa.Column("invoice_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Text(), nullable=False),
        sa.Column("unit_minor", sa.Integer(), nullable=False),
        sa.Column("tax_rate", sa.Text(), nullable=False),
        sa.Column("net_minor", sa.Integer(), nullable=False),
        sa.CheckConstraint("position > 0", name=op.f("ck_invoice_line_position")),
        sa.ForeignKeyConstraint(
            ["invoice_id"], ["invoice.id"], name=op.f("fk_invoice_line_invoice_id")
        ),
        sa.PrimaryKeyConstraint("invoice_id", "position", name=op.f("pk_invoice_line")),
    )
    op.create_table(
        "payment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("invoice_id", sa.Integer(), nullable=False),
        sa.Column("reverses", sa.Integer(), nullable=True),
        sa.Column("amount_minor", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", core.storage.base.Moment(), nullable=False),
        sa.CheckConstraint("(reverses IS NULL) = (amount_minor > 0)", name=op.f("ck_payment_sign")),
        sa.CheckConstraint("amount_minor <> 0", name=op.f("ck_payment_amount")),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"], name=op.f("fk_payment_invoice_id")),
        sa.ForeignKeyConstraint(["reverses"], ["payment.id"], name=op.f("fk_payment_reverses")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment")),
        sa.UniqueConstraint("reverses", name=op.f("uq_payment_reverses")),
        sa.UniqueConstraint("token", name=op.f("uq_payment_token")),
    )
    with op.batch_alter_table("payment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_payment_invoice_id"), ["invoice_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_payment_paid_on"), ["paid_on"], unique=False)

    op.create_table(
        "prompt",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("data", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("outbox_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created_at", core.storage.base.Moment(), nullable=False),
        sa.Column("expires_at", core.storage.base.Moment(), nullable=False),
        sa.CheckConstraint("state IN ('open', 'answered', 'closed')", name=op.f("ck_prompt_state")),
        sa.ForeignKeyConstraint(["outbox_id"], ["outbox.id"], name=op.f("fk_prompt_outbox_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prompt")),
    )
    with op.batch_alter_table("prompt", schema=None) as batch_op:
        batch_op.create_index("ix_prompt_state", ["state"], unique=False)

    op.create_table(
        "run",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("intent", sa.String(length=32), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("plan", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("request", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("explanation", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("inbox_id", sa.Integer(), nullable=True),
        sa.Column("replaces", sa.String(length=32), nullable=True),
        sa.Column("cost", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created_at", core.storage.base.Moment(), nullable=False),
        sa.Column("ended_at", core.storage.base.Moment(), nullable=True),
        sa.CheckConstraint(
            "state IN ('running', 'done', 'failed', 'rejected', 'cancelled', 'replaced', 'denied')",
            name=op.f("ck_run_state"),
        ),
        sa.ForeignKeyConstraint(["inbox_id"], ["inbox.id"], name=op.f("fk_run_inbox_id")),
        sa.ForeignKeyConstraint(["replaces"], ["run.id"], name=op.f("fk_run_replaces")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run")),
    )
    with op.batch_alter_table("run", schema=None) as batch_op:
        batch_op.create_index("ix_run_created", ["created_at"], unique=False)
        batch_op.create_index("ix_run_inbox", ["inbox_id"], unique=False)

    op.create_table(
        "spending",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("inbox_id", sa.Integer(), nullable=True),
        sa.Column("agent", sa.String(length=32), nullable=False),
        sa.Column("tier", sa.String(length=16), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("tokens", sa.Integer(), nullable=False),
        sa.Column("micros", sa.Integer(), nullable=False),
        sa.Column("unknown", sa.Integer(), nullable=False),
        sa.Column("saved", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("at", core.storage.base.Moment(), nullable=False),
        sa.CheckConstraint(
            "state IN ('reserved', 'spent', 'released', 'cached')",
            name=op.f("ck_spending_state"),
        ),
        sa.ForeignKeyConstraint(["inbox_id"], ["inbox.id"], name=op.f("fk_spending_inbox_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spending")),
    )
    with op.batch_alter_table("spending", schema=None) as batch_op:
        batch_op.create_index("ix_spending_at", ["at"], unique=False)

    op.create_table(
        "response",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("agent", sa.String(length=32), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("output", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("tokens", sa.Integer(), nullable=False),
        sa.Column("micros", sa.Integer(), nullable=False),
        sa.Column("at", core.storage.base.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_response")),
    )
    with op.batch_alter_table("response", schema=None) as batch_op:
        batch_op.create_index("ix_response_at", ["at"], unique=False)

    op.create_table(
        "explanation",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("inbox_id", sa.Integer(), nullable=True),
        sa.Column("step_id", sa.String(length=32), nullable=True),
        sa.Column("agent", sa.String(length=32), nullable=False),
        sa.Column("version", sa.String(length=16), nullable=False),
        sa.Column("tier", sa.String(length=16), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("prompt", sa.Text(), nullable=False),
        sa.Column("materials", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("output", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("rationale", sa.Text(), nullable=False),
        sa.Column("troubles", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("tokens", sa.Integer(), nullable=False),
        sa.Column("micros", sa.Integer(), nullable=False),
        sa.Column("unknown", sa.Integer(), nullable=False),
        sa.Column("ms", sa.Integer(), nullable=False),
        sa.Column("at", core.storage.base.Moment(), nullable=False),
        sa.ForeignKeyConstraint(["inbox_id"], ["inbox.id"], name=op.f("fk_explanation_inbox_id")),
        sa.ForeignKeyConstraint(["step_id"], ["step.id"], name=op.f("fk_explanation_step_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_explanation")),
    )
    with op.batch_alter_table("explanation", schema=None) as batch_op:
        batch_op.create_index("ix_explanation_inbox_id", ["inbox_id"], unique=False)
        batch_op.create_index("ix_explanation_step_id", ["step_id"], unique=False)

    op.create_table(
        "approval",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("run_id", sa.String(length=32), nullable=False),
        sa.Column("payload_hash", sa.String(length=64), nullable=False),
        sa.Column("policy_version", sa.String(length=16), nullable=False),
        sa.Column("batch_id", sa.String(length=32), nullable=True),
        sa.Column("outbox_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", core.storage.base.Moment(), nullable=True),
        sa.Column("expires_at", core.storage.base.Moment(), nullable=False),
        sa.Column("nudge_at", core.storage.base.Moment(), nullable=True),
        sa.Column("snoozed", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created_at", core.storage.base.Moment(), nullable=False),
        sa.CheckConstraint(
            "state IN ('pending', 'approved', 'rejected', 'expired', 'replaced', 'cancelled')",
            name=op.f("ck_approval_state"),
        ),
        sa.ForeignKeyConstraint(["outbox_id"], ["outbox.id"], name=op.f("fk_approval_outbox_id")),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_approval_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval")),
    )
    with op.batch_alter_table("approval", schema=None) as batch_op:
        batch_op.create_index("ix_approval_batch", ["batch_id"], unique=False)
        batch_op.create_index("ix_approval_run", ["run_id"], unique=False)
        batch_op.create_index("ix_approval_state", ["state"], unique=False)

    op.create_table(
        "grant",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("counterparty", sa.Text(), nullable=False),
        sa.Column("counterparty_key", sa.Text(), nullable=False),
        sa.Column("up_to_minor", sa.Integer(), nullable=True),
        sa.Column("up_to_currency", sa.String(length=3), nullable=True),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("uses_left", sa.Integer(), nullable=False),
        sa.Column("made_from", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created_at", core.storage.base.Moment(), nullable=False),
        sa.Column("expires_at", core.storage.base.Moment(), nullable=False),
        sa.CheckConstraint("uses_left BETWEEN 0 AND uses", name=op.f("ck_grant_uses_left")),
        sa.CheckConstraint(
            "(up_to_minor IS NULL) = (up_to_currency IS NULL)", name=op.f("ck_grant_up_to")
        ),
        sa.CheckConstraint(
            "state IN ('active', 'used_up', 'revoked', 'expired')", name=op.f("ck_grant_state")
        ),
        sa.ForeignKeyConstraint(["made_from"], ["approval.id"], name=op.f("fk_grant_made_from")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grant")),
        sa.UniqueConstraint(
            "made_from",
            "action",
            "counterparty_key",
            name=op.f("uq_grant_made_from_action_counterparty_key"),
        ),
    )
    with op.batch_alter_table("grant", schema=None) as batch_op:
        batch_op.create_index(
            "ix_grant_action", ["state", "action", "counterparty_key"], unique=False
        )

    op.create_table(
        "step",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("run_id", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("params", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("depends", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("instead_of", sa.String(length=32), nullable=True),
        sa.Column("verdict", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("hold_seconds", sa.Integer(), nullable=False),
        sa.Column("result", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("failing_since", core.storage.base.Moment(), nullable=True),
        sa.Column("not_before", core.storage.base.Moment(), nullable=True),
        sa.Column("lease_until", core.storage.base.Moment(), nullable=True),
        sa.Column("worker", sa.String(length=32), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.CheckConstraint(
            "state IN ('blocked', 'asking', 'held', 'waiting', 'ready', 'running', 'done', 'failed', "
            "'cancelled', 'unknown')",
            name=op.f("ck_step_state"),
        ),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_step_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_step")),
        sa.UniqueConstraint("run_id", "key", name=op.f("uq_step_run_id_key")),
    )
    with op.batch_alter_table("step", schema=None) as batch_op:
        batch_op.create_index("ix_step_state", ["state"], unique=False)

    op.create_table(
        "effect",
        sa.Column("token", sa.String(length=32), nullable=False),
        sa.Column("step_id", sa.String(length=32), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("params", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("result", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("reverses", sa.String(length=32), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("intended_at", core.storage.base.Moment(), nullable=False),
        sa.Column("confirmed_at", core.storage.base.Moment(), nullable=True),
        sa.CheckConstraint(
            "state IN ('intended', 'sent', 'confirmed', 'unknown', 'failed', 'reversed')",
            name=op.f("ck_effect_state"),
        ),
        sa.ForeignKeyConstraint(["reverses"], ["effect.token"], name=op.f("fk_effect_reverses")),
        sa.ForeignKeyConstraint(["step_id"], ["step.id"], name=op.f("fk_effect_step_id")),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_effect")),
        sa.UniqueConstraint("step_id", name=op.f("uq_effect_step_id")),
    )
    with op.batch_alter_table("effect", schema=None) as batch_op:
        batch_op.create_index("ix_effect_state", ["state", "confirmed_at"], unique=False)

    op.create_table(
        "contradiction",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=True),
        sa.Column("against", sa.String(length=32), nullable=False),
        sa.Column("candidate", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("outbox_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created_at", core.storage.base.Moment(), nullable=False),
        sa.Column("decided_at", core.storage.base.Moment(), nullable=True),
        sa.CheckConstraint(
            "state IN ('open', 'kept_old', 'took_new', 'kept_both', 'settled')",
            name=op.f("ck_contradiction_state"),
        ),
        sa.ForeignKeyConstraint(
            ["outbox_id"], ["outbox.id"], name=op.f("fk_contradiction_outbox_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contradiction")),
        sa.UniqueConstraint("token", name=op.f("uq_contradiction_token")),
    )
    with op.batch_alter_table("contradiction", schema=None) as batch_op:
        batch_op.create_index("ix_contradiction_state", ["state"], unique=False)

    op.create_table(
        "alias",
        sa.Column("entity_id", sa.String(length=32), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("created_at", core.storage.base.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("entity_id", "key", name=op.f("pk_alias")),
    )
    with op.batch_alter_table("alias", schema=None) as batch_op:
        batch_op.create_index("ix_alias_key", ["key"], unique=False)

    op.create_table(
        "piece",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("format", sa.String(length=16), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created_at", core.storage.base.Moment(), nullable=False),
        sa.CheckConstraint("state IN ('active', 'done', 'removed')", name=op.f("ck_piece_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_piece")),
    )
    op.create_table(
        "signal",
        sa.Column("entity_id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("ref", sa.String(length=64), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("at", core.storage.base.Moment(), nullable=False),
        sa.Column("evidence", sa.JSON(none_as_null=True), nullable=True),
        sa.PrimaryKeyConstraint("entity_id", "name", "ref", name=op.f("pk_signal")),
    )
    with op.batch_alter_table("signal", schema=None) as batch_op:
        batch_op.create_index("ix_signal_series", ["entity_id", "name", "at"], unique=False)

    op.create_table(
        "student",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created_at", core.storage.base.Moment(), nullable=False),
        sa.CheckConstraint("state IN ('active', 'removed')", name=op.f("ck_student_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_student")),
    )
    op.create_table(
        "summary",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("entity_id", sa.String(length=32), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("sources", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("from_at", core.storage.base.Moment(), nullable=False),
        sa.Column("to_at", core.storage.base.Moment(), nullable=False),
        sa.Column("created_at", core.storage.base.Moment(), nullable=False),
        sa.Column("pruned_at", core.storage.base.Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_summary")),
    )
    with op.batch_alter_table("summary", schema=None) as batch_op:
        batch_op.create_index("ix_summary_entity", ["entity_id", "to_at"], unique=False)

    op.create_table(
        "transcript",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("box", sa.String(length=8), nullable=False),
        sa.Column("row_id", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("pruned_at", core.storage.base.Moment(), nullable=False),
        sa.CheckConstraint("box IN ('inbox', 'outbox')", name=op.f("ck_transcript_box")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transcript")),
        sa.UniqueConstraint("box", "row_id", name=op.f("uq_transcript_box_row_id")),
    )

    op.create_table(
        "enrolment",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("student_id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created_at", core.storage.base.Moment(), nullable=False),
        sa.CheckConstraint(
            "state IN ('active', 'done', 'removed')", name=op.f("ck_enrolment_state")
        ),
        sa.ForeignKeyConstraint(
            ["student_id"], ["student.id"], name=op.f("fk_enrolment_student_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolment")),
    )
    op.create_table(
        "episode",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("ref", sa.String(length=64), nullable=False),
        sa.Column("entity_id", sa.String(length=32), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("trust", sa.String(length=16), nullable=False),
        sa.Column("at", core.storage.base.Moment(), nullable=False),
        sa.Column("summary_id", sa.String(length=32), nullable=True),
        sa.Column("pruned_at", core.storage.base.Moment(), nullable=True),
        sa.CheckConstraint(
            "trust IN ('owner', 'system', 'untrusted')", name=op.f("ck_episode_trust")
        ),
        sa.ForeignKeyConstraint(["summary_id"], ["summary.id"], name=op.f("fk_episode_summary_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_episode")),
        sa.UniqueConstraint("ref", name=op.f("uq_episode_ref")),
    )
    with op.batch_alter_table("episode", schema=None) as batch_op:
        batch_op.create_index("ix_episode_at", ["at"], unique=False)
        batch_op.create_index("ix_episode_entity", ["entity_id", "at"], unique=False)

    op.create_table(
        "person",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("client_id", sa.String(length=32), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created_at", core.storage.base.Moment(), nullable=False),
        sa.CheckConstraint("state IN ('active', 'removed')", name=op.f("ck_person_state")),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], name=op.f("fk_person_client_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
    )
    op.create_table(
        "project",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("client_id", sa.String(length=32), nullable=True),
        sa.Column("due_at", core.storage.base.Moment(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created_at", core.storage.base.Moment(), nullable=False),
        sa.CheckConstraint("state IN ('active', 'done', 'removed')", name=op.f("ck_project_state")),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], name=op.f("fk_project_client_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project")),
    )
    op.create_table(
        "submission",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("student_id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created_at", core.storage.base.Moment(), nullable=False),
        sa.CheckConstraint(
            "state IN ('active', 'done', 'removed')", name=op.f("ck_submission_state")
        ),
        sa.ForeignKeyConstraint(
            ["student_id"], ["student.id"], name=op.f("fk_submission_student_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission")),
    )
    op.create_table(
        "deliverable",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("project_id", sa.String(length=32), nullable=True),
        sa.Column("due_at", core.storage.base.Moment(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created_at", core.storage.base.Moment(), nullable=False),
        sa.CheckConstraint(
            "state IN ('active', 'done', 'removed')", name=op.f("ck_deliverable_state")
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_deliverable_project_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliverable")),
    )

    op.execute(
        "CREATE VIRTUAL TABLE fact_index USING fts5("
        "fact_id UNINDEXED, statement, tokenize = 'unicode61 remove_diacritics 2')"
    )
    # What was said stays as it was said; only what became of it is added.
    op.execute(
        "CREATE TRIGGER fact_no_change BEFORE UPDATE OF id, token, origin, subject, relation, "
        "value_kind, value, statement, asserted_by, model, approval_id, trust, confidence, how, "
        "because_of, valid_from, valid_to, recorded_at ON fact "
        "BEGIN SELECT RAISE(ABORT, 'a fact is never overwritten'); END"
    )
    # The one change that is let through: what was forgotten is blanked, its hash stays.
    op.execute(
        "CREATE TRIGGER journal_no_update BEFORE UPDATE ON journal WHEN NOT ("
        "NEW.data = '{\"redacted\"\\:true}' AND NEW.seq = OLD.seq AND NEW.at = OLD.at "
        "AND NEW.kind = OLD.kind AND NEW.actor = OLD.actor AND NEW.subject = OLD.subject "
        "AND NEW.previous = OLD.previous AND NEW.hash = OLD.hash) "
        "BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END"
    )
    op.execute(
        "CREATE TRIGGER journal_no_delete BEFORE DELETE ON journal "
        "BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END"
    )
    # INSERT OR REPLACE deletes the row in its way without asking the trigger above.
    op.execute(
        "CREATE TRIGGER journal_no_insert_before BEFORE INSERT ON journal "
        "WHEN NEW.seq <= (SELECT max(seq) FROM journal) "
        "BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END"
    )
