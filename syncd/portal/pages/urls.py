"""Where the pages are."""

from __future__ import annotations

from django.urls import path

from syncd.portal.pages import desk, views

urlpatterns = [
    path("", views.clients, name="clients"),
    path("connexion", views.sign_in, name="sign_in"),
    path("deconnexion", views.sign_out, name="sign_out"),
    path("dossiers/<str:code>", views.documents, name="documents"),
    path("documents/<str:document_id>", views.download, name="download"),
    path("synchronisation", desk.show, name="desk"),
    path("synchronisation/accord", desk.answer, name="answer"),
    path("synchronisation/maintenant", desk.synchronise, name="synchronise"),
    path("style.css", views.style, name="style"),
]
