"""The reference's settings: `startproject`'s middleware and DRF's defaults on the same database.

What it carries, so that its figures can be judged. As a good engineer would write it plainly: Django's own
middlewares, a `ModelViewSet` with a `ModelSerializer` of all columns (foreign keys as ids: no joins), twenty rows a
page with their count, a signed token and its user's row. None of ours: no rate limit, tenant, permission, request
id, metrics or log line, no content security policy. In its favour: our pool of connections, and four addresses to
search instead of hundreds. Against it: allauth's middleware, without which allauth's tokens cannot be read, and the
scope in which row-level security shows it all rows.
"""

from .settings import *  # noqa: F403

ROOT_URLCONF = "config.benches.http.plain"
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    # allauth, whose tokens are read here, refuses to load without its own.
    "allauth.account.middleware.AccountMiddleware",
    "config.benches.http.plain_access.EveryTenantMiddleware",
]
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["config.benches.http.plain_access.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.PageNumberPagination",
    "PAGE_SIZE": 20,
}
