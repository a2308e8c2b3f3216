"""What every page shares: who asks, with which rights; what the templates always get."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any, Literal

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from syncd.core.errors import UsageError
from syncd.core.folder_rules import ClientRules
from syncd.portal.clients.folder_labels import Labels, labels_of
from syncd.portal.clients.tree import place_in, place_of, rules_of
from syncd.portal.models import Cabinet, Client, Document, User
from syncd.portal.people import throttle
from syncd.portal.people.visibility import fate_of, person_of, reached_clients, visible
from syncd.portal.refusals import Refusal
from syncd.portal.rights import Person, Verb, may, may_manage_cabinet, may_manage_client, may_treat
from syncd.portal.web import menu
from syncd.portal.web.security import limited

REFUSED = (Refusal, UsageError)  # what a use case does not do: `str()` says it in the language of the page
PAGES = 1500  # a minute, of one person: more than anybody's hand, less than a script's
PICTURES = 10_000  # the same of small pictures: a page of a list holds a hundred
View = Callable[..., HttpResponseBase]
Kind = Literal["ok", "warn", "bad"]


@dataclass(frozen=True, slots=True)
class Undo:
    """What « Annuler » posts, and where to: `Undo("/documents/x/action", {"do": "restore"})`."""

    url: str
    fields: dict[str, str]


class Asker:
    """The signed-in person of one request. Whatever the person may not see does not exist: 404, never 403."""

    def __init__(self, request: HttpRequest) -> None:
        user: Any = request.user
        self.user: User = user
        self.request = request
        self.person: Person = replace(person_of(user), address=request.META.get("REMOTE_ADDR", ""))

    @property
    def cabinet(self) -> Cabinet:
        return self.user.cabinet

    @property
    def labels(self) -> Labels:
        return labels_of(self.cabinet)

    def client(self, code: str) -> Client:
        found = Client.objects.select_related("cabinet").filter(reached_clients(self.person), code=code).first()
        if found is None:
            raise Http404
        return found

    def managed(self, code: str) -> Client:
        client = self.client(code)
        if not may_manage_client(self.person, client.id):
            raise Http404
        return client

    def document(self, document_id: str, verb: Verb = Verb.VIEW) -> Document:
        """Also one in the bin. Http404 without the right, as if it were not there."""
        found = Document.objects.select_related("client").filter(visible(self.person, verb), id=document_id).first()
        if found is None or not self.may_with(verb, found, rules_of(found.client)):
            raise Http404
        return found

    def may(self, verb: Verb, client: Client, rules: ClientRules, folder: str) -> bool:
        return may(self.person, verb, place_in(client, folder, rules))

    def may_with(self, verb: Verb, document: Document, rules: ClientRules) -> bool:
        """Of one document, whatever became of it; `rules`: of its client."""
        place = place_of(document, rules)
        return may(self.person, verb, place, fate_of(document))

    def may_treat(self, client: Client, rules: ClientRules, folder: str) -> bool:
        """Tick « Traité »: where the cabinet uses it, its people who work in that folder."""
        return may_treat(self.person, place_in(client, folder, rules), self.cabinet.treated)

    def say(self, text: str, kind: Kind = "ok", undo: Undo | None = None) -> None:
        """Shown once, on the next page. `ok`: done, at the bottom for six seconds, with the way back; `warn`: something is
        to be chosen or seen; `bad`: not done.
        """
        way = {"url": undo.url, "fields": undo.fields} if undo else None
        self.request.session["said"] = {"text": text, "kind": kind, "undo": way} if text else None

    def back(self, *pages: str) -> str:
        """Where a form came from (`back`): one of these pages by name, unless said the first."""
        wanted = self.request.POST.get("back", "")
        return wanted if wanted in pages else pages[0]

    def _side(self) -> str:
        """Whom the person is there for: the cabinet's own, a company's; of several companies none is named."""
        if self.person.role.of_cabinet:
            return self.cabinet.name
        names = list(Client.objects.filter(reached_clients(self.person)).values_list("name", flat=True)[:2])
        return names[0] if len(names) == 1 else ""

    def page(self, template: str, status: int = 200, **context: Any) -> HttpResponse:
        said = self.request.session.pop("said", None)
        extra = {
            "cabinet": self.cabinet,
            "person": self.person,
            "of_cabinet": self.person.role.of_cabinet,
            "manages_cabinet": may_manage_cabinet(self.person),
            "manages_people": menu.manages_people(self.person),
            "side": self._side(),
            "places": menu.places(self.person, self.request),
            "theme": self.request.COOKIES.get("theme", ""),
            "said": said if isinstance(said, dict) else None,
            "labels": self.labels,
            "words": "",
        }
        return render(self.request, f"portal/{template}.html", {**extra, **context}, status=status)


def signed_in(view: Callable[..., HttpResponseBase]) -> View:
    """The view gets an Asker in place of the request."""
    return _at_most("pages", PAGES, view)


def looking(view: Callable[..., HttpResponseBase]) -> View:
    """The same of what a page asks for by itself: it is counted apart."""
    return _at_most("pictures", PICTURES, view)


def _at_most(what: str, most: int, view: Callable[..., HttpResponseBase]) -> View:
    @login_required
    @wraps(view)
    def asked(request: HttpRequest, *args: Any, **values: Any) -> HttpResponseBase:
        if throttle.beyond(what, str(request.user.pk), most, 60):
            return limited(request)
        return view(Asker(request), *args, **values)

    return asked


def for_correspondents(view: Callable[..., HttpResponseBase]) -> View:
    @signed_in
    @wraps(view)
    def asked(asker: Asker, *args: Any, **values: Any) -> HttpResponseBase:
        if not may_manage_cabinet(asker.person):
            raise Http404
        return view(asker, *args, **values)

    return asked


def for_cabinet(view: Callable[..., HttpResponseBase]) -> View:
    @signed_in
    @wraps(view)
    def asked(asker: Asker, *args: Any, **values: Any) -> HttpResponseBase:
        if not asker.person.role.of_cabinet:
            raise Http404
        return view(asker, *args, **values)

    return asked
