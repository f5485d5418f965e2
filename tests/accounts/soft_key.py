"""A security key in software: it answers as a browser with a key would, and signs for real."""

import json
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2.cose import ES256
from fido2.utils import sha256, websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData

ORIGIN = "http://localhost"
_RP_ID_HASH = sha256(b"localhost")
_FLAG = AuthenticatorData.FLAG


class SoftKey:
    """One key with one credential. `verifies_user`: it asks for a PIN, so it may serve as a passkey."""

    def __init__(self, *, verifies_user: bool = False) -> None:
        self._private = ec.generate_private_key(ec.SECP256R1())
        self._flags = _FLAG.UP | (_FLAG.UV if verifies_user else _FLAG(0))
        self._verifies_user = verifies_user
        self._user_handle = ""
        self.id = websafe_encode(self._private.public_key().public_numbers().x.to_bytes(32, "big"))

    def create(self, options: dict[str, Any]) -> str:
        """What the browser sends after `navigator.credentials.create`."""
        public_key = ES256.from_cryptography_key(self._private.public_key())  # type: ignore[no-untyped-call]
        credential = AttestedCredentialData.create(bytes(16), self._raw_id, public_key)
        data = AuthenticatorData.create(_RP_ID_HASH, self._flags | _FLAG.AT, 0, bytes(credential))
        self._user_handle = options["publicKey"]["user"]["id"]
        attestation = AttestationObject.create("none", data, {})
        return self._answer(
            clientDataJSON=websafe_encode(_client_data("webauthn.create", options)),
            attestationObject=websafe_encode(bytes(attestation)),
        )

    def get(self, options: dict[str, Any]) -> str:
        """What the browser sends after `navigator.credentials.get`."""
        data = AuthenticatorData.create(_RP_ID_HASH, self._flags, 1)
        client_data = _client_data("webauthn.get", options)
        return self._answer(
            clientDataJSON=websafe_encode(client_data),
            authenticatorData=websafe_encode(bytes(data)),
            signature=websafe_encode(self._private.sign(bytes(data) + sha256(client_data), ec.ECDSA(SHA256()))),
            userHandle=self._user_handle,
        )

    @property
    def _raw_id(self) -> bytes:
        return self._private.public_key().public_numbers().x.to_bytes(32, "big")

    def _answer(self, **response: str) -> str:
        return json.dumps(
            {
                "id": self.id,
                "rawId": self.id,
                "type": "public-key",
                "response": response,
                "clientExtensionResults": {"credProps": {"rk": self._verifies_user}},
            }
        )


def _client_data(kind: str, options: dict[str, Any]) -> bytes:
    challenge = options["publicKey"]["challenge"]
    return json.dumps({"type": kind, "challenge": challenge, "origin": ORIGIN, "crossOrigin": False}).encode()
