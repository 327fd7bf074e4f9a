"""Row-level security: the wall in the database behind the one in the ORM.

The ORM's scope guards reads made through managers. This policy guards everything else: raw SQL,
`create()`, `bulk_create()`, and code that forgot. It holds for the table's owner too (FORCE), and not
for a superuser, so the application must connect as an ordinary role.
"""

from __future__ import annotations

from typing import Any

from django.db.migrations.operations.base import Operation

ENABLE = """
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_only ON {table}
  USING ({column} = (SELECT NULLIF(current_setting('{setting}', true), '')::uuid)
         OR (SELECT current_setting('{bypass}', true) <> ''))
  WITH CHECK ({column} = (SELECT NULLIF(current_setting('{setting}', true), '')::uuid)
         OR (SELECT current_setting('{bypass}', true) <> ''));
"""
"""The settings are read in subqueries: once for a statement, and not for each row it looks at."""
DISABLE = """
DROP POLICY owner_only ON {table};
ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY;
ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;
"""


class EnableRowSecurity(Operation):
    """Migration operation: rows of the model are visible and writable only to the owner named by the session.

    `column` holds the owner's UUID, `setting` is the session variable with the current owner, `bypass`
    the one that, when not empty, opens all rows (work across owners, with a reason).
    """

    reversible = True
    reduces_to_sql = True

    def __init__(self, model_name: str, column: str, setting: str, bypass: str) -> None:
        self.model_name, self.column, self.setting, self.bypass = model_name, column, setting, bypass

    def state_forwards(self, app_label: str, state: Any) -> None:
        """A policy is no part of Django's model state."""

    def _sql(self, template: str, app_label: str, apps: Any) -> str:
        table = apps.get_model(app_label, self.model_name)._meta.db_table
        return template.format(table=table, column=self.column, setting=self.setting, bypass=self.bypass)

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        schema_editor.execute(self._sql(ENABLE, app_label, to_state.apps))

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        schema_editor.execute(self._sql(DISABLE, app_label, to_state.apps))

    def describe(self) -> str:
        return f"Row security on {self.model_name}"
