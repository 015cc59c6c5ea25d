"""The funnel, lost reasons and obstacle kinds of a fresh installation; an admin changes them at will."""

from opportunities.models import ForecastCategory, Funnel, LostReason, ObstacleKind, Stage, StageKind

# name, probability, forecast category, expected days, allowed silence, exit criteria
STAGES = [
    ("Qualify", 10, ForecastCategory.PIPELINE, 15, 10, "Budget holder named\nProblem agreed"),
    ("Discovery", 20, ForecastCategory.PIPELINE, 20, 10, "Current process mapped\nPartner’s part agreed"),
    (
        "Solution fit",
        40,
        ForecastCategory.PIPELINE,
        20,
        10,
        "Demo accepted by users\nSecurity questions answered",
    ),
    ("Proposal", 60, ForecastCategory.BEST_CASE, 15, 7, "Offer with price sent\nDecision path known"),
    ("Negotiation", 80, ForecastCategory.COMMIT, 10, 5, "Redlines named\nSignatory known"),
]
LOST_REASONS = ["Price", "Competitor", "No decision", "Product gap", "Timing", "Partner conflict", "Other"]
OBSTACLE_KINDS = [
    "Access to decision maker",
    "Budget",
    "Competition",
    "Legal",
    "Security",
    "Technical fit",
    "Other",
]


def install_defaults() -> None:
    """Makes the default funnel and lists where there is none of their kind yet."""
    if not Funnel.objects.exists():
        funnel = Funnel.objects.create(name="Business", is_default=True)
        stages = [
            Stage(
                funnel=funnel,
                name=name,
                position=position,
                probability=probability,
                forecast_category=category,
                expected_days=expected,
                allowed_silence_days=silence,
                exit_criteria=criteria,
            )
            for position, (name, probability, category, expected, silence, criteria) in enumerate(STAGES, 1)
        ]
        closed = ForecastCategory.CLOSED
        stages += [
            Stage(
                funnel=funnel,
                name="Won",
                position=90,
                kind=StageKind.WON,
                probability=100,
                forecast_category=closed,
            ),
            Stage(
                funnel=funnel,
                name="Lost",
                position=91,
                kind=StageKind.LOST,
                probability=0,
                forecast_category=closed,
            ),
        ]
        Stage.objects.bulk_create(stages)
    if not LostReason.objects.exists():
        LostReason.objects.bulk_create(
            LostReason(name=name, position=position) for position, name in enumerate(LOST_REASONS, 1)
        )
    if not ObstacleKind.objects.exists():
        ObstacleKind.objects.bulk_create(ObstacleKind(name=name) for name in OBSTACLE_KINDS)
