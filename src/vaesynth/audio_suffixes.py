"""Which files are read as audio: one list for preparing, the pad and the window."""

SUFFIXES = (".wav", ".wave", ".aif", ".aiff", ".aifc", ".flac", ".ogg", ".oga", ".opus", ".mp3")
