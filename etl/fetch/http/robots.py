"""robots.txt (RFC 9309): may this address be fetched, and how slowly.

Protego matches paths. What the standard says of the rest is done here: which group speaks to us, what a status means,
how much of a file is read, in which encoding.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from functools import cached_property

from protego import Protego

TOKEN = "Dateline"  # the product token that robots.txt files address us by
LIMIT = 500 * 1024  # bytes of a file that are read
LONGEST_DELAY = 60.0  # seconds: a longer Crawl-delay would stop a nightly visit
_USER_AGENT = re.compile(r"user[- ]?agent(?:\s*:\s*|\s+)(.*)", re.IGNORECASE)
_PRODUCT = re.compile(r"[A-Za-z_-]+")
_LINE_ENDS = re.compile(r"\r\n|\r|\n")
# In this order: the little-endian mark of UTF-32 begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


@dataclass(frozen=True)
class Robots:
    """The rules of one origin for us: `text` as in the file, empty where there are none.

    With `trouble` nothing is allowed: the file could not be had. `outcome` is that of an address that is not allowed:
    robots, or what kept the host from answering at all.
    """

    text: str = ""
    trouble: str | None = None
    outcome: str = "robots"

    @cached_property
    def _rules(self) -> Protego:
        return Protego.parse(_groups_by_token(self.text))

    def allows(self, url: str) -> bool:
        """Whether the address may be fetched."""
        return self.trouble is None and bool(self._rules.can_fetch(url, TOKEN))

    @property
    def why_not(self) -> str:
        """Why an address that is not allowed is not."""
        return f"robots.txt cannot be had ({self.trouble})" if self.trouble else "robots.txt does not allow it"

    @property
    def delay_seconds(self) -> float:
        """The host's Crawl-delay, at most a minute; 0 where it says none."""
        return min(self._crawl_delay, LONGEST_DELAY)

    @property
    def delay_cut(self) -> str | None:
        """What to say where the host asks for a longer delay than it gets."""
        if self._crawl_delay <= LONGEST_DELAY:
            return None
        return f"Crawl-delay of {self._crawl_delay:g} s is cut to {LONGEST_DELAY:g} s"

    @cached_property
    def _crawl_delay(self) -> float:
        return 0.0 if self.trouble else float(self._rules.crawl_delay(TOKEN) or 0.0)


def read_robots(status: int | None, body: bytes, trouble: str | None = None, truncated: bool = False) -> Robots:
    """Rules from the last answer: with a file its own; without one (any status but those of trouble) all is allowed;
    where it cannot be had (5xx, no answer, and 429, which is stricter than the standard) nothing is.

    `status` is null, and `trouble` says why, where there was no answer. `truncated`: the body goes on.
    """
    if status is None or status == 429 or status >= 500:
        return Robots(trouble=trouble or f"the server answered {status}")
    if not 200 <= status < 300:
        return Robots()
    text = _decoded(body[:LIMIT])
    if truncated or len(body) > LIMIT:
        text = text[: max(text.rfind("\n"), text.rfind("\r")) + 1]  # half a rule is another rule
    return Robots(text)


def _decoded(body: bytes) -> str:
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, "replace")
    return body.decode("utf-8", "replace")


def _groups_by_token(text: str) -> str:
    """The file with each `User-agent` as us, all, or somebody else.

    Protego takes `User-agent: date` for a group that speaks to Dateline, and `Dateline/1.0` for one that does not; the
    standard compares product tokens.
    """
    lines = []
    for line in _LINE_ENDS.split(text.removeprefix("\ufeff")):
        found = _USER_AGENT.match(line.partition("#")[0].strip())
        if found is None:
            lines.append(" ".join(line.splitlines()))  # Protego's lines end at more characters than the standard's
            continue
        product = _PRODUCT.match(found[1])
        ours = product is not None and product[0].lower() == TOKEN.lower()
        lines.append(f"User-agent: {TOKEN if ours else '*' if found[1] == '*' else 'somebody-else'}")
    return "\n".join(lines)
