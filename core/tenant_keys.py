"""Keys that name the owner: the database itself refuses a row that points at another owner's.

Row security decides which rows a session sees and writes; it does not look at what a written row points at, because
Postgres checks foreign keys past every policy. So a parent's key is (owner, id), and a child refers to both.
"""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage
from django.db.models import BaseConstraint

KEY = "ALTER TABLE {table} ADD CONSTRAINT {name} UNIQUE ({owner}, {id})"
REFERENCE = (
    "SET LOCAL {bypass} = 'a new reference looks at all rows';"
    " ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY ({owner}, {column})"
    " REFERENCES {parent} ({owner}, {id}) DEFERRABLE INITIALLY DEFERRED;"
    " SET LOCAL {bypass} = ''"
)
"""Deferred like Django's own, with no action of the database's: what it did by itself would send no signal. An empty
reference is not checked. Row security would hide the rows that are there from the check of a new constraint."""
DROP = "ALTER TABLE {table} DROP CONSTRAINT {name}"


class OwnerKey(BaseConstraint):
    """(owner, id) is a key of the model, for the references of others. `owner` names the foreign key to the owner."""

    def __init__(self, *, owner: str, name: str) -> None:
        super().__init__(name=name)
        self.owner = owner

    def names(self, model: Any) -> dict[str, str]:
        """What the statements speak of, unquoted."""
        meta = model._meta
        return {
            "table": meta.db_table,
            "name": self.name,
            "owner": meta.get_field(self.owner).column,
            "id": meta.pk.column,
        }

    def create_sql(self, model: Any, schema_editor: Any) -> str:
        return self._filled(KEY, model, schema_editor)

    def remove_sql(self, model: Any, schema_editor: Any) -> str:
        return self._filled(DROP, model, schema_editor)

    def constraint_sql(self, model: Any, schema_editor: Any) -> str:
        """Nothing inside a new table's statement: it is added once everything it refers to is there."""
        schema_editor.deferred_sql.append(self.create_sql(model, schema_editor))
        return ""

    def validate(self, model: Any, instance: Any, exclude: Any = None, using: str = "default") -> None:
        """Nothing that a person could mend: forms offer the rows of the workspace only."""

    def _filled(self, template: str, model: Any, schema_editor: Any, **unquoted: str) -> str:
        quoted = {key: schema_editor.quote_name(name) for key, name in self.names(model).items()}
        return template.format(**quoted, **unquoted)

    def _check(self, model: Any, connection: Any) -> list[CheckMessage]:
        return list(model._check_local_fields({self.owner}, "constraints"))

    def deconstruct(self) -> tuple[str, Any, dict[str, Any]]:
        path, arguments, options = super().deconstruct()
        return path, arguments, {**options, "owner": self.owner}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, OwnerKey) and self.deconstruct() == other.deconstruct()

    def __hash__(self) -> int:
        return hash(self.name)


class OwnedReference(OwnerKey):
    """The foreign key `field` points at a row of the same owner. The parent needs an `OwnerKey`.

    It is the whole check: the field itself takes `db_constraint=False`, so that each row is checked once. `bypass` is
    the session variable that opens all rows (see `core.rls`).
    """

    def __init__(self, *, owner: str, field: str, bypass: str, name: str) -> None:
        super().__init__(owner=owner, name=name)
        self.field, self.bypass = field, bypass

    def names(self, model: Any) -> dict[str, str]:
        field = model._meta.get_field(self.field)
        parent = field.related_model._meta
        return {
            **super().names(model),
            "column": field.column,
            "parent": parent.db_table,
            "id": parent.pk.column,
        }

    def create_sql(self, model: Any, schema_editor: Any) -> str:
        return self._filled(REFERENCE, model, schema_editor, bypass=self.bypass)

    def _check(self, model: Any, connection: Any) -> list[CheckMessage]:
        return list(model._check_local_fields({self.owner, self.field}, "constraints"))

    def deconstruct(self) -> tuple[str, Any, dict[str, Any]]:
        path, arguments, options = super().deconstruct()
        return path, arguments, {**options, "field": self.field, "bypass": self.bypass}
