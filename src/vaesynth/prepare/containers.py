"""What audio containers say of themselves that libsndfile does not tell: true length, encoder silence."""

import re
import struct

DECODER_DELAY = 529
"""Samples by which every MP3 decoder is late (polyphase and MDCT windows)."""

USUAL_DELAY = 576 + DECODER_DELAY
"""Silence before the music where an MP3 file does not tell: that of LAME, the usual encoder."""

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


def gapless(payload: bytes) -> tuple[int, int | None]:
    """Where the music lies in a decoded MP3 file.

    Reads the tag of LAME (and its kin) in the first frame, or the comment iTunSMPB of iTunes.

    Returns:
        The first sample, and the number of samples where the file tells it.
    """
    head = payload[:1 << 20]
    comment = re.search(rb"iTunSMPB\x00[^ ]{0,3} 0{8} ([0-9A-F]{8}) [0-9A-F]{8} ([0-9A-F]{16})", head)
    if comment:
        delay, length = int(comment[1], 16), int(comment[2], 16)
        return (delay + DECODER_DELAY, length) if delay < 10_000 else (USUAL_DELAY, None)
    mark = max(head.find(b"Xing"), head.find(b"Info"))
    if mark < 0:
        return USUAL_DELAY, None
    # The optional fields before the encoder's part: frames, bytes, table of contents, quality.
    flags = int.from_bytes(head[mark + 4:mark + 8], "big")
    sizes = (4, 4, 100, 4)
    position = mark + 8 + sum(size for bit, size in enumerate(sizes) if flags >> bit & 1)
    encoder = head[position:position + 24]
    if len(encoder) < 24 or encoder[:4] not in (b"LAME", b"Lavf", b"Lavc", b"L3.9"):
        return USUAL_DELAY, None
    delay, padding = encoder[21] << 4 | encoder[22] >> 4, (encoder[22] & 15) << 8 | encoder[23]
    if not flags & 1:
        return delay + DECODER_DELAY, None
    # The first header bit pattern before the tag tells the samples a frame has: 1152, or 576 below 32 kHz.
    header = head.rfind(b"\xff", 0, mark)
    per_frame = 1152 if header >= 0 and head[header + 1] & 8 else 576
    frames = int.from_bytes(head[mark + 8:mark + 12], "big")
    length = frames * per_frame - delay - padding
    return delay + DECODER_DELAY, length if length > 0 else None
