"""Rows that replace their older selves."""

from __future__ import annotations

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def keep(connection: Connection, table: Table, rows: list[dict[str, object]]) -> None:
    """Write the rows, each in place of an older one with the same primary key."""
    if not rows:
        return
    keys = [column.name for column in table.primary_key]
    on_sqlite = connection.dialect.name == "sqlite"
    statement = sqlite.insert(table) if on_sqlite else postgresql.insert(table)
    new = {column.name: statement.excluded[column.name] for column in table.columns if not column.primary_key}
    # In the order of their keys, so that two writers of the same rows never wait for each other.
    ordered = sorted(rows, key=lambda row: [str(row[name]) for name in keys])
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=new), ordered)
