"""Whether a text is a NATS user's public key: base32 of a prefix byte, 32 bytes of key and a check sum."""

import base64
import binascii

_USER = 20 << 3
_BYTES = 35


def is_user_key(text: str) -> bool:
    try:
        raw = base64.b32decode(text)
    except (binascii.Error, ValueError):
        return False
    return len(raw) == _BYTES and raw[0] == _USER and binascii.crc_hqx(raw[:-2], 0) == int.from_bytes(raw[-2:], "little")
