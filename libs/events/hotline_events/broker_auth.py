"""Who may connect to the broker, by signed tokens: the operator vouches for accounts, an account's key for its users.

The server knows only the operator's public key and the accounts' tokens, so a user is added or taken away without
touching it. Routing makes departments' users at run time with a key of its own that can make nothing but department
users: the broker fills their rights in from a template, whatever the token asks for.

Departments have an account of their own that imports the few subjects they need. In the services' account, permissions
alone would not hold them: the broker checks the subject of a request but not where its answer goes, so a department could
have an answer delivered into another service's stream and break its sequence. Across accounts the answer cannot leave.
"""

import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import nats
from nats.aio.client import RawCredentials

from hotline_events import broker_rights as rights
from hotline_events.broker_keys import KeyRole, NatsKey, creds_text, key_of, new_key, signed_claims
from hotline_events.errors import HotlineError

_ROLES = {
    "operator": KeyRole.OPERATOR,
    "system": KeyRole.ACCOUNT,
    "hotline": KeyRole.ACCOUNT,
    "signing": KeyRole.ACCOUNT,
    "departments": KeyRole.ACCOUNT,
    "department_signing": KeyRole.ACCOUNT,
}
_UNLIMITED_ACCOUNT = {
    "subs": -1, "data": -1, "payload": -1, "imports": -1, "exports": -1, "wildcards": True, "conn": -1, "leaf": -1,
}  # fmt: skip
_JETSTREAM = {"mem_storage": -1, "disk_storage": -1, "streams": -1, "consumer": -1}
_NO_JETSTREAM = dict.fromkeys(_JETSTREAM, 0)
_CLAIMS_UPDATE = "$SYS.REQ.CLAIMS.UPDATE"
_OK = 200


class ClaimsRefusedError(HotlineError):
    """The broker did not take over an account's new token; what it knew before still holds there."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DepartmentSigner:
    """Makes department users, and nothing else: all that routing needs to hold."""

    signing: NatsKey
    account_public: str

    @classmethod
    def of(cls, signing_seed: str, account_public: str) -> Self:
        return cls(signing=key_of(signing_seed), account_public=account_public)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read what BrokerAuthority.write_department_signer wrote."""
        content = json.loads(path.read_text(encoding="utf-8"))
        return cls.of(content["seed"], content["account"])

    def user_jwt(self, code: str, public_nkey: str) -> str:
        """Sign a department's own public key, so that its seed never leaves the department.

        The token is empty on purpose: the rights come from the account's template for this signing key.
        """
        name = rights.checked_code(code)
        nats_claims = {"issuer_account": self.account_public, "type": "user", "pub": {}, "sub": {}}
        return signed_claims(self.signing, subject=public_nkey, name=name, nats=nats_claims)

    def creds(self, code: str) -> str:
        """Make a new key pair for a department and sign it: the text of a .creds file."""
        key = new_key(KeyRole.USER)
        return creds_text(self.user_jwt(code, key.public), key.seed)


