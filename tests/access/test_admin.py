"""Django's admin: every model is there, for administrators only, and history can only be read."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.urls import reverse
from django.utils import timezone

from accounts.models import Absence, ExchangeRate, Holiday, Invitation, Membership
from opportunities.services.stages import move_stage
from partners.models import PartnerContact
from tests.factories import (
    LONG_AGO,
    ActionFactory,
    AdminFactory,
    AEFactory,
    CommitmentFactory,
    HandOverFactory,
    LeaderFactory,
    ObstacleFactory,
    OpportunityFactory,
    PartnerFactory,
    PMFactory,
    TargetFactory,
    TeamFactory,
    stage,
)

pytestmark = pytest.mark.django_db
OURS = ["accounts", "partners", "opportunities", "apr"]
READ_ONLY = {
    "Absence", "Action", "Assignment", "Closing", "CoachingAdvice", "Commitment", "Digest", "ExchangeRate",
    "GoalProgress", "GoalVersion", "HandOver", "PartnerGoal",
    "Holiday", "Invitation",
    "JointWeight", "Membership", "Notification", "NotificationChoice", "NudgeRules", "Obstacle",
    "Opportunity", "OutgoingMail", "PartnerInvolvement", "PartnerManagement", "PointRule", "RoleGrant",
    "StageChange", "Target",
}  # fmt: skip
MODELS = [
    model for app in OURS for model in apps.get_app_config(app).get_models() if model in admin.site._registry
]


def address(model, act, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{act}", args=args)


@pytest.fixture
def everything():
    """At least one row of most models."""
    ana, nora, boss = AEFactory(), PMFactory(), LeaderFactory()
    team = TeamFactory(leaders=[boss], members=[ana])
    partner = PartnerFactory(managers=[nora])
    PartnerContact.objects.create(partner=partner, name="Mia Chen")
    deal = OpportunityFactory(owner=ana, partner_manager=nora, partners=[(partner, "sourced")])
    move_stage(opportunity_id=deal.pk, to_stage=stage("Discovery"), by=ana)
    ActionFactory(actor=ana, opportunity=deal)
    CommitmentFactory(opportunity=deal)
    HandOverFactory(opportunity=deal, partner=partner, offered_by=nora, offered_to=ana)
    ObstacleFactory(opportunity=deal)
    TargetFactory(team=team)
    Holiday.objects.create(date=LONG_AGO, name="Founders' day")
    Absence.objects.create(user=ana, starts_on=LONG_AGO)
    ExchangeRate.objects.create(
        currency="USD", reporting_currency="EUR", effective_from=LONG_AGO, rate_nano=900_000_000
    )
    Invitation.objects.create(user=ana, email=ana.email, token_hash="0" * 64, expires_at=timezone.now())
    return team


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_lists_and_rows_are_shown(client, everything, model):
    client.force_login(AdminFactory())
    assert client.get(address(model, "changelist"), {"q": "a"}).status_code == 200
    row = model._default_manager.first()
    if row is not None:
        assert client.get(address(model, "change", row.pk)).status_code == 200


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_nothing_is_deleted_and_history_is_only_read(client, everything, model):
    client.force_login(AdminFactory())
    row = model._default_manager.first()
    if row is not None:
        assert client.post(address(model, "delete", row.pk), {"post": "yes"}).status_code == 403
        assert model._default_manager.filter(pk=row.pk).exists()
    if model.__name__ in READ_ONLY:
        assert client.get(address(model, "add")).status_code == 403
        if row is not None:
            assert client.post(address(model, "change", row.pk), {}).status_code == 403


def test_every_model_of_ours_is_there():
    """Tables of the roll-up are derived from the others, so there is nothing in them to keep; what was known
    of a closed period is read on pages of its own, and of a trial nobody sees the halves before its end."""
    ours = {model for app in OURS for model in apps.get_app_config(app).get_models()}
    elsewhere = {f"apr.models.{name}" for name in ("rollup", "joint", "evidence", "known", "trials")}
    kept = {model for model in ours if model.__module__ not in elsewhere}
    assert kept == set(MODELS)


@pytest.mark.parametrize("person", [PMFactory, AEFactory, LeaderFactory])
def test_others_are_kept_out(client, person):
    client.force_login(person())
    response = client.get("/admin/accounts/user/")
    assert response.status_code in {302, 403}


def test_membership_is_not_changed_here(client, everything):
    client.force_login(AdminFactory())
    row = Membership.objects.get()
    client.post(address(Membership, "change", row.pk), {"ends_on": "2026-01-01"})
    assert Membership.objects.get().ends_on is None
