"""Alembic's entry: migrations run on the engine that `storage.migrate` hands in."""

from alembic import context

from headwater.storage.schema import metadata

with context.config.attributes["engine"].connect() as connection:
    context.configure(connection=connection, target_metadata=metadata)
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
