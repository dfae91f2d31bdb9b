"""The user's settings: one validated JSON file; a bad value falls back to its default, the old file is kept as .bak."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.paths import atomic_write, user_config_dir

MAX_RECENT = 12


class Settings(BaseModel):
    """What the user chose for the whole application."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    language: Literal["system", "en", "ko"] = "system"
    theme: Literal["system", "light", "dark"] = "system"
    device: Literal["auto", "cuda", "mps", "cpu"] = "auto"
    downloads_allowed: bool = False
    thumbnail_size_px: int = Field(default=112, ge=64, le=512)
    recent_projects: tuple[str, ...] = ()
    window_geometry: str = ""
    clean_map_shown: bool = True

    def with_recent(self, project: Path) -> Settings:
        """Return these settings with `project` as the most recent one."""
        path = str(project)
        others = tuple(known for known in self.recent_projects if known != path)
        return self.model_copy(update={"recent_projects": (path, *others)[:MAX_RECENT]})


def settings_file() -> Path:
    """Return where the settings are kept."""
    return user_config_dir() / "settings.json"


def load_settings() -> Settings:
    """Read the settings; what is not valid is dropped, and the file as it was is kept beside as ``.bak``."""
    path = settings_file()
    try:
        found: Any = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Settings()
    except (OSError, ValueError):
        _keep(path)
        return Settings()
    if not isinstance(found, dict):
        _keep(path)
        return Settings()
    try:
        return Settings.model_validate(found)
    except ValidationError as error:
        _keep(path)
        bad = {str(problem["loc"][0]) for problem in error.errors()}
        return Settings.model_validate({key: value for key, value in found.items() if key not in bad})


def save_settings(settings: Settings) -> None:
    """Write the settings atomically."""
    with atomic_write(settings_file()) as part:
        part.write_text(settings.model_dump_json(indent=2), encoding="utf-8")


def _keep(path: Path) -> None:
    if path.is_file():
        shutil.copyfile(path, path.with_suffix(".json.bak"))
