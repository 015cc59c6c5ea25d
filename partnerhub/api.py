"""The API's root: every collection by its name, the description, and the docs page."""

from django.urls import include, path, re_path
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerSplitView
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.routers import SimpleRouter

from accounts import api as accounts
from apr import api as apr
from exchange.api import schema as _tokens_in_the_description  # noqa: F401 - registers itself
from foundation.api.views import ApiView
from opportunities import api as opportunities
from partners import api as partners

router = SimpleRouter()
router.register("users", accounts.Users, basename="user")
router.register("teams", accounts.Teams, basename="team")
router.register("memberships", accounts.Memberships, basename="membership")
router.register("partners", partners.Partners, basename="partner")
router.register("partner-contacts", partners.PartnerContacts, basename="partner-contact")
router.register("partner-goals", apr.PartnerGoals, basename="partner-goal")
router.register("customers", opportunities.Customers, basename="customer")
router.register("funnels", opportunities.Funnels, basename="funnel")
router.register("stages", opportunities.Stages, basename="stage")
router.register("opportunities", opportunities.Opportunities, basename="opportunity")
router.register("stage-changes", opportunities.StageChanges, basename="stage-change")
router.register("assignments", opportunities.Assignments, basename="assignment")
router.register("hand-overs", opportunities.HandOvers, basename="hand-over")
router.register("obstacles", opportunities.Obstacles, basename="obstacle")
router.register("commitments", opportunities.Commitments, basename="commitment")
router.register("action-types", apr.ActionTypes, basename="action-type")
router.register("point-rules", apr.PointRules, basename="point-rule")
router.register("actions", apr.Actions, basename="action")
router.register("targets", apr.Targets, basename="target")
router.register("holidays", accounts.Holidays, basename="holiday")
router.register("absences", accounts.Absences, basename="absence")


class RootSerializer(serializers.Serializer[dict[str, dict[str, str]]]):
    collections = serializers.DictField(child=serializers.URLField())


class Root(ApiView):
    """Where everything is."""

    @extend_schema(operation_id="root", responses=RootSerializer)
    def get(self, request: Request) -> Response:
        """The address of every collection, by its name."""
        names = {prefix: f"api:{basename}-list" for prefix, _view, basename in router.registry}
        return Response({"collections": {name: reverse(to, request=request) for name, to in names.items()}})


class Nothing(ApiView):
    """What is not there says so in JSON too."""

    permission_classes = [AllowAny]
    schema = None

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        """Whatever the method: there is nothing here."""
        super().initial(request, *args, **kwargs)
        raise NotFound


class Docs(SpectacularSwaggerSplitView):
    """The docs page: our own files, no inline script."""

    title = "PartnerHub API"
    url_name = "api-schema"
    template_name = "api/docs.html"


v1 = [
    path("", Root.as_view(), name="root"),
    *router.urls,
    path("scores/", apr.ScoreView.as_view(), name="scores"),
    path("scores/rows/", apr.ScoreRows.as_view(), name="score-rows"),
    path("joint-scorecards/", apr.JointScorecardView.as_view(), name="joint-scorecards"),
    path("joint-scorecards/rows/", apr.JointScorecardRows.as_view(), name="joint-scorecard-rows"),
    path("results/", apr.ResultView.as_view(), name="results"),
]
urlpatterns = [
    path("schema/", SpectacularJSONAPIView.as_view(), name="api-schema"),
    path("docs/", Docs.as_view(), name="api-docs"),
    path("v1/", include((v1, "api"))),
    re_path("^", Nothing.as_view()),
]
