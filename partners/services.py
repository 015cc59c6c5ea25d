"""Entering partners, and who looks after them from when to when."""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Organisation, User
from foundation.errors import InvalidInput, NotAllowed
from partners.models import Partner, PartnerManagement
from partners.permissions import may_add_partner, may_edit_partner


@transaction.atomic
def enter_partner(*, partner: Partner, by: User) -> Partner:
    """Saves a new partner. Who enters it looks after it from that day on; not so administrators."""
    if not may_add_partner(by):
        raise NotAllowed(_("Partner managers and leaders enter new partners."))
    partner.save()
    if not by.is_admin:
        PartnerManagement.objects.create(partner=partner, user=by, starts_on=Organisation.current().today())
    return partner


@transaction.atomic
def begin_management(*, partner: Partner, user: User, starts_on: date, by: User) -> PartnerManagement:
    """Somebody looks after a partner from a day on, beside those who do already."""
    _check(partner, by)
    if partner.managements.filter(user=user).overlapping(starts_on, None).exists():
        raise InvalidInput(
            _("%(name)s looks after this partner then already.") % {"name": user}, field="user"
        )
    return PartnerManagement.objects.create(partner=partner, user=user, starts_on=starts_on)


@transaction.atomic
def end_management(*, management_id: int, ends_on: date, by: User) -> None:
    """Somebody no longer looks after a partner from a day on; before its first day it is taken back."""
    row = (
        PartnerManagement.objects.select_for_update(of=("self",))
        .select_related("partner")
        .get(pk=management_id)
    )
    _check(row.partner, by)
    if row.ends_on is not None:
        raise InvalidInput(_("This has ended already."), code="ended")
    if ends_on <= row.starts_on:
        row.delete()  # it lasted no day, so there is nothing to remember
        return
    row.ends_on = ends_on
    row.save(update_fields=["ends_on"])


def _check(partner: Partner, by: User) -> None:
    if not may_edit_partner(by, partner):
        raise NotAllowed(_("Only who looks after this partner, or who leads them, can change it."))
