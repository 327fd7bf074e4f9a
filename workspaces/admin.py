"""What the people who run Tandem see of workspaces and their people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.contrib.auth.models import Group
from django.http import HttpRequest

from core.admin import SearchedAdmin, SoundChoices
from core.currencies import CurrencyField
from workspaces.enums import Role
from workspaces.models import AuditEntry, Membership, User, Workspace
from workspaces.queries import is_last_super_user
from workspaces.services import (
    LAST_SUPER_USER,
    add_member,
    change_member_role,
    delete_user,
    remove_member,
)

admin.site.site_header = "Tandem administration"
admin.site.site_title = "Tandem administration"
admin.site.index_title = "Everything Tandem keeps"
admin.site.unregister(Group)


class MembershipInline(SoundChoices, admin.TabularInline):
    """Who belongs to it, or where they belong. Others are added here; one that is there has a page of its own."""

    model = Membership
    extra = 0
    autocomplete_fields = ["user", "workspace"]
    show_change_link = True

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class JoiningAdmin(SearchedAdmin):
    """A page on which people are given a place in a workspace."""

    inlines = [MembershipInline]

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        for new in formset.save(commit=False):
            add_member(workspace=new.workspace, user=new.user, role=new.role, by=request.user)


class PartingAdmin(SearchedAdmin):
    """A page on which people lose their place in a workspace: one at a time, unless it would be left to nobody."""

    delete_confirmation_template = "workspaces/admin_deletion.html"

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return {name: act for name, act in super().get_actions(request).items() if name != "delete_selected"}

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[Any, Any, Any, list[Any]]:
        deleted, counts, lacking, protected = super().get_deleted_objects(objs, request)
        return deleted, counts, lacking, [*protected, *self._objections(objs)]

    def _objections(self, objs: Any) -> Iterator[str]:
        for membership in self.memberships_of(objs):
            if is_last_super_user(membership):
                yield f"{membership}: {LAST_SUPER_USER}"

    def memberships_of(self, objs: Any) -> Iterable[Membership]:
        raise NotImplementedError


class WorkspaceForm(forms.ModelForm):
    """A workspace, and from the same list as everywhere what it invoices in."""

    currency = CurrencyField(help_text=Workspace._meta.get_field("currency").help_text)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["currency"].prefer([self.instance.currency])


@admin.register(Workspace)
class WorkspaceAdmin(JoiningAdmin):
    form = WorkspaceForm
    list_display = ["name", "slug", "currency", "created_at"]
    search_fields = ["name", "slug"]
    list_filter = ["currency"]
    readonly_fields = ["created_at"]


class MembershipForm(forms.ModelForm):
    """A place in a workspace and what it allows."""

    def clean_role(self) -> str:
        """The last super user stays one."""
        role = self.cleaned_data["role"]
        if self.instance.pk and role != Role.SUPER_USER and is_last_super_user(self.instance):
            raise forms.ValidationError(LAST_SUPER_USER)
        return role


@admin.register(Membership)
class MembershipAdmin(PartingAdmin):
    form = MembershipForm
    list_display = ["user", "workspace", "role", "created_at"]
    list_filter = ["role"]
    search_fields = ["user__email", "user__name", "workspace__name"]
    autocomplete_fields = ["user", "workspace"]
    list_select_related = ["user", "workspace"]

    def get_readonly_fields(self, request: HttpRequest, obj: Membership | None = None) -> list[str]:
        """A place is not handed on: the other person gets their own."""
        return ["user", "workspace"] if obj else []

    def save_model(self, request: HttpRequest, obj: Membership, form: Any, change: bool) -> None:
        if not change:
            added = add_member(workspace=obj.workspace, user=obj.user, role=obj.role, by=request.user)
            obj.pk = added.pk
        elif "role" in form.changed_data:
            change_member_role(membership=obj, role=obj.role, by=request.user)

    def memberships_of(self, objs: Any) -> Iterable[Membership]:
        return objs

    def delete_model(self, request: HttpRequest, obj: Membership) -> None:
        remove_member(membership=obj, by=request.user)


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
class UserAdmin(JoiningAdmin, PartingAdmin, DjangoUserAdmin):
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

    def get_inlines(self, request: HttpRequest, obj: User | None) -> list[Any]:
        """Workspaces are given to people who exist."""
        return self.inlines if obj else []

    def memberships_of(self, objs: Any) -> Iterable[Membership]:
        return Membership.objects.filter(user__in=objs).select_related("user", "workspace")

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        delete_user(user=obj, by=request.user)


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
