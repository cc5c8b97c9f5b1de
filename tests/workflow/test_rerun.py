"""What one edit makes run again: exactly what it can change, and what follows from it."""

import os

import numpy as np
import pytest
from safetensors.numpy import load_file

PACKAGE = "workflow/lossbasins"
CLAIMS = {"claims": 1, "summary": 1}
MEASURES = {"measures_table": 1, "measures_figure": 1}
BASINS = {"volume_table": 1, "volume_figure": 1, "basin_ratio_table": 1, "basin_ratio_figure": 1}
BASINS["landscapes_figure"] = 1
VOLUMES = {**BASINS, **MEASURES, **CLAIMS}
KICKED = {f"basin_stability_{name}": 1 for name in ("table", "compared_table", "figure")}
POLISHED = {"spectrum_table": 1, "spectrum_figure": 1, "polish_table": 1, **KICKED, **VOLUMES}
CURVATURE = {"density_table": 1, "density_figure": 1, **POLISHED}
ACCURACIES = {"batch_size_table": 1, "batch_size_figure": 1, "initialization_table": 1, "initialization_figure": 1}
ACCURACIES["bad_minima_table"] = 1
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
        "measures",
        "basin_stability",
        "guess_and_check",
        "density",
        "landscapes",
    )
}


ALL_TRAINED = {"train": 4, "memorise": 1, "polish": 3, "kick": 2, "evaluate": 8, "measure_arrays": 6, "measure": 4}
SPLIT = "results/smoke/data/digits/split.npz"
RUN = "results/smoke/runs/digits/mlenet/he/adam/none/trained"


def test_nothing_is_to_be_done_after_a_run(finished):
    assert finished.planned() == {}


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        (f"{PACKAGE}/training/loop.py", '"""', '"""Another docstring. '),
        (f"{PACKAGE}/training/loop.py", "\nimport ", "\n# A comment.\nimport "),
        (f"{PACKAGE}/models/mlenet.py", "nn.MaxPool2d(2),\n        nn.ReLU()", "nn.MaxPool2d(2), nn.ReLU()"),
        (f"{PACKAGE}/jobs.py", "def job_text(", "def _unused() -> None:\n    return\n\n\ndef job_text("),
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
    assert project.planned() == {**ALL_TRAINED, **CURVATURE, **ACCURACIES, "starts_table": 1}


def test_another_polish_polishes_again(project):
    project.edit("config.yaml", "limit: 2000", "limit: 1999")
    measured = {"evaluate": 3, "measure_arrays": 2, "measure": 2, "kick": 2}
    tables = {"bad_minima_table": 1, **POLISHED}
    assert project.planned() == {"polish": 3, **measured, **tables}


def test_a_layer_of_a_model_concerns_the_runs_of_that_model_alone(project):
    project.edit(f"{PACKAGE}/models/lenet.py", "nn.ReLU()", "nn.Tanh()")
    assert project.planned() == {}
    project.edit(f"{PACKAGE}/models/mlenet.py", "nn.ReLU()", "nn.Tanh()")
    assert project.planned() == {"check": 1, **ALL_TRAINED, **CURVATURE, **ACCURACIES, "starts_table": 1}
    # LeNets beside them are trained for the first time, and none of the mLeNets another time.
    project.edit(f"{PACKAGE}/models/mlenet.py", "nn.Tanh()", "nn.ReLU()")
    project.edit("studies/smoke.yaml", "model: mlenet\n    attack", "model: [mlenet, lenet]\n    attack")
    lenets = {"check": 1, "train": 3, "evaluate": 3, "batch_size_table": 1, "batch_size_figure": 1, **CLAIMS}
    assert project.planned() == lenets


def test_a_setting_of_an_optimizer_concerns_the_runs_that_it_trains(project):
    project.edit("studies/smoke.yaml", "  full-batch:\n    epochs: 30", "  full-batch:\n    epochs: 29")
    full_batch = {"train": 1, "evaluate": 1, "batch_size_table": 1, "batch_size_figure": 1}
    # A training without an attack is a random start too.
    assert project.planned() == {**full_batch, "starts_table": 1, "basin_ratio_figure": 1, **CLAIMS}


def test_an_estimator_concerns_its_stage_and_what_follows(project):
    estimator = project.root / PACKAGE / "curvature/frobenius.py"
    estimator.write_text(estimator.read_text() + "\nEDITED = 1\n")
    assert project.planned() == {"measure": 4, **VOLUMES}


@pytest.mark.parametrize(
    ("module", "jobs"),
    [
        ("measures/frobenius.py", {"measure": 4, **VOLUMES}),
        ("measures/spectrum.py", {"measure_arrays": 4, "spectrum_table": 1, "spectrum_figure": 1, **VOLUMES}),
        ("experiments/spectrum/figure.py", {"spectrum_figure": 1}),
        ("experiments/spectrum/evidence.py", CLAIMS),
        ("experiments/basin_stability/kicks.py", {"kick": 2, **KICKED, **CLAIMS}),
        ("experiments/basin_stability/compared.py", {"basin_stability_compared_table": 1, **CLAIMS}),
        ("experiments/volumes/sentences.py", {"summary": 1}),
        ("experiments/spectrum/choices.py", {}),
        ("experiments/experiment.py", {}),
        ("catalogue.py", {}),
    ],
)
def test_an_edit_of_one_part_concerns_its_jobs_and_what_follows(project, module, jobs):
    file = project.root / PACKAGE / module
    file.write_text(file.read_text() + "\nEDITED = 1\n")
    assert project.planned() == jobs


