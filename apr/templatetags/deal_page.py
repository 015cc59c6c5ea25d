"""What happened on a deal and what should hold of it, on its page (which does not know actions)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from django import template
from django.db.models import Count
from django.template import Context
from django.urls import reverse

from accounts.models import Organisation
from apr.discipline import Checked, checks_of, passed
from apr.involvement import Involvement, deeds_of, involvement_of, last_actions, silence
from apr.joint import readable_people
from apr.models import Action
from apr.open_deals import facts_of
from apr.pair_words import short_names
from apr.periods import PeriodKind, period_containing
from apr.timeline import SHOWN, Show, Timeline, timeline_of
from apr.verdict import Verdict, verdict_of
from opportunities.measures import Measures
from opportunities.models import Assignment, Opportunity, PartnerInvolvement
from opportunities.visits import visits_of

register = template.Library()
MOST = 1_000  # entries that one page shows at most


@dataclass(frozen=True)
class Part:
    """Somebody's part in a deal: how many standing actions they logged on it, or a partner took part in."""

    row: Assignment | PartnerInvolvement
    actions: int


@dataclass(frozen=True)
class Account:
    """How a deal was accompanied, the verdict on it, and the checks on its data (none once it is closed)."""

    involvement: Involvement
    verdict: Verdict
    checks: list[Checked]

    @property
    def passed(self) -> int:
        """How many checks hold."""
        return passed(self.checks)


@register.simple_tag(takes_context=True)
def deal_account(context: Context, deal: Opportunity, measures: Measures) -> Account:
    """`{% deal_account deal measures as account %}`; `deal` has what `with_line` adds. Three queries.

    Blocks of a page share no variables, so it is counted once for each page and kept beside it. Call it in a
    block: what an included template keeps is gone with it.
    """
    kept = cast("dict[str, Account]", context.render_context)
    key = f"deal account {deal.pk}"
    if key not in kept:
        kept[key] = _account(deal, measures)
    return kept[key]


def _account(deal: Any, measures: Measures) -> Account:
    visits = visits_of(deal.stage_changes.order_by("effective_at", "id"))
    deeds = deeds_of([deal.pk]).get(deal.pk, [])
    found = involvement_of(
        visits,
        deeds,
        calendar=measures.calendar,
        today=measures.today,
        closed_on=deal.closed_on,
        expected_close_on=deal.expected_close_on,
    )
    verdict = verdict_of(
        deal, found, today=measures.today, allowed_silence=measures.organisation.silence_days
    )
    return Account(found, verdict, _checks(deal, found, measures) if deal.is_open else [])


def _checks(deal: Any, found: Involvement, measures: Measures) -> list[Checked]:
    last = last_actions([deal.pk]).get(deal.pk)
    since = found.open_since or deal.opened_on
    days = silence(last.by_anybody if last else None, since, measures.today, measures.calendar)
    facts = facts_of(deal, found, days)
    return checks_of(facts, measures.today)


@register.simple_tag
def deal_parts(
    deal: Opportunity, assignments: Sequence[Assignment], involvements: Sequence[PartnerInvolvement]
) -> dict[str, list[Part]]:
    """`{% deal_parts deal assignments involvements as parts %}`: people and partners with their actions."""
    standing = Action.objects.standing().filter(opportunity=deal).order_by()
    by_person = dict(standing.values_list("actor").annotate(Count("pk")))
    by_partner = dict(standing.exclude(partner=None).values_list("partner").annotate(Count("pk")))
    return {
        "people": [Part(row, by_person.get(row.user_id, 0)) for row in assignments],
        "partners": [Part(row, by_partner.get(row.partner_id, 0)) for row in involvements],
    }


@dataclass(frozen=True)
class PairLink:
    """The joint scorecard of the two on a deal; without an address where the reader may not open it."""

    names: tuple[str, str] = ("", "")
    url: str = ""


@register.simple_tag(takes_context=True)
def pair_of_deal(context: Context, deal: Opportunity) -> PairLink:
    """`{% pair_of_deal deal as pair %}`: for the two, those who lead either of them, and administrators."""
    pm, ae, reader = deal.partner_manager, deal.owner, context["request"].user
    if pm is None or ae is None or pm == ae:
        return PairLink()
    organisation: Organisation = context["measures"].organisation
    quarter = period_containing(
        context["measures"].today, PeriodKind.QUARTER, organisation.fiscal_first_month
    )
    readable = readable_people(reader, quarter)
    if readable is not None and not readable & {pm.pk, ae.pk}:
        return PairLink()
    return PairLink(short_names(pm, ae), reverse("apr:pair", args=[pm.pk, ae.pk]))


@register.simple_tag(takes_context=True)
def deal_timeline(context: Context, deal: Opportunity) -> dict[str, Any]:
    """`{% deal_timeline deal as timeline %}`: by `?show=` (a `Show`) and `?entries=`; the page
    has `measures`."""
    request = context["request"]
    show = request.GET.get("show", "")
    chosen = Show(show) if show in set(Show) else Show.ALL
    asked = request.GET.get("entries", "")
    limit = min(int(asked), MOST) if asked.isdecimal() and len(asked) < 6 else SHOWN
    timeline: Timeline = timeline_of(deal, request.user, context["measures"], chosen, max(limit, SHOWN))
    return {"entries": timeline.entries, "left": timeline.left, "show": chosen, "more": limit + 2 * SHOWN}
