"""One's own account: password, second factor, where one is signed in, which mails one gets."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping

import segno
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.hashers import check_password
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from syncd.core.errors import UsageError
from syncd.portal.language import NAMES, speaking
from syncd.portal.models import User
from syncd.portal.models.encrypted_text import digest
from syncd.portal.people import accounts, second_factor, sessions, sign_in_attempts, throttle
from syncd.portal.records import audit, mail_queue
from syncd.portal.web import atom_feed
from syncd.portal.web.request import Asker, signed_in


@require_GET
@signed_in
def show(asker: Asker) -> HttpResponse:
    secret, picture = "", ""
    if not asker.user.totp and asker.request.GET.get("second") == "on":
        secret = asker.request.session.setdefault("totp", second_factor.new_secret())
        out = io.BytesIO()
        segno.make(second_factor.address(asker.user, secret)).save(
            out, kind="svg", scale=5, xmldecl=False, svgns=True, omitsize=True
        )
        picture = out.getvalue().decode()
    here = digest(asker.request.session.session_key or "")
    where = [
        {"in": s, "browser": sessions.browser(s.browser), "here": s.session == here}
        for s in asker.user.signed_in.order_by("-since")[:20]
    ]
    return asker.page(
        "account",
        secret=secret,
        picture=picture,
        where=where,
        codes=asker.request.session.pop("codes", []),
        feed=asker.request.session.pop("feed", ""),
        languages=NAMES,
        short_codes=bool(asker.user.totp) and second_factor.short_codes(asker.user),
        home=asker.request.build_absolute_uri("/"),
    )


SECURED = (
    "password",
    "email",
    "second_on",
    "second_off",
    "codes",
    "feed_on",
)  # what locks its owner out, or lets others in
TRIES, REST = 10, 900


@require_POST
@signed_in
def act(asker: Asker) -> HttpResponse:
    """`do`: password, email, second_on, second_off, codes, sign_out_everywhere, feed_on, feed_off, mails, language, name."""
    what = asker.request.POST.get("do", "")
    if what not in DOES or (what in SECURED and not _confirmed(asker)):
        return redirect("/compte?second=on" if what == "second_on" else "account")
    try:
        with audit.doing(asker.request, asker.user, f"own_{what}"):
            asker.say(DOES[what](asker))
    except UsageError as e:
        asker.say(str(e))
        return redirect("/compte?second=on" if what == "second_on" else "account")
    return redirect("account")


def _confirmed(asker: Asker) -> bool:
    """Whether it is the owner: an open page alone is not enough. Guesses are braked, written down, and told."""
    if throttle.beyond("current_password", asker.user.id, TRIES, REST):
        asker.say(_("Trop d'essais : attendez un quart d'heure, puis réessayez."))
        return False
    if check_password(asker.request.POST.get("current", ""), asker.user.password):
        return True
    asker.say(_("Le mot de passe actuel n'est pas le bon."))
    with audit.doing(asker.request, asker.user, sign_in_attempts.WRONG):
        pass
    sign_in_attempts.tell(asker.user)
    return False


def _tell(asker: Asker, said: str, to: str = "") -> None:
    mail_queue.changed(asker.user, said, asker.request.META.get("REMOTE_ADDR", ""), to)


def _password(asker: Asker) -> str:
    post, user = asker.request.POST, asker.user
    if post.get("password", "") != post.get("again", ""):
        raise UsageError(_("Les deux mots de passe ne sont pas les mêmes."))
    had_feed = bool(user.feed_key)
    accounts.set_password(user, post.get("password", ""))
    user.refresh_from_db()
    update_session_auth_hash(asker.request, user)
    sessions.began(asker.request, user)
    _tell(asker, _("Votre mot de passe a été changé."))
    said = _("Votre mot de passe est changé ; les autres connexions sont fermées.")
    ended = _("L'adresse de votre fil d'actualité ne répond plus.")
    return f"{said} {ended}" if had_feed else said


def _email(asker: Asker) -> str:
    email, before = accounts.check_email(asker.request.POST.get("email", "")), asker.user.email
    User.objects.filter(id=asker.user.id).update(email=email)
    if before and before != email:
        _tell(asker, _("L'adresse e-mail de votre compte a été changée."), before)
    return _("Adresse enregistrée.")


def _second_on(asker: Asker) -> str:
    codes = second_factor.turn_on(asker.user, asker.request.session.get("totp", ""), asker.request.POST.get("code", ""))
    if codes is None:
        raise UsageError(_("Ce code n'est pas le bon : prenez celui qui est affiché maintenant par l'application."))
    asker.request.session.pop("totp", None)
    asker.request.session["codes"] = codes
    _tell(asker, _("La double authentification de votre compte a été activée."))
    return _("La double authentification est activée.")


def _second_off(asker: Asker) -> str:
    second_factor.turn_off(asker.user)
    _tell(asker, _("La double authentification de votre compte a été désactivée."))
    return _("La double authentification est désactivée.")


def _codes(asker: Asker) -> str:
    if not asker.user.totp:
        raise UsageError(_("La double authentification n'est pas activée."))
    asker.request.session["codes"] = second_factor.new_codes(asker.user)
    _tell(asker, _("De nouveaux codes de secours ont été créés pour votre compte."))
    return _("Les nouveaux codes remplacent les anciens.")


def _sign_out_everywhere(asker: Asker) -> str:
    accounts.end_sessions(asker.user, but=asker.request.session.session_key or "")
    return _("Les autres connexions sont fermées.")


def _feed_on(asker: Asker) -> str:
    asker.request.session["feed"] = asker.request.build_absolute_uri(f"/flux/{atom_feed.new_key(asker.user)}.atom")
    _tell(asker, _("Une adresse secrète de fil d'actualité a été créée pour votre compte."))
    return ""


def _feed_off(asker: Asker) -> str:
    User.objects.filter(id=asker.user.id).update(feed_key="")
    return _("Cette adresse ne répond plus.")


def _mails(asker: Asker) -> str:
    User.objects.filter(id=asker.user.id).update(mail_deposits=asker.request.POST.get("mail_deposits") == "on")
    return _("Préférence enregistrée.")


def _name(asker: Asker) -> str:
    if not asker.user.names_itself:
        raise UsageError(_("Votre nom est donné par la personne qui a créé votre accès."))
    User.objects.filter(id=asker.user.id).update(name=accounts.check_name(asker.request.POST.get("name", "")))
    return _("Nom enregistré : les prochaines lignes de l'historique le portent.")


def _language(asker: Asker) -> str:
    chosen = asker.request.POST.get("language", "")
    if chosen not in NAMES:
        raise UsageError(_("Choisissez une langue."))
    User.objects.filter(id=asker.user.id).update(language=chosen)
    with speaking(chosen):
        return _("Préférence enregistrée.")


DOES: Mapping[str, Callable[[Asker], str]] = {
    "password": _password, "email": _email, "second_on": _second_on, "second_off": _second_off, "codes": _codes,
    "sign_out_everywhere": _sign_out_everywhere, "feed_on": _feed_on, "feed_off": _feed_off, "mails": _mails, "language": _language,
    "name": _name,
}  # fmt: skip


@require_GET
@signed_in
def howto(asker: Asker) -> HttpResponse:
    """One page to print for companies."""
    return asker.page("howto", home=asker.request.build_absolute_uri("/"))
