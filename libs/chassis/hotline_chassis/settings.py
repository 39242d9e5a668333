"""The settings of a process: read once from the environment, frozen, and wrong ones named before anything starts."""

import base64
import binascii
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from hotline_chassis.roles import SERVICES

Mode = Literal["development", "production"]
Algorithm = Literal["EdDSA", "RS256"]

KEK_BYTES = 32


class SettingsError(Exception):
    """An environment variable is missing or wrong; the message names it and never shows its value."""

    def __init__(self, variable: str, reason: str) -> None:
        super().__init__(f"{variable} {reason}")
        self.variable = variable


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a process needs to know. Addresses carry passwords, so they are left out of the representation."""

    service: str
    mode: Mode
    database_url: str = field(repr=False)
    owner_database_url: str | None = field(default=None, repr=False)
    keys_database_url: str | None = field(default=None, repr=False)
    kek_file: Path | None = None
    kek_text: str | None = field(default=None, repr=False)
    nats_url: str = field(repr=False)
    nats_creds: Path | None = None
    issuer: str
    audience: str = "hotline"
    jwks_url: str
    jwt_algorithm: Algorithm = "EdDSA"
    token_url: str | None = None
    client_id: str | None = None
    client_secret: str | None = field(default=None, repr=False)
    host: str = "127.0.0.1"
    port: int = 8080
    health_port: int = 8081
    rule_pack: str = "default"
    log_level: str = "INFO"
    otlp_endpoint: str | None = None
    anchor_file: Path | None = None
    anchor_key_file: Path | None = None
    peers: Mapping[str, str] = field(default_factory=dict)

    @property
    def development(self) -> bool:
        """Whether the switches that exist only in development exist."""
        return self.mode == "development"

    def load_kek(self) -> bytes:
        """Read the key-encryption key; it is never kept in the settings."""
        variable = "HOTLINE_KEK_FILE" if self.kek_file else "HOTLINE_KEK"
        try:
            text = self.kek_file.read_text() if self.kek_file else self.kek_text
        except OSError as error:
            raise SettingsError(variable, "names a file that cannot be read") from error
        if not text:
            raise SettingsError("HOTLINE_KEK_FILE", "is needed here and not set")
        try:
            kek = base64.b64decode(text.strip(), validate=True)
        except binascii.Error as error:
            raise SettingsError(variable, "is not base64") from error
        if len(kek) != KEK_BYTES:
            raise SettingsError(variable, f"must hold {KEK_BYTES} bytes")
        return kek


def settings_from_environment(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the environment once. A missing or wrong variable is an error that names it."""
    read = _Reader(os.environ if environment is None else environment)
    mode = read.choice("HOTLINE_MODE", ("development", "production"), "production")
    algorithm = read.choice("HOTLINE_JWT_ALGORITHM", ("EdDSA", "RS256"), "EdDSA")
    service = read.needed("HOTLINE_SERVICE")
    return Settings(
        service=service,
        mode="development" if mode == "development" else "production",
        database_url=read.needed("HOTLINE_DATABASE_URL"),
        owner_database_url=read.optional("HOTLINE_OWNER_DATABASE_URL"),
        keys_database_url=read.optional("HOTLINE_KEYS_DATABASE_URL"),
        kek_file=read.path("HOTLINE_KEK_FILE"),
        kek_text=read.optional("HOTLINE_KEK"),
        nats_url=read.needed("HOTLINE_NATS_URL"),
        nats_creds=read.path("HOTLINE_NATS_CREDS"),
        issuer=read.needed("HOTLINE_ISSUER"),
        audience=read.optional("HOTLINE_AUDIENCE") or "hotline",
        jwks_url=read.needed("HOTLINE_JWKS_URL"),
        jwt_algorithm="RS256" if algorithm == "RS256" else "EdDSA",
        token_url=read.optional("HOTLINE_TOKEN_URL"),
        client_id=read.optional("HOTLINE_CLIENT_ID"),
        client_secret=read.secret("HOTLINE_CLIENT_SECRET_FILE"),
        host=read.optional("HOTLINE_HOST") or "127.0.0.1",
        port=read.port("HOTLINE_PORT", 8080),
        health_port=read.port("HOTLINE_HEALTH_PORT", 8081),
        rule_pack=read.optional("HOTLINE_RULE_PACK") or "default",
        log_level=read.choice("HOTLINE_LOG_LEVEL", ("DEBUG", "INFO", "WARNING", "ERROR"), "INFO"),
        otlp_endpoint=read.optional("OTEL_EXPORTER_OTLP_ENDPOINT"),
        anchor_file=read.path("HOTLINE_ANCHOR_FILE"),
        anchor_key_file=read.path("HOTLINE_ANCHOR_KEY_FILE"),
        peers={peer: url for peer in SERVICES if (url := read.optional(f"HOTLINE_{peer.upper()}_URL"))},
    )


class _Reader:
    """Typed reads of one environment; an empty variable counts as not set."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment

    def optional(self, variable: str) -> str | None:
        return self._environment.get(variable, "").strip() or None

    def needed(self, variable: str) -> str:
        value = self.optional(variable)
        if value is None:
            raise SettingsError(variable, "is not set")
        return value

    def path(self, variable: str) -> Path | None:
        value = self.optional(variable)
        return Path(value) if value else None

    def secret(self, variable: str) -> str | None:
        path = self.path(variable)
        try:
            return path.read_text().strip() if path else None
        except OSError as error:
            raise SettingsError(variable, "names a file that cannot be read") from error

    def choice(self, variable: str, allowed: tuple[str, ...], default: str) -> str:
        value = self.optional(variable) or default
        if value not in allowed:
            raise SettingsError(variable, f"must be one of {', '.join(allowed)}")
        return value

    def port(self, variable: str, default: int) -> int:
        value = self.optional(variable)
        if value is None:
            return default
        if not re.fullmatch(r"[0-9]{1,5}", value) or int(value) > 65535:  # noqa: PLR2004 - the highest port there is
            raise SettingsError(variable, "must be a port number")
        return int(value)
