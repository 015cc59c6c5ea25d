"""The few distributions that the evidence needs: normal, Student's t and chi-squared with one degree."""

import math
from statistics import NormalDist

_NORMAL = NormalDist()
_TINY = 1e-300


def normal_quantile(probability: float) -> float:
    """The value below which a standard normal variable lies so often."""
    return _NORMAL.inv_cdf(probability)


def chi_squared_tail(value: float) -> float:
    """How often a chi-squared variable with one degree of freedom exceeds `value`."""
    return math.erfc(math.sqrt(max(value, 0.0) / 2))


def t_tail(value: float, degrees: float) -> float:
    """How often Student's t with so many degrees of freedom exceeds `value`."""
    half = 0.5 * _beta_ratio(degrees / 2, 0.5, degrees / (degrees + value * value))
    return half if value >= 0 else 1 - half


def t_quantile(probability: float, degrees: float) -> float:
    """The value below which Student's t lies so often; by bisection, to 1e-12."""
    low, high = -1.0, 1.0
    while 1 - t_tail(low, degrees) > probability:
        low *= 2
    while 1 - t_tail(high, degrees) < probability:
        high *= 2
    while high - low > 1e-12 * max(1.0, abs(low)):
        middle = (low + high) / 2
        if 1 - t_tail(middle, degrees) < probability:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _beta_ratio(a: float, b: float, x: float) -> float:
    """The regularised incomplete beta function I_x(a, b)."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    scale = math.exp(
        math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    )
    if x < (a + 1) / (a + b + 2):
        return scale * _beta_fraction(a, b, x) / a
    return 1 - scale * _beta_fraction(b, a, 1 - x) / b


def _beta_fraction(a: float, b: float, x: float) -> float:
    """Its continued fraction, evaluated by Lentz's method (Press et al., Numerical Recipes, 6.4)."""
    c, d = 1.0, 1 / _not_zero(1 - (a + b) * x / (a + 1))
    total = d
    for m in range(1, 500):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        before = total
        for term in (even, odd):
            d = 1 / _not_zero(1 + term * d)
            c = _not_zero(1 + term / c)
            total *= c * d
        if abs(total - before) < 1e-15 * abs(total):
            break
    return total


def _not_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
