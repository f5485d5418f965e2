"""Every address of the house, one line an app."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from core import health, metrics

api_v1: list[URLPattern | URLResolver] = []

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics.metrics, name="metrics"),
    path("api/", include("core.api.docs")),
    path("api/v1/", include(api_v1)),
    path("admin/", admin.site.urls),
]

handler400 = "core.http.answers.bad_request"
handler403 = "core.http.answers.permission_denied"
handler404 = "core.http.answers.not_found"
handler500 = "core.http.answers.server_error"
