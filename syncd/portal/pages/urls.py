"""Where the pages are."""

from __future__ import annotations

from django.urls import path

from syncd.portal.pages import account, clients, desk, document, entry, look, onboarding, people, space

urlpatterns = [
    path("", space.home, name="home"),
    path("connexion", entry.sign_in, name="sign_in"),
    path("connexion/code", entry.second, name="second"),
    path("deconnexion", entry.sign_out, name="sign_out"),
    path("jeton", entry.token, name="token"),
    path("invitation/<str:secret>", entry.invitation, name="invitation"),
    path("premiere-connexion", entry.first, name="first"),
    path("mot-de-passe-oublie", entry.forgotten, name="forgotten"),
    path("compte", account.show, name="account"),
    path("compte/action", account.act, name="account_act"),
    path("recherche", space.search, name="search"),
    path("depots/<str:number>", space.acknowledgement, name="deposit"),
    path("dossiers/<str:code>", space.client, name="space"),
    path("dossiers/<str:code>/archive.zip", document.archive, name="archive"),
    path("dossiers/<str:code>/deposer/<path:path>", space.deposit, name="put"),
    path("dossiers/<str:code>/<path:path>", space.folder, name="folder"),
    path("documents/<str:document_id>", document.show, name="document"),
    path("documents/<str:document_id>/apercu", document.preview, name="preview"),
    path("documents/<str:document_id>/telecharger", document.download, name="download"),
    path("documents/<str:document_id>/action", document.act, name="document_act"),
    path("clients/nouveau", clients.new, name="client_new"),
    path("clients/import", onboarding.sheet, name="client_import"),
    path("clients/import/modele.xlsx", onboarding.model, name="client_model"),
    path("clients/<str:code>", clients.card, name="client"),
    path("personnes", people.everybody, name="people"),
    path("personnes/nouvelle", people.new, name="person_new"),
    path("personnes/<str:user_id>", people.one, name="person"),
    path("personnes/<str:user_id>/action", people.act, name="person_act"),
    path("synchronisation", desk.show, name="desk"),
    path("synchronisation/accord", desk.answer, name="answer"),
    path("synchronisation/maintenant", desk.synchronise, name="synchronise"),
    path("couleurs.css", look.colours, name="colours"),
    path("logo", look.logo, name="logo"),
]
