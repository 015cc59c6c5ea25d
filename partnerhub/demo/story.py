"""Acme renewal, the deal that the guide tells about: seven visits, a gap, and an ink nine days away."""

from datetime import date, timedelta

from opportunities.models import CommitmentOutcome, Stage
from partnerhub.demo.lives import Deed, Hurdle, Life, Step, Word
from partnerhub.demo.people import Cast
from partnerhub.demo.plan import Plan
from partners.models import Partner

# stage and the working days spent there, up to today
VISITS = [
    ("Qualify", 11),
    ("Discovery", 20),
    ("Solution fit", 26),
    ("Proposal", 8),
    ("Solution fit", 11),
    ("Proposal", 10),
    ("Negotiation", 3),
]
# working day of the deal, kind, with Ana, with the partner
NORA = [
    (2, "partner_introduction", False, True),
    (7, "email", False, False),
    (14, "joint_deal_review", True, False),
    (21, "face_to_face", False, True),
    (27, "coaching_session", True, False),
    (34, "conference_call", False, True),
    (40, "call_to", False, False),
    (50, "coaching_session", True, False),
    (55, "call_to", False, False),
    (67, "joint_deal_review", True, False),
    (70, "conference_call", False, True),
    (73, "obstacle_cleared", False, True),
]
ANA = [
    (0, "call_to"),
    (6, "email"),
    (14, "call_to"),
    (16, "conference_call"),
    (20, "email"),
    (27, "conference_call"),
    (29, "face_to_face"),
    (37, "email"),
    (46, "call_from"),
    (55, "conference_call"),
    (60, "email"),
    (62, "call_to"),
    (66, "email"),
    (71, "conference_call"),
    (79, "face_to_face"),
    (82, "call_from"),
    (87, "email"),
    (88, "call_to"),
]

# what Norrvik told Ana, while nobody of the partner side was there
NORRVIK = [(4, "call_from"), (31, "call_from"), (71, "email"), (81, "call_from")]


def acme_renewal(plan: Plan, cast: Cast, stages: dict[str, Stage]) -> Life:
    """The deal with its history, counted back in working days from the demo's today."""
    length = sum(days for _, days in VISITS)
    days = [plan.workdays_back(length - n) for n in range(length + 1)]
    nora, ana = cast.by_name["Nora Lindqvist"], cast.by_name["Ana Kovač"]
    life = Life(
        name="Acme renewal",
        owner=ana,
        manager=nora,
        partner=Partner.objects.get(name="Norrvik Systems"),
        amount_minor=14_800_000,
        currency="EUR",
        opened=days[0],
        kind="sourced",
        expected_close=plan.today + timedelta(days=9),
        is_told=True,
    )
    begun = 0
    for name, spent in VISITS:
        life.steps.append(Step(stages[name], days[begun], life.expected_close))
        begun += spent
    life.deeds += [
        Deed(kind, nora, days[n], ana if with_ana else None, partner) for n, kind, with_ana, partner in NORA
    ]
    life.deeds += [Deed(kind, ana, days[n]) for n, kind in ANA]
    life.deeds += [Deed(kind, ana, days[n], with_partner=True) for n, kind in NORRVIK]
    life.hurdles += _hurdles(days)
    life.words += _words(plan, days, cast)
    return life


def _hurdles(days: list[date]) -> list[Hurdle]:
    return [
        Hurdle("Champion on leave", days[29], days[42], needs_partner=False, cleared=days[38]),
        Hurdle("Data-residency clause", days[46], days[62], needs_partner=True, cleared=days[73]),
        Hurdle("Second quote wanted", days[84], days[-1] + timedelta(days=3), needs_partner=True),
    ]


def _words(plan: Plan, days: list[date], cast: Cast) -> list[Word]:
    nora, ana = cast.by_name["Nora Lindqvist"], cast.by_name["Ana Kovač"]
    kept, late, broken = CommitmentOutcome.KEPT, CommitmentOutcome.LATE, CommitmentOutcome.BROKEN
    return [
        Word("Norrvik’s reference list to Ana", nora, ana, days[5], days[11], kept, days[11]),
        Word("Agree the discovery plan with Acme IT", ana, nora, days[12], days[18], kept, days[18]),
        Word("Norrvik architect in the fit workshop", nora, ana, days[38], days[43], late, days[46]),
        Word("Share the legal redlines", ana, nora, days[52], days[58], broken, days[59]),
        Word("Norrvik’s answer on data residency", nora, ana, days[66], days[73], kept, days[73]),
        Word("Send the revised offer", ana, nora, days[76], days[82], kept, days[82]),
        Word(
            "Send the second quote to Acme procurement", ana, None, days[86], plan.today + timedelta(days=2)
        ),
        Word("Get Norrvik’s discount letter to Ana", nora, ana, days[86], plan.today + timedelta(days=3)),
    ]
