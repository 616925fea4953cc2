"""SQL statements in the documentation run, and the example of the language guide works."""

from __future__ import annotations

import re
import sys
import textwrap
import types
from pathlib import Path

import pytest

from etl.configuration.settings import Settings
from etl.nlp.annotate import TextToAnnotate, annotate
from etl.nlp.gazetteer.gazetteer import Gazetteer
from etl.nlp.languages.registry import LANGUAGES
from etl.nlp.languages.words import read_word_lists
from etl.warehouse.duck import query

ROOT = Path(__file__).parents[1]
STATEMENTS = [
    (page.name, statement)
    for page in (ROOT / "README.md", ROOT / "docs" / "topics.md", ROOT / "docs" / "operating.md")
    for block in re.findall(r"```sql\n(.*?)```", page.read_text(encoding="utf-8"), re.S)
    for statement in block.split(";\n")
    if statement.strip()
]


@pytest.mark.parametrize(("page", "statement"), STATEMENTS)
def test_a_statement_in_the_documentation_runs(world: Settings, page: str, statement: str) -> None:
    assert query(world.warehouse, statement).num_columns, page


def test_the_example_of_the_language_guide_finds_quotes_and_speakers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gazetteer: Gazetteer
) -> None:
    page = (ROOT / "docs" / "how-to-add-a-language.md").read_text(encoding="utf-8")
    blocks = [textwrap.dedent(block) for block in re.findall(r"   ```\w+\n(.*?)   ```", page, re.S)]
    [words] = [block for block in blocks if "reporting_verbs: [" in block]
    [code] = [block for block in blocks if "def find_direct_quotes" in block]
    (tmp_path / "words.yaml").write_text(words, encoding="utf-8")
    module = types.ModuleType("german_of_the_guide")
    module.__dict__["language_words"] = lambda _: read_word_lists(tmp_path / "words.yaml")
    exec(code.replace("from etl.nlp.languages.words import language_words\n", ""), module.__dict__)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setitem(LANGUAGES, "de", module.__name__)
    text = "„Wir bauen die Brücke bis zum Frühjahr“, sagte Bürgermeisterin Anna von Berg am Montag. Es ist spät.\n" \
           "Finanzminister Karl Weber erklärte: „Das Geld ist da.“\nIm Museum läuft die Schau „Nordlicht“."  # fmt: skip
    [annotation] = annotate([TextToAnnotate("", "", "", "v", text, "de")], gazetteer)
    assert [(quote.text, quote.speaker) for quote in annotation.quotes] == [
        ("Wir bauen die Brücke bis zum Frühjahr", "Anna von Berg"),
        ("Das Geld ist da.", "Karl Weber"),
    ]
