"""What the people who run Tandem see of workspaces and their people."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.contrib.auth.models import Group
from django.http import HttpRequest

from core.admin import SearchedAdmin, SoundChoices
from workspaces.models import AuditEntry, Membership, User, Workspace

admin.site.site_header = "Tandem administration"
admin.site.site_title = "Tandem administration"
admin.site.index_title = "Everything Tandem keeps"
admin.site.unregister(Group)


class MembershipInline(SoundChoices, admin.TabularInline):
    """Who belongs to it, or where they belong."""

    model = Membership
    extra = 0
    autocomplete_fields = ["user", "workspace"]


@admin.register(Workspace)
class WorkspaceAdmin(SearchedAdmin):
    list_display = ["name", "slug", "currency", "created_at"]
    search_fields = ["name", "slug"]
    list_filter = ["currency"]
    readonly_fields = ["created_at"]
    inlines = [MembershipInline]


@admin.register(Membership)
class MembershipAdmin(SearchedAdmin):
    list_display = ["user", "workspace", "role", "created_at"]
    list_filter = ["role"]
    search_fields = ["user__email", "user__name", "workspace__name"]
    autocomplete_fields = ["user", "workspace"]
    list_select_related = ["user", "workspace"]


class NewUserForm(AdminUserCreationForm):
    """A new user needs an address and, to sign in, a password."""

    class Meta:
        model = User
        fields = ["email", "name"]
        field_classes = {"email": forms.EmailField}

    def clean_email(self) -> str:
        """Addresses differ by more than case."""
        email = self.cleaned_data["email"].lower()
        if User.objects.filter(email__iexact=email).exists():
            raise forms.ValidationError("Another user has this address.")
        return email


@admin.register(User)
class UserAdmin(SearchedAdmin, DjangoUserAdmin):
    add_form = NewUserForm
    ordering = ["email"]
    list_display = ["email", "name", "is_active", "is_staff", "last_login"]
    search_fields = ["email", "name"]
    list_filter = ["is_active", "is_staff", "is_superuser"]
    fieldsets = [
        (None, {"fields": ["email", "name", "password"]}),
        ("May", {"fields": ["is_active", "is_staff", "is_superuser", "groups", "user_permissions"]}),
        ("When", {"fields": ["last_login", "date_joined"]}),
    ]
    add_fieldsets = [(None, {"fields": ["email", "name", "usable_password", "password1", "password2"]})]
    readonly_fields = ["last_login", "date_joined"]
    inlines = [MembershipInline]

    def get_inlines(self, request: HttpRequest, obj: User | None) -> list[Any]:
        """Workspaces are given to people who exist."""
        return self.inlines if obj else []


@admin.register(Group)
class GroupAdmin(SearchedAdmin, DjangoGroupAdmin):
    """What several administrators may do."""


@admin.register(AuditEntry)
class AuditEntryAdmin(SearchedAdmin):
    """Read, never written."""

    list_display = ["created_at", "workspace", "actor_name", "actor_kind", "action", "summary"]
    list_filter = ["actor_kind", "action", "target_kind", "created_at"]
    search_fields = ["summary", "action", "actor_name", "actor__email", "workspace__name", "=target_id"]
    list_select_related = ["workspace"]
    date_hierarchy = "created_at"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: AuditEntry | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: AuditEntry | None = None) -> bool:
        return False
