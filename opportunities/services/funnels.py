"""Changing funnels and stages. What changes holds from now on: past visits keep what held when they began."""

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from foundation.errors import InvalidInput
from opportunities.models import ForecastCategory, Funnel, Opportunity, Stage, StageKind
from opportunities.services.stages import move_stage

CLOSING = {StageKind.WON: 90, StageKind.LOST: 91}  # they stand behind all others


def open_stages(funnel: Funnel) -> list[Stage]:
    """The stages in use that a deal can stand in while it is open, in order."""
    return list(funnel.stages.filter(kind=StageKind.OPEN, is_active=True))


def _behind(funnel: Funnel) -> int:
    """The place after the last open stage."""
    return max((stage.position for stage in open_stages(funnel)), default=0) + 1


@transaction.atomic
def save_stages(*, funnel: Funnel, stages: Sequence[Stage]) -> None:
    """Saves the changed stages of a funnel in the order given, and numbers them in it."""
    Funnel.objects.select_for_update().get(pk=funnel.pk)
    names = dict(funnel.stages.values_list("pk", "name"))
    taken = set(names.values())
    swapped = [stage.pk for stage in stages if stage.name != names[stage.pk] and stage.name in taken]
    # Two stages may change names with each other: the name is unique among stages in use only.
    funnel.stages.filter(pk__in=swapped).update(is_active=False)
    for position, stage in enumerate(stages, 1):
        stage.position = position
        stage.save()


@transaction.atomic
def add_stage(*, funnel: Funnel, stage: Stage) -> Stage:
    """Puts a new open stage behind the others of the funnel."""
    Funnel.objects.select_for_update().get(pk=funnel.pk)
    stage.funnel = funnel
    stage.kind = StageKind.OPEN
    stage.position = _behind(funnel)
    stage.save()
    return stage


@transaction.atomic
def retire_stage(*, stage: Stage, move_to: Stage | None, by: User) -> int:
    """Takes a stage out of use after its open deals have moved to another; returns how many moved.

    Raises InvalidInput where deals stand in it and `move_to` is none of the others, for a closing stage, and
    for the last open one.
    """
    Funnel.objects.select_for_update().get(pk=stage.funnel_id)
    others = [other for other in open_stages(stage.funnel) if other != stage]
    if stage.kind != StageKind.OPEN:
        raise InvalidInput(_("A funnel needs its closing stages."))
    if not others:
        raise InvalidInput(_("A funnel needs at least one open stage. Add another one first."))
    waiting = list(Opportunity.objects.open().filter(stage=stage).values_list("pk", flat=True))
    note = _("%(stage)s was retired.") % {"stage": stage}
    for deal in waiting:
        if move_to is None or move_to not in others:
            raise InvalidInput(_("Choose the stage to which its open deals go."), field="move_to")
        move_stage(opportunity_id=deal, to_stage=move_to, by=by, note=note)
    stage.is_active = False
    stage.save(update_fields=["is_active"])
    return len(waiting)


@transaction.atomic
def restore_stage(*, stage: Stage) -> Stage:
    """Takes a retired stage back into use, behind the others; refused while another has its name."""
    Funnel.objects.select_for_update().get(pk=stage.funnel_id)
    if stage.funnel.stages.filter(name=stage.name, is_active=True).exists():
        raise InvalidInput(
            _("Another stage is called %(name)s now. Rename that one first.") % {"name": stage.name}
        )
    stage.position = _behind(stage.funnel)
    stage.is_active = True
    stage.save(update_fields=["position", "is_active"])
    return stage


@transaction.atomic
def add_funnel(*, name: str) -> Funnel:
    """A funnel with one open stage and its closing stages."""
    funnel = Funnel.objects.create(name=name, is_default=not Funnel.objects.filter(is_default=True).exists())
    Stage.objects.create(funnel=funnel, name=_("First stage"), position=1, probability=10)
    closing = [(StageKind.WON, _("Won"), 100), (StageKind.LOST, _("Lost"), 0)]
    for kind, label, probability in closing:
        Stage.objects.create(
            funnel=funnel,
            name=label,
            position=CLOSING[kind],
            kind=kind,
            probability=probability,
            forecast_category=ForecastCategory.CLOSED,
        )
    return funnel


@transaction.atomic
def make_default(*, funnel: Funnel) -> Funnel:
    """New deals begin in this funnel from now on."""
    if not funnel.is_active:
        raise InvalidInput(_("A retired funnel cannot be the one for new deals."))
    for other in Funnel.objects.select_for_update().filter(is_default=True).exclude(pk=funnel.pk):
        other.is_default = False
        other.save(update_fields=["is_default"])
    funnel.is_default = True
    funnel.save(update_fields=["is_default"])
    return funnel


@transaction.atomic
def retire_funnel(*, funnel: Funnel) -> Funnel:
    """Takes a funnel out of use; refused while open deals go through it, and for the default one."""
    if funnel.is_default:
        raise InvalidInput(_("Make another funnel the default first."))
    if Opportunity.objects.open().filter(funnel=funnel).exists():
        raise InvalidInput(_("Open deals still go through this funnel. Close them first."))
    funnel.is_active = False
    funnel.save(update_fields=["is_active"])
    return funnel


def restore_funnel(*, funnel: Funnel) -> Funnel:
    """Takes a retired funnel back into use."""
    funnel.is_active = True
    funnel.save(update_fields=["is_active"])
    return funnel
