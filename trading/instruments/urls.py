"""The type-ahead."""

from django.urls import path

from . import views

app_name = "instruments"

urlpatterns = [path("search/", views.SearchView.as_view(), name="search")]
