"""The only list of the apps' URLs."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

from accounting.urls import callback_patterns
from config import health
from customers.urls import supplier_patterns
from identity.urls import sign_in_patterns
from workspaces.views import home

urlpatterns = [
    path("", home, name="home"),
    path("", include("workspaces.urls")),
    path("w/<slug:workspace_slug>/customers/", include("customers.urls")),
    path("w/<slug:workspace_slug>/suppliers/", include(supplier_patterns)),
    path("w/<slug:workspace_slug>/services/", include("catalogue.urls")),
    path("w/<slug:workspace_slug>/invoices/", include("invoices.urls")),
    path("w/<slug:workspace_slug>/credit/", include("credit.urls")),
    path("w/<slug:workspace_slug>/payments/", include("payments.urls")),
    path("w/<slug:workspace_slug>/customers/", include("ledger.urls")),
    path("w/<slug:workspace_slug>/settings/accounting/", include("accounting.urls")),
    path("w/<slug:workspace_slug>/settings/billing/", include("plans.urls")),
    path("accounting/", include(callback_patterns)),
    path("design/", include("core.urls")),
    path("webhooks/", include("webhooks.urls")),
    path("admin/", admin.site.urls),
    path("accounts/", include(sign_in_patterns)),
    path("accounts/", include("identity.urls")),
    path("health/live", health.live, name="health-live"),
    path("health/ready", health.ready, name="health-ready"),
]
