"""The funnel that the deals of a file go through: one that is here, or one of the file's own stages."""

import re

from django.utils.translation import gettext as _

from exchange.importing.dialects.choices import CREATE, Choices
from exchange.importing.dialects.systems import Dialect
from opportunities.models import ForecastCategory, Funnel, Stage, StageKind

WON = re.compile(r"\b(won|gewonnen|ganad[oa]|gagnée?|wygran[ea])\b", re.IGNORECASE)
LOST = re.compile(r"\b(lost|verloren|perdid[oa]|perdue?|przegran[ea])\b", re.IGNORECASE)
CLOSING = {StageKind.WON: (90, 100), StageKind.LOST: (91, 0)}


def kind_of_name(name: str) -> StageKind:
    """What a stage is by its name: won and lost ones say so."""
    if LOST.search(name):
        return StageKind.LOST
    return StageKind.WON if WON.search(name) else StageKind.OPEN


class FunnelOfFile:
    """Stages by the names that a file uses. Those still to be made are unsaved rows until `save`."""

    def __init__(self, dialect: Dialect, choices: Choices) -> None:
        self.dialect = dialect
        self.choices = choices
        default = Funnel.objects.filter(is_default=True).first()
        own = str(dialect.name) if dialect.stages else _("Imported")
        self.name = choices.funnel or (default.name if default else own)
        self.own_name = own
        self.funnel = Funnel.objects.filter(name=self.name).first() or Funnel(name=self.name)
        known = self.funnel.stages.filter(is_active=True) if self.funnel.pk else Stage.objects.none()
        self.stages = {stage.name.casefold(): stage for stage in known}
        self.made: list[Stage] = []
        self.new_names: list[str] = []

    def knows(self, name: str) -> bool:
        """Whether the funnel has such a stage, or a person said which one is meant."""
        return self._meant(name).casefold() in self.stages

    def _meant(self, name: str) -> str:
        said = self.choices.values.get("stages", {}).get(name.casefold(), "")
        return said if said.casefold() in self.stages else name

    def stage(self, name: str) -> Stage | None:
        """The stage that a row names; made where the choices say so, else None."""
        stage = self.stages.get(self._meant(name).casefold())
        if stage is None and self.choices.fate("stages", name) == CREATE:
            stage = self._new(name[:80], kind_of_name(name))
        return stage

    def first_open(self) -> Stage:
        """The stage in which deals begin of which nothing else is known."""
        found = [stage for stage in self.stages.values() if stage.kind == StageKind.OPEN]
        if found and self.name != self.own_name:
            return min(found, key=lambda stage: stage.position)
        # Always the same one, whichever row of the file comes first.
        name = self.dialect.stages[0][0] if self.dialect.stages else _("Open")
        return self.stages.get(name.casefold()) or self._new(name, StageKind.OPEN)

    def closing(self, kind: str) -> Stage:
        """The stage in which deals are won or lost."""
        found = next((stage for stage in self.stages.values() if stage.kind == kind), None)
        return found or self._new(_("Won") if kind == StageKind.WON else _("Lost"), StageKind(kind))

    def _new(self, name: str, kind: StageKind) -> Stage:
        stages = self.dialect.stages or ((_("Open"), 0),)
        usual = {stage.casefold(): (place, chance) for place, (stage, chance) in enumerate(stages, 1)}
        taken = {stage.position for stage in self.stages.values()}
        place, chance = usual.get(name.casefold(), (0, 0))
        if kind != StageKind.OPEN:
            place, chance = CLOSING[kind]
        while place in taken or place == 0:
            place = max({30, *(one for one in taken if one < 90)}) + 1 if place == 0 else place + 1
        stage = Stage(
            funnel=self.funnel,
            name=name,
            position=place,
            kind=kind,
            probability=chance,
            forecast_category=ForecastCategory.PIPELINE
            if kind == StageKind.OPEN
            else ForecastCategory.CLOSED,
        )
        self.stages[name.casefold()] = stage
        self.made.append(stage)
        self.new_names.append(name)
        return stage

    def save(self) -> None:
        """Makes the funnel and the stages that are not here yet."""
        if self.made and self.funnel.pk is None:
            self.funnel.is_default = not Funnel.objects.filter(is_default=True).exists()
            self.funnel.save()
        for stage in self.made:
            stage.funnel = self.funnel
            stage.save()
        self.made = []
