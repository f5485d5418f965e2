"""What every options strategy lets be set: when to enter, which strikes, when to get out, and what comes after."""

from datetime import date, time

from trading.brokers.domain.terms import Product
from trading.orders.domain.option_choice import ExpiryRule
from trading.strategies.domain.settings import choice, clock_time, flag, integer, number
from trading.strategies.domain.strategy import Strategy

SESSION, EXPIRY, ROLL, SETTLEMENT = "session", "expiry", "roll", "settlement"
OFFSET, DELTA, PREMIUM = "offset", "delta", "premium"
LEG, ALL, COST = "leg", "all", "cost"


class OptionTerms(Strategy):
    """The settings. Amounts are rupees, percentages of premium or entry price; 0 switches a rule off."""

    lots = integer("Lots", 1, minimum=1, maximum=500)
    expiry = choice("Expiry", tuple(ExpiryRule))

    strike_choice = choice("Strikes by", (OFFSET, DELTA, PREMIUM))
    distance = integer("Steps out of the money", 0, minimum=-20, maximum=40)
    delta = number("Delta", 0.3, minimum=0.01, maximum=0.99, step=0.05)
    premium = number("Premium, rupees", 50.0, minimum=0.5, maximum=10_000.0, step=5.0)

    entry_time = clock_time("Enter from", "09:20")
    latest_entry = clock_time("Enter until", "15:00")
    monday = flag("Enter on Mondays", True)
    tuesday = flag("Enter on Tuesdays", True)
    wednesday = flag("Enter on Wednesdays", True)
    thursday = flag("Enter on Thursdays", True)
    friday = flag("Enter on Fridays", True)
    fewest_days = integer("Fewest days to expiry", 0, minimum=0, maximum=400)
    most_days = integer("Most days to expiry", 400, minimum=0, maximum=400)
    least_premium = number("Net premium at least, rupees", 0.0, minimum=0.0, maximum=10_000.0, step=5.0)
    most_premium = number("Net premium at most, rupees", 0.0, minimum=0.0, maximum=10_000.0, step=5.0)

    until = choice("Hold until", (SESSION, EXPIRY, ROLL, SETTLEMENT))
    exit_time = clock_time("Out at", "15:15")
    days_before = integer("Days before expiry", 0, minimum=0, maximum=60)

    stop_rupees = number("Stop, rupees", 0.0, minimum=0.0, maximum=1e8, step=500.0)
    target_rupees = number("Target, rupees", 0.0, minimum=0.0, maximum=1e8, step=500.0)
    stop_percent = number("Stop, % of premium", 0.0, minimum=0.0, maximum=1000.0, step=5.0)
    target_percent = number("Target, % of premium", 0.0, minimum=0.0, maximum=1000.0, step=5.0)
    leg_stop = number("Stop of a leg, %", 0.0, minimum=0.0, maximum=1000.0, step=5.0)
    leg_target = number("Target of a leg, %", 0.0, minimum=0.0, maximum=1000.0, step=5.0)
    after_leg_stop = choice("A leg's stop ends", (LEG, ALL, COST))
    exit_delta = number("Out at net delta", 0.0, minimum=0.0, maximum=5.0, step=0.05)
    leg_delta = number("A sold leg out at delta", 0.0, minimum=0.0, maximum=1.0, step=0.05)

    reentries = integer("Re-entries", 0, minimum=0, maximum=20)
    reentry_delay = integer("Minutes before a re-entry", 5, minimum=0, maximum=375)

    def conflict(self) -> str | None:
        """Why settings that are good one by one do not go together, if they do not."""
        if self.latest_entry < self.entry_time:
            return "Enter until must not be before enter from."
        if self.until == SESSION and self.exit_time <= self.entry_time:
            return "Out at must be after enter from."
        if self.fewest_days > self.most_days:
            return "Fewest days to expiry must not be more than the most."
        if self.most_premium and self.least_premium > self.most_premium:
            return "The least net premium must not be above the most."
        if not any(self._weekdays):
            return "It has to be allowed to enter on some weekday."
        return None

    @property
    def carries(self) -> bool:
        """Whether positions are kept overnight."""
        return self.until != SESSION

    @property
    def rule(self) -> ExpiryRule:
        return ExpiryRule(self.expiry)

    def option_product(self) -> Product | None:
        """What options are carried as; None is the run's own product."""
        return Product.NORMAL if self.carries else None

    def may_enter_at(self, day: date, clock: time) -> bool:
        """Whether weekday and time of the day allow an entry."""
        latest = self.latest_entry if self.carries else min(self.latest_entry, self.exit_time)
        return day.weekday() < 5 and self._weekdays[day.weekday()] and self.entry_time <= clock <= latest

    @property
    def _weekdays(self) -> tuple[bool, ...]:
        return (self.monday, self.tuesday, self.wednesday, self.thursday, self.friday)
