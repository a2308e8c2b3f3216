"""The online platform: where a cabinet's clients deposit documents, and what the engine mirrors with.

web | api (doors: they translate) → operations | sync → documents | notifications → clients → people → records → storage |
rights | language | models
"""
