"""Which bytes are a picture that may be kept: by their own header, never by what their sender calls them."""

import struct
from dataclasses import dataclass

MOST_BYTES = 1_500_000
MOST_PIXELS = 8_000
_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG_FRAMES = frozenset({0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF})


class NotAPicture(ValueError):
    """The bytes are none of PNG, JPEG and WebP, or break off in their header."""


@dataclass(frozen=True, slots=True)
class PictureFacts:
    """What a picture says of itself; sizes in pixels."""

    content_type: str
    width: int
    height: int


def picture_facts(content: bytes) -> PictureFacts:
    """Type and size from the header of a PNG, JPEG or WebP file. Raises NotAPicture."""
    try:
        if content.startswith(_PNG) and content[12:16] == b"IHDR":
            width, height = struct.unpack(">II", content[16:24])
            return PictureFacts("image/png", width, height)
        if content.startswith(b"\xff\xd8\xff"):
            return _jpeg(content)
        if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
            return _webp(content)
    except (struct.error, IndexError) as error:
        raise NotAPicture("The picture breaks off.") from error
    raise NotAPicture("Only PNG, JPEG and WebP pictures are kept.")


def _jpeg(content: bytes) -> PictureFacts:
    at = 2
    while True:
        if content[at] != 0xFF:
            raise NotAPicture("The picture is broken.")
        marker = content[at + 1]
        if marker in _JPEG_FRAMES:
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return PictureFacts("image/jpeg", width, height)
        (length,) = struct.unpack(">H", content[at + 2 : at + 4])
        at += 2 + length


def _webp(content: bytes) -> PictureFacts:
    kind = content[12:16]
    if kind == b"VP8X":
        width, height = (int.from_bytes(each, "little") + 1 for each in struct.unpack("3s3s", content[24:30]))
    elif kind == b"VP8L":
        bits = struct.unpack("<I", content[21:25])[0]
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    elif kind == b"VP8 ":
        width, height = (each & 0x3FFF for each in struct.unpack("<HH", content[26:30]))
    else:
        raise NotAPicture("The picture is broken.")
    return PictureFacts("image/webp", width, height)
