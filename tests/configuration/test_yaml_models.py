"""Errors in a user's YAML files name the file, the line and the field."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from etl.configuration.settings import PACKAGED, SettingsFile, find_settings
from etl.configuration.sources import SourceFile, load_sources
from etl.configuration.yaml_models import load_model, load_models
from etl.errors import ConfigError
from etl.nlp.gazetteer.gazetteer import load_gazetteer
from etl.topics.files import load_topic, load_topics


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "title: X\nhosts: [a.example]\nlanguge: en\n",
            "x.yaml:3: field 'languge': there is no such field; did you mean 'language'?",
        ),
        ("hosts: [a.example]\n", "x.yaml:1: field 'title': is required and missing"),
        ("title: X\nhosts: [a]\ncountry: China\n", "x.yaml:3: field 'country': string should match"),
        ("title: X\nhosts: [a]\ntimezone: Moscow\n", "x.yaml:3: field 'timezone': must be a time zone"),
        ("title: X\nhosts: [a]\nsections: ['https://a/']\n", "'sections' need 'article_links'"),
        ("title: X\nhosts: [a]\narticle_links: ['(']\n", "x.yaml:3: field 'article_links': '(' is not a regular"),
        (
            "title: X\nhosts: [a]\nfeeds: ['https://me:pw@a/']\n",
            "x.yaml:3: field 'feeds': 'https://me:pw@a/' contains a user name",
        ),
        ("title: X\nhosts: [a]\nsitemaps: [a/b]\n", "x.yaml:3: field 'sitemaps': 'a/b' is not an http or https"),
        (
            "title: X\nhosts: [a]\nfeeds: ['https://a:99999/']\n",
            "x.yaml:3: field 'feeds': 'https://a:99999/' is not an",
        ),
        ("title: [\n", "x.yaml:2: not valid YAML"),
        ("title: " + "[" * 100_000, "x.yaml:1: nested too deeply"),
        ("title: X\nhosts: [a]\ntitle: Y\n", "x.yaml:3: not valid YAML: the field 'title' occurs twice"),
        ("- a\n", "x.yaml:1: expected fields (name: value), found a list"),
        ("", "x.yaml:1: expected fields (name: value), found nothing"),
    ],
)
def test_a_mistake_is_reported_with_file_line_and_field(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError) as error:
        load_model(path, SourceFile)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_a_file_that_is_not_utf8_is_reported_with_the_byte(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_bytes(b"title: \xff\n")
    with pytest.raises(ConfigError, match="not UTF-8 at byte 7"):
        load_model(tmp_path / "x.yaml", SourceFile)


def test_a_mistake_in_a_list_is_reported_with_the_line_of_its_item(tmp_path: Path) -> None:
    for name in ("countries", "persons", "organisations", "places"):
        (tmp_path / f"{name}.yaml").write_text("[]")
    (tmp_path / "persons.yaml").write_text("- {id: a, name: A, aliases: {en: [A]}}\n- id: b\n  name: B\n  alias: {}\n")
    with pytest.raises(
        ConfigError, match=r"persons\.yaml:4: field 'alias'.*'aliases'|persons\.yaml:2: field 'aliases'"
    ):
        load_gazetteer(tmp_path)


def test_a_query_that_cannot_be_parsed_is_reported_with_the_topics_file(tmp_path: Path) -> None:
    path = tmp_path / "t.yaml"
    path.write_text("title: T\nquery: country:CHN AND (\n")
    with pytest.raises(ConfigError, match=r"t\.yaml:2: field 'query': the query cannot be parsed"):
        load_topic(path)


def test_the_packaged_configuration_is_valid() -> None:
    assert load_model(PACKAGED / "dateline.yaml", SettingsFile)
    assert load_sources(PACKAGED / "sources").by_host
    assert len(load_topics(PACKAGED / "topics")) >= 3
    assert load_gazetteer(PACKAGED / "gazetteer")


def test_a_mapping_where_a_list_is_expected_is_reported(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("title: not a list\n")
    with pytest.raises(ConfigError, match="expected a list"):
        load_models(tmp_path / "x.yaml", SourceFile)


def test_the_configuration_is_the_argument_then_the_variable_then_config_then_the_packaged_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "project" / "config"
    config.mkdir(parents=True)
    (config / "dateline.yaml").write_text("warehouse: tables\nworkers: 3\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DATELINE_CONFIG", raising=False)
    monkeypatch.delenv("DATELINE_WAREHOUSE", raising=False)
    assert find_settings().config == PACKAGED
    assert find_settings().warehouse == tmp_path / "warehouse"
    assert find_settings(config).warehouse == tmp_path / "project" / "tables"
    monkeypatch.setenv("DATELINE_CONFIG", str(config))
    assert find_settings().workers == 3
    assert find_settings(workers=1).workers == 1
    monkeypatch.chdir(tmp_path / "project")
    monkeypatch.delenv("DATELINE_CONFIG")
    assert find_settings().config == config
    with pytest.raises(ConfigError, match="dateline init"):
        find_settings(tmp_path / "none")


def test_a_missing_folder_of_the_configuration_is_replaced_by_the_packaged_one(tmp_path: Path) -> None:
    assert find_settings(tmp_path).folder("gazetteer") == PACKAGED / "gazetteer"
    (tmp_path / "topics").mkdir()
    assert find_settings(tmp_path).folder("topics") == tmp_path / "topics"


def test_every_field_of_a_source_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "how-to-add-a-source.md").read_text(encoding="utf-8")
    table = page.partition("## The fields")[2].partition("## ")[0]
    documented = [
        name
        for row in table.splitlines()
        if row.startswith("| `")
        for name in re.findall(r"`(\w+)`", row.split("|")[1])
    ]
    assert sorted(documented) == sorted(SourceFile.model_fields)


def test_a_list_file_that_does_not_exist_is_reported(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("title: X\nhosts: [a.example]\nlists: [more.txt]\n")
    with pytest.raises(ConfigError, match=r"x.yaml: field 'lists': .*more.txt: no such file"):
        load_sources(tmp_path)


def test_the_packaged_sources_cover_all_continents_and_say_when_they_were_checked() -> None:
    """Every packaged source has listings, a country, a language and a time zone, and the field `checked`."""
    sources = list(load_sources(PACKAGED / "sources"))
    assert len(sources) >= 40
    assert all(source.listings and source.country and source.language and source.timezone for source in sources)
    assert {"CHN", "RUS", "UKR", "USA", "BRA", "ZAF", "AUS", "GBR", "IND"} <= {source.country for source in sources}
    for path in (PACKAGED / "sources").glob("*.yaml"):
        assert re.search(r"^checked: (never|\d{4}-\d\d-\d\d)", path.read_text(encoding="utf-8"), re.MULTILINE), path


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("private_networks: [10.0.0.1/8]", "10.0.0.1/8 has host bits set"),
        ("private_networks: [localhost]", "'localhost' does not appear to be"),
        ("revisit_days: [0]", "must be numbers of days"),
        ("minutes_per_visit: 0", "greater than 0"),
        ("annotator: en_core_web_sm", "must be encoder, gazetteer, or a tagger and its pipeline, such as"),
    ],
)
def test_a_mistake_in_the_settings_is_reported_with_file_line_and_field(
    tmp_path: Path, line: str, message: str
) -> None:
    (tmp_path / "dateline.yaml").write_text(f"{line}\n")
    with pytest.raises(ConfigError) as error:
        find_settings(tmp_path)
    assert "dateline.yaml:1: field" in str(error.value) and message in str(error.value)


def test_brackets_in_a_text_are_no_nesting(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(f"title: '{'[' * 300}'\nhosts: [a]\n", encoding="utf-8")
    assert load_model(path, SourceFile).title == "[" * 300
