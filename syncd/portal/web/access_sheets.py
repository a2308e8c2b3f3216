"""Access sheets: what will happen to older codes is said first; then two to an A4 page, each with a code that is shown once."""

from __future__ import annotations

import io

import segno
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.http import urlencode
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from syncd.portal.people import bulk_accounts, directory
from syncd.portal.people.bulk_accounts import Sheet
from syncd.portal.web.request import REFUSED, Asker, signed_in
from syncd.portal.web.selection import back_of


def ask(asker: Asker, ids: list[str], back: str) -> HttpResponse:
    """Whose codes would be made, and what ends with it. Raises Refusal of too many."""
    found = [user for user, _account in bulk_accounts.chosen(asker.person, ids) if user.is_active]
    codes = directory.with_codes(found)
    settled = [user for user in found if user.has_usable_password()]
    fresh = [user for user in found if not user.has_usable_password()]
    return asker.page(
        "access_sheets_asked", back=back, settled=settled, fresh=fresh, codes=len(codes & {u.id for u in fresh}),
        left=len(ids) - len(found),
    )  # fmt: skip


@never_cache
@require_POST
@signed_in
def show(asker: Asker) -> HttpResponse:
    """The sheets of the people with these ids, and of those who signed in before (`settled`) where that was ticked (`also`)."""
    post = asker.request.POST
    ids = [*post.getlist("id"), *(post.getlist("settled") if post.get("also") else ())]
    try:
        sheets, done = bulk_accounts.print_sheets(asker.person, ids)
    except REFUSED as e:
        asker.say(str(e), "bad")
        return redirect(back_of(asker, "/personnes"))
    return page(asker, sheets, [str(refusal) for _user, refusal in done.refused], back_of(asker, "/personnes"))


def page(asker: Asker, sheets: list[Sheet], refused: list[str], back: str) -> HttpResponse:
    home = asker.request.build_absolute_uri("/")
    shown = [
        {"who": s.user, "code": s.code, "companies": s.companies, "qr": mark_safe(_picture(home, s))}  # noqa: S308 - made here
        for s in sheets
    ]
    short = home.split("://", 1)[1] + "acces"
    return asker.page("access_sheets", sheets=shown, refused=list(dict.fromkeys(refused))[:10], back=back, short=short)


def address(home: str, sheet: Sheet) -> str:
    """What the picture leads to: name and code stand behind the #, which no server is sent and no journal holds."""
    return f"{home}premiere-connexion#{urlencode({'login': sheet.user.sign_in, 'code': sheet.code.replace('-', '')})}"


def _picture(home: str, sheet: Sheet) -> str:
    out = io.BytesIO()
    made = segno.make(
        address(home, sheet), error="m", micro=False, mask=3
    )  # to choose the best of eight takes five times as long
    made.save(out, kind="svg", xmldecl=False, border=2, omitsize=True, svgclass=None, lineclass=None)
    return out.getvalue().decode()
