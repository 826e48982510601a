"""An issuer of tokens: it has keys, publishes them, and signs what it is told to."""

import json
import time
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from jwt.algorithms import ECAlgorithm

ISSUER, AUDIENCE = "https://login.example.com/", "dealgate"


class Keyring:
    """One issuer, whose keys lie in `path`."""

    def __init__(self, path: Path) -> None:
        """Publish a first key, k1."""
        self.path = path
        self._keys: dict[str, Any] = {}
        self.add("k1")

    def add(self, key_id: str) -> None:
        """Publish one more key."""
        self._keys[key_id] = generate_private_key(SECP256R1())
        self._publish()

    def withdraw(self, key_id: str) -> None:
        """Publish a key no more; it can still sign."""
        self._publish(without=key_id)

    def token(self, key_id: str = "k1", algorithm: str = "ES256", **claims: Any) -> str:
        """Sign a token that is valid for a minute, unless the claims say otherwise."""
        told = {"iss": ISSUER, "aud": AUDIENCE, "exp": time.time() + 60, "sub": "crm", **claims}
        told = {name: claim for name, claim in told.items() if claim is not None}
        return jwt.encode(told, self._keys[key_id], algorithm=algorithm, headers={"kid": key_id})

    def _publish(self, without: str = "") -> None:
        entries = [
            json.loads(ECAlgorithm.to_jwk(key.public_key())) | {"kid": key_id, "use": "sig"}
            for key_id, key in self._keys.items()
            if key_id != without
        ]
        self.path.write_text(json.dumps({"keys": entries}))
