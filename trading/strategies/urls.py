"""The pages of the catalogue and of own code."""

from django.urls import path

from .views import catalogue, code

app_name = "strategies"

urlpatterns = [
    path("", catalogue.CatalogueView.as_view(), name="catalogue"),
    path("code/new/", code.NewView.as_view(), name="code_new"),
    path("code/<uuid:code_id>/", code.EditView.as_view(), name="code"),
    path("code/<uuid:code_id>/delete/", code.DeleteView.as_view(), name="code_delete"),
    # Behind the others: a key may be any word.
    path("<str:strategy_key>/", catalogue.DetailView.as_view(), name="detail"),
]
