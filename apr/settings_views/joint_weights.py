"""How much each component of the joint scorecard weighs."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.guards import PersonRequest, for_administrators, form_page, posted
from apr.joint import SIDES, Key
from apr.joint.weights import HIGHEST, set_weights, weights
from apr.pair_words import COUNTED, NAMES


class WeightsForm(forms.Form):
    """A whole number for each of the ten components."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for key in Key:
            self.fields[key.value] = forms.IntegerField(
                label=str(NAMES[key]), help_text=str(COUNTED[key]), min_value=0, max_value=HIGHEST
            )

    @property
    def sides(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields of each side under its name."""
        names = dict(
            zip(SIDES, (_("The partner manager’s side"), _("The account executive’s side")), strict=True)
        )
        return [(names[side], [self[key.value] for key in keys]) for side, keys in SIDES.items()]


@for_administrators
def joint_weights(request: PersonRequest) -> HttpResponse:
    """The weights of both sides, saved together."""
    form = WeightsForm(posted(request), initial={key.value: weight for key, weight in weights().items()})

    def save(data: dict[str, Any]) -> str:
        set_weights(by=request.user, **data)
        return _("Saved. Every joint scorecard is weighed so from now on, those of past periods too.")

    return form_page(
        request,
        form,
        save,
        title=_("Joint scorecard"),
        lead=_("A side is the weighted mean of its five components. 0 leaves a component out."),
        back=reverse("settings:joint_weights"),
        template="settings/joint_weights.html",
    )
