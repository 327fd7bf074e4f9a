"""The pages of credit in a workspace."""

from __future__ import annotations

from django.urls import path

from credit.views import notes, using

app_name = "credit"
urlpatterns = [
    path("", notes.index, name="list"),
    path("credit-notes.csv", notes.download, name="download"),
    path("new/", notes.create, name="create"),
    path("preview/", notes.preview, name="preview"),
    path("of/<uuid:invoice_pk>/", notes.from_invoice, name="from_invoice"),
    path("on/<uuid:invoice_pk>/", using.panel, name="panel"),
    path("on/<uuid:invoice_pk>/apply/", using.apply_to, name="apply_to"),
    path("allocations/<uuid:allocation_pk>/remove/", using.remove, name="remove"),
    path("refunds/<uuid:refund_pk>/reverse/", using.reverse, name="reverse_refund"),
    path("<uuid:pk>/", notes.detail, name="detail"),
    path("<uuid:pk>/edit/", notes.edit, name="edit"),
    path("<uuid:pk>/preview/", notes.preview, name="preview_edit"),
    path("<uuid:pk>/apply/", using.apply_from, name="apply_from"),
    path("<uuid:pk>/refund/", using.pay_back, name="refund"),
    path("<uuid:pk>/submit/", notes.step, {"name": "submit"}, name="submit"),
    path("<uuid:pk>/approve/", notes.step, {"name": "approve"}, name="approve"),
    path("<uuid:pk>/reopen/", notes.step, {"name": "reopen"}, name="reopen"),
    path("<uuid:pk>/void/", notes.step, {"name": "void"}, name="void"),
    path("<uuid:pk>/delete/", notes.delete, name="delete"),
]
