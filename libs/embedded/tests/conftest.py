"""One Postgres for these tests, in a folder that is thrown away.

The folders are not pytest's own: pytest closes the parent of those to other users whenever a session begins, and as
root the server runs as another user.
"""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from hotline_embedded.postgres import TEST_SETTINGS, EmbeddedPostgres
from hotline_embedded.provision import provision
from hotline_embedded.secret_book import SecretBook


@pytest.fixture(scope="session")
def session_path() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="hotline-embedded-"))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="hotline-embedded-"))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def passwords(session_path: Path) -> SecretBook:
    return SecretBook(session_path / "secrets.json")


@pytest.fixture(scope="session")
def postgres(session_path: Path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(session_path / "postgres", settings=TEST_SETTINGS)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
async def provisioned(postgres: EmbeddedPostgres, passwords: SecretBook) -> EmbeddedPostgres:
    await provision(postgres, passwords)
    return postgres
