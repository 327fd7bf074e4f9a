"""The demo's pages: all of Tandem's, and its desk."""

from __future__ import annotations

from django.urls import path

from config.demo import views
from config.urls import urlpatterns as of_tandem

urlpatterns = [
    path("demo/", views.desk, name="demo-desk"),
    path("demo/xero-recovered/", views.xero_recovered, name="demo-xero-recovered"),
    *of_tandem,
]
