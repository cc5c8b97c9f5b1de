"""What docs/own-data.md says to write."""

import runpy

import pytest
import torch
import yaml
from snakemake.utils import update_config

from lossbasins import catalogue
from lossbasins.configuration.files import only_named
from lossbasins.configuration.reading import read_configuration
from lossbasins.data.sources import npz
from lossbasins.data.split import make_split
from lossbasins.models.initialisation import left_to_model
from lossbasins.models.registry import build_model
from lossbasins.specs.entries import InitSpec, ModelSpec
from lossbasins.specs.modules import load
from lossbasins.specs.split import SplitChoices
from lossbasins.stages import check
from lossbasins.stages.arrays import write_split
from lossbasins.stages.solutions import new_model
from lossbasins.study import Study
from tests.configurations import default
from tests.stages.conftest import context
from tests.workflow.own import files

FILES = files()
STUDY, WAVES = FILES["studies/mine.yaml"], FILES["studies/waves.yaml"]
DATA, MODEL = FILES["save.py"], FILES["studies/mine/models/perceptron.py"]


def configuration(study=STUDY):
    """Of one of the page's studies, whose files lie below the working folder."""
    mapping, overlay = default(), yaml.safe_load(study)
    update_config(mapping, overlay)
    return only_named(mapping, overlay)


def written(own):
    for path, text in FILES.items():
        if path.endswith(".py"):
            own(path.removesuffix(".py").replace("/", "."), text)


def test_data_and_model_take_under_thirty_lines():
    assert len([line for line in (DATA + MODEL + STUDY).splitlines() if line.strip()]) < 30
    assert "null" not in STUDY + WAVES


def test_data_and_model_fit_the_study(own, tmp_path):
    written(own)
    runpy.run_path("save.py")
    found = read_configuration(configuration())
    dataset, model = found.datasets["mine"], found.models["mine"]
    raw = npz.load(tmp_path, **dataset.options)
    split = make_split(raw, dataset, seed=0)
    assert "scikit-learn's digits" in split.note
    network = build_model(model, (1, *split.train_inputs.shape[1:3]), split.classes)
    assert network(torch.zeros(2, 1, *split.train_inputs.shape[1:3])).shape == (2, 10)


def test_the_study_names_keys_and_entries_of_the_configuration(own):
    written(own)
    study, known = yaml.safe_load(STUDY), default()
    assert set(study) <= set(known)
    assert set(study["experiments"]) <= {*known["experiments"], "sharpness"}
    for grid in study["experiments"]["spectrum"]["runs"]:
        for key, names in (("init", known["inits"]), ("optimizer", known["optimizers"])):
            assert grid[key] in names


@pytest.mark.parametrize(("study", "dataset"), [(STUDY, "mine"), (WAVES, "waves")])
def test_no_job_is_about_other_data(own, study, dataset):
    written(own)
    planned = Study.from_mapping({"study": dataset} | configuration(study))
    assert list(planned.configuration.datasets) == [dataset]
    assert {run.dataset for run in planned.all_runs()} == {dataset}
    assert {name for name, *_ in planned.experiments} == set(yaml.safe_load(study)["experiments"])


NETWORKS = [("save.py", "mine.npz", "perceptron"), ("save.py", "mine.npz", "transformer")]
NETWORKS += [("save_waves.py", "waves.npz", "ripples")]


@pytest.mark.parametrize(("script", "file", "architecture"), NETWORKS)
def test_each_network_fits_its_data(own, tmp_path, script, file, architecture):
    written(own)
    runpy.run_path(script)
    raw = npz.load(tmp_path, path=file)
    split = make_split(raw, SplitChoices(train=60, attack=30), seed=0)
    write_split(tmp_path / "split.npz", split)
    spec = ModelSpec.model_validate({"architecture": architecture}, context={"own": "studies.mine"})
    check.run(
        check.Spec(model=spec),
        check.Inputs(split=tmp_path / "split.npz"),
        check.Outputs(network=tmp_path / "network.json"),
        context(),
    )
    left = left_to_model(new_model(spec, split, 0), InitSpec())
    attended = {name for name in left if name.startswith("layers.layers.0.self_attn.")}
    norms = {f"layers.layers.0.norm{number}.{kind}" for number in (1, 2) for kind in ("weight", "bias")}
    assert set(left) == ({"place", *attended, *norms} if architecture == "transformer" else set())
    assert (len(attended) == 4) == (architecture == "transformer")


def test_all_of_ones_own_is_found_by_its_name(own, tmp_path):
    written(own)
    study = Study.from_mapping(configuration())
    assert study.configuration.models["mine"].architecture == "studies.mine.models.perceptron"
    assert study.measures["rise"].module == "studies.mine.measures.rise"
    assert "rise" in study.job("measures_table", None).spec.measures
    assert {"rise", "weight_norm"} <= set(study.cheap_measures)
    assert "sharpness" in study.figures
    for stage in ("sharpness_table", "sharpness_figure"):
        found = study.stage(stage)
        assert catalogue.stage(found.full_name) == found
        assert load(found.module).run.__module__ == found.module
    images = load("studies.mine.sources.blobs").load(tmp_path, images=20)
    assert images.train_inputs.shape == (20, 8, 8, 1)
    optimizer = load("studies.mine.optimizers.clipped").build([torch.nn.Parameter(torch.ones(2))], 0.1)
    assert isinstance(optimizer, torch.optim.Optimizer)