def test_one_attack_more_adds_one_run_and_what_aggregates(project):
    project.edit("studies/smoke.yaml", "w0.1-n100]", "w0.1-n100, w0.2-n200]")
    one_run = {"train": 1, "polish": 1, "kick": 1, "evaluate": 2, "measure_arrays": 3, "measure": 2}
    assert project.planned() == {**one_run, **CURVATURE}


def test_one_attack_less_only_aggregates(project):
    project.edit("studies/smoke.yaml", ", w0.1-n100]", "]")
    assert project.planned() == CURVATURE


def test_one_replica_more_leaves_the_bytes_of_the_others(project):
    def replicas() -> dict[str, np.ndarray]:
        return load_file(project.root / RUN / "solutions.safetensors")

    before = replicas()
    project.edit("studies/smoke.yaml", "replicas: 2", "replicas: 3")
    own_networks = {f"{name}{part}": 1 for name in ("curve_fitting", "two_layer") for part in ("", "_figure")}
    tables = {**CURVATURE, **ACCURACIES, "starts_table": 1, **own_networks}
    assert project.planned() == {**ALL_TRAINED, **tables}
    project.finish(f"{RUN}/solutions.safetensors")
    after = replicas()
    assert before.keys() == after.keys()
    for name, old in before.items():
        assert len(after[name]) == 3
        assert after[name][:2].tobytes() == old.tobytes()


def test_another_name_of_the_study_is_another_study(project):
    everything = project.planned("--forceall")
    project.edit("studies/smoke.yaml", "study: smoke", "study: other")
    assert project.planned() == everything


@pytest.fixture
def own_data(project):
    """A study whose two-layer networks learn a file of one's own."""
    images = np.random.default_rng(0).integers(0, 256, (900, 8, 8), dtype=np.uint8)
    file = project.root / "own.npz"
    np.savez(file, train_images=images, train_labels=np.arange(900) % 10)
    own = "own: {source: npz, options: {path: own.npz}, train: 400, attack: 300, image_size: null}"
    project.edit("studies/smoke.yaml", "datasets:", f"datasets:\n  {own}")
    project.edit("studies/smoke.yaml", "  two_layer:", "  two_layer:\n    dataset: own")
    project.finish(
        "results/smoke/tables/claims.csv", "results/smoke/figures/two_layer.pdf", "results/smoke/summary.txt"
    )
    assert project.planned() == {}
    return file


def test_a_changed_raw_file_concerns_what_it_is_the_source_of(project, own_data):
    content = dict(np.load(own_data))
    content["train_images"][0] ^= 255
    np.savez(own_data, **content)
    assert project.planned() == {"fetch": 1, "split": 1, "two_layer": 1, "two_layer_figure": 1, **CLAIMS}


def test_another_matplotlib_redraws_figures(project):
    project.pretend_installed("matplotlib", "99.0")
    assert project.planned() == FIGURES


def test_another_torch_concerns_all_but_the_data(project):
    project.pretend_installed("torch", "99.0")
    theory = {"curve_fitting": 1, "two_layer": 1, "convex": 1, "guess_and_check_count": 2, "guess_and_check_table": 1}
    assert project.planned() == {
        "check": 1,
        **ALL_TRAINED,
        **theory,
        **FIGURES,
        **CURVATURE,
        **ACCURACIES,
        "starts_table": 1,
    }


def test_a_deleted_intermediate_is_not_missed_until_it_is_needed(project):
    (project.root / SPLIT).unlink()
    (project.root / RUN / "spectrum.npz").unlink()
    assert project.planned() == {}
    (project.root / "results/smoke/tables/spectrum.csv").unlink()
    # Snakemake plans all that reads the split with it: what bytes will come of a job it cannot know before.
    without_images = {"fetch", "curve_fitting", "curve_fitting_figure"}
    expected = {rule: count for rule, count in project.planned("--forceall").items() if rule not in without_images}
    assert project.planned() == expected


def test_a_deleted_result_is_made_again(project):
    (project.root / "results/smoke/figures/volume.pdf").unlink()
    assert project.planned() == {"volume_figure": 1}


@pytest.mark.parametrize("path", [SPLIT, f"{RUN}/solutions.safetensors", "results/smoke/tables/claims.csv"])
def test_a_touched_file_of_the_same_bytes_reruns_nothing(project, path):
    os.utime(project.root / path)
    assert project.planned() == {}


def test_nothing_follows_a_job_that_gave_the_same_bytes_again(project):
    project.finish(SPLIT, "--force")
    assert project.planned() == {}


def test_code_that_changes_while_a_study_runs_stops_the_job(project):
    model = f"{PACKAGE}/models/mlenet.py"
    project.edit(model, "nn.ReLU()", "nn.LeakyReLU()")
    project.edit("Snakefile", "onsuccess:", f'onstart:\n    shell("sed -i s/LeakyReLU/ELU/ {model}")\n\n\nonsuccess:')
    done = project.snakemake("--configfile", "studies/smoke.yaml", "--show-failed-logs")
    assert done.returncode == 1
    assert "check: its code has changed since this job was planned; run the study again" in done.stdout + done.stderr
