"""What audio files say of themselves that libsndfile does not tell: the length that they should have."""

import re
import struct

MP3_DELAY = 1105
"""Silence in samples before the music of an untagged MP3 file: 576 of most encoders, 529 of any decoder."""

_UNKNOWN = (0, 0xFFFFFFFF, 0x7FFFFFFF)
"""Chunk sizes that programs write while the length is not known yet."""


def declared_length(payload: bytes) -> int | None:
    """Bytes that a WAV or AIFF header promises up to the end of the samples; None: it does not say."""
    if payload[:4] == b"RIFF" and payload[8:12] == b"WAVE":
        name, layout = b"data", "<I"
    elif payload[:4] == b"FORM" and payload[8:12] in (b"AIFF", b"AIFC"):
        name, layout = b"SSND", ">I"
    else:
        return None
    position = 12
    while position + 8 <= len(payload):
        size: int = struct.unpack_from(layout, payload, position + 4)[0]
        if payload[position:position + 4] == name:
            return None if size in _UNKNOWN else position + 8 + size
        position += 8 + size + size % 2
    return None


def mp3_length(payload: bytes) -> int | None:
    """Samples of music that the tag of LAME, or its kin, in the first frame promises; None: there is no tag.

    Where there is one the decoder cuts off the silence that the encoder put round the music.
    """
    head = payload[:1 << 20]
    mark = max(head.find(b"Xing"), head.find(b"Info"))
    if mark < 0:
        return None
    # The optional fields before the encoder's part: frames, bytes, table of contents, quality.
    flags = int.from_bytes(head[mark + 4:mark + 8], "big")
    sizes = (4, 4, 100, 4)
    position = mark + 8 + sum(size for bit, size in enumerate(sizes) if flags >> bit & 1)
    encoder = head[position:position + 24]
    if len(encoder) < 24 or encoder[:4] not in (b"LAME", b"Lavf", b"Lavc", b"L3.9") or not flags & 1:
        return None
    delay, padding = encoder[21] << 4 | encoder[22] >> 4, (encoder[22] & 15) << 8 | encoder[23]
    # The frame header before the tag tells how many samples a frame has: 1152, or 576 below 32 kHz.
    header = head.rfind(b"\xff", 0, mark)
    per_frame = 1152 if header >= 0 and head[header + 1] & 8 else 576
    frames = int.from_bytes(head[mark + 8:mark + 12], "big")
    return max(0, frames * per_frame - delay - padding)


def itunes_length(payload: bytes) -> int | None:
    """Samples of music that an MP3 file by iTunes tells in its comment iTunSMPB; decoders pass over it."""
    pattern = rb"iTunSMPB\x00[^ ]{0,3} 0{8} [0-9A-F]{8} [0-9A-F]{8} ([0-9A-F]{16})"
    found = re.search(pattern, payload[:1 << 20])
    return int(found[1], 16) if found else None
