"""Finding and describing instruments."""

from django.http import HttpRequest, HttpResponse

from ...selectors import udf
from ...serializers.udf import SearchQuery, SymbolQuery
from .door import UdfView, answer, query_of


class SymbolsView(UdfView):
    """`/symbols`."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """An instrument, by ticker (`NSE:RELIANCE`) or bare name."""
        return answer(udf.symbol_info(udf.symbol_of(query_of(request, SymbolQuery)["symbol"])))


class SearchView(UdfView):
    """`/search`."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The best matches, as a bare list."""
        wanted = query_of(request, SearchQuery)
        return answer(
            udf.symbols_matching(
                wanted["query"], exchange=wanted["exchange"], kind=wanted["type"], limit=wanted["limit"]
            )
        )
