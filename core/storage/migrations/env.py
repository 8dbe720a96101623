"""Alembic's entry: runs on the connection that ``core.storage.migrate`` hands over."""

from alembic import context

from core.storage import ledger, memory, schema
from core.storage.base import metadata

ROOMS = (ledger, memory, schema)
"""Their tables are on the metadata now."""

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    include_object=lambda _object, name, kind, _reflected, _other: (
        not (kind == "table" and str(name).startswith("fact_index"))
    ),
)
with context.begin_transaction():
    context.run_migrations()
