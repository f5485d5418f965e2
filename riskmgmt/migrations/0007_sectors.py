from datetime import date

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

SOURCE = "NSE industry classification of the NIFTY 50, as of 30 September 2025"
VALID_FROM = date(2025, 9, 30)

SECTORS = {
    "Automobile and Auto Components": "BAJAJ-AUTO EICHERMOT HEROMOTOCO M&M MARUTI TATAMOTORS TMPV",
    "Capital Goods": "BEL",
    "Construction": "LT",
    "Construction Materials": "GRASIM ULTRACEMCO",
    "Consumer Durables": "ASIANPAINT TITAN",
    "Consumer Services": "ETERNAL TRENT",
    "Fast Moving Consumer Goods": "HINDUNILVR ITC NESTLEIND TATACONSUM",
    "Financial Services": (
        "AXISBANK BAJAJFINSV BAJFINANCE HDFCBANK HDFCLIFE ICICIBANK INDUSINDBK JIOFIN KOTAKBANK SBILIFE SBIN SHRIRAMFIN"
    ),
    "Healthcare": "APOLLOHOSP CIPLA DRREDDY MAXHEALTH SUNPHARMA",
    "Index": "BANKNIFTY FINNIFTY MIDCPNIFTY NIFTY NIFTYNXT50 SENSEX BANKEX",
    "Information Technology": "HCLTECH INFY TCS TECHM WIPRO",
    "Metals and Mining": "ADANIENT HINDALCO JSWSTEEL TATASTEEL",
    "Oil, Gas and Consumable Fuels": "COALINDIA ONGC RELIANCE",
    "Power": "NTPC POWERGRID",
    "Services": "ADANIPORTS INDIGO",
    "Telecommunication": "BHARTIARTL",
}


def seed(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    model = apps.get_model("riskmgmt", "UnderlyingSector")
    model.objects.bulk_create(
        model(symbol=symbol, sector=sector, valid_from=VALID_FROM, source=SOURCE)
        for sector, symbols in SECTORS.items()
        for symbol in symbols.split()
    )


class Migration(migrations.Migration):
    dependencies = [("riskmgmt", "0006_guards")]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
