"""robots.txt (RFC 9309): whether an address may be fetched, and with what delay between requests.

Protego matches paths. This module does everything else that the standard requires: it finds the group that applies to
us, and decides what a status means, how much of a file is read, and in which encoding.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from functools import cached_property

from protego import Protego

PRODUCT_TOKEN = "Dateline"  # the name by which a robots.txt addresses us
MAX_ROBOTS_BYTES = 500 * 1024  # of a file; the rest is ignored
MAX_CRAWL_DELAY_SECONDS = 60.0  # a longer Crawl-delay would stop a nightly visit
_USER_AGENT_LINE = re.compile(r"user[- ]?agent(?:\s*:\s*|\s+)(.*)", re.IGNORECASE)
_PRODUCT = re.compile(r"[A-Za-z_-]+")
_LINE_END = re.compile(r"\r\n|\r|\n")
# UTF-32 before UTF-16: the little-endian mark of UTF-32 begins with that of UTF-16.
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


@dataclass(frozen=True)
class Robots:
    """The rules of one origin for us.

    `text` is the file, or empty if there is none. With `error` the file could not be fetched and nothing is allowed.
    `outcome` is the outcome of an address that is not allowed: robots, or what kept the host from answering.
    """

    text: str = ""
    error: str | None = None
    outcome: str = "robots"

    @cached_property
    def _rules(self) -> Protego:
        return Protego.parse(_groups_by_token(self.text))

    def allows(self, url: str) -> bool:
        """Return whether the address may be fetched."""
        return self.error is None and bool(self._rules.can_fetch(url, PRODUCT_TOKEN))

    @property
    def refusal(self) -> str:
        """Why an address that is not allowed is not."""
        return f"robots.txt could not be fetched ({self.error})" if self.error else "robots.txt does not allow it"

    @property
    def delay_seconds(self) -> float:
        """The Crawl-delay, at most a minute; 0 if there is none."""
        return min(self._crawl_delay, MAX_CRAWL_DELAY_SECONDS)

    @property
    def delay_note(self) -> str | None:
        """A message if the host asks for a longer delay than the maximum, else None."""
        if self._crawl_delay <= MAX_CRAWL_DELAY_SECONDS:
            return None
        return f"Crawl-delay of {self._crawl_delay:g} s is capped at {MAX_CRAWL_DELAY_SECONDS:g} s"

    @cached_property
    def _crawl_delay(self) -> float:
        return 0.0 if self.error else float(self._rules.crawl_delay(PRODUCT_TOKEN) or 0.0)


def read_robots(status: int | None, body: bytes, error: str | None = None, truncated: bool = False) -> Robots:
    """Return the rules from the last response to a request for robots.txt.

    A 2xx response gives the rules of the file. Nothing is allowed after 5xx, 429 (stricter than the standard) or
    without a response: then `status` is None and `error` says why. After any other status everything is allowed.
    `truncated` means that the file is longer than `body`.
    """
    if status is None or status == 429 or status >= 500:
        return Robots(error=error or f"the server answered {status}")
    if not 200 <= status < 300:
        return Robots()
    text = _decoded(body[:MAX_ROBOTS_BYTES])
    if truncated or len(body) > MAX_ROBOTS_BYTES:
        text = text[: max(text.rfind("\n"), text.rfind("\r")) + 1]  # the beginning of a rule would be another rule
    return Robots(text)


def _decoded(body: bytes) -> str:
    for mark, encoding in _BYTE_ORDER_MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, "replace")
    return body.decode("utf-8", "replace")


def _groups_by_token(text: str) -> str:
    """Return the file with each `User-agent` replaced by our token, `*` or `somebody-else`.

    Protego takes `User-agent: date` as addressing Dateline, and `Dateline/1.0` as not addressing it; the standard
    compares product tokens.
    """
    lines = []
    for line in _LINE_END.split(text.removeprefix("\ufeff")):
        match = _USER_AGENT_LINE.match(line.partition("#")[0].strip())
        if match is None:
            lines.append(" ".join(line.splitlines()))  # Protego ends lines at more characters than the standard
            continue
        product = _PRODUCT.match(match[1])
        is_ours = product is not None and product[0].lower() == PRODUCT_TOKEN.lower()
        lines.append(f"User-agent: {PRODUCT_TOKEN if is_ours else '*' if match[1] == '*' else 'somebody-else'}")
    return "\n".join(lines)
