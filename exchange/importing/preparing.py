"""What must stand before the first row of a file: the preset's funnel, the organisation's currency."""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Organisation
from exchange.importing.presets import maven
from opportunities.models import ForecastCategory, Funnel, LostReason, Opportunity, Stage, StageKind


@transaction.atomic
def prepare_funnel() -> None:
    """The funnel of the Maven files, with its four stages and the reason of losses that give none."""
    funnel, made = Funnel.objects.get_or_create(name=maven.FUNNEL)
    if made:
        Stage.objects.bulk_create(
            Stage(funnel=funnel, name=name, position=position, kind=kind, probability=probability,
                  forecast_category=category)
            for position, (name, kind, probability, category) in enumerate(
                [
                    ("Prospecting", StageKind.OPEN, 10, ForecastCategory.PIPELINE),
                    ("Engaging", StageKind.OPEN, 40, ForecastCategory.PIPELINE),
                    ("Won", StageKind.WON, 100, ForecastCategory.CLOSED),
                    ("Lost", StageKind.LOST, 0, ForecastCategory.CLOSED),
                ],
                1,
            )
        )  # fmt: skip
    LostReason.objects.get_or_create(name=maven.NOT_GIVEN, defaults={"position": 99})


def adopt_currency(currency: str) -> str:
    """An organisation without any deal yet reports in the currency of its first file; says so, or ""."""
    organisation = Organisation.current()
    if Opportunity.objects.exists() or organisation.reporting_currency == currency:
        return ""
    organisation.reporting_currency = currency
    organisation.save(update_fields=["reporting_currency"])
    return _("There were no deals yet, so the reporting currency is now %(currency)s.") % {
        "currency": currency
    }
