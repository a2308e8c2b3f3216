"""The places of the menu, for whom they are open, with what waits in each."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from syncd.portal.invoicing import entry
from syncd.portal.messages import threads
from syncd.portal.messages.requests import listing
from syncd.portal.private_space import spaces
from syncd.portal.rights import Person, may_manage_cabinet, may_manage_client
from syncd.portal.sync import dashboard


@dataclass(frozen=True, slots=True)
class Place:
    """`current`: "page" on its own page, "true" on one below it, "" elsewhere. `count`: what waits there; `hot`: for this
    person. `short`: where the name is too long beside others. `where`: "wide" is left out of the tabs of a phone, "narrow" is only there.
    """

    name: str
    icon: str
    url: str
    current: str
    count: int = 0
    hot: bool = False
    where: str = ""
    short: str = ""


# The pages of each place: the first is its own, the others lie below it.
HOME = ("home", "todo")
SPACE = (
    "home", "client_space", "folder", "bin", "deposit", "document", "compare", "company_activity", "handover", "document_requests",
    "document_request", "requested_item", "request_sheets", "packages", "package",
)  # fmt: skip
PRIVATE = (
    "private_home", "private_space", "private_document", "private_bin", "private_keys", "private_opened",
)  # fmt: skip
SALES = (
    "sales_home", "sales", "sales_document", "sales_customers", "sales_articles", "sales_settings",
)  # fmt: skip
CLIENTS = (
    "clients",
    "client_space",
    "folder",
    "bin",
    "document",
    "compare",
    "client",
    "client_new",
    "client_import",
    "tree",
    "handover",
    "packages",
    "package",
)
INBOX = ("inbox",)
REQUESTS = ("document_requests", "document_request", "document_request_new", "requested_item", "request_sheets")
CALENDAR = ("calendar", "client_calendar", "calendar_sheet")
APPROVALS = ("approvals", "approval")
ACTIVITY = ("activity", "deposit", "sync", "runs", "tasks", "task", "task_new")
PEOPLE = ("people", "person", "person_new", "person_act", "people_chosen", "access_sheets")
SETTINGS = ("settings", "folder_labels", "programs", "client_activation", "audit_trail")
SEARCH = ("search",)
THREADS = ("threads", "thread", "thread_new")


def manages_people(person: Person) -> bool:
    """Whether there is anybody whom the person may give an access to."""
    if person.role.below or person.everywhere is not None:
        return True
    return person.role.of_cabinet and any(may_manage_client(person, c) for c in person.clients)


def places(person: Person, request: HttpRequest) -> list[Place]:
    at = request.resolver_match.url_name if request.resolver_match else ""

    def place(
        name: str,
        icon: str,
        pages: tuple[str, ...],
        count: int = 0,
        where: str = "",
        short: str = "",
        *,
        hot: bool = True,
    ) -> Place:
        current = "page" if at == pages[0] else "true" if at in pages else ""
        return Place(name, icon, reverse(pages[0]), current, count, hot and count > 0, where, short)

    search = place(_("Chercher"), "search", SEARCH, where="narrow")
    talk = [place(_("Échanges"), "mail", THREADS, threads.unread(person))] if person.reads_messages else []
    if not person.role.of_cabinet:
        own = [place(_("Espace privé"), "lock", PRIVATE, where="wide")] if spaces.has_place(person) else []
        sells = (
            [place(_("Devis et factures"), "list", SALES, where="wide", short=_("Factures"))]
            if own or entry.has_place(person)
            else []
        )
        mine = [
            place(_("Accueil"), "home", SPACE),
            *own,
            *sells,
            place(_("Calendrier"), "calendar", CALENDAR),
            *talk,
            search,
        ]
        return [*mine, place(_("Mon équipe"), "people", PEOPLE)] if manages_people(person) else mine
    waits = dashboard.waits(person)
    found = [
        place(_("Accueil"), "home", HOME),
        place(_("Clients"), "folder", CLIENTS, waits.clients, hot=False),
        place(_("À classer"), "inbox", INBOX, waits.unfiled),
        place(_("Demandes"), "question", REQUESTS, listing.standing(person).late, where="wide"),
        place(_("Accords"), "check", APPROVALS, waits.agreements),
        *talk,
        search,
    ]
    if manages_people(person):
        found.append(place(_("Accès"), "people", PEOPLE, where="wide"))
    found.append(place(_("Calendrier"), "calendar", CALENDAR, where="wide"))
    found.append(place(_("Activité"), "list", ACTIVITY, where="wide"))
    if may_manage_cabinet(person):
        found.append(place(_("Réglages"), "gear", SETTINGS, where="wide"))
    return found
