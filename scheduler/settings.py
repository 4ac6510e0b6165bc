"""Settings: where Graph is, who we are to it, where bookings are kept.

Read from a JSON or TOML file and from `SLOTWRIGHT_*` environment variables, which win over the file. The first line
that `slotwright emulator` prints is such a file.
"""

from __future__ import annotations

import json
import re
import tomllib
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, SecretStr, StringConstraints, ValidationError, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from scheduler.connection.clouds import CLOUDS, CloudName
from scheduler.connection.profiles import PROFILES, Consent, Profile, ProfileName
from scheduler.errors import InputError

DEFAULT_FILE = Path("slotwright.toml")
_PATHS = ("ca_file", "certificate_file", "token_key_file", "lanes_folder", "database")
_ADDRESSES = ("graph_url", "authority")
_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
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

    connection: Literal["none", "basic", "advanced"] = Field(
        "none",
        description="none reads and writes nothing, basic only reads free/busy, advanced does what profile says",
    )
    consent: Consent = Field(
        "admin", description="who consents: an administrator once for the app, or each user for themselves"
    )
    profile: ProfileName | None = Field(
        None,
        description="what it may do; else read-only for basic, scheduler where users consent, full otherwise",
    )
    cloud: CloudName = Field("global", description="national cloud, which sets graph_url and authority")
    graph_url: Text = Field("", description="root of the Graph version used, where it is not the cloud's")
    authority: Text = Field("", description="root of the sign-in service, where it is not the cloud's")
    tenant_id: Text = Field("", description="directory (tenant) ID")
    client_id: Text = Field("", description="application (client) ID")
    client_secret: SecretStr = Field(SecretStr(""), description="value of a client secret, not its ID")
    secret_expires: date | None = Field(None, description="last day of the client secret, for warnings")
    certificate_file: Path | None = Field(
        None, description="PEM file with a certificate and its private key, instead of a secret"
    )
    certificate_password: SecretStr = Field(SecretStr(""), description="of an encrypted private key")
    redirect_uri: Text = Field("http://localhost", description="where the sign-in page sends people back to")
    redirect_uris: dict[str, str] = Field(
        {}, description="one redirect URI for each environment of one app; environment chooses"
    )
    environment: Text = Field("", description="which of redirect_uris is used here")
    login_hint: Text = Field("", description="address that the sign-in page is to expect; else the organizer")
    domain_hint: Text = Field("", description="organization whose own sign-in page is to be shown at once")
    home_realm: Text = Field("", description="value of whr, for sign-in pages that want it")
    token_keys: SecretStr = Field(
        SecretStr(""), description="Fernet keys that seal kept sign-ins, the one that seals first"
    )
    token_key_file: Path | None = Field(
        None, description="file with these keys; else one beside a SQLite database, made when needed"
    )
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
    lanes_folder: Path | None = Field(
        None,
        description="folder in which processes of one machine keep Graph's limits together; else beside a SQLite file",
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

    @model_validator(mode="before")
    @classmethod
    def _of_the_cloud(cls, values: Any) -> Any:
        """Leave no address empty."""
        known = CLOUDS.get(values.get("cloud", "global")) if isinstance(values, dict) else None
        if known is None:
            return values
        given = {
            name: value for name, value in values.items() if str(value).strip() or name not in _ADDRESSES
        }
        return {"graph_url": known.graph_url, "authority": known.authority, **given}

    @property
    def used_profile(self) -> Profile:
        """The profile, or the one that goes without saying."""
        if self.profile is not None:
            return PROFILES[self.profile]
        if self.connection == "basic":
            return PROFILES["read-only"]
        return PROFILES["scheduler" if self.consent == "user" else "full"]

    @property
    def used_redirect_uri(self) -> str:
        """The redirect URI of this environment.

        Raises:
            InputError: the environment has none.
        """
        if not self.environment:
            return self.redirect_uri
        if self.environment not in self.redirect_uris:
            known = ", ".join(sorted(self.redirect_uris)) or "none yet"
            raise InputError(
                "settings.environment",
                f"{self.environment!r} has no redirect URI",
                f"add it to redirect_uris, which has {known}",
            )
        return self.redirect_uris[self.environment].strip()

    def connected(self) -> Settings:
        """These settings, once it is certain that they can name a tenant and an app, and fit together.

        Raises:
            InputError: naming the first setting that is missing or cannot be so.
        """
        if self.connection == "none":
            raise InputError(
                "settings.connection",
                "is none, so nothing is read or written",
                'set connection = "advanced", or "basic" to look at free/busy only',
            )
        for name in ("tenant_id", "client_id"):
            if not getattr(self, name):
                raise InputError(f"settings.{name}", "is missing", _put_it(name))
        self._check_ids()
        self._check_profile()
        if self.consent == "admin" and not self._secret() and self.certificate_file is None:
            raise InputError("settings.client_secret", "is missing", _put_it("client_secret"))
        if self.consent == "user" and not self.organizer:
            raise InputError(
                "settings.organizer", "is missing", f"{_put_it('organizer')}: it is who signs in"
            )
        return self

    def _secret(self) -> str:
        return self.client_secret.get_secret_value().strip()

    def _check_ids(self) -> None:
        if not (_GUID.fullmatch(self.tenant_id) or "." in self.tenant_id):
            raise InputError(
                "settings.tenant_id",
                f"{self.tenant_id!r} is neither an id nor a domain",
                "copy Directory (tenant) ID from the app's Overview",
            )
        if not _GUID.fullmatch(self.client_id):
            raise InputError(
                "settings.client_id",
                f"{self.client_id!r} is no id",
                "copy Application (client) ID from the app's Overview",
            )
        if self.tenant_id == self.client_id:
            raise InputError(
                "settings.tenant_id",
                "is the same as client_id",
                "copy Directory (tenant) ID from the app's Overview",
            )
        if _GUID.fullmatch(self._secret()):
            raise InputError(
                "settings.client_secret",
                "is an id, so probably the Secret ID",
                "copy the secret's Value; it is shown only once, so make a new secret if it is lost",
            )

    def _check_profile(self) -> None:
        profile = self.used_profile
        if self.connection == "basic" and profile.books:
            raise InputError(
                "settings.profile", f"{profile.name} books, which basic does not", "use read-only"
            )
        if self.consent not in profile.consents:
            raise InputError(
                "settings.profile",
                f"{profile.name} does not go with consent = {self.consent!r}",
                f"use one of {', '.join(each.name for each in PROFILES.values() if self.consent in each.consents)}",
            )


def _put_it(name: str) -> str:
    return f"put it into {DEFAULT_FILE} (or the file given by --settings) or set SLOTWRIGHT_{name.upper()}"


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
    for name in _PATHS:
        if isinstance(values.get(name), str) and not _is_url(values[name]):
            values[name] = path.parent / Path(values[name]).expanduser()
    return values
