"""Shapes of the portfolio API: input is checked here, output is described for the schema."""

from rest_framework import serializers

from core.api.fields import InstantField, PriceField
from trading.portfolio.models import TradingAccount
from trading.portfolio.models.ledger import LEDGER_ACCOUNTS, SOURCE_TYPES
from trading.portfolio.models.position import PRODUCTS


class AccountSerializer(serializers.Serializer[dict[str, object]]):
    """A trading account."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    owner = serializers.UUIDField(help_text="The user whose account it is.")
    owner_email = serializers.EmailField()
    broker = serializers.ChoiceField(choices=TradingAccount.Broker.choices)
    mode = serializers.ChoiceField(choices=TradingAccount.Mode.choices)
    brokerage_plan = serializers.CharField(help_text="Whose brokerage and fees its trades are charged.")
    is_active = serializers.BooleanField()
    created_at = InstantField()


class AccountInput(serializers.Serializer[dict[str, object]]):
    """An account to open; the caller owns it unless `owner` names another member."""

    name = serializers.CharField(max_length=80)
    broker = serializers.ChoiceField(
        choices=TradingAccount.Broker.choices,
        default=TradingAccount.Broker.PAPER,
        help_text="SIMULATOR, a live account, only where the installation names a broker simulator.",
    )
    owner = serializers.UUIDField(required=False)
    brokerage_plan = serializers.CharField(
        max_length=16,
        required=False,
        help_text="paper, zerodha, upstox, mstock or ibkr; the installation's own unless given.",
    )


class FundsSerializer(serializers.Serializer[dict[str, object]]):
    """Rupees. Realised P&L and charges are today's; `equity` is all of it at the latest prices."""

    available = PriceField()
    used_margin = PriceField()
    blocked = PriceField(help_text="Held for open orders.")
    invested = PriceField(help_text="Cost of shares held for delivery and of bought options.")
    collateral = PriceField()
    realised_pnl = PriceField()
    unrealised_pnl = PriceField()
    charges = PriceField()
    opening_balance = PriceField(help_text="Book value before today's trades, with today's deposits.")
    equity = PriceField()
    borrowed = PriceField(help_text="What the broker lends for MTF positions.")
    m2m = PriceField(help_text="Today's settlement of futures, within realised P&L.")
    dividends = PriceField(help_text="Today's, within realised P&L.")
    interest = PriceField(help_text="Today's on borrowed money, within charges.")
    fees = PriceField(help_text="Today's depository and square-off charges, within charges.")
    stale = serializers.BooleanField(help_text="A position is valued at a price that is no longer confirmed.")


class UnderlyingUseSerializer(serializers.Serializer[dict[str, object]]):
    """What futures and options on one underlying have tied up, in rupees."""

    underlying = serializers.CharField()
    margin = PriceField(help_text="Blocked: span + exposure + calendar.")
    span = PriceField(help_text="Worst of sixteen scenarios, net of option values and of the premium withheld.")
    exposure = PriceField()
    calendar = PriceField()
    premium = PriceField(help_text="What its bought options cost.")
    withheld_premium = PriceField(help_text="Premium of written options, paid out when they are closed.")
    benefit = PriceField(help_text="What the contracts save by being held together.")
    marked_at = serializers.DateTimeField()
    estimate = serializers.BooleanField(help_text="No price of the underlying was known; an old one stood in.")


class MarginUseSerializer(serializers.Serializer[dict[str, object]]):
    """Where an account's margin is in use, in rupees."""

    total = PriceField()
    shares = PriceField(help_text="Blocked by positions in shares.")
    shortfall = PriceField(help_text="How much more is needed than is available.")
    underlyings = UnderlyingUseSerializer(many=True)


class DepositInput(serializers.Serializer[dict[str, object]]):
    """Paper money to put in."""

    amount = PriceField(decimal_places=2)
    note = serializers.CharField(max_length=120, required=False, default="")


class LedgerTransactionSerializer(serializers.Serializer[dict[str, object]]):
    """One posted event: rupees by account of the book, debits positive; they sum to zero."""

    id = serializers.UUIDField()
    source_type = serializers.ChoiceField(choices=SOURCE_TYPES)
    source_id = serializers.UUIDField()
    description = serializers.CharField()
    at = InstantField()
    entries = serializers.DictField(
        child=PriceField(), help_text=f"Keys: {', '.join(kind for kind, _ in LEDGER_ACCOUNTS)}."
    )


class PositionSerializer(serializers.Serializer[dict[str, object]]):
    """A position; amounts in rupees, `null` where the price is not known."""

    id = serializers.UUIDField()
    account = serializers.UUIDField()
    symbol = serializers.CharField()
    product = serializers.ChoiceField(choices=[value for value, _ in PRODUCTS])
    strategy = serializers.CharField(allow_blank=True)
    quantity = serializers.IntegerField(help_text="Signed; zero for a position closed today.")
    average_price = PriceField()
    ltp = PriceField(allow_null=True)
    realised_pnl = PriceField(help_text="Over the position's life, before charges.")
    unrealised_pnl = PriceField(allow_null=True)
    charges = PriceField()
    day_pnl = PriceField(allow_null=True, help_text="Since the day began, before charges.")
    margin = PriceField()
    stale = serializers.BooleanField()


class HoldingSerializer(serializers.Serializer[dict[str, object]]):
    """Shares held for delivery."""

    id = serializers.UUIDField()
    account = serializers.UUIDField()
    symbol = serializers.CharField()
    strategy = serializers.CharField(allow_blank=True)
    quantity = serializers.IntegerField(help_text="Arrived in the demat account.")
    t1_quantity = serializers.IntegerField(help_text="Bought and on their way; they may be sold (BTST).")
    pledged_quantity = serializers.IntegerField()
    average_price = PriceField()
    ltp = PriceField(allow_null=True)
    invested = PriceField()
    pnl = PriceField(allow_null=True)
    day_pnl = PriceField(allow_null=True)
    stale = serializers.BooleanField()


class PortfolioSerializer(serializers.Serializer[dict[str, object]]):
    """All accounts in view, or one, in rupees. Day P&L is after charges."""

    accounts = serializers.IntegerField()
    open_positions = serializers.IntegerField()
    equity = PriceField()
    available = PriceField()
    blocked = PriceField()
    used_margin = PriceField()
    invested = PriceField()
    holdings_value = PriceField()
    realised_pnl = PriceField()
    unrealised_pnl = PriceField()
    charges = PriceField()
    day_pnl = PriceField()
    stale = serializers.BooleanField()
