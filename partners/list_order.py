"""The order of the list of partners: from A to Z, or by a figure that an app above knows."""

from collections.abc import Sequence

from django.db.models import QuerySet
from django.http import QueryDict

from accounts.models import User
from partners.models import Partner
from partners.querysets import sorted_by

NAME = "name"


class PartnerOrder:
    """`?sort=` names a column, with a minus for the other direction; an unknown wish is from A to Z."""

    def __init__(self, query: QueryDict) -> None:
        self.query = query
        asked = query.get("sort", "")
        self.key, self.is_down = asked.removeprefix("-"), asked.startswith("-")
        if self.key not in {NAME, *sorted_by}:
            self.key, self.is_down = NAME, False
        self.asked = f"-{self.key}" if self.is_down else self.key

    @property
    def columns(self) -> dict[str, dict[str, str]]:
        """For each column where its head leads, and how the rows stand now. Figures begin at the top."""
        return {key: self._column(key) for key in (NAME, *sorted_by)}

    def _column(self, key: str) -> dict[str, str]:
        is_now = key == self.key
        other = f"-{key}" if (not self.is_down if is_now else key != NAME) else key
        query = self.query.copy()
        query["sort"] = other
        query.pop("page", None)
        now = ("descending" if self.is_down else "ascending") if is_now else ""
        return {"url": f"?{query.urlencode()}", "now": now}

    def sort(self, partners: QuerySet[Partner], user: User) -> QuerySet[Partner] | Sequence[Partner]:
        """The partners in this order; those without a value come last either way, and equal ones by name."""
        by_name = partners.order_by("name", "pk")
        if self.key == NAME:
            return by_name.reverse() if self.is_down else by_name
        found = list(by_name)
        values = sorted_by[self.key]([partner.pk for partner in found], user)
        valued = [partner for partner in found if values.get(partner.pk) is not None]
        valued.sort(key=lambda partner: values[partner.pk], reverse=self.is_down)
        return valued + [partner for partner in found if values.get(partner.pk) is None]
