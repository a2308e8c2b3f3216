"""What is done on the pages of quotes and invoices."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import BinaryIO, cast

import msgspec
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from syncd.core.untrusted_numbers import number
from syncd.portal.invoicing import (
    customers,
    drafts,
    entry,
    files,
    issuing,
    keys,
    profile,
    sending,
    sheet_import,
    typed_values,
)
from syncd.portal.invoicing.content import Kind
from syncd.portal.invoicing.sheet_import import What
from syncd.portal.language import counted
from syncd.portal.models import Client
from syncd.portal.refusals import Code, Refusal
from syncd.portal.web import sales_forms
from syncd.portal.web.private_space import entered
from syncd.portal.web.request import Asker
from syncd.portal.web.sales import address
from syncd.portal.web.selection import back_of

Does = Callable[[Asker, Client, str], str | None]


@require_POST
@entered
def act(asker: Asker, code: str) -> HttpResponseBase:
    """`do`: one of DOES. What it says is shown; where it leads to, or back."""
    client = asker.client(code)
    entry.enter(asker.person, client)  # who has no key learns nothing
    does = DOES.get(asker.request.POST.get("do", ""))
    back = back_of(asker, address(client))
    try:
        to = does(asker, client, _id(asker)) if does else None
    except Refusal as e:
        if e.code is Code.NOT_ALLOWED_HERE:
            raise
        asker.say(str(e), "bad")
        to = None
    return redirect(to or back)


def _id(asker: Asker) -> str:
    return asker.request.POST.get("id", "")[:32]


def _new(kind: Kind) -> Does:
    return lambda asker, client, _: address(client, drafts.begin(asker.person, client, kind).id)


def _copy(asker: Asker, client: Client, document: str) -> str:
    return address(client, drafts.copy(asker.person, client, document).id)


def _written(asker: Asker, client: Client, document: str) -> None:
    """What the form holds is kept first, whatever is wrong in it."""
    post = asker.request.POST
    sales, row = drafts.seen(asker.person, client, document)
    wanted = sales_forms.content(post, drafts.content_of(row))
    if chosen := post.get("customer", ""):
        found = next((c for c in customers.customers_of(sales) if c.id == chosen), None)
        wanted = wanted if found is None else msgspec.structs.replace(wanted, buyer=found.buyer)
    if chosen := post.get("article", ""):
        line = next((a.line for a in customers.articles_of(sales) if a.id == chosen), None)
        wanted = wanted if line is None else msgspec.structs.replace(wanted, lines=(*wanted.lines, line))
    drafts.save(asker.person, client, document, wanted)


def _save(asker: Asker, client: Client, document: str) -> str:
    _written(asker, client, document)
    asker.say(_("Brouillon enregistré."))
    return address(client, document)


def _more(asker: Asker, client: Client, document: str) -> str:
    _written(asker, client, document)
    return f"{address(client, document)}?lignes=1#lignes"


def _issue(asker: Asker, client: Client, document: str) -> str:
    _written(asker, client, document)
    try:
        row = issuing.issue(asker.person, client, document)
    except Refusal as e:
        if e.code is Code.NOT_ALLOWED_HERE:
            raise
        asker.say(str(e), "bad")
        return address(client, document)
    asker.say(_("Le document {number} est émis : il ne change plus.").format(number=row.number))
    return address(client, document)


def _throw(asker: Asker, client: Client, document: str) -> str:
    drafts.throw_away(asker.person, client, document)
    asker.say(_("Brouillon supprimé."))
    return address(client)


def _bill(asker: Asker, client: Client, document: str) -> str:
    return address(client, drafts.bill(asker.person, client, document).id)


def _prepay(asker: Asker, client: Client, document: str) -> str:
    percent = typed_values.number(asker.request.POST.get("percent", ""))
    return address(client, drafts.prepay(asker.person, client, document, percent).id)


def _credit(asker: Asker, client: Client, document: str) -> str:
    return address(client, drafts.credit(asker.person, client, document).id)


def _correct(asker: Asker, client: Client, document: str) -> str:
    return address(client, drafts.correct(asker.person, client, document).id)


def _send(asker: Asker, client: Client, document: str) -> str:
    """In one click; the receipt is shown."""
    return f"/depots/{sending.send(asker.person, client, document, asker.request.POST.get('folder_to', ''))}"


def _remake(asker: Asker, client: Client, document: str) -> str:
    _sales, row = drafts.seen(asker.person, client, document)
    if row.number and not row.file_id:
        files.make(asker.person, client, row)
    return address(client, document)


def _reference(asker: Asker, client: Client, document: str) -> str:
    profile.keep_reference(asker.person, client, document)
    said = (
        _("Les prochains documents partiront de celui-ci.")
        if document
        else _("Les prochains documents partiront de vos réglages.")
    )
    asker.say(said)
    return address(client, asker.request.POST.get("at", "")[:32])


def _customer(asker: Asker, client: Client, document: str) -> str:
    customers.keep_customer(asker.person, client, sales_forms.buyer(asker.request.POST), document)
    asker.say(_("Client enregistré."))
    return reverse("sales_customers", args=[client.code])


def _article(asker: Asker, client: Client, document: str) -> str:
    customers.keep_article(asker.person, client, sales_forms.article(asker.request.POST), document)
    asker.say(_("Article enregistré."))
    return reverse("sales_articles", args=[client.code])


def _retire_customer(asker: Asker, client: Client, document: str) -> str:
    customers.retire(asker.person, client, customer_id=document)
    return reverse("sales_customers", args=[client.code])


def _retire_article(asker: Asker, client: Client, document: str) -> str:
    customers.retire(asker.person, client, article_id=document)
    return reverse("sales_articles", args=[client.code])


def _take_in(what: What) -> Does:
    def does(asker: Asker, client: Client, document: str) -> str:
        file = asker.request.FILES.get("sheet")
        if not isinstance(file, UploadedFile):
            raise Refusal(Code.NO_SHEET)
        done = sheet_import.take_in(asker.person, client, what, file)  # type: ignore[arg-type]
        said = counted(done.added + done.changed, "ligne reprise", "lignes reprises")
        wrong = [_("ligne {n} : {what}").format(n=f.row, what=f.message) for f in done.faults]
        asker.say(f"{said}. {' '.join(wrong[:5])}".strip(), "warn" if wrong else "ok")
        return reverse(f"sales_{what}", args=[client.code])

    return does


def _settings(asker: Asker, client: Client, document: str) -> str:
    profile.save(asker.person, client, sales_forms.profile(asker.request.POST))
    asker.say(_("Réglages enregistrés : ils valent pour les prochains documents."))
    return reverse("sales_settings", args=[client.code])


def _logo(asker: Asker, client: Client, document: str) -> str:
    file = asker.request.FILES.get("logo")
    if not isinstance(file, UploadedFile) and not asker.request.POST.get("none"):
        raise Refusal(Code.SALES_LOGO)
    profile.choose_logo(asker.person, client, cast("BinaryIO", file) if isinstance(file, UploadedFile) else None)
    asker.say(_("Logo enregistré.") if file else _("Logo retiré."))
    return reverse("sales_settings", args=[client.code])


def _start(asker: Asker, client: Client, document: str) -> str:
    post = asker.request.POST
    last = number(post.get("last", ""))
    profile.start_after(asker.person, client, post.get("family", "")[:10], -1 if last is None else last)
    asker.say(_("Enregistré : le prochain numéro suit celui-là."))
    return reverse("sales_settings", args=[client.code])


def _confirm(asker: Asker, client: Client, document: str) -> str:
    profile.confirm_numbers(asker.person, client)
    asker.say(_("Les numéros sont confirmés."))
    return reverse("sales_settings", args=[client.code])


def _give(asker: Asker, client: Client, document: str) -> str:
    post = asker.request.POST
    keys.give(asker.person, client, post.get("user", "")[:32], post.get("level", "")[:10])
    asker.say(_("Accès enregistré."))
    return reverse("sales_settings", args=[client.code])


DOES: Mapping[str, Does] = {
    "quote": _new(Kind.QUOTE), "invoice": _new(Kind.INVOICE), "copy": _copy, "save": _save, "more": _more, "issue": _issue, "throw": _throw,
    "bill": _bill, "prepay": _prepay, "credit": _credit, "correct": _correct, "send": _send, "remake": _remake, "reference": _reference,
    "customer": _customer, "article": _article, "retire_customer": _retire_customer, "retire_article": _retire_article,
    "take_customers": _take_in("customers"), "take_articles": _take_in("articles"), "settings": _settings, "logo": _logo, "start": _start, "confirm": _confirm,
    "give": _give,
}  # fmt: skip