@dataclass(kw_only=True, slots=True)
class BrokerAuthority:
    """The seeds that everything else follows from, kept in one file that only its owner can read."""

    folder: Path
    keys: Mapping[str, NatsKey]
    users: dict[str, NatsKey] = field(default_factory=dict)
    revoked: dict[str, int] = field(default_factory=dict)

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Read the authority kept in this folder, or found one there. The same folder gives the same keys for ever."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = folder / "authority.json"
        if not path.exists():
            made = cls(folder=folder, keys={name: new_key(role) for name, role in _ROLES.items()})
            made._save()
            return made
        content = json.loads(path.read_text(encoding="utf-8"))
        return cls(
            folder=folder,
            keys={name: key_of(content["keys"][name]) for name in _ROLES},
            users={name: key_of(seed) for name, seed in content["users"].items()},
            revoked=content["revoked"],
        )

    @property
    def account_public(self) -> str:
        """Return the services' account."""
        return self.keys["hotline"].public

    def server_config(self) -> str:
        """Write the part of nats-server's configuration that replaces its user lists."""
        operator, system = self.keys["operator"], self.keys["system"].public
        claims = {"type": "operator", "system_account": system}
        token = signed_claims(operator, subject=operator.public, name="hotline", nats=claims)
        tokens = self.folder.resolve() / "accounts"
        tokens.mkdir(exist_ok=True, mode=0o700)
        accounts = {"system": self._system_jwt(), "hotline": self._hotline_jwt(), "departments": self._departments_jwt()}
        preload = "".join(f"  {self.keys[name].public}: {token}\n" for name, token in accounts.items())
        return (
            f"operator: {token}\n"
            f"system_account: {system}\n"
            f'resolver: {{ type: full, dir: {json.dumps(str(tokens))}, allow_delete: false, interval: "2m" }}\n'
            f"resolver_preload: {{\n{preload}}}\n"
        )

    def service_creds(self, service: str) -> str:
        return self._account_user(service, rights.service_permissions(service))

    def bootstrap_creds(self) -> str:
        """Make the user who creates and deletes streams, and nobody else is."""
        return self._account_user(rights.BOOTSTRAP, rights.bootstrap_permissions())

    def sys_creds(self) -> str:
        key = self._user(rights.SYSTEM)
        claims = {"type": "user", **rights.system_permissions()}
        return creds_text(signed_claims(self.keys["system"], subject=key.public, name="sys", nats=claims), key.seed)

    def department_signer(self) -> DepartmentSigner:
        return DepartmentSigner(signing=self.keys["department_signing"], account_public=self.keys["departments"].public)

    def write_department_signer(self, path: Path) -> None:
        """Write the one secret that routing holds of this authority."""
        signer = self.department_signer()
        write_secret(path, json.dumps({"account": signer.account_public, "seed": signer.signing.seed}))

    def department_user_jwt(self, code: str, public_nkey: str) -> str:
        return self.department_signer().user_jwt(code, public_nkey)

    def department_creds(self, code: str) -> str:
        return self.department_signer().creds(code)

    async def revoke(self, url: str, user_public: str) -> None:
        """Shut a user out at once and for every token signed until now; the broker ends its connections."""
        self.revoked[user_public] = int(time.time())
        self._save()
        await self.publish_accounts(url)

    async def publish_accounts(self, url: str) -> None:
        """Hand the accounts' present tokens to a running broker."""
        inbox = f"_INBOX_{rights.SYSTEM}"
        client = await nats.connect(url, user_credentials=RawCredentials(self.sys_creds()), inbox_prefix=inbox)
        try:
            for token in (self._hotline_jwt(), self._departments_jwt()):
                answer = json.loads((await client.request(_CLAIMS_UPDATE, token.encode(), timeout=5)).data)
                if answer.get("data", {}).get("code") != _OK:
                    raise ClaimsRefusedError(str(answer.get("error", answer)))
        finally:
            await client.close()

    def _system_jwt(self) -> str:
        return self._account_jwt("system", {"limits": {**_UNLIMITED_ACCOUNT, **_NO_JETSTREAM}})

    def _hotline_jwt(self) -> str:
        """Sign the services' account: the streams are its own, the departments' subjects are open to their account."""
        claims = {
            "limits": {**_UNLIMITED_ACCOUNT, **_JETSTREAM},
            "signing_keys": [self.keys["signing"].public],
            "exports": rights.queue_exports(),
        }
        return self._account_jwt("hotline", claims)

    def _departments_jwt(self) -> str:
        """Sign the departments' account. Its one signing key makes users of the template and no others."""
        template = {
            "kind": "user_scope",
            "key": self.keys["department_signing"].public,
            "role": "department",
            "template": rights.department_permissions("{{name()}}"),
        }
        claims = {
            "limits": {**_UNLIMITED_ACCOUNT, **_NO_JETSTREAM},
            "signing_keys": [template],
            "imports": rights.queue_imports(self.account_public),
        }
        return self._account_jwt("departments", claims)

    def _account_jwt(self, name: str, claims: dict[str, Any]) -> str:
        """Sign an account. A revoked user is named in every one: no key belongs to two, so the surplus shuts nobody out."""
        revoked = {"revocations": self.revoked} if self.revoked and name != "system" else {}
        nats_claims = {"type": "account", **claims, **revoked}
        return signed_claims(self.keys["operator"], subject=self.keys[name].public, name=name.upper(), nats=nats_claims)

    def _account_user(self, name: str, permissions: dict[str, Any]) -> str:
        key = self._user(name)
        claims = {"type": "user", "issuer_account": self.account_public, **permissions}
        return creds_text(signed_claims(self.keys["signing"], subject=key.public, name=name, nats=claims), key.seed)

    def _user(self, name: str) -> NatsKey:
        """Return a user's key, made once: new tokens for the same user name the same key."""
        if name not in self.users:
            self.users[name] = new_key(KeyRole.USER)
            self._save()
        return self.users[name]

    def _save(self) -> None:
        seeds = {name: key.seed for name, key in self.keys.items()}
        users = {name: key.seed for name, key in self.users.items()}
        content = {"keys": seeds, "users": users, "revoked": self.revoked}
        write_secret(self.folder / "authority.json", json.dumps(content, indent=1))


def write_secret(path: Path, content: str) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    draft = path.with_name(f"{path.name}.new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
