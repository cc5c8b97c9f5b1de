import os
import subprocess
import sys

from lossbasins.stages.temporary import beside, sweep


def test_what_a_killed_process_left_is_swept_and_what_a_living_one_writes_is_not(tmp_path):
    path = tmp_path / "solutions.safetensors"
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    mine = beside(path)
    others = mine.with_name(mine.name.replace(str(os.getpid()), str(dead.pid)))
    elsewhere = tmp_path / f".solutions.safetensors.another-host.{dead.pid}"
    for file in (path, mine, others, elsewhere):
        file.write_text("")
    sweep(path)
    assert set(tmp_path.iterdir()) == {path, mine, elsewhere}
