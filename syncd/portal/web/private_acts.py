"""What is done on the pages of a private space."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from syncd.core import paths
from syncd.portal.language import counted, reason
from syncd.portal.models import Client
from syncd.portal.private_space import contents, deletions, deposits, keys, sending, spaces
from syncd.portal.refusals import Code, Refusal
from syncd.portal.rights import Verb
from syncd.portal.web.private_space import UNNOTED, address, entered, unnoted
from syncd.portal.web.request import Asker, Undo
from syncd.portal.web.selection import back_of

Does = Callable[[Asker, Client, str], str | None]


def _known(asker: Asker, client: Client) -> None:
    """Whoever has nothing to do with the space learns nothing of it, also not by what a form would answer. Raises Refusal."""
    keys.standing(asker.person, client)


@require_POST
@entered
def act(asker: Asker, code: str) -> HttpResponseBase:
    """`do`: one of DOES. What it says is shown; where it leads to, or back."""
    client = asker.client(code)
    _known(asker, client)
    does = DOES.get(asker.request.POST.get("do", ""))
    back = back_of(asker, address(client))
    try:
        to = does(asker, client, back) if does else None
    except Refusal as e:
        if e.code is Code.NOT_ALLOWED_HERE:
            raise
        asker.say(str(e), "bad")
        to = None
    return redirect(to or back)


def _ids(asker: Asker, client: Client) -> Sequence[str]:
    post = asker.request.POST
    if not post.get("all"):
        return post.getlist("id")
    seen = contents.look(asker.person, client, post.get("folder", ""), post.get("q", ""))
    return [d.id for d in seen.documents]


def _open(asker: Asker, client: Client, back: str) -> str:
    return _to_note(asker, client, keys.open_space(asker.person, client))


def _to_note(asker: Asker, client: Client, recovery: str) -> str:
    asker.request.session[UNNOTED] = {**unnoted(asker), client.id: recovery}
    return f"{address(client)}/cle"


def _noted(asker: Asker, client: Client, back: str) -> str:
    asker.request.session[UNNOTED] = {c: code for c, code in unnoted(asker).items() if c != client.id}
    return address(client)


def _new_recovery(asker: Asker, client: Client, back: str) -> str:
    return _to_note(asker, client, keys.renew(asker.person, client))


def _recover(asker: Asker, client: Client, back: str) -> str:
    return _to_note(asker, client, keys.recover(asker.person, client, asker.request.POST.get("code", "")[:60]))


def _give(asker: Asker, client: Client, back: str) -> None:
    post = asker.request.POST
    keys.give(asker.person, client, post.get("user", ""), post.get("level", ""))
    asker.say(_("Accès enregistré."))


def _new_folder(asker: Asker, client: Client, back: str) -> str:
    post = asker.request.POST
    made = contents.new_folder(asker.person, client, post.get("inside", ""), post.get("name", ""))
    asker.say(_("Le dossier « {name} » est créé.").format(name=made.name))
    return address(client, made.id)


def _rename_folder(asker: Asker, client: Client, back: str) -> None:
    post = asker.request.POST
    contents.rename_folder(asker.person, client, post.get("folder", ""), post.get("name", ""))
    asker.say(_("Dossier renommé."))


def _remove_folder(asker: Asker, client: Client, back: str) -> str:
    name, deletion = deletions.remove_folder(asker.person, client, asker.request.POST.get("folder", ""))
    asker.say(_("Le dossier « {name} » est dans la corbeille.").format(name=name), undo=_undo(client, deletion))
    return address(client)


def _undo(client: Client, deletion: str) -> Undo:
    return Undo(f"{address(client)}/action", {"do": "undo", "deletion": deletion})


def _undone(asker: Asker, client: Client, back: str) -> None:
    deletions.take_back(asker.person, client, asker.request.POST.get("deletion", ""))
    asker.say(_("C'est annulé."))


def _delete(asker: Asker, client: Client, back: str) -> str | None:
    names, deletion = deletions.remove(asker.person, client, _ids(asker, client))
    if not names:
        asker.say(_("Choisissez au moins un document."), "warn")
        return None
    one = _("« {name} » est dans la corbeille.").format(name=names[0])
    many = counted(len(names), "document est dans la corbeille", "documents sont dans la corbeille") + "."
    asker.say(one if len(names) == 1 else many, undo=_undo(client, deletion))
    return address(client) if asker.request.POST.get("page") == "document" else None


def _restore(asker: Asker, client: Client, back: str) -> None:
    names = deletions.restore(asker.person, client, asker.request.POST.getlist("id"))
    if names:
        asker.say(counted(len(names), "document est restauré", "documents sont restaurés") + ".")


def _move(asker: Asker, client: Client, back: str) -> None:
    names = contents.move(asker.person, client, _ids(asker, client), asker.request.POST.get("to", ""))
    if names:
        asker.say(counted(len(names), "document est déplacé", "documents sont déplacés") + ".")


def _rename(asker: Asker, client: Client, back: str) -> None:
    post = asker.request.POST
    contents.rename(asker.person, client, post.get("id", ""), post.get("to", ""))
    asker.say(_("Document renommé."))


def _send(asker: Asker, client: Client, back: str) -> str | None:
    """In one click; the receipt is shown."""
    sent = sending.send(asker.person, client, _ids(asker, client), asker.request.POST.get("folder_to", ""))
    if sent.refused:
        why = [f"{name} : {reason(*said)}" for name, said in sent.refused.items()]
        asker.say(_("Pas envoyé : {why}").format(why=" ; ".join(why[:3])), "warn")
    return f"/depots/{sent.number}" if sent.taken else None


DOES: Mapping[str, Does] = {
    "open": _open, "noted": _noted, "recover": _recover, "new_recovery": _new_recovery, "give": _give, "new_folder": _new_folder, "rename_folder": _rename_folder,
    "remove_folder": _remove_folder, "undo": _undone, "delete": _delete, "restore": _restore, "move": _move, "rename": _rename,
    "send": _send,
}  # fmt: skip


@require_POST
@entered
def deposit(asker: Asker, code: str) -> HttpResponse:
    """The plain form: works without JavaScript; several documents at once."""
    client, folder = asker.client(code), asker.request.POST.get("folder", "")
    spaces.enter(asker.person, client, Verb.DEPOSIT)
    files = [f for f in asker.request.FILES.getlist("documents") if isinstance(f, UploadedFile)]
    not_taken = []
    for file in files:
        taken = deposits.take_stream(asker.person, client, folder, file.name or "document", file)  # type: ignore[arg-type]
        if taken.reason:
            not_taken.append(f"{paths.name(taken.name)} : {reason(taken.reason, taken.detail)}")
    if not_taken:
        asker.say(_("Pas déposé : {why}").format(why=" ; ".join(not_taken[:3])), "warn")
    elif files:
        asker.say(counted(len(files), "document est déposé", "documents sont déposés") + ".")
    return redirect(address(client, folder))
