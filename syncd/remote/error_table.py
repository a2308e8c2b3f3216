"""What went wrong between here and the portal, as the one error that says what it means."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import msgspec

from syncd.core import paths
from syncd.core.errors import AlreadyRunning, Refused, SyncdError, Unreachable
from syncd.remote import trust
from syncd.remote.request import Again, Barred, TooMuch
from syncd.wire.messages import ErrorAnswer, decode

T = TypeVar("T")
_OF_PROXIES = (502, 504)  # what a proxy answers when nothing, or nobody in time, answers behind it
_CAUSES = {  # what a report in either language says instead (core.words, DETAILS)
    "All connection attempts failed": "no_connection", "ConnectTimeout": "no_answer", "ReadTimeout": "no_answer",
    "WriteTimeout": "no_answer", "PoolTimeout": "no_answer",
}  # fmt: skip


class ErrorTable:
    """`url`: the portal's, as it is told to people."""

    def __init__(self, url: str) -> None:
        self._url = url

    def of(self, status: int, body: bytes) -> Exception:
        """What an answer that is none of the endpoint's says."""
        try:
            answer = decode(body, ErrorAnswer)
        except msgspec.MsgspecError:
            return self._strange(status)
        if status == 401:
            return Refused(
                answer.code, f"The portal refuses the key: {answer.message}",
                mend="Put a valid key into [portal] token_file (syncd portal engine-token).",
            )  # fmt: skip
        if status == 409 and answer.code in ("held", "lease"):
            return AlreadyRunning(answer.message)
        if status in (409, 503):
            return Again(answer.message, status if status >= 500 else 0)
        if status == 507:
            return Unreachable(
                "The portal's disk is full.", reason="portal_full", mend="Whoever hosts it makes room; the next run goes on."
            )  # fmt: skip
        if status >= 500:
            return self.failed(status, answer.message)
        refusal = SyncdError(f"The portal refuses the request ({answer.code}): {answer.message}")
        refusal.reason, refusal.cause = "portal_refuses", f"{answer.code} : {answer.message}"
        return refusal

    def _strange(self, status: int) -> Exception:
        """In words that are not the protocol's."""
        if status in (429, 502, 503, 504):
            return Again("", status)
        if status >= 500:
            return self.failed(status)
        if status == 413:
            return TooMuch(
                f"What lies between here and {self._url} takes no request of this size (413).",
                mend="Raise its limit (client_max_body_size, say).",
            )
        return self.barred(status)

    def barred(self, status: int, what: str = "") -> Unreachable:
        told = self.not_the_portal(f"{what}status {status}")
        page = what or 300 <= status < 500
        return Barred(told, status) if page and status not in (401, 407) else told

    def not_the_portal(self, why: str) -> Unreachable:
        why = paths.printable(why[:300])
        return Unreachable(
            f"What answers at {self._url} is not the portal ({why}).", reason="not_the_portal", cause=why,
            mend="Check [portal] url, and any proxy or sign-in page in between: no document was touched.",
        )  # fmt: skip

    def failed(self, status: int, why: str = "") -> Unreachable:
        """It was reached, and could not do it; or what stands before it reached nothing."""
        behind = status in _OF_PROXIES and not why
        said = f"{status}: {why}" if why else str(status)
        return Unreachable(
            f"The portal at {self._url} answers with an error ({paths.printable(said[:200])}).",
            reason="proxy_alone" if behind else "portal_failed", cause=paths.printable(f"{status} {why}".strip()[:200]),
            mend="See that it runs behind its proxy." if behind else "See the portal's journal (journalctl -u syncd-portal).",
        )  # fmt: skip

    def line(self, error: Exception) -> Exception:
        """A line that broke may be whole in a moment; a certificate is not."""
        if said := trust.fault(error):
            return Unreachable(
                f"The certificate of the portal at {self._url} is not accepted: {said}.", reason=trust.reason(error),
                mend="Nothing was sent. Renew it, or, when it is of an authority of your own, name that one's certificate as [portal] ca_file (init: --ca-file).",
            )  # fmt: skip
        return Again(str(error) or type(error).__name__)

    def gave_up(self, last: Again) -> Unreachable:
        """Of what did not pass, however often it was tried."""
        cause = str(last)
        if last.status:
            return self.failed(last.status, cause)
        return Unreachable(
            f"The portal at {self._url} does not answer ({cause}).", cause=_CAUSES.get(cause, cause),
            mend="Check that it runs and that this machine reaches it; the next run goes on.",
        )  # fmt: skip

    def decoded(self, data: bytes, made: Callable[[bytes], T]) -> T:
        """Raises Unreachable for what is no answer of the protocol."""
        try:
            return made(data)
        except msgspec.MsgspecError as e:
            raise self.not_the_portal(f"no answer of the protocol: {str(e)[:200]}") from None
