"""robots.txt (RFC 9309): may this address be fetched, and how slowly."""

from __future__ import annotations

from dataclasses import dataclass

from protego import Protego

TOKEN = "Dateline"  # the name that robots.txt files address us by
_LONGEST_DELAY = 60.0  # seconds: a longer Crawl-delay would stop a nightly visit


@dataclass(frozen=True)
class Robots:
    """The rules of one host for us. Without rules all is allowed, or nothing because of `trouble`."""

    rules: Protego | None
    trouble: str | None = None

    def allows(self, url: str) -> bool:
        """Whether the address may be fetched."""
        return self.trouble is None if self.rules is None else bool(self.rules.can_fetch(url, TOKEN))

    @property
    def why_not(self) -> str:
        """Why an address that is not allowed is not."""
        return f"robots.txt cannot be had ({self.trouble})" if self.trouble else "robots.txt does not allow it"

    @property
    def delay_seconds(self) -> float:
        """The host's Crawl-delay, at most a minute; 0 where it says none."""
        delay = self.rules.crawl_delay(TOKEN) if self.rules else None
        return min(max(float(delay or 0.0), 0.0), _LONGEST_DELAY)


def read_robots(status: int | None, body: bytes, detail: str | None = None) -> Robots:
    """Rules from an answer: without a file (4xx) all is allowed, where it cannot be had (5xx, no answer) nothing is.

    `detail` says what went wrong.
    """
    if status is not None and 200 <= status < 300:
        return Robots(Protego.parse(body.decode("utf-8-sig", "replace")))
    if status is not None and 400 <= status < 500 and status != 429:
        return Robots(None)
    return Robots(None, trouble=detail or f"the server answered {status}")
