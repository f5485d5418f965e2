"""The account's positions beside the broker's."""

from collections import defaultdict
from collections.abc import Sequence

from trading.brokers.domain.book import BrokerPosition
from trading.orders.domain.reconciling import Finding
from trading.portfolio.models import Position, TradingAccount


def position_findings(account: TradingAccount, theirs: Sequence[BrokerPosition]) -> list[Finding]:
    """Where they differ, by instrument and product; strategies are this house's own and are added up."""
    ours: dict[tuple[str, str], int] = defaultdict(int)
    held = Position.objects.filter(account_id=account.id).exclude(quantity=0).order_by()
    for key, product, quantity in held.values_list("instrument__key", "product", "quantity"):
        ours[(key, product)] += quantity
    there: dict[tuple[str, str], int] = defaultdict(int)
    for position in theirs:
        there[(position.key, position.product.value)] += position.quantity
    return [
        Finding("position_differs", f"{key} {product}", str(ours[(key, product)]), str(there[(key, product)]))
        for key, product in sorted(ours.keys() | there.keys())
        if ours[(key, product)] != there[(key, product)]
    ]
