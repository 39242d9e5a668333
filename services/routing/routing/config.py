"""What routing needs beyond the settings that every service has: the key that signs departments' broker users."""

import os
from collections.abc import Mapping
from pathlib import Path

import nkeys

from hotline_chassis.settings import SettingsError
from hotline_events.broker_auth import DepartmentSigner

SIGNER_FILE = "HOTLINE_DEPARTMENT_SIGNER_FILE"


def department_signer(environment: Mapping[str, str] | None = None) -> DepartmentSigner | None:
    """Read the signer once from the file that the broker's authority wrote; None where the broker has no sign-in."""
    name = (os.environ if environment is None else environment).get(SIGNER_FILE, "").strip()
    if not name:
        return None
    try:
        return DepartmentSigner.read(Path(name))
    except (OSError, ValueError, KeyError, nkeys.NkeysError) as error:
        raise SettingsError(SIGNER_FILE, "names a file that holds no signing key") from error
