"""The protocol buffer wire format, read without trust, and written (https://protobuf.dev/programming-guides/encoding)."""

from collections.abc import Iterator
from typing import NamedTuple

MAX_FIELDS = 300_000
"""Most fields and packed integers that one file may hold: a bound on the time that reading takes."""

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5


class WireError(Exception):
    """The bytes are no protocol buffer of the expected kind."""


class Field(NamedTuple):
    """One field of a message: its number and wire type, an integer (VARINT) or where its bytes lie."""

    number: int
    wire: int
    value: int = 0
    start: int = 0
    stop: int = 0

    @property
    def size(self) -> int:
        """Length in bytes."""
        return self.stop - self.start


def _signed(value: int) -> int:
    return value - 2**64 if value >= 2**63 else value


class WireReader:
    """Walks the messages of one buffer; every method raises `WireError` where the bytes do not fit."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self._left = MAX_FIELDS

    def fields(self, start: int = 0, stop: int | None = None) -> Iterator[Field]:
        """The fields of the message at `start` to `stop`, in order."""
        at, stop = start, len(self.data) if stop is None else stop
        while at < stop:
            self._spend()
            tag, at = self._varint(at, stop)
            number, wire = tag >> 3, tag & 7
            if number == 0:
                raise WireError("a field has number 0")
            if wire == VARINT:
                value, at = self._varint(at, stop)
                yield Field(number, wire, value)
                continue
            if wire == BYTES:
                size, at = self._varint(at, stop)
            elif wire in (FIXED64, FIXED32):
                size = 8 if wire == FIXED64 else 4
            else:
                raise WireError(f"a field has wire type {wire}")
            if size > stop - at:
                raise WireError("a field is cut off")
            yield Field(number, wire, 0, at, at + size)
            at += size

    def message(self, field: Field) -> Iterator[Field]:
        """The fields of an embedded message."""
        self._expect(field, "message")
        return self.fields(field.start, field.stop)

    def text(self, field: Field) -> str:
        """A field's UTF-8 text."""
        self._expect(field, "text")
        try:
            return self.data[field.start : field.stop].decode()
        except UnicodeDecodeError as e:
            raise WireError(f"field {field.number} is no UTF-8 text") from e

    def integer(self, field: Field) -> int:
        """A field's one signed integer."""
        if field.wire != VARINT:
            raise WireError(f"field {field.number} is no integer")
        return _signed(field.value)

    def integers(self, field: Field) -> list[int]:
        """A repeated field's signed integers: one, or several packed."""
        if field.wire == VARINT:
            return [_signed(field.value)]
        self._expect(field, "list of integers")
        values, at = [], field.start
        while at < field.stop:
            self._spend()
            value, at = self._varint(at, field.stop)
            values.append(_signed(value))
        return values

    def count_varints(self, field: Field) -> int:
        """How many integers a packed field holds."""
        # Every varint ends in its only byte below 0x80.
        return len(self.data[field.start : field.stop].translate(None, bytes(range(0x80, 0x100))))

    def _varint(self, at: int, stop: int) -> tuple[int, int]:
        value = shift = 0
        while at < stop and shift < 70:
            byte = self.data[at]
            at += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value & (2**64 - 1), at
            shift += 7
        raise WireError("a number is cut off")

    def _expect(self, field: Field, what: str) -> None:
        if field.wire != BYTES:
            raise WireError(f"field {field.number} is no {what}")

    def _spend(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise WireError(f"more than {MAX_FIELDS} fields")


def encode(number: int, value: int | str | bytes, wire: int | None = None) -> bytes:
    """One field: an integer as VARINT, text or bytes as BYTES; or the bytes of another wire type."""
    if isinstance(value, int):
        return _encode_varint(number << 3 | VARINT) + _encode_varint(value % 2**64)
    payload = value.encode() if isinstance(value, str) else value
    wire = BYTES if wire is None else wire
    size = _encode_varint(len(payload)) if wire == BYTES else b""
    return _encode_varint(number << 3 | wire) + size + payload


def message(*fields: tuple[int, int | str | bytes]) -> bytes:
    """A message of (number, value) fields."""
    return b"".join(encode(number, value) for number, value in fields)


def _encode_varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])
