"""In place of the real stages, at once: `python -m training_stand_in STAGE FOLDER MODEL`.

The training writes its log and an example, then goes on until it is asked to end; with a file `quick` in its
folder it ends by itself, with `broken` it fails, with `slow` it saves itself for as long as that lies there.
A stage that VAESYNTH_TEST_HOLD names never ends. What began in a folder stands in its `stages`.
"""

import os
import shutil
import signal
import sys
import time
import wave
from pathlib import Path


def train(folder: Path) -> int:
    """As the real one: saves itself on SIGTERM and ends with 143."""
    stopped: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, frame: stopped.append(number))
    run = folder / "run"
    (run / "previews").mkdir(parents=True, exist_ok=True)
    for kind in ("original", "reconstruction"):
        with wave.open(str(run / "previews" / f"1 Beat.{kind}.wav"), "wb") as file:
            file.setparams((1, 2, 24_000, 0, "NONE", ""))
            file.writeframes(b"\x00\x10\x00\xf0" * 6_000)
    with open(run / "log.csv", "a", encoding="utf-8") as log:
        log.write("step,minutes,split,name,value\n")
        for step in range(1, 500):
            log.write(f"{step},{step / 10},train,loss,{1 + 1 / step}\n")
            log.flush()
            if (folder / "broken").exists():
                print("python -m vaesynth_training: the loss is nan, expected a number", file=sys.stderr)
                return 2
            if step == 100 and (folder / "quick").exists():
                return 0
            if stopped:
                signal.signal(signal.SIGTERM, signal.SIG_DFL)  # Lightning puts the old one back
                while (folder / "slow").exists():
                    time.sleep(0.02)
                (run / "checkpoints").mkdir(exist_ok=True)
                (run / "checkpoints" / "last.ckpt").touch()
                (run / "saved").touch()
                return 128 + stopped[0]
            time.sleep(0.002 if (folder / "quick").exists() else 0.05)
    return 1


def main() -> int:
    """Do one stage."""
    stage, folder, model = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    with open(folder / "stages", "a", encoding="utf-8") as stages:
        stages.write(f"{stage}\n")
    while stage == os.environ.get("VAESYNTH_TEST_HOLD"):
        time.sleep(0.05)
    if stage == "train":
        return train(folder)
    if stage == "export":
        model.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(folder / "run" / "log.csv", model)
    return 0


if __name__ == "__main__":
    sys.exit(main())
