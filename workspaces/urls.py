"""Choosing a workspace, arriving in it, and who belongs to it."""

from __future__ import annotations

from django.urls import path

from workspaces import settings, views

app_name = "workspaces"
urlpatterns = [
    path("workspaces/switch/", views.switcher, name="switcher"),
    path("session/", views.session, name="session"),
    path("w/<slug:workspace_slug>/", views.dashboard, name="dashboard"),
    path("w/<slug:workspace_slug>/settings/workspace/", settings.settings, name="settings"),
    path("w/<slug:workspace_slug>/settings/workspace/zones/", settings.suggest_zones, name="zones"),
    path("w/<slug:workspace_slug>/settings/workspace/zone/", settings.choose_zone, name="choose_zone"),
    path("w/<slug:workspace_slug>/settings/workspace/offer/", settings.offer_zone, name="offer_zone"),
    path("w/<slug:workspace_slug>/settings/members/", views.members, name="members"),
    path("w/<slug:workspace_slug>/settings/members/<int:pk>/role/", views.change_role, name="change_role"),
    path("w/<slug:workspace_slug>/settings/members/<int:pk>/remove/", views.remove, name="remove"),
    path("w/<slug:workspace_slug>/settings/members/leave/", views.leave, name="leave"),
    path("w/<slug:workspace_slug>/settings/members/invite/", views.invite, name="invite"),
    path(
        "w/<slug:workspace_slug>/settings/members/invited/<uuid:invitation_id>/resend/",
        views.resend_invitation,
        name="resend",
    ),
    path(
        "w/<slug:workspace_slug>/settings/members/invited/<uuid:invitation_id>/revoke/",
        views.revoke_invitation,
        name="revoke",
    ),
    path("invitations/<str:token>/", views.open_invitation, name="invitation"),
    path("invited/", views.accept_invitation, name="accept"),
]
