"""Coming in and going out: sign-in with an optional second factor, invitations, the printed code, a forgotten password."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

from axes.handlers.proxy import AxesProxyHandler
from django.contrib.auth import authenticate, login, logout
from django.contrib.auth.signals import user_login_failed
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from syncd.portal.clients.cabinet_settings import at_host
from syncd.portal.models import Invitation, User
from syncd.portal.people import accounts, invitations, passwords, second_factor, sessions, sign_in_attempts, throttle
from syncd.portal.people.visibility import person_of
from syncd.portal.records import mail_queue
from syncd.portal.records.feed import writing
from syncd.portal.web import language
from syncd.portal.web.request import REFUSED
from syncd.portal.web.security import limited, may_sign_in

HALF = 300.0  # seconds between the password and the second factor
PLAIN = noop("Cette adresse n'est pas chiffrée : la connexion n'est possible que depuis cet ordinateur, ou en https.")
THROTTLED = noop(
    "Trop d'essais : attendez un quart d'heure, puis réessayez, ou demandez une nouvelle fiche d'accès à votre cabinet."
)

CROWD = noop("Beaucoup de personnes se connectent à la fois : attendez une minute, puis réessayez.")


def _next(request: HttpRequest) -> str:
    wanted = request.POST.get("next") or request.GET.get("next") or "/"
    fine = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, request.is_secure())
    return wanted if fine and wanted.startswith("/") else "/"  # redirect() takes a bare word for a page's name


def _address(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))


@never_cache
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    message, status = "", 200
    if not may_sign_in(request):
        message, status = _(PLAIN), 403
    elif request.method == "POST":
        address = _address(request)
        name, password = accounts.sign_in_of(request.POST.get("login", "")), request.POST.get("password", "")
        if passwords.too_many_wrong(address) or sign_in_attempts.locked(name, address):
            message, status = _(THROTTLED), 429
        elif passwords.too_many(address):
            message, status = _(CROWD), 429
        else:
            user: Any = authenticate(request, username=name, password=password)
            if user is not None and not _elsewhere(request, user):
                passwords.was_right(address)
                return _enter(request, user, _next(request))
            message, status = _("Identifiant ou mot de passe inconnu."), 403
            if getattr(request, "axes_locked_out", False):
                message = _(THROTTLED)
            else:
                passwords.was_wrong(address, name, password)
                sign_in_attempts.note(sign_in_attempts.SIGN_IN, name, address)
    context = {"message": message, "next": _next(request), "login": request.POST.get("login", "")}
    response = render(request, "portal/sign_in.html", context, status=status)
    if status == 429:
        response.headers["Retry-After"] = "60"
    return response


def _elsewhere(request: HttpRequest, user: User) -> bool:
    """Whether this name is another cabinet's for itself: there the person is nobody."""
    here = at_host(request.get_host())
    return here is not None and here.id != user.cabinet_id


def _enter(request: HttpRequest, user: User, where: str) -> HttpResponse:
    """After the password, or a new one: whoever has a second factor still owes it, however the password came about."""
    if user.totp:
        request.session["half"] = [user.id, time.time(), where]
        return redirect("second")
    return _in(request, user, where)


def _in(request: HttpRequest, user: User, where: str) -> HttpResponse:
    actor = replace(person_of(user), address=_address(request))
    with writing(actor.cabinet):
        login(request, user, backend="django.contrib.auth.backends.ModelBackend")
        sessions.signed_in(actor, request.session, request.META.get("HTTP_USER_AGENT", ""))
    language.keep(request, user)
    return redirect(where)


@never_cache
@require_http_methods(["GET", "POST"])
def second(request: HttpRequest) -> HttpResponse:
    """The second factor: a code of the application, or a recovery code."""
    half = request.session.get("half")
    if not half or time.time() - half[1] > HALF:
        return redirect("sign_in")
    user = User.objects.filter(id=half[0], is_active=True).first()
    if user is None:
        return redirect("sign_in")
    message, address = "", _address(request)
    if sign_in_attempts.locked(user.sign_in, address) or not AxesProxyHandler.is_allowed(
        request, {"username": user.sign_in}
    ):
        message = _(THROTTLED)
    elif request.method == "POST":
        if second_factor.check(user, request.POST.get("code", "")):
            request.session.pop("half")
            return _in(request, user, half[2])
        user_login_failed.send(__name__, credentials={"username": user.sign_in}, request=request)
        sign_in_attempts.note(sign_in_attempts.SECOND, user.sign_in, address)
        message = _("Ce code n'est pas le bon : prenez celui qui est affiché maintenant.")
    return render(request, "portal/second_factor.html", {"message": message}, status=403 if message else 200)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    sessions.ended(request.session)
    logout(request)
    return redirect("sign_in")


