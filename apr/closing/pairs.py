"""Joint scorecards as they are known when a period is closed."""

from collections.abc import Iterator
from datetime import date
from fractions import Fraction

from apr.closing.pair_rows import rows_of_all
from apr.joint import pairs_of
from apr.models import Closing, KnownPair
from apr.periods import Period


def known_pairs(closing: Closing, period: Period, today: date) -> Iterator[KnownPair]:
    """Every pair of the period with its ten components, their rows, and its scores. The caller holds one
    snapshot."""
    rows = rows_of_all(period, today)
    for pair in pairs_of(period, viewer=None, today=today):
        yield KnownPair(
            closing=closing,
            partner_manager=pair.pm,
            account_executive=pair.ae,
            components={
                key.value: [str(Fraction(one.numerator)), str(Fraction(one.denominator))]
                for key, one in pair.components.items()
            },
            rows=rows[pair.pm.pk, pair.ae.pk],
            pm_side=_text(pair.pm_score),
            ae_side=_text(pair.ae_score),
            score=_text(None if pair.score is None else Fraction(pair.score)),
        )


def _text(value: Fraction | None) -> str:
    return "" if value is None else str(value)
