"""The errors that people see: each is one sentence naming the thing, the value and what was expected."""


class VaesynthError(Exception):
    """Base of every error that is shown to people instead of a traceback (command line: exit code 2)."""


class AudioFileError(VaesynthError):
    """An audio file cannot be used; the message names the file and the reason."""


class ImageFileError(VaesynthError):
    """An image file cannot be used; the message names the file and the reason."""


class DatasetError(VaesynthError):
    """A data set folder is missing, broken or empty."""


class ModelError(VaesynthError):
    """A model file breaks the contract; the message names the field, its value and what was expected."""


class DeviceError(VaesynthError):
    """An audio device is absent, busy or refuses the settings."""


class OutputError(VaesynthError):
    """An output file or folder cannot be written; nothing half-written is left behind."""


class SettingError(VaesynthError):
    """An argument or configuration value is out of range; the message names it, its value and the range."""


def in_words(error: Exception) -> str:
    """What went wrong, for a message that names the file itself: of an `OSError` neither number nor path."""
    return str(getattr(error, "strerror", None) or error) or type(error).__name__
