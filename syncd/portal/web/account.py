"""One's own account: password, second factor, where one is signed in, which mails one gets."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping

import segno
from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from syncd.core.errors import UsageError
from syncd.portal.language import NAMES, speaking
from syncd.portal.models.encrypted_text import digest
from syncd.portal.people import forwarding_addresses, own_account, second_factor, sessions
from syncd.portal.people.forwarding_addresses import confirmed, waiting
from syncd.portal.people.mail_pace import pace_of
from syncd.portal.records import mail_queue
from syncd.portal.web.request import REFUSED, Asker, signed_in


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
        agenda=asker.request.session.pop("agenda", ""),
        languages=NAMES,
        pace=pace_of(asker.user),
        by_mail=mail_queue.configured(),
        reads_messages=asker.person.reads_messages,
        forwarded=" ".join([*confirmed(asker.user), *waiting(asker.user)]),
        unconfirmed=", ".join(waiting(asker.user)),
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
    "forward",
    "agenda_on",
)  # what locks its owner out, or lets others in


@require_POST
@signed_in
def act(asker: Asker) -> HttpResponse:
    """`do`: password, email, second_on, second_off, codes, sign_out_everywhere, feed_on, feed_off, agenda_on, agenda_off, mails, language, name, forward."""
    what = asker.request.POST.get("do", "")
    back = redirect("/compte?second=on" if what == "second_on" else "account")
    if what not in DOES:
        return back
    try:
        if what in SECURED:
            own_account.confirm(asker.person, asker.request.POST.get("current", ""))
        asker.say(DOES[what](asker))
    except REFUSED as e:
        asker.say(str(e), "bad")
        return back
    return redirect("account")


def _password(asker: Asker) -> str:
    post, user = asker.request.POST, asker.user
    if post.get("password", "") != post.get("again", ""):
        raise UsageError(_("Les deux mots de passe ne sont pas les mêmes."))
    ended = own_account.change_password(asker.person, post.get("password", ""))
    user.refresh_from_db()
    update_session_auth_hash(asker.request, user)
    sessions.began(asker.person, asker.request.session, asker.request.META.get("HTTP_USER_AGENT", ""))
    said = _("Votre mot de passe est changé ; les autres connexions sont fermées.")
    if ended.feed:
        said += " " + _("Les adresses secrètes de votre fil d'actualité et de votre agenda ne répondent plus.")
    if ended.forwarding:
        said += " " + _("Vos messages ne sont plus transférés.")
    return said


def _email(asker: Asker) -> str:
    own_account.change_address(asker.person, asker.request.POST.get("email", ""))
    return _("Adresse enregistrée.")


def _second_on(asker: Asker) -> str:
    secret, code = asker.request.session.get("totp", ""), asker.request.POST.get("code", "")
    asker.request.session["codes"] = own_account.turn_second_factor_on(asker.person, secret, code)
    asker.request.session.pop("totp", None)
    return _("La double authentification est activée.")


def _second_off(asker: Asker) -> str:
    own_account.turn_second_factor_off(asker.person)
    return _("La double authentification est désactivée.")


def _codes(asker: Asker) -> str:
    asker.request.session["codes"] = own_account.make_recovery_codes(asker.person)
    return _("Les nouveaux codes remplacent les anciens.")


def _sign_out_everywhere(asker: Asker) -> str:
    own_account.sign_out_elsewhere(asker.person, asker.request.session.session_key or "")
    return _("Les autres connexions sont fermées.")


def _feed_on(asker: Asker) -> str:
    key = own_account.make_feed(asker.person)
    asker.request.session["feed"] = asker.request.build_absolute_uri(f"/flux/{key}")
    return ""


def _agenda_on(asker: Asker) -> str:
    key = own_account.make_calendar(asker.person)
    asker.request.session["agenda"] = asker.request.build_absolute_uri(f"/agenda/{key}.ics")
    return ""


def _agenda_off(asker: Asker) -> str:
    own_account.end_calendar(asker.person)
    return _("Cette adresse ne répond plus.")


def _feed_off(asker: Asker) -> str:
    own_account.end_feed(asker.person)
    return _("Cette adresse ne répond plus.")


def _mails(asker: Asker) -> str:
    post = asker.request.POST
    own_account.choose_mails(asker.person, post.get("mail_deposits") == "on", post.get("mail_pace", ""))
    return _("Préférence enregistrée.")


def _forward(asker: Asker) -> str:
    forwarding_addresses.forward_messages(asker.person, asker.request.POST.get("addresses", "")[:1000])
    return _("Préférence enregistrée.")


def _name(asker: Asker) -> str:
    own_account.change_name(asker.person, asker.request.POST.get("name", ""))
    return _("Nom enregistré : les prochaines lignes de l'historique le portent.")


def _language(asker: Asker) -> str:
    chosen = asker.request.POST.get("language", "")
    own_account.choose_language(asker.person, chosen)
    with speaking(chosen):
        return _("Préférence enregistrée.")


DOES: Mapping[str, Callable[[Asker], str]] = {
    "password": _password, "email": _email, "second_on": _second_on, "second_off": _second_off, "codes": _codes,
    "sign_out_everywhere": _sign_out_everywhere, "feed_on": _feed_on, "feed_off": _feed_off, "agenda_on": _agenda_on, "agenda_off": _agenda_off, "mails": _mails, "language": _language,
    "name": _name, "forward": _forward,
}  # fmt: skip


@require_GET
@signed_in
def howto(asker: Asker) -> HttpResponse:
    """One page to print for companies."""
    return asker.page("howto", home=asker.request.build_absolute_uri("/"))
