"""robots.txt (RFC 9309): may this address be fetched, and how slowly."""

from __future__ import annotations

from dataclasses import dataclass

from protego import Protego

TOKEN = "Dateline"  # the name that robots.txt files address us by
_LONGEST_DELAY = 60.0  # seconds: a longer Crawl-delay would stop a nightly visit


@dataclass(frozen=True)
class Robots:
    """The rules of one host for us."""

    rules: Protego | None
    allowed_without_rules: bool

    def allows(self, url: str) -> bool:
        """Whether the address may be fetched."""
        return self.allowed_without_rules if self.rules is None else bool(self.rules.can_fetch(url, TOKEN))

    @property
    def delay_seconds(self) -> float:
        """The host's Crawl-delay, at most a minute; 0 where it says none."""
        delay = self.rules.crawl_delay(TOKEN) if self.rules else None
        return min(max(float(delay or 0.0), 0.0), _LONGEST_DELAY)


def read_robots(status: int | None, body: bytes) -> Robots:
    """Rules from an answer: without a file (4xx) all is allowed, where it cannot be had (5xx, no answer) nothing is."""
    if status is not None and 200 <= status < 300:
        return Robots(Protego.parse(body.decode("utf-8-sig", "replace")), True)
    return Robots(None, allowed_without_rules=status is not None and 400 <= status < 500 and status != 429)
