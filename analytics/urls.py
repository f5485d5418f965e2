"""The home dashboard at the root, and the pages of analytics."""

from django.urls import path

from . import views

app_name = "analytics"

urlpatterns = [
    path("", views.DashboardView.as_view(), name="dashboard"),
    path("analytics/", views.PerformancePage.as_view(), name="performance"),
    path("analytics/trades/", views.TradesPage.as_view(), name="trades"),
    path("analytics/journal/", views.JournalPage.as_view(), name="journal"),
    path("analytics/journal/<uuid:entry_id>/", views.JournalEntryPage.as_view(), name="journal_entry"),
    path("analytics/journal/<uuid:entry_id>/delete/", views.JournalDeleteView.as_view(), name="journal_delete"),
    path(
        "analytics/journal/<uuid:entry_id>/pictures/", views.JournalPicturesView.as_view(), name="journal_pictures"
    ),
    path("analytics/pictures/<uuid:picture_id>/", views.JournalPictureView.as_view(), name="journal_picture"),
    path("analytics/tax/", views.TaxPage.as_view(), name="tax"),
    path("analytics/tear-sheet/", views.TearSheetPage.as_view(), name="tear_sheet"),
    path("analytics/tear-sheet.pdf", views.TearSheetFileView.as_view(), name="tear_sheet_pdf"),
    path("analytics/export/", views.ExportView.as_view(), name="export"),
    path("analytics/conventions/", views.ConventionsPage.as_view(), name="conventions"),
]
