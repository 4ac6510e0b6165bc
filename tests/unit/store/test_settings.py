"""The setting `database` is a file or a URL, from a file or from the environment, and a URL is never shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from scheduler.errors import InputError
from scheduler.settings import Settings, load_settings
from scheduler.wiring import open_store

URL = "postgresql://u:hunter2@h/d"


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SLOTWRIGHT_DATABASE", raising=False)


def shown(settings: Settings) -> str:
    """Everything that a person may come to see of the settings."""
    return f"{settings!r} {settings} {settings.model_dump_json()}"


def test_a_path_in_a_file_is_relative_to_the_file(tmp_path: Path) -> None:
    """Whoever keeps settings and database together may call from anywhere."""
    (tmp_path / "s.toml").write_text('database = "here.db"')
    assert tmp_path / "here.db" == load_settings(tmp_path / "s.toml").database


@pytest.mark.parametrize("url", [URL, f"  {URL}\n", URL.replace("postgresql", "postgres")])
def test_a_url_in_a_file_is_a_secret(tmp_path: Path, url: str) -> None:
    """It is taken as it is, and no form of the settings repeats it."""
    (tmp_path / "s.toml").write_text(f"database = {url!r}".replace("\\n", " "))
    settings = load_settings(tmp_path / "s.toml")
    assert not isinstance(settings.database, Path)
    assert url.strip() == settings.database.get_secret_value()
    assert "hunter2" not in shown(settings)


def test_the_environment_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A URL with a password need not stand in any file."""
    (tmp_path / "s.toml").write_text('database = "here.db"')
    monkeypatch.setenv("SLOTWRIGHT_DATABASE", URL)
    settings = load_settings(tmp_path / "s.toml")
    assert "hunter2" not in shown(settings)
    assert not isinstance(settings.database, Path)


def test_something_else_is_refused(tmp_path: Path) -> None:
    """The setting is named."""
    (tmp_path / "s.toml").write_text("database = 5")
    with pytest.raises(InputError, match=r"settings\.database: cannot be used: .*neither a path nor a URL"):
        load_settings(tmp_path / "s.toml")


def test_the_setting_opens_either_engine(tmp_path: Path, database: Path | str) -> None:
    """What the settings say is what is opened."""
    (tmp_path / "s.toml").write_text(f'database = "{database}"')
    with open_store(load_settings(tmp_path / "s.toml"), clock=lambda: 0) as store:
        expected = "sqlite" if isinstance(database, Path) else "postgresql"
        assert (expected, ()) == (store.database.engine.dialect.name, store.bookings())
