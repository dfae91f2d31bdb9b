import json
from pathlib import Path

from core.settings import MAX_RECENT, Settings, load_settings, save_settings, settings_file


def test_settings_come_back_as_they_were_saved():
    settings = Settings(language="ko", theme="dark").with_recent(Path("/data/a.coverslip"))
    save_settings(settings)
    assert load_settings() == settings


def test_without_a_file_there_are_defaults():
    assert load_settings() == Settings()


def test_a_bad_value_falls_back_alone_and_the_file_is_kept():
    settings_file().parent.mkdir(parents=True)
    settings_file().write_text(json.dumps({"language": "klingon", "theme": "dark", "unknown": 1}))
    assert load_settings() == Settings(theme="dark")
    assert "klingon" in settings_file().with_suffix(".json.bak").read_text()


def test_a_file_that_is_no_settings_at_all_is_kept_and_ignored():
    settings_file().parent.mkdir(parents=True)
    for content in ("{half", "[1, 2]"):
        settings_file().write_text(content)
        assert load_settings() == Settings()
        assert settings_file().with_suffix(".json.bak").read_text() == content


def test_recent_projects_are_the_latest_once_each():
    settings = Settings()
    for i in range(20):
        settings = settings.with_recent(Path(f"/p{i}")).with_recent(Path("/p0"))
    assert settings.recent_projects[0] == str(Path("/p0"))
    assert len(settings.recent_projects) == MAX_RECENT == len(set(settings.recent_projects))
