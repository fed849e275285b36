import numpy as np
import pytest
from loops import FRAMES, RATE
from tones import ToneDecoder

from vaesynth.errors import SettingError
from vaesynth.render import render
from vaesynth.tempo import TempoMode


def test_native_bars_are_the_decoded_loop() -> None:
    loop = render(ToneDecoder(), 1, -1, bars=2)
    once = ToneDecoder().decode_loop(np.array([1, -1], np.float32)).audio
    assert np.array_equal(loop.audio, np.concatenate([once, once]))
    assert (loop.beats, loop.bpm, loop.sample_rate) == (8, 120, RATE)


def test_macros_reach_the_decoder() -> None:
    decoder = ToneDecoder()
    render(decoder, 0.5, 0, macros={"louder": 0.25})
    assert decoder.decoded[-1] == pytest.approx([0.75, 0.25])


@pytest.mark.parametrize("mode", [TempoMode.SLICES, TempoMode.REPITCH])
@pytest.mark.parametrize("bpm", [93.0, 150.0])
def test_tempo_and_rate_set_the_length(mode: TempoMode, bpm: float) -> None:
    loop = render(ToneDecoder(), bars=3, bpm=bpm, sample_rate=44_100, mode=mode)
    assert loop.frames == round(12 * 60 / bpm * 44_100)
    assert loop.bpm == pytest.approx(bpm, abs=1e-3)
    assert np.abs(loop.audio).max() <= 1


def test_a_rendered_loop_is_seamless_at_its_tempo() -> None:
    audio = render(ToneDecoder(), bpm=90).audio[:, 0]
    jumps = np.abs(np.diff(audio, append=audio[0]))
    assert jumps[-1] <= jumps[:-1].max()
    assert len(audio) > FRAMES


@pytest.mark.parametrize(("settings", "said"), [
    ({"bars": 0}, "bars is 0, expected 1 to"), ({"bars": 10**6}, "expected 1 to 1800"),
    ({"bpm": 300}, "tempo is 300 BPM"), ({"macros": {"x": 1}}, "macro is 'x'")])
def test_wrong_settings_are_named(settings: dict[str, object], said: str) -> None:
    with pytest.raises(SettingError, match=said):
        render(ToneDecoder(), **settings)  # type: ignore[arg-type]  # meant to be wrong
