"""The groove of a loop, and there and back through a MIDI file."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from loops import BEATS, FRAMES, RATE

from vaesynth.errors import OutputError, SettingError
from vaesynth.groove import Stroke, find_groove, find_onsets
from vaesynth.loop import Loop
from vaesynth.midi_file import DRUM_CHANNEL, TICKS, drum_notes, write_groove

VOICES = ("kick", "snare", "hat_closed")
BEAT = FRAMES // BEATS


def struck(at: dict[int, float], hertz: float | None, decay: float) -> npt.NDArray[np.float32]:
    """A voice struck at these frames with these levels: a swept tone, or noise above 6 kHz; `(FRAMES, 2)`."""
    t = np.arange(round(4 * decay * RATE)) / RATE
    if hertz:
        wave = np.cos(2 * np.pi * hertz * (t + 0.02 * (1 - np.exp(-t / 0.02))))
    else:
        wave = np.diff(np.random.default_rng(3).uniform(-1, 1, len(t) + 2), n=2) / 2
    audio = np.zeros((FRAMES, 2), np.float32)
    for start, level in at.items():
        audio[(start + np.arange(len(t))) % FRAMES] += (level * wave * np.exp(-t / decay))[:, None].astype(
            np.float32)
    return audio


KICKS = {0: 0.8, 2 * BEAT + 700: 0.4, 3 * BEAT: 0.8}
SNARES = {BEAT: 0.5, 3 * BEAT - 600: 0.25}
HATS = {n * BEAT // 2: 0.3 if n % 2 == 0 else 0.1 for n in range(8)}


@pytest.fixture(scope="module")
def loop() -> Loop:
    stems = np.stack([struck(KICKS, 50, 0.12), struck(SNARES, 220, 0.08), struck(HATS, None, 0.03)])
    return Loop(stems.sum(0), RATE, BEATS, 4, stems)


def test_the_onsets_of_each_stem_are_found_within_a_millisecond(loop: Loop) -> None:
    strokes = find_groove(loop, VOICES)
    for voice, hits in zip(VOICES, (KICKS, SNARES, HATS), strict=True):
        found = {round(s.beat * BEAT): s.strength for s in strokes if s.voice == voice}
        assert sorted(found) == pytest.approx(sorted(hits), abs=RATE / 1000)
        for strength, level in zip((found[n] for n in sorted(found)), (hits[n] for n in sorted(hits)),
                                   strict=True):
            assert strength == pytest.approx(level / max(hits.values()), abs=0.15)
    assert [s.beat for s in strokes] == sorted(s.beat for s in strokes)


def test_a_ring_is_no_onset_and_silence_has_none() -> None:
    assert len(find_onsets(struck({1_000: 0.9}, 41, 0.4), RATE)) == 1
    assert len(find_onsets(np.zeros((FRAMES, 2), np.float32), RATE)) == 0
    assert len(find_onsets(np.zeros((100, 1), np.float32), RATE)) == 0
    # All round: what begins just before the end belongs to the downbeat.
    early = struck({FRAMES - 100: 0.9}, 60, 0.1)
    assert [s.beat for s in find_groove(Loop(early, RATE, BEATS, 4, early[None]), ["kick"])] == [0.0]


def test_a_stem_that_only_whispers_is_silent(loop: Loop) -> None:
    assert loop.stems is not None
    whisper = 0.002 * np.random.default_rng(0).normal(size=(FRAMES, 2)).astype(np.float32)
    stems = np.stack([loop.stems[0], whisper])
    strokes = find_groove(Loop(stems.sum(0), RATE, BEATS, 4, stems), ("kick", "snare"))
    assert {s.voice for s in strokes} == {"kick"}


def test_what_belongs_to_no_voice_strikes_nothing(loop: Loop) -> None:
    assert {s.voice for s in find_groove(loop, ("kick", "snare", "rest"))} == {"kick", "snare"}


def test_without_stems_hits_are_told_apart_by_their_spectrum() -> None:
    mix = struck({0: 0.8}, 50, 0.1) + struck({BEAT: 0.5}, 700, 0.05) + struck({2 * BEAT: 0.4}, None, 0.03)
    strokes = find_groove(Loop(mix, RATE, BEATS))
    assert [(round(s.beat, 2), s.voice) for s in strokes] == [(0, "kick"), (1, "snare"), (2, "hat_closed")]


def read(path: Path) -> tuple[list[tuple[float, int, int]], list[object]]:
    """(beat, note, velocity) of each note, and the messages."""
    mido = pytest.importorskip("mido")
    file = mido.MidiFile(path)
    assert file.ticks_per_beat == TICKS
    now, notes, open_notes, messages = 0, [], {}, []
    for message in file.tracks[0]:
        now += message.time
        messages.append(message)
        if message.type in ("note_on", "note_off"):
            assert message.channel == DRUM_CHANNEL
            if message.type == "note_on":
                assert message.note not in open_notes
                open_notes[message.note] = now
                notes.append((now / TICKS, message.note, message.velocity))
            else:
                assert now > open_notes.pop(message.note)
    assert not open_notes
    assert messages[-1].type == "end_of_track"
    assert next(m for m in messages if m.type == "time_signature").numerator == 4
    messages.append(now / TICKS)
    return notes, messages


def test_there_and_back_through_a_file(loop: Loop, tmp_path: Path) -> None:
    mido = pytest.importorskip("mido")
    strokes, path = find_groove(loop, VOICES), tmp_path / "groove.mid"
    write_groove(path, strokes, 97.3, beats=BEATS, total_beats=2 * BEATS, name="tönes", voices=VOICES)
    notes, messages = read(path)
    tempo = next(m.tempo for m in messages if getattr(m, "type", "") == "set_tempo")
    assert mido.tempo2bpm(tempo) == pytest.approx(97.3, abs=1e-3)
    assert messages[-1] == 2 * BEATS, "lasts exactly as long as the bars"
    of = drum_notes(VOICES)
    expected = sorted((turn * BEATS + s.beat, of[s.voice], s.strength) for s in strokes for turn in (0, 1))
    assert len(notes) == len(expected)
    for (beat, note, velocity), (at, number, strength) in zip(sorted(notes), expected, strict=True):
        assert abs(beat - at) <= 0.5 / TICKS + 1e-9
        assert note == number
        assert velocity == pytest.approx(127 * strength**0.5, abs=1)


def test_a_part_of_a_loop_and_repeated_notes(tmp_path: Path) -> None:
    pytest.importorskip("mido")
    strokes = [Stroke(0.0, "tom", 1.0), Stroke(0.01, "tom", 0.5), Stroke(0.01, "tom", 0.2),
               Stroke(3.9, "tom", 1.0)]
    write_groove(tmp_path / "a.mid", strokes, 120, beats=4, total_beats=2, voices=("tom",))
    notes, messages = read(tmp_path / "a.mid")
    assert notes == [(0.0, 45, 127), (10 / TICKS, 45, 90)]
    assert messages[-1] == 2
    write_groove(tmp_path / "none.midi", [], 120, beats=4, total_beats=4)
    assert read(tmp_path / "none.midi")[0] == []


def test_voices_have_the_notes_of_general_midi() -> None:
    assert drum_notes(("kick", "snare", "rim_clap", "hat_closed", "hat_open", "tom", "cymbal", "perc")) == {
        "kick": 36, "snare": 38, "rim_clap": 37, "hat_closed": 42, "hat_open": 46, "tom": 45, "cymbal": 51,
        "perc": 60}
    assert drum_notes(("Hi-Hat", "zap", "boing", "Open hat")) == {
        "Hi-Hat": 42, "zap": 61, "boing": 62, "Open hat": 46}


def test_files_that_cannot_be(tmp_path: Path) -> None:
    pytest.importorskip("mido")
    with pytest.raises(SettingError, match=r"expected \.mid or \.midi"):
        write_groove(tmp_path / "a.wav", [], 120, beats=4, total_beats=4)
    with pytest.raises(OutputError, match="expected a writable place"):
        write_groove(tmp_path / "nowhere" / "a.mid", [], 120, beats=4, total_beats=4)
    assert list(tmp_path.iterdir()) == []
