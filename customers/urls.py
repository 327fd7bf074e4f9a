"""Customers, inside a workspace; suppliers have the same pages under an address of their own."""

from __future__ import annotations

from django.urls import path

from customers import views

app_name = "customers"
urlpatterns = [
    path("", views.customer_list, name="list"),
    path("new/", views.create, name="create"),
    path("suggest/", views.suggest, name="suggest"),
    path("new/here/", views.create_here, name="create_here"),
    path("<uuid:pk>/", views.detail, name="detail"),
    path("<uuid:pk>/edit/", views.edit, name="edit"),
    path("<uuid:pk>/archive/", views.archive, name="archive"),
    path("<uuid:pk>/restore/", views.restore, name="restore"),
]
supplier_patterns = (urlpatterns, "suppliers")
