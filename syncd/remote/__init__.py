"""The portal over HTTP: a stair of small steps (syncd.remote.request says which), and verbs on top (syncd.remote.http)."""
