"""Choosing a workspace, arriving in it, and who belongs to it."""

from __future__ import annotations

from django.urls import path

from workspaces import views

app_name = "workspaces"
urlpatterns = [
    path("workspaces/switch/", views.switcher, name="switcher"),
    path("session/", views.session, name="session"),
    path("w/<slug:workspace_slug>/", views.dashboard, name="dashboard"),
    path("w/<slug:workspace_slug>/settings/members/", views.members, name="members"),
    path("w/<slug:workspace_slug>/settings/members/<int:pk>/role/", views.change_role, name="change_role"),
]
