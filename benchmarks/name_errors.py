"""Pages of errors: for every type of name, and for links, the commonest false and missed ones with their sentences."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_MOST = 40
_SENTENCES = 3


@dataclass(frozen=True)
class Seen:
    """One error: of what `kind`, `how` ("false", "missed", ...), in which set, the words and their sentence."""

    kind: str
    how: str
    set: str
    words: str
    sentence: str


def write_errors(folder: Path, errors: Sequence[Seen]) -> None:
    """A Markdown page a kind. The pages hold sentences of the corpora: git ignores them."""
    folder.mkdir(exist_ok=True)
    (folder / ".gitignore").write_text("*\n", encoding="utf-8")
    by_kind: dict[str, list[Seen]] = defaultdict(list)
    for error in errors:
        by_kind[error.kind].append(error)
    for kind, own in by_kind.items():
        (folder / f"{kind.lower()}.md").write_text(_page(kind, own), encoding="utf-8")
        print(f"{kind}: {len(own)} errors, see {folder / kind.lower()}.md")


def _page(kind: str, errors: Sequence[Seen]) -> str:
    lines = [f"# {kind}", ""]
    for how in dict.fromkeys(error.how for error in errors):
        own = [error for error in errors if error.how == how]
        lines += [f"## {how}: {len(own)}", ""]
        times = Counter(error.words for error in own)
        for words, number in times.most_common(_MOST):
            lines.append(f"- **{words}** × {number}")
            examples = [error for error in own if error.words == words][:_SENTENCES]
            lines += [f"  - {e.set}: {' '.join(e.sentence.split())[:300]}" for e in examples]
        lines.append("")
    return "\n".join(lines)
