"""The API of log-in, organisations, members, keys and audit, under /api/v1/."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
