"""What the host decides: read from the environment, a ``.env`` file or a secrets folder."""

from pathlib import Path
from typing import Literal

from platformdirs import user_data_path
from pydantic import AliasChoices, BaseModel, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


def _named(*names: str) -> AliasChoices:
    return AliasChoices(*names)


class Price(BaseModel, frozen=True):
    """US dollars for a million tokens."""

    sent: float = Field(ge=0)
    answered: float = Field(ge=0)


class Settings(BaseSettings):
    """Every setting of the host. What the operator decides lives in the profile instead."""

    model_config = SettingsConfigDict(
        env_prefix="FACTOTUM_", env_file=".env", extra="ignore", populate_by_name=True
    )

    home: Path = Field(default_factory=lambda: user_data_path("factotum"))
    """The data folder: database, mail, calendar, files, queue."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    telegram_bot_token: SecretStr | None = Field(
        default=None, validation_alias=_named("TELEGRAM_BOT_TOKEN")
    )
    telegram_api_url: str = "https://api.telegram.org"
    """Another Bot API server, such as the sandbox or a local one."""
    webhook_url: str | None = None
    """A public HTTPS address that reaches this machine; polling is used without it."""
    webhook_secret: SecretStr | None = None
    webhook_host: str = "127.0.0.1"
    webhook_port: int = 8080

    redis_url: SecretStr | None = Field(default=None, validation_alias=_named("REDIS_URL"))
    """Without it an embedded Valkey runs inside the data folder."""

    model_small: str = "builtin"
    """Asked where the built-in model is unsure: ``builtin``, or a model by pydantic-ai's name, such
    as ``openai:gpt-5-mini``; several, divided by commas, stand in for each other."""
    model_large: str = "builtin"
    """Asked for open plans and for writing."""
    model_url: str | None = None
    """An OpenAI-compatible server, whose models are named ``local:name``."""
    model_prices: dict[str, Price] = Field(default_factory=dict[str, Price])
    """Prices of models that no list knows, by their names."""
    model_timeout: float = 30.0
    """Seconds before a model's answer is given up and the built-in one takes over."""

    embedding_model: str = "builtin"
    """Makes the vectors by which memory is found: ``builtin`` on this machine, or a provider's,
    such as ``openai:text-embedding-3-small`` or ``local:name`` of the server at ``model_url``."""
    embedding_size: int = Field(default=256, ge=8, le=8192)
    """Dimensions of a provider's vectors; a local server's are those its model has."""

    weaviate_url: str | None = Field(default=None, validation_alias=_named("WEAVIATE_URL"))
    """Memory is indexed there; without it in the data folder."""
    weaviate_grpc: str | None = Field(default=None, validation_alias=_named("WEAVIATE_GRPC"))
    """Its gRPC address, ``host:port``, where that is not the host's usual one."""
    weaviate_api_key: SecretStr | None = Field(
        default=None, validation_alias=_named("WEAVIATE_API_KEY")
    )

    smtp_host: str | None = None
    smtp_port: int = 587
    smtp_username: str | None = None
    smtp_password: SecretStr | None = None
    smtp_tls: Literal["starttls", "tls", "none"] = "starttls"
    mail_from: str | None = None
    """The sender's address; without it the one of the company in /settings."""

    @model_validator(mode="after")
    def _secret_with_webhook(self) -> "Settings":
        if self.webhook_url and not self.webhook_secret:
            raise ValueError(
                "FACTOTUM_WEBHOOK_URL is set without FACTOTUM_WEBHOOK_SECRET: "
                "set a long random secret, or remove the address to use polling"
            )
        return self

    @model_validator(mode="after")
    def _known_queue(self) -> "Settings":
        url = self.redis_url.get_secret_value() if self.redis_url else ""
        if url and not url.startswith(("redis://", "rediss://", "unix://")):
            raise ValueError("REDIS_URL must begin with redis://, rediss:// or unix://")
        return self

    @property
    def database_path(self) -> Path:
        """The one SQLite file."""
        return self.home / "factotum.db"

    @property
    def queue_socket(self) -> Path:
        """Where the embedded Valkey listens."""
        return self.home / "queue" / "valkey.sock"

    def queue_url(self) -> str:
        """The Redis to use: the configured one, else the embedded one's socket."""
        if self.redis_url:
            return self.redis_url.get_secret_value()
        return f"unix://{self.queue_socket}"
