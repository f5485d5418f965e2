"""The option chain page."""

from django.urls import path

from .views import options

app_name = "options"

urlpatterns = [
    path("", options.ChainHomeView.as_view(), name="home"),
    path("columns/", options.ChainColumnsView.as_view(), name="columns"),
    path("<str:underlying>/", options.ChainPageView.as_view(), name="chain"),
]
