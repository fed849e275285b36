"""A take played again gives the very samples that were recorded."""

import inspect
import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from loops import RATE, hits, sliced, tone

from vaesynth.player import LoopPlayer
from vaesynth.slicing import SlicedLoop
from vaesynth.swing import Swing
from vaesynth.take import JournalPlayer, TakePlayer, TakeWriter, Tape, read
from vaesynth.take.file import CHECKS, TakeError
from vaesynth.take.journal import TAPE_SECONDS
from vaesynth.tempo import Quantise

Array = npt.NDArray[np.float32]
LOOPS = {n: sliced(hits([0, 11_800, 24_000 + 500 * n, 61_000], level=0.9), n) for n in range(1, 5)}
LOOPS[5] = sliced(tone(440), 5)


def act(player: LoopPlayer, rng: np.random.Generator) -> None:
    """Whatever server, follower and performer may do."""
    value = float(rng.random())
    match int(rng.integers(16)):
        case 0 | 1 | 2:
            loop = LOOPS[1 + int(5 * value)]
            player.offer(loop.numbered(loop.serial, json.dumps({"n": loop.serial})),
                         list(Quantise)[int(6 * value)])
        case 3:
            player.clock.micro_bpm = int(60e6 + 140e6 * value)
        case 4:
            player.play(None if value < 0.5 else 0)
        case 5:
            player.stop()
        case 6:
            player.set_volume(2 * value)
        case 7:
            player.set_swing(Swing(500 + int(250 * value)))
        case 8:
            player.steering.owed = int((value - 0.5) * 1e12)
        case 9:
            player.leap(player.clock.position + int(value * 1e12))
        case 10:
            player.free_running = value < 0.5
            player.play_at(player.clock.next_line(player.clock.units_per_beat))
        case 11:
            player.panic()
            player.play(None)
        case 12:
            player.stop_slices()
        case _:
            player.play_slice(int(8 * value), value, list(Quantise)[int(6 * value)])


def record(path: Path, seed: int, blocks: int = 400) -> Array:
    """Play for a while, with the tape in from somewhere in the middle; returns what the tape holds."""
    rng = np.random.default_rng(seed)
    player = JournalPlayer(RATE)
    player.offer(LOOPS[5].numbered(5, json.dumps({"n": 5})))
    player.play()
    tape, writer, parts = Tape(RATE), TakeWriter(path), []
    for n in range(blocks):
        if n == 50:
            player.play_slice(0, 0.7)
            player.tape = tape
        if rng.random() < 0.2:
            act(player, rng)
        player.render(np.empty((256 if n < 300 else 100, 2), np.float32))
        if n % 40 == 39:
            audio, lost = tape.take()
            assert not lost
            parts.append(audio)
            writer.write(tape)
    player.tape = None
    writer.close()
    assert json.loads(path.read_text().splitlines()[0])["state"]["voices"][2], "one slice sounds already"
    return np.concatenate(parts)


def played_again(path: Path) -> Array:
    take = read(path)

    def loop(serial: int) -> SlicedLoop:
        return LOOPS[take.recipes[serial]["n"]].numbered(serial)
    return np.concatenate([block.copy() for block in TakePlayer(take, loop).blocks()])


@pytest.mark.parametrize("seed", range(5))
def test_a_take_gives_what_was_recorded_sample_by_sample(seed: int, tmp_path: Path) -> None:
    recorded = record(tmp_path / "a.take", seed)
    assert len(recorded) == 250 * 256 + 100 * 100
    assert np.abs(recorded).max() > 0.1
    assert np.array_equal(played_again(tmp_path / "a.take"), recorded)


@pytest.mark.parametrize("share", [0.4, 0.71, 0.999])
def test_a_take_that_a_crash_has_cut_is_one_that_ends_earlier(share: float, tmp_path: Path) -> None:
    path = tmp_path / "a.take"
    recorded = record(path, 1)
    data = path.read_bytes()
    head = data.index(b"\n") + 1
    path.write_bytes(data[:head + int(share * (len(data) - head))])
    again = played_again(path)
    assert 1000 < len(again) < len(recorded)
    assert np.array_equal(again, recorded[:len(again)])


def test_every_wish_that_a_player_understands_is_noted() -> None:
    reads = {"render", "state", "go_on"}
    public = {name for name, _ in inspect.getmembers(LoopPlayer, inspect.isfunction) if name[0] != "_"}
    assert public - reads <= set(vars(JournalPlayer))


def test_a_tape_that_is_read_too_late_says_what_it_lost() -> None:
    tape, size = Tape(RATE), round(TAPE_SECONDS * RATE)
    ramp = np.repeat(np.arange(size + 3_000, dtype=np.float32)[:, None], 2, 1)
    for start in range(0, len(ramp), 1_000):
        tape.roll(ramp[start:start + 1_000])
    audio, lost = tape.take()
    assert lost == 3_000
    assert np.array_equal(audio, ramp[3_000:])
    assert tape.take()[0].shape == (0, 2)


@pytest.mark.parametrize(("lines", "told"), [
    ("", "is empty"),
    ("[]\n", "first line of a take"),
    ('{"take": 2}\n', "version 1"),
    ("HEAD[0, \"fly\"]\n", "one of the events at, block"),
    ("HEAD[0, \"swing\", 900]\n", "whole numbers from 500 to 750"),
    ("HEAD[5, \"at\"]\n[4, \"at\"]\n", "whole numbers from 5"),
    ("HEAD[0, \"volume\", NaN, true]\n", "finite numbers"),
    ("HEAD[0, \"stop\", 1]\n", "0 values of stop"),
    ("HEAD{\"serial\": \"x\", \"recipe\": null}\n", "whole numbers"),
    ("HEADnonsense\n", "line 2 is 'nonsense', expected a line of JSON"),
])
def test_what_is_no_take_is_refused_with_its_line(lines: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / "a.take"
    record(path, 0, 100)
    head = path.read_text().splitlines()[0] + "\n"
    path.write_text(lines.replace("HEAD", head))
    with pytest.raises(TakeError, match=told):
        read(path)
    assert set(CHECKS) >= {"loop", "clock"}
