"""Tables that only grow: what is written there stays as it was.

Two locks, as with the walls between workspaces. The role the application works as is not granted the right to change
or delete such rows (`config.database_roles` finds these tables by their trigger). The trigger stops the tables' owner
too, unless the session names the door: for deleting a whole tenant, by hand and on purpose.
"""

from __future__ import annotations

from typing import Any

from django.db.migrations.operations.base import Operation

TRIGGER = "append_only"

ENABLE = """
CREATE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND current_setting('{door}', true) <> '' THEN RETURN OLD; END IF;
  RAISE insufficient_privilege USING MESSAGE = 'rows of {table} are neither changed nor deleted';
END $$;
CREATE TRIGGER {trigger} BEFORE UPDATE OR DELETE ON {table}
  FOR EACH ROW EXECUTE FUNCTION {table}_append_only();
"""
DISABLE = """
DROP TRIGGER {trigger} ON {table};
DROP FUNCTION {table}_append_only();
"""


class AppendOnly(Operation):
    """Migration operation: rows of the model are added and read, never changed. `door` is the session variable that,
    when not empty, lets the owner of the table delete."""

    reversible = True
    reduces_to_sql = True

    def __init__(self, model_name: str, door: str) -> None:
        self.model_name, self.door = model_name, door

    def state_forwards(self, app_label: str, state: Any) -> None:
        """A trigger is no part of Django's model state."""

    def _sql(self, template: str, app_label: str, apps: Any) -> str:
        table = apps.get_model(app_label, self.model_name)._meta.db_table
        return template.format(table=table, door=self.door, trigger=TRIGGER)

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        schema_editor.execute(self._sql(ENABLE, app_label, to_state.apps), params=None)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        schema_editor.execute(self._sql(DISABLE, app_label, to_state.apps), params=None)

    def describe(self) -> str:
        return f"Only additions to {self.model_name}"
