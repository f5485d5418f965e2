"""Every address of the house, one line an app."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from config.operations import operations
from core import health, metrics
from core.http.routing import remembered

# The admin has no log-in of its own: allauth's carries the rate limits and the second factor.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

api_v1: list[URLPattern | URLResolver] = [
    path("", include("accounts.api_urls")),
    path("", include("trading.alerts.api_urls")),
    path("", include("trading.orders.api_urls")),
    path("", include("notifications.api_urls")),
    path("", include("trading.instruments.api_urls")),
    path("", include("trading.marketdata.api_urls")),
    path("", include("riskmgmt.api_urls")),
    path("", include("analytics.api_urls")),
    path("", include("trading.portfolio.api_urls")),
    path("", include("trading.strategies.run_api_urls")),
    path("", include("trading.strategies.api_urls")),
    path("", include("backtests.api_urls")),
]

urlpatterns: list[URLPattern | URLResolver] = [
    # First, and with a memory: a search through all others would cost more than many an answer.
    remembered(path("api/v1/", include(api_v1))),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics.metrics, name="metrics"),
    path("api/", include("core.api.docs")),
    path("admin/operations/", operations, name="operations"),
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
    path("", include("accounts.urls")),
    path("", include("trading.instruments.urls")),
    path("watchlist/", include("trading.alerts.urls")),
    path("chart/", include("trading.marketdata.urls")),
    path("market/health/", include("trading.marketdata.health_urls")),
    path("market/", include("trading.marketdata.market_urls")),
    path("datafeed/", include("trading.marketdata.datafeed_urls")),
    path("udf/", include("trading.marketdata.udf_urls")),
    path("orders/", include("trading.orders.urls")),
    path("triggers/", include("trading.orders.trigger_urls")),
    path("options/builder/", include("trading.orders.builder_urls")),
    path("options/", include("trading.marketdata.options_urls")),
    path("strategies/runs/", include("trading.strategies.run_urls")),
    path("strategies/", include("trading.strategies.urls")),
    path("", include("trading.portfolio.urls")),
    path("", include("notifications.urls")),
    path("backtests/", include("backtests.urls")),
    path("", include("riskmgmt.urls")),
    path("analytics/statements/", include("analytics.statements_urls")),
    path("", include("analytics.urls")),
]

handler400 = "core.http.answers.bad_request"
handler403 = "core.http.answers.permission_denied"
handler404 = "core.http.answers.not_found"
handler500 = "core.http.answers.server_error"
