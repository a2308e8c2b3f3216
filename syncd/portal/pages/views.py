"""The first pages: sign in, clients, a client's documents, download."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.contrib.auth import authenticate, login, logout
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Max, Q
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from syncd.core import paths, words
from syncd.portal.blobs import store as blob_store
from syncd.portal.models import Client, Document, Version
from syncd.portal.pages.security import may_sign_in
from syncd.portal.rights import Person, Place, Verb, may
from syncd.portal.services.documents import opened
from syncd.portal.services.trees import rules_of


@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    message = ""
    if not may_sign_in(request):
        message = (
            "Cette adresse n'est pas chiffrée : la connexion n'est possible que depuis cet ordinateur, ou en https."
        )
    elif request.method == "POST":
        user = authenticate(
            request,
            username=request.POST.get("login", "").strip().lower(),
            password=request.POST.get("password", ""),
        )
        if user is not None:
            login(request, user)
            return redirect("clients")
        message = "Identifiant ou mot de passe inconnu."
    return render(request, "portal/sign_in.html", {"message": message}, status=200 if not message else 403)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("sign_in")


def _person(request: HttpRequest) -> Person:
    user: Any = request.user
    return Person(user.cabinet_id, str(user), user.role)


@require_GET
@login_required
def clients(request: HttpRequest) -> HttpResponse:
    person = _person(request)
    live = Q(documents__tombstone="")
    found = (
        Client.objects.filter(cabinet=person.cabinet)
        .annotate(count=Count("documents", filter=live), last=Max("documents__created_at", filter=live))
        .order_by("code")
    )
    user: Any = request.user
    return render(request, "portal/clients.html", {"clients": found, "cabinet": user.cabinet})


@require_GET
@login_required
def documents(request: HttpRequest, code: str) -> HttpResponse:
    person = _person(request)
    client = get_object_or_404(Client, cabinet=person.cabinet, code=code)
    rules = rules_of(client)
    folders: dict[str, list[dict[str, object]]] = {
        f.path: []
        for f in client.folders.filter(deleted_at__isnull=True).order_by("path")
        if may(person, Verb.VIEW, Place(client.cabinet_id, rules, f.path))
    }
    deleted = []
    for d in client.documents.order_by("path"):
        folder = paths.parent(d.path)
        if not may(person, Verb.VIEW, Place(client.cabinet_id, rules, folder)):
            continue
        row = {"doc": d, "name": paths.name(d.path), "size": words.size(d.size)}
        if d.tombstone:
            deleted.append(row | {"name": d.path})
        else:
            folders.setdefault(folder, []).append(row)
    user: Any = request.user
    return render(
        request, "portal/documents.html",
        {"client": client, "cabinet": user.cabinet, "folders": sorted(folders.items()), "empty": [f for f, rows in sorted(folders.items()) if not rows], "deleted": deleted},
    )  # fmt: skip


@require_GET
@login_required
def download(request: HttpRequest, document_id: str) -> HttpResponseBase:
    """Always an attachment, never rendered here (HAZARDS 28)."""
    person = _person(request)
    document = get_object_or_404(
        Document.objects.select_related("client"), id=document_id, client__cabinet=person.cabinet
    )
    if not may(
        person,
        Verb.DOWNLOAD,
        Place(document.client.cabinet_id, rules_of(document.client), paths.parent(document.path)),
    ):
        raise Http404
    version = Version.objects.get(id=document.version_id)
    opened(document, version, by_cabinet=person.origin == "cabinet")
    return FileResponse(
        Path(blob_store().path(version.id)).open("rb"), as_attachment=True, filename=paths.name(document.path),
        content_type="application/octet-stream",
    )  # fmt: skip


@require_GET
def style(request: HttpRequest) -> HttpResponse:
    css = (Path(__file__).parent.parent / "static" / "portal" / "style.css").read_text(encoding="utf-8")
    return HttpResponse(css, content_type="text/css", headers={"Cache-Control": "max-age=300"})
