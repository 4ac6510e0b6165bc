"""Settings: where Graph is, who we are to it, where bookings are kept.

Read from a JSON or TOML file and from `SLOTWRIGHT_*` environment variables, which win over the file. The first line
that `slotwright emulator` prints is such a file.
"""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, SecretStr, StringConstraints, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from scheduler.errors import InputError

DEFAULT_FILE = Path("slotwright.toml")
Text = Annotated[str, StringConstraints(strip_whitespace=True)]
Address = Annotated[str, StringConstraints(strip_whitespace=True, to_lower=True)]


def _file_or_url(value: Any) -> Any:
    if isinstance(value, str):
        return SecretStr(value.strip()) if _is_url(value) else Path(value)
    if not isinstance(value, Path | SecretStr):
        raise ValueError("it is neither a path nor a URL")  # noqa: TRY004 - only a ValueError names the setting
    return value


def _is_url(text: str) -> bool:
    return re.match(r"\s*postgres(ql)?(\+\w+)?://", text) is not None


Database = Annotated[Path | SecretStr, BeforeValidator(_file_or_url)]
"""A file, or a URL that may contain a password and is therefore never shown."""


class Settings(BaseSettings):
    """Everything that differs between one installation and another."""

    model_config = SettingsConfigDict(env_prefix="SLOTWRIGHT_", extra="forbid", frozen=True)

    graph_url: Text = Field("https://graph.microsoft.com/v1.0", description="root of the Graph version used")
    authority: Text = Field("https://login.microsoftonline.com", description="host of the token endpoint")
    tenant_id: Text = Field("", description="directory (tenant) ID")
    client_id: Text = Field("", description="application (client) ID")
    client_secret: SecretStr = Field(SecretStr(""), description="value of a client secret, not its ID")
    ca_file: Path | None = Field(
        None, description="PEM file of the certificate authority, where it is not a public one"
    )
    organizer: Address = Field("", description="mailbox that invites when a request names none")
    scheduling_user: Address = Field(
        "",
        description="mailbox that owns the generated calendar for rooms we may not write; else the organizer",
    )
    scheduler_calendar: Text = Field("Scheduler", description="name of that generated calendar")
    database: Database = Field(
        Path("slotwright.db"),
        description="where offers, bookings and claims are kept: a SQLite file, or postgresql://user:password@host/name",
    )
    audit_identity: Text = Field(
        "", description="who the audit says did what is done with these settings; else the system's user"
    )
    room_answer_seconds: int = Field(
        120, ge=1, le=86_400, description="how long a room may stay silent before it counts as declined"
    )
    room_poll_seconds: float = Field(2.0, gt=0, le=3_600, description="pause between two looks at a room")
    freeze_minutes: int = Field(
        60, ge=0, le=525_600, description="how long before an interview nothing of it is changed by itself"
    )
    change_budget: int = Field(
        3, ge=0, le=1_000, description="how many changes of one booking are made by themselves"
    )
    approve: Literal["none", "people", "all"] = Field(
        "none", description="which repairs a person has to make: none, those that exchange people, or all"
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let the environment win over the file, whose values arrive as init arguments."""
        del settings_cls, dotenv_settings, file_secret_settings
        return (env_settings, init_settings)

    def connected(self) -> Settings:
        """These settings, once it is certain that they name a tenant and an app.

        Raises:
            InputError: tenant_id, client_id or client_secret is missing.
        """
        for name in ("tenant_id", "client_id", "client_secret"):
            value = getattr(self, name)
            if not (value.get_secret_value().strip() if isinstance(value, SecretStr) else value):
                raise InputError(
                    f"settings.{name}",
                    "is missing",
                    f"put it into {DEFAULT_FILE} (or the file given by --settings) or set SLOTWRIGHT_{name.upper()}",
                )
        return self


def load_settings(path: Path | None) -> Settings:
    """Settings from the given file, else from ./slotwright.toml if there is one, and from the environment.

    Relative paths inside a settings file are relative to that file.

    Raises:
        InputError: the file cannot be read, is not JSON or TOML, or has a key or value that is not a setting.
    """
    source = path if path is not None else (DEFAULT_FILE if DEFAULT_FILE.is_file() else None)
    values = {} if source is None else _read(source)
    try:
        return Settings(**values)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            raise InputError(
                f"settings.{name}", "is not a setting", f"use one of {', '.join(Settings.model_fields)}"
            ) from None
        raise InputError(f"settings.{name}", f"cannot be used: {first['msg']}", "correct the value") from None


def _read(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            "settings", f"{path} cannot be read ({error})", "check the path given by --settings"
        ) from None
    try:
        values = json.loads(text) if text.lstrip().startswith("{") else tomllib.loads(text)
    except (json.JSONDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(
            "settings", f"{path} is neither JSON nor TOML ({error})", "correct the file"
        ) from None
    for name in ("ca_file", "database"):
        if isinstance(values.get(name), str) and not _is_url(values[name]):
            values[name] = path.parent / Path(values[name]).expanduser()
    return values
