"""Fingerprints of a quotation's words, used to find copies of it in other articles, including shortened ones.

Winnowing (Schleimer, Wilkerson, Aiken 2003): of every four successive five-word sequences, the one with the smallest
hash is kept. Two texts that share eight words in a row share a fingerprint. About a third of the sequences are kept.
"""

from __future__ import annotations

import hashlib

from etl.text import tokens

SEQUENCE = 5  # words; characters in scripts without spaces
WINDOW = 4  # sequences


def quote_prints(text: str) -> list[int]:
    """Return the fingerprints, each once, in ascending order; none for fewer than five words. Each has 63 bits and so
    fits a signed integer."""
    words = tokens(text)
    hashes = [_hash(words[n : n + SEQUENCE]) for n in range(len(words) - SEQUENCE + 1)]
    windows = range(max(1, len(hashes) - WINDOW + 1))
    return sorted({min(hashes[n : n + WINDOW]) for n in windows}) if hashes else []


def _hash(words: list[str]) -> int:
    digest = hashlib.blake2b("\x1f".join(words).encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1
