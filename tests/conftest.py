"""What all tests share: windows open offscreen."""

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
