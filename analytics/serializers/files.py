"""Pictures and tables as answers."""

from django.http import HttpResponse

from analytics.models import JournalPicture
from analytics.selectors.exports import CONTENT_TYPES, Format, Table
from core import clock

PDF = "application/pdf"


def served(picture: JournalPicture) -> HttpResponse:
    """The picture as it is, for its reader alone, and never as anything but a picture."""
    response = HttpResponse(bytes(picture.content), content_type=picture.content_type)
    response["Cache-Control"] = "private, max-age=86400, immutable"
    response["Content-Disposition"] = "inline"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def file_response(content: bytes, table: Table, form: Format) -> HttpResponse:
    """A table to save."""
    return _saved(content, CONTENT_TYPES[form], table.value, form.value)


def pdf_response(content: bytes, name: str) -> HttpResponse:
    """A PDF to save; `name` without its ending."""
    return _saved(content, PDF, name, "pdf")


def _saved(content: bytes, content_type: str, name: str, ending: str) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}-{clock.trading_date():%Y%m%d}.{ending}"'
    response["Cache-Control"] = "private, no-store"
    return response
