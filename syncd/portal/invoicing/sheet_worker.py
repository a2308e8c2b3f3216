"""The process that lays out sheets: run as a module it answers each page with its PDF, or with why there is none."""

from __future__ import annotations

import os
import resource
import sys

from syncd.portal.invoicing.glyphs import drawn

MEMORY = 3_000_000_000  # bytes of addresses


def serve() -> None:
    """Until the other end is closed. What a library prints goes nowhere near the answers; nothing is fetched."""
    answers, asked = os.fdopen(os.dup(1), "wb"), sys.stdin.buffer
    os.dup2(2, 1)
    import weasyprint
    from weasyprint.urls import URLFetcher

    fetcher = URLFetcher(allowed_protocols={"data"}, allow_redirects=False)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    answers.write(b"!")  # ready
    answers.flush()
    while head := asked.read(4):
        page = asked.read(int.from_bytes(head, "big")).decode()
        try:
            made = (
                weasyprint.HTML(string=drawn(page), url_fetcher=fetcher).write_pdf(pdf_variant="pdf/a-3b") or b"nothing"
            )
        except Exception as e:  # of a library, of any kind: whoever asked is told, and the next one is served
            made = f"{type(e).__name__}: {e}".encode()[:1000]
        answers.write(len(made).to_bytes(4, "big") + made)
        answers.flush()


if __name__ == "__main__":
    serve()
