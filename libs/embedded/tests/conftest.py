"""One Postgres and one NATS for these tests, in a folder that is thrown away."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hotline_embedded.postgres import TEST_SETTINGS, EmbeddedPostgres
from hotline_embedded.provision import provision
from hotline_embedded.secret_book import SecretBook


@pytest.fixture(scope="session")
def passwords(tmp_path_factory: pytest.TempPathFactory) -> SecretBook:
    return SecretBook(_folder(tmp_path_factory) / "secrets.json")


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(_folder(tmp_path_factory) / "postgres", settings=TEST_SETTINGS)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
async def provisioned(postgres: EmbeddedPostgres, passwords: SecretBook) -> EmbeddedPostgres:
    await provision(postgres, passwords)
    return postgres


def _folder(factory: pytest.TempPathFactory) -> Path:
    return factory.getbasetemp() / "embedded"
