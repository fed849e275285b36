"""`vaesynth render --take FILE`: what was recorded, sample by sample."""

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import OutputError, SettingError
from .options import open_decoder

if TYPE_CHECKING:
    from ..latent_controls import LoopDecoder
    from ..slicing import SlicedLoop
    from ..take import Take


def render_take(options: argparse.Namespace) -> str:
    """Play a take into the file that the options name; returns what was written, in words.

    Raises:
        TakeError: the file is no take.
        SettingError: a loop was not noted, or its model is another one.
        ModelError: a model is not there.
        OutputError: the file cannot be written.
    """
    from ..take import TakePlayer, read
    from ..wav_stream import WavStream, to_flac

    take, out = read(options.take), Path(options.out)
    if out.suffix.lower() not in (".wav", ".flac"):
        raise SettingError(f"{out} ends with {out.suffix or 'nothing'}, expected .wav or .flac")
    player = TakePlayer(take, _Loops(take, options))
    wav = out.with_name(f".{out.name}.part.wav")
    try:
        wav.unlink(missing_ok=True)
        sound = WavStream(wav, take.sample_rate)
        try:
            for block in player.blocks():
                sound.write(block)
        finally:
            sound.close()
        if out.suffix.lower() == ".flac":
            to_flac(wav, out)
        else:
            os.replace(wav, out)
    except OSError as e:
        raise OutputError(f"{out} cannot be written ({e.strerror}), expected a writable place") from e
    finally:
        wav.unlink(missing_ok=True)
    return (f"{out}: {take.frames / take.sample_rate:.2f} s at {take.sample_rate} Hz, "
            f"{take.hand_overs} hand-overs, as in {options.take}")


class _Loops:
    """Makes the loops of a take as the engine made them; called with a serial number."""

    def __init__(self, take: "Take", options: argparse.Namespace) -> None:
        from ..engine.maker import LoopMaker

        self._take, self._options = take, options
        self._maker = LoopMaker()
        self._decoders: dict[str, LoopDecoder] = {}

    def __call__(self, serial: int) -> "SlicedLoop":
        from ..engine.note import from_values

        values = self._take.recipes.get(serial)
        if values is None:
            raise SettingError(f"{self._options.take}: loop {serial} has no recipe, expected one in the take")
        recipe = from_values(values, self._take.sample_rate, self._decoder)
        return self._maker.make(recipe).sliced.numbered(serial)

    def _decoder(self, values: dict[str, Any]) -> "LoopDecoder":
        from .. import models

        digest = str(values["digest"])
        if digest not in self._decoders:
            path = Path(str(values["path"]))
            if self._options.model:
                path = models.find(self._options.model)
            elif not path.is_file():
                path = models.find(str(values["model"]))
            self._decoders[digest] = open_decoder(path, self._options, "loop")
        return self._decoders[digest]
