"""Every address of the house, one line an app."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, path

api_v1: list[URLPattern | URLResolver] = []

urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/", admin.site.urls),
]
