"""The pages of members, keys, audit and profile."""

from django.urls import URLPattern

app_name = "accounts"

urlpatterns: list[URLPattern] = []
