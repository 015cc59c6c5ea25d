"""The results that somebody carries: a partner manager two figures, an account executive one."""

from collections.abc import Collection
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Role
from apr.scorecards import MoneyMeasure, Results
from foundation.money import Money, currency_digits
from foundation.wording import money_in_full

PARTNERED: list[tuple[str, str | Promise]] = [
    ("sourced_won", _("Sourced won")),
    ("influenced_won", _("Influenced won")),
]
OWNED: list[tuple[str, str | Promise]] = [("won", _("Won"))]


@dataclass(frozen=True)
class Number:
    """One figure of the results; `url` opens its deals."""

    metric: str
    name: str | Promise
    measure: MoneyMeasure
    whose: str
    url: str
    top: int = 0  # of the scale on which bars without a target are drawn

    @property
    def target(self) -> Money | None:
        """The target, rounded once to whole units of the currency: what people set and read."""
        if not self.measure.target:
            return None
        currency = self.measure.amount.currency
        unit = 10 ** currency_digits(currency)
        return Money(round(self.measure.target / unit) * unit, currency)

    @property
    def is_second(self) -> bool:
        """Whether it stands under another one, and so has the lighter hue."""
        return self.metric == "influenced_won"

    @property
    def words(self) -> str:
        """The bar in words."""
        amount = f"{self.name}: {money_in_full(self.measure.amount)}"
        return amount if self.target is None else f"{amount} / {money_in_full(self.target)}"


def numbers_of(results: Results, roles: Collection[str], deals_url: str) -> list[Number]:
    """The figures that people with these roles carry; `deals_url` is the page that opens their deals."""
    carried: list[tuple[str, str | Promise, str]] = []
    if Role.PARTNER_MANAGER in roles:
        carried += [(metric, name, "pm") for metric, name in PARTNERED]
    if Role.ACCOUNT_EXECUTIVE in roles:
        carried += [(metric, name, "ae") for metric, name in OWNED]
    return [
        Number(
            metric,
            name,
            getattr(results, metric),
            whose,
            f"{deals_url}?period={results.period.key}&metric={metric}",
        )
        for metric, name, whose in carried
    ]


def hue(roles: Collection[str]) -> str:
    """Whose colour figures have: the partner manager's, the account executive's, or none."""
    if Role.PARTNER_MANAGER in roles:
        return "pm"
    return "ae" if Role.ACCOUNT_EXECUTIVE in roles else ""