@never_cache
@require_GET
def token(request: HttpRequest) -> JsonResponse:
    """For a page that was open while its session ended: who is signed in by now, and the form token of now."""
    if not request.user.is_authenticated:
        return JsonResponse({}, status=401)
    return JsonResponse({"token": get_token(request), "person": request.user.pk})


@never_cache
@require_http_methods(["GET", "POST"])
def invitation(request: HttpRequest, secret: str) -> HttpResponse:
    """The link's secret goes into the session at once: it is in one address, and in none that a form is sent to."""
    if not may_sign_in(request) or invitations.invited(secret) is None:
        return render(request, "portal/invitation_expired.html", status=404)
    request.session["invitation"] = secret
    return redirect("choose")


@never_cache
@require_http_methods(["GET", "POST"])
def choose(request: HttpRequest) -> HttpResponse:
    """A password of one's own, for who came with a link or a printed code in this session."""
    secret = request.session.get("invitation", "")
    found = invitations.invited(secret) if secret and may_sign_in(request) else None
    if found is None:
        return render(request, "portal/invitation_expired.html", status=404)
    return _choose(request, found, _("Bienvenue"))


@never_cache
@require_http_methods(["GET", "POST"])
def first(request: HttpRequest) -> HttpResponse:
    """With the printed "fiche d'accès": name and code, then a password of one's own."""
    message = ""
    if not may_sign_in(request):
        message = _(PLAIN)
    elif request.method == "POST":
        address, name = _address(request), request.POST.get("login", "").strip().lower()
        if throttle.beyond("card", f"{address} {name}", 8, 900) or throttle.beyond("cards", address, 60, 900):
            return render(request, "portal/first_sign_in.html", {"message": _(THROTTLED)}, status=429)
        user = invitations.with_card(name, request.POST.get("code", ""))
        if user is not None:
            request.session["invitation"] = invitations.issue(user, "entered")
            return redirect("choose")
        message = _(
            "Identifiant ou code inconnu, ou code déjà utilisé. Vérifiez la fiche, ou demandez-en une nouvelle."
        )
    context = {"message": message, "login": request.POST.get("login", "")}
    return render(request, "portal/first_sign_in.html", context, status=403 if message else 200)


def _choose(request: HttpRequest, invitation: Invitation, title: str) -> HttpResponse:
    message, user = "", invitation.user
    if request.method == "POST":
        password = request.POST.get("password", "")
        if password != request.POST.get("again", ""):
            message = _("Les deux mots de passe ne sont pas les mêmes.")
        else:
            try:
                invitations.accept(invitation, password, _address(request))
            except REFUSED as e:
                message = str(e)
            else:
                request.session.pop("invitation", None)
                return _enter(request, User.objects.get(id=user.id), "/")
    return render(
        request,
        "portal/choose_password.html",
        {"who": user, "title": title, "message": message},
        status=403 if message else 200,
    )


@never_cache
@require_http_methods(["GET", "POST"])
def forgotten(request: HttpRequest) -> HttpResponse:
    """The same answer whoever is asked for; the mail goes to the address that the account has."""
    done = False
    if request.method == "POST" and may_sign_in(request) and mail_queue.configured():
        name = accounts.sign_in_of(request.POST.get("login", ""))
        if throttle.beyond("forgotten", _address(request), 20, 3600):
            return limited(request)
        if throttle.beyond("forgotten_name", name, 3, 3600):
            name = ""  # nobody's: the answer stays the same, and no letterbox is filled
        sign_in_attempts.note(sign_in_attempts.FORGOTTEN, name, _address(request))
        done = True
    message = "" if may_sign_in(request) else _(PLAIN)
    if not mail_queue.configured():
        message = _("Cette plateforme n'envoie pas d'e-mails : demandez une fiche d'accès à votre cabinet.")
    return render(request, "portal/forgotten_password.html", {"done": done and not message, "message": message})
