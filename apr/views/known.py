"""A closed period: what was known then, what stands now, and the rows that make the difference."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.guards import PersonRequest, for_people
from accounts.models import Organisation, User
from apr.closing import page
from apr.closing.differences import action_changes, deal_changes
from apr.closing.figures import figures_of as live_figures
from apr.closing.reading import known_of, sides
from apr.models import ActionType, Closing
from apr.readers import Reading, figures_of, reading, scorecard_url, shown_for
from apr.rollup.snapshot import reading as one_state


@require_safe
@for_people
def known(request: PersonRequest, kind: str, pk: int | None = None) -> HttpResponse:
    """Of a person, a team or the organisation; `?closing=` chooses among those of a period."""
    about = reading(request.user, kind, pk)
    shown = shown_for(request.GET, about)
    closings = list(Closing.objects.of(shown.period).done().select_related("closed_by", "reopened_by"))
    asked = request.GET.get("closing", "")
    closing = next((one for one in closings if str(one.pk) == asked), closings[0] if closings else None)
    context: dict[str, object] = {
        "about": about.subject,
        "back_url": scorecard_url(about, shown, request.user),
        "shown": shown,
        "closing": closing,
        "closings": closings,
        "with_people": not isinstance(about.subject, User),
        "is_narrowed": about.within is not None,
    }
    if closing is not None:
        with one_state():
            context |= _differences(request, closing, about)
    return render(request, "apr/known.html", context)


def _differences(request: PersonRequest, closing: Closing, about: Reading) -> dict[str, object]:
    """Everything from one state, so that rows and figures add up."""
    organisation = Organisation.current()
    currency = organisation.reporting_currency
    then = known_of(closing, about.subject, about.within, currency)
    score, results = figures_of(about, closing.period)
    now = live_figures(score, results)
    both = sides(closing, about.subject, about.within)
    actions = action_changes(closing, *both)
    deals = deal_changes(closing, *both, organisation.today())
    is_comparable = then.money["won"].amount.currency == currency
    return {
        "later": page.later_words(then, now, with_results=True),
        "pending": score.pending_changes,
        "lines": page.figure_lines(then, now),
        "types": page.type_lines(then, now, ActionType.objects.all()),
        "actions": page.action_lines(actions, closing, request.user),
        "action_count": len(actions),
        "action_total": page.total_of(actions),
        "deals": page.deal_groups(deals, closing, request.user, currency) if is_comparable else [],
        "is_comparable": is_comparable,
    }
