"""What every reference between two models of a workspace needs: see `core.tenant_keys`."""

from __future__ import annotations

from core.tenant_keys import OwnedReference, OwnerKey
from workspaces.walls import BYPASS_SETTING


def workspace_key(prefix: str) -> OwnerKey:
    """Constraint of a model that others of the workspace point at."""
    return OwnerKey(owner="workspace", name=f"{prefix}_workspace_key")


def same_workspace(prefix: str, *fields: str) -> list[OwnedReference]:
    """Constraints of a model: each of these foreign keys points into the row's own workspace.

    The fields take `db_constraint=False`: this is their check.
    """
    return [
        OwnedReference(
            owner="workspace", field=field, bypass=BYPASS_SETTING, name=f"{prefix}_{field}_same_workspace"
        )
        for field in fields
    ]
