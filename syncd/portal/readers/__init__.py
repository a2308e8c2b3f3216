"""Strangers' files are read here, and nowhere else: by processes that end alone when a file asks for too much (HAZARDS 51).

`process` is such a process, `limited` asks it; what it can do is in `pictures`, `previews`, `mails` and `sheets`.
"""
