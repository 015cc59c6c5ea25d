"""Partners, the people there, and who looks after them."""

from datetime import timedelta

from partnerhub.demo.people import Cast
from partnerhub.demo.plan import Plan
from partners.models import Partner, PartnerContact, PartnerLifecycle, PartnerManagement, PartnerType

NAMED = [
    "Norrvik Systems",
    "Tessera Cloud",
    "Quayside Digital",
    "Calder & Roe",
    "Bluepine",
    "Ostara Consulting",
]
LIFECYCLES = [PartnerLifecycle.PRODUCING] * 5 + [
    PartnerLifecycle.ACTIVATED,
    PartnerLifecycle.ACTIVATED,
    PartnerLifecycle.ONBOARDED,
    PartnerLifecycle.RECRUITED,
    PartnerLifecycle.DORMANT,
]


def make_partners(plan: Plan, cast: Cast) -> dict[int, list[Partner]]:
    """The partners, by the person who manages them."""
    suffixes = ["Systems", "Consulting", "Digital", "Cloud", "Partners", "Technology", "Advisory", "Networks"]
    names = list(NAMED[: plan.partners])
    while len(names) < plan.partners:
        name = f"{plan.faker.last_name()} {plan.random.choice(suffixes)}"
        if name not in names:
            names.append(name)
    created = plan.at_work(cast.managers[0], plan.today - timedelta(days=700))
    partners = Partner.objects.bulk_create(
        Partner(
            name=name,
            type=plan.random.choice(PartnerType.values),
            tier=plan.random.choice(["Gold", "Silver", "Registered"]),
            lifecycle=PartnerLifecycle.PRODUCING if name in NAMED else plan.random.choice(LIFECYCLES),
            region=plan.random.choice(["Nordics", "DACH", "Benelux", "Iberia", "UK and Ireland", "Americas"]),
            created_at=created,
        )
        for name in names
    )
    by_manager: dict[int, list[Partner]] = {manager.pk: [] for manager in cast.managers}
    nora = cast.by_name["Nora Lindqvist"]
    for number, partner in enumerate(partners):
        manager = nora if partner.name == NAMED[0] else cast.managers[number % len(cast.managers)]
        by_manager[manager.pk].append(partner)
    PartnerManagement.objects.bulk_create(
        PartnerManagement(partner=partner, user_id=user_id, starts_on=plan.start - timedelta(days=200))
        for user_id, own in by_manager.items()
        for partner in own
    )
    PartnerContact.objects.bulk_create(
        PartnerContact(partner=partner, name=name, title=title)
        for partner in partners
        for name, title in _contacts(plan, partner)
    )
    return by_manager


def _contacts(plan: Plan, partner: Partner) -> list[tuple[str, str]]:
    if partner.name == NAMED[0]:
        return [("Ilse Brandt", "Alliance manager"), ("Kaj Holm", "Solution architect")]
    titles = ["Alliance manager", "Sales director", "Solution architect", "Managing director"]
    return [
        (f"{plan.faker.first_name()} {plan.faker.last_name()}", plan.random.choice(titles))
        for _ in range(plan.random.randrange(1, 4))
    ]
