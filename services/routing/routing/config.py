"""What routing needs beyond the settings that every service has: the key that signs departments' broker users."""

import os
from collections.abc import Mapping
from pathlib import Path

import nkeys

from hotline_chassis.settings import SettingsError
from hotline_events.broker_auth import DepartmentSigner

SEED_FILE = "HOTLINE_BROKER_SIGNING_SEED_FILE"
ACCOUNT = "HOTLINE_BROKER_ACCOUNT"


def department_signer(environment: Mapping[str, str] | None = None) -> DepartmentSigner | None:
    """Read the signing key once, None where this run has none (a broker without sign-in).

    The file is the one that the broker's authority wrote for routing; where only the seed is in it, the account's public
    key comes from the environment.
    """
    read = os.environ if environment is None else environment
    name, account = read.get(SEED_FILE, "").strip(), read.get(ACCOUNT, "").strip()
    if not name:
        return None
    try:
        return DepartmentSigner.of(Path(name).read_text().strip(), account) if account else DepartmentSigner.read(Path(name))
    except (OSError, ValueError, KeyError, nkeys.NkeysError) as error:
        raise SettingsError(SEED_FILE, "names a file that holds no signing key") from error
