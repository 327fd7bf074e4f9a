"""The only list of the apps' URLs."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

from workspaces.views import home

urlpatterns = [
    path("", home, name="home"),
    path("", include("workspaces.urls")),
    path("design/", include("core.urls")),
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
]
