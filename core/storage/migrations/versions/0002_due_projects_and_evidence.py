"""Projects that are due, and what a signal rests on"""

import sqlalchemy as sa
from alembic import op

import core.storage.base

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("project", sa.Column("due_at", core.storage.base.Moment(), nullable=True))
    op.add_column("signal", sa.Column("evidence", sa.JSON(none_as_null=True), nullable=True))
