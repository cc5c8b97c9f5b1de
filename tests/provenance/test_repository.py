import subprocess

from lossbasins.provenance.repository import source_files


def write(folder, name):
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(name)


def test_the_code_is_what_is_tracked_and_models_and_studies_of_ones_own(tmp_path):
    assert source_files(tmp_path) is None
    for name in ("Snakefile", "gone.py", "workflow/models/theirs.py"):
        write(tmp_path, name)
    (tmp_path / ".gitignore").write_text("*.pyc\n")
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    subprocess.run(["git", "add", "."], cwd=tmp_path, check=True)
    (tmp_path / "gone.py").unlink()
    for name in ("workflow/models/mine.py", "workflow/models/mine.pyc", "studies/größe.yaml", "passwords.txt"):
        write(tmp_path, name)
    assert source_files(tmp_path) == [
        ".gitignore",
        "Snakefile",
        "studies/größe.yaml",
        "workflow/models/mine.py",
        "workflow/models/theirs.py",
    ]
