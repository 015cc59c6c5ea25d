"""An administrator weighs the components; the scorecards follow at once."""

import pytest

from apr.joint import joint_scorecard
from apr.joint.weights import weights
from tests.apr.joint.world import Q3, TODAY, act, at, deal, stages
from tests.factories import AdminFactory, AEFactory, PMFactory

pytestmark = pytest.mark.django_db
URL = "/settings/joint-scorecard/"


@pytest.fixture
def admin_client(client):
    client.force_login(AdminFactory())
    return client


def test_weights_are_one_until_somebody_chooses(admin_client):
    page = admin_client.get(URL).content.decode()
    assert page.count('value="1"') == 10


def test_chosen_weights_rule_the_scorecard(admin_client):
    nora, ana = PMFactory(), AEFactory()
    stages(Qualify=5)
    act(ana, "account_executive", at(9, 14), deal(nora, ana, at(7, 1)))
    chosen = {key.value: weight for key, weight in weights().items()}
    chosen |= {"documented": 6, "moving": 2, "obstacles_raised_in_time": 0}
    answer = admin_client.post(URL, chosen, follow=True)
    assert "Saved." in answer.content.decode()
    # 1 of 1 deals weighs 6, 0 of 1 visits weighs 2, the third is left out.
    assert joint_scorecard(nora, ana, Q3, today=TODAY).standing.ae_side.score == 75


@pytest.mark.parametrize("wrong", ["", "-1", "101", "1.5", "much"])
def test_what_is_no_weight_is_refused_and_kept_on_the_page(admin_client, wrong):
    chosen = {key.value: weight for key, weight in weights().items()} | {"moving": wrong, "documented": 3}
    answer = admin_client.post(URL, chosen)
    assert answer.status_code == 422
    assert f'value="{wrong}"' in answer.content.decode() or wrong == ""
    assert set(weights().values()) == {1}
