"""The pages of brokers' statements, under /analytics/statements/."""

from django.urls import path

from .views import statements

app_name = "statements"

urlpatterns = [
    path("", statements.StatementsView.as_view(), name="list"),
    path("columns/", statements.StatementColumnsView.as_view(), name="columns"),
    path("<uuid:statement_id>/", statements.StatementView.as_view(), name="statement"),
    path("<uuid:statement_id>/delete/", statements.StatementDeleteView.as_view(), name="delete"),
]
