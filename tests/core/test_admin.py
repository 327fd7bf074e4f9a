"""The administrators' pages of every app bear what is no id."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from tests.factories.people import make_administrator, signed_in

ACTING = sorted(model._meta.label_lower.replace(".", "_") for model in admin.site._registry)
NO_IDS = ["zzz", "", "9" * 40]


@pytest.fixture
def administrator(db: None) -> Client:
    return signed_in(make_administrator())


@pytest.mark.parametrize("field", ["workspace", "user"])
@pytest.mark.parametrize("chosen", NO_IDS)
def test_form_with_a_malformed_id_chooses_nothing(administrator: Client, field: str, chosen: str) -> None:
    page = reverse("admin:workspaces_membership_add")

    opened = administrator.get(page, {field: chosen})
    sent = administrator.post(page, {field: chosen, "role": "staff"})

    assert (opened.status_code, sent.status_code) == (200, 200)
    assert field in sent.context["adminform"].form.errors


def test_inline_with_a_malformed_id_chooses_nothing(administrator: Client) -> None:
    fields = {"memberships-TOTAL_FORMS": 1, "memberships-INITIAL_FORMS": 0, "memberships-0-user": "zzz"}

    page = administrator.post(reverse("admin:workspaces_workspace_add"), fields | {"name": "Acme"})

    assert page.status_code == 200
    assert "user" in page.context["inline_admin_formsets"][0].formset.errors[0]


@pytest.mark.parametrize("model", ACTING)
def test_action_on_a_malformed_id_finds_nothing(administrator: Client, model: str) -> None:
    action = {"action": "delete_selected", "_selected_action": ["zzz"]}

    page = administrator.post(reverse(f"admin:{model}_changelist"), action)

    assert page.status_code < 500
