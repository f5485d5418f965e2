"""Publishes ticks of the world's instruments until it is ended: `python -m config.benches.fanout.soak_ticks`."""

from argparse import ArgumentParser

import django


def main() -> None:
    """Find the instruments in the database and publish through the door of every feed."""
    parser = ArgumentParser()
    parser.add_argument("--ticks", type=int, required=True)
    options = parser.parse_args()
    django.setup()
    from config.benches.fanout import ticks as market
    from trading.instruments.models import Instrument
    from trading.marketdata.services import quote_publish

    keys = list(Instrument.objects.filter(symbol__startswith="BENCH").order_by("key").values_list("key", flat=True))
    quotes = market.first_quotes(keys)
    quote_publish(quotes.values())
    market.publish_in_thread(market.flushes(quotes, options.ticks), quote_publish).join()


if __name__ == "__main__":
    main()
