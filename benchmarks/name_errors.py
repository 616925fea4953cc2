"""Writes the most common errors, with their sentences: false and missed names of every type, and wrong links."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from evaluation.corpora import PROJECT

FOLDER = PROJECT / "benchmarks" / "errors"
_MOST_WORDS = 40
_MOST_SENTENCES = 3


@dataclass(frozen=True)
class ErrorRow:
    """An error. `kind`: the type of name, or "link"; `how`: "false", "missed", ...; `set`: where it was seen;
    `words`: the name; `sentence`: the words around it."""

    kind: str
    how: str
    set: str
    words: str
    sentence: str


def write_errors(errors: Sequence[ErrorRow]) -> None:
    """Write a Markdown page for each kind. Git ignores the pages, as they hold sentences of the corpora."""
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / ".gitignore").write_text("*\n", encoding="utf-8")
    by_kind: dict[str, list[ErrorRow]] = defaultdict(list)
    for error in errors:
        by_kind[error.kind].append(error)
    for kind, errors_of_kind in by_kind.items():
        (FOLDER / f"{kind.lower()}.md").write_text(_markdown(kind, errors_of_kind), encoding="utf-8")
        print(f"{kind}: {len(errors_of_kind)} errors, see {FOLDER / kind.lower()}.md")


def _markdown(kind: str, errors: Sequence[ErrorRow]) -> str:
    lines = [f"# {kind}", ""]
    for how in dict.fromkeys(error.how for error in errors):
        alike = [error for error in errors if error.how == how]
        lines += [f"## {how}: {len(alike)}", ""]
        counts = Counter(error.words for error in alike)
        for words, count in counts.most_common(_MOST_WORDS):
            lines.append(f"- **{words}** × {count}")
            examples = [error for error in alike if error.words == words][:_MOST_SENTENCES]
            lines += [f"  - {e.set}: {' '.join(e.sentence.split())[:300]}" for e in examples]
        lines.append("")
    return "\n".join(lines)
