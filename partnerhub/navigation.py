"""Where people can go. The frame of every page is drawn from here: navigation, phone bar, appearance."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from apr.models import Notification

APPEARANCES = {"light": _("Light"), "dark": _("Dark"), "": _("Follow the system")}
ROLES_BY_REACH = [Role.ADMIN, Role.LEADER, Role.PARTNER_MANAGER, Role.ACCOUNT_EXECUTIVE]
MOST_SHOWN = 99  # unread notifications; beyond that the number says nothing more
AVATARS: dict[str, str] = {Role.PARTNER_MANAGER: "pm", Role.ACCOUNT_EXECUTIVE: "ae"}


@dataclass(frozen=True)
class Place:
    """A page in the navigation; `roles` empty means everybody. A raised one opens in the dialog."""

    label: str | Promise
    icon: str
    url_name: str
    roles: frozenset[str] = frozenset()
    is_raised: bool = False


@dataclass(frozen=True)
class Item:
    """A place as this request sees it."""

    place: Place
    url: str
    is_current: bool

    @property
    def label(self) -> str | Promise:
        return self.place.label

    @property
    def icon(self) -> str:
        return self.place.icon

    @property
    def is_raised(self) -> bool:
        return self.place.is_raised


LEADERS: frozenset[str] = frozenset({Role.LEADER, Role.ADMIN})
ADMINS: frozenset[str] = frozenset({Role.ADMIN})

SECTIONS: list[tuple[str | Promise, list[Place]]] = [
    (
        "",
        [
            Place(_("Today"), "home", "apr:home"),
            Place(_("Opportunities"), "list-details", "opportunities:list"),
            Place(_("Board"), "layout-kanban", "opportunities:board"),
            Place(_("Partners"), "building-community", "partners:list"),
            Place(_("Obstacles"), "barrier-block", "apr:obstacles"),
            Place(_("Promises"), "flag", "apr:promises"),
            Place(_("My log"), "notebook", "apr:actions"),
        ],
    ),
    (
        _("Scores"),
        [
            Place(_("My points"), "chart-line", "apr:me"),
            Place(_("Teams"), "users-group", "apr:teams", LEADERS),
            Place(_("Pairs"), "arrows-left-right", "apr:pairs"),
            Place(_("Evidence"), "microscope", "apr:evidence", LEADERS),
        ],
    ),
    (
        _("Administration"),
        [
            Place(_("Settings"), "settings", "settings:index", ADMINS),
            Place(_("Import"), "table-import", "exchange:imports", ADMINS),
        ],
    ),
]
SETTINGS: list[tuple[str | Promise, str, str | Promise]] = [
    (_("Funnels and stages"), "settings:funnels", _("The way deals go, and what each step asks for.")),
    (_("Action types"), "settings:action_types", _("What people can log.")),
    (_("Point rules"), "settings:point_rules", _("What each action is worth, from a day on.")),
    (_("Targets and why"), "settings:targets", _("What is expected of whom, with the reason.")),
    (_("Joint scorecard"), "settings:joint_weights", _("How much each thing weighs that two people owe.")),
    (_("Periods"), "settings:periods", _("Months and quarters closed, as known on that day.")),
    (_("Teams"), "settings:teams", _("Who works with whom, and who leads.")),
    (_("People"), "settings:people", _("Who comes in, with which roles, and by which invitation.")),
    (_("Organisation"), "settings:organisation", _("Name, time zone, fiscal year, thresholds.")),
    (_("Nudges"), "settings:nudges", _("What people are told without asking, and from when on.")),
    (_("Trials"), "settings:trials", _("Half of the people get a nudge: does it change what they do?")),
    (_("Calendar"), "settings:calendar", _("The days on which nothing is expected.")),
    (_("Currencies"), "settings:currencies", _("What other currencies are worth, from a day on.")),
    (_("Lists"), "settings:lists", _("Why deals are lost, and what blocks them.")),
    (_("Audit log"), "settings:audit", _("Who did what, when, and from where.")),
]
PHONE_BAR = [
    Place(_("Today"), "home", "apr:home"),
    Place(_("Deals"), "list-details", "opportunities:list"),
    Place(_("Log"), "pencil-plus", "apr:log", is_raised=True),
    Place(_("Partners"), "building-community", "partners:list"),
    Place(_("Scores"), "chart-line", "apr:me"),
]


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context processor: what templates/base.html needs on every page."""
    user = getattr(request, "user", None)
    appearance = request.COOKIES.get("theme", "")
    context: dict[str, Any] = {
        "appearance": appearance if appearance in APPEARANCES else "",
        "appearances": APPEARANCES,
        "keys_off": request.COOKIES.get("keys") == "off",
        "navigation": [],
        "phone_bar": [],
    }
    if user is None or not user.is_authenticated:
        return context
    roles = user.roles
    sections = [(title, _items(places, roles, request.path)) for title, places in SECTIONS]
    context["navigation"] = [(title, items) for title, items in sections if items]
    context["phone_bar"] = _items(PHONE_BAR, roles, request.path)
    if request.path.startswith(_url("settings:index") or "-"):
        places = settings_places(request.path)
        context["settings_menu"] = [(one.label, one.url, one.is_current) for one in places]
    context["unread"] = SimpleLazyObject(lambda: _unread(user))
    context["person_role"] = next((role.label for role in ROLES_BY_REACH if role in roles), "")
    context["person_avatar"] = next((kind for role, kind in AVATARS.items() if role in roles), "person")
    return context


def _unread(user: User) -> str:
    """How much the reader was told and has not read: counted once a page, and only where it is shown."""
    count = Notification.objects.visible_to(user).unread()[: MOST_SHOWN + 1].count()
    return "" if not count else str(count) if count <= MOST_SHOWN else f"{MOST_SHOWN}+"


def pages_for(user: User) -> list[tuple[str | Promise, str]]:
    """Every page of the navigation and of the settings that this person may enter: its name and address."""
    pages = [(item.label, item.url) for _title, places in SECTIONS for item in _items(places, user.roles, "")]
    pages.append((_("Profile and security"), reverse("accounts:profile")))
    if user.is_admin:
        pages += [(place.label, place.url) for place in settings_places("")]
    return pages


@dataclass(frozen=True)
class SettingsPlace:
    """A page of the settings."""

    label: str | Promise
    url: str
    purpose: str | Promise
    is_current: bool


def settings_places(path: str) -> list[SettingsPlace]:
    """The pages of the settings; the one on which `path` lies is the current one."""
    places = [(words, reverse(name), purpose) for words, name, purpose in SETTINGS]
    return [SettingsPlace(words, url, purpose, path.startswith(url)) for words, url, purpose in places]


def _items(places: Iterable[Place], roles: frozenset[str], path: str) -> list[Item]:
    """The places that exist and that these roles may enter; the deepest above `path` is the current one."""
    open_to_them = [place for place in places if not place.roles or place.roles & roles]
    found = [(place, url) for place in open_to_them if (url := _url(place.url_name))]
    above = [url for _place, url in found if path == url or (url != "/" and path.startswith(url))]
    current = max(above, key=len, default=None)
    return [Item(place, url, url == current) for place, url in found]


def _url(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""  # an app that is not built into this site has no place in its navigation
