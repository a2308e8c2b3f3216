"""One's own account: password, second factor, where one is signed in, which mails one gets."""

from __future__ import annotations

import io

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
from syncd.portal.pages import feeds
from syncd.portal.pages.common import Asker, signed_in
from syncd.portal.sealed import digest
from syncd.portal.services import audit, people, second_factor, sessions


@require_GET
@signed_in
def show(asker: Asker) -> HttpResponse:
    secret, picture = "", ""
    if not asker.user.totp and asker.request.GET.get("second") == "on":
        secret = asker.request.session.setdefault("totp", second_factor.new_secret())
        out = io.BytesIO()
        segno.make(second_factor.address(asker.user, secret)).save(
            out, kind="svg", scale=5, xmldecl=False, svgns=True, omitsize=False
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
    )


@require_POST
@signed_in
def act(asker: Asker) -> HttpResponse:
    """`do`: password, second_on, second_off, sign_out_everywhere, feed_on, feed_off, mails, language."""
    post, user, what = asker.request.POST, asker.user, asker.request.POST.get("do", "")
    if what in ("password", "second_off") and not check_password(post.get("current", ""), user.password):
        asker.say(_("Le mot de passe actuel n'est pas le bon."))
        return redirect("account")
    if what == "password":
        if post.get("password", "") != post.get("again", ""):
            asker.say(_("Les deux mots de passe ne sont pas les mêmes."))
            return redirect("account")
        try:
            people.set_password(user, post.get("password", ""))
        except UsageError as e:
            asker.say(str(e))
            return redirect("account")
        user.refresh_from_db()
        update_session_auth_hash(asker.request, user)
        sessions.began(asker.request, user)
        asker.say(_("Votre mot de passe est changé ; les autres connexions sont fermées."))
    elif what == "second_on":
        codes = second_factor.turn_on(user, asker.request.session.get("totp", ""), post.get("code", ""))
        if codes is None:
            asker.say(_("Ce code n'est pas le bon : prenez celui qui est affiché maintenant par l'application."))
            return redirect("/compte?second=on")
        asker.request.session.pop("totp", None)
        asker.request.session["codes"] = codes
        asker.say(_("La double authentification est activée."))
    elif what == "second_off":
        second_factor.turn_off(user)
        asker.say(_("La double authentification est désactivée."))
    elif what == "sign_out_everywhere":
        people.end_sessions(user, but=asker.request.session.session_key or "")
        asker.say(_("Les autres connexions sont fermées."))
    elif what == "feed_on":
        asker.request.session["feed"] = asker.request.build_absolute_uri(f"/flux/{feeds.new_key(user)}.atom")
    elif what == "feed_off":
        User.objects.filter(id=user.id).update(feed_key="")
        asker.say(_("Cette adresse ne répond plus."))
    elif what == "mails":
        User.objects.filter(id=user.id).update(mail_deposits=post.get("mail_deposits") == "on")
        asker.say(_("Préférence enregistrée."))
    elif what == "language" and post.get("language") in NAMES:
        User.objects.filter(id=user.id).update(language=post["language"])
        with speaking(post["language"]):
            asker.say(_("Préférence enregistrée."))
    audit.note(asker.request, user, f"own_{what}"[:40])
    return redirect("account")


@require_GET
@signed_in
def howto(asker: Asker) -> HttpResponse:
    """One page to print for companies."""
    return asker.page("howto", home=asker.request.build_absolute_uri("/"))
