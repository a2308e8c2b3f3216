"""The online platform: where a cabinet's clients deposit documents, and what the engine mirrors with.

pages | api → services (one use case, one transaction) → rights | models | blobs
"""
