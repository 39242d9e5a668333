"""Settings that need no server, and an issuer whose key only the tests know."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hotline_chassis.devissuer import Issuer
from hotline_chassis.settings import Settings, settings_from_environment


@pytest.fixture(scope="session")
def settings() -> Settings:
    return settings_from_environment(
        {
            "HOTLINE_SERVICE": "intake",
            "HOTLINE_MODE": "development",
            "HOTLINE_DATABASE_URL": "postgresql+asyncpg://localhost/none",
            "HOTLINE_NATS_URL": "nats://localhost",
            "HOTLINE_ISSUER": "http://issuer",
            "HOTLINE_JWKS_URL": "http://issuer/jwks.json",
        }
    )


@pytest.fixture(scope="session")
def issuer() -> Issuer:
    return Issuer(url="http://issuer", audience="hotline", key=Ed25519PrivateKey.generate())
