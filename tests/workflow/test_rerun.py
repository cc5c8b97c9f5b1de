"""What one edit makes run again: exactly what it can change, and what follows from it."""

import pytest

PACKAGE = "workflow/lossbasins"
CLAIMS = {"claims": 1, "summary": 1}
VOLUMES = {"volume_table": 1, "volume_figure": 1, "basin_ratio_table": 1, "basin_ratio_figure": 1, **CLAIMS}
CURVATURE = {"spectrum_table": 1, "spectrum_figure": 1, "polish_table": 1, **VOLUMES}
ACCURACIES = {"batch_size_table": 1, "batch_size_figure": 1, "initialization_table": 1, "initialization_figure": 1}
FIGURES = {
    f"{name}_figure": 1
    for name in (
        "curve_fitting",
        "batch_size",
        "initialization",
        "two_layer",
        "spectrum",
        "volume",
        "convex",
        "basin_ratio",
    )
}


def test_nothing_is_to_be_done_after_a_run(finished):
    assert finished.planned() == {}


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        (f"{PACKAGE}/training/loop.py", '"""', '"""Another docstring. '),
        (f"{PACKAGE}/training/loop.py", "\nimport ", "\n# A comment.\nimport "),
        (f"{PACKAGE}/models/mlenet.py", "nn.MaxPool2d(2),\n        nn.ReLU()", "nn.MaxPool2d(2), nn.ReLU()"),
        (f"{PACKAGE}/study.py", "def job_text(", "def _unused() -> None:\n    return\n\n\ndef job_text("),
        ("config.yaml", "replicas: 3 #", "replicas: 3 # all alike but for their seeds;"),
        ("config.yaml", "device: auto", "device: cpu"),
        ("config.yaml", "data_dir: data", "data_dir: downloads"),
    ],
    ids=["docstring", "comment", "layout", "how jobs are planned", "configuration comment", "device", "data folder"],
)
def test_an_edit_that_changes_no_result_reruns_nothing(project, path, old, new):
    project.edit(path, old, new)
    assert project.planned() == {}


def test_the_style_of_figures_redraws_figures(project):
    style = project.root / PACKAGE / "reporting/style.py"
    style.write_text(style.read_text() + "\nEDITED = 1\n")
    assert project.planned() == FIGURES


def test_the_training_loop_retrains_and_all_follows(project):
    loop = project.root / PACKAGE / "training/loop.py"
    loop.write_text(loop.read_text() + "\nEDITED = 1\n")
    measured = {"evaluate": 6, "spectrum": 4, "frobenius": 4}
    assert project.planned() == {"train": 4, "polish": 2, **measured, **CURVATURE, **ACCURACIES, "starts_table": 1}


def test_another_polish_polishes_again(project):
    project.edit("config.yaml", "limit: 2000", "limit: 1999")
    measured = {"evaluate": 2, "spectrum": 2, "frobenius": 2}
    assert project.planned() == {"polish": 2, **measured, "polish_table": 1, **VOLUMES}


def test_another_model_concerns_no_run(project):
    project.edit(f"{PACKAGE}/models/lenet.py", "nn.ReLU()", "nn.Tanh()")
    assert project.planned() == {}


def test_an_estimator_concerns_its_stage_and_what_follows(project):
    estimator = project.root / PACKAGE / "curvature/frobenius.py"
    estimator.write_text(estimator.read_text() + "\nEDITED = 1\n")
    assert project.planned() == {"frobenius": 4, **VOLUMES}


def test_one_attack_more_adds_one_run_and_what_aggregates(project):
    project.edit("studies/smoke.yaml", "w0.1-n100]", "w0.1-n100, w0.2-n200]")
    one_run = {"train": 1, "polish": 1, "evaluate": 2, "spectrum": 2, "frobenius": 2}
    assert project.planned() == {**one_run, **CURVATURE}


def test_one_attack_less_only_aggregates(project):
    project.edit("studies/smoke.yaml", ", w0.1-n100]", "]")
    assert project.planned() == CURVATURE


def test_code_that_changes_while_a_study_runs_stops_the_job(project):
    model = f"{PACKAGE}/models/mlenet.py"
    project.edit(model, "nn.ReLU()", "nn.LeakyReLU()")
    project.edit("Snakefile", "onsuccess:", f'onstart:\n    shell("sed -i s/LeakyReLU/ELU/ {model}")\n\n\nonsuccess:')
    done = project.snakemake("--configfile", "studies/smoke.yaml", "--show-failed-logs")
    assert done.returncode == 1
    assert "train: its code has changed since this job was planned; run the study again" in done.stdout + done.stderr
