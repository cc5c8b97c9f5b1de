from lossbasins import catalogue
from lossbasins.provenance.manifest import read_manifest, sha256_of
from tests.workflow.conftest import copied_project


def test_every_stage_runs_and_leaves_its_manifest(finished):
    made = {path.name.partition(".")[0] for path in finished.root.glob("results/smoke/**/*.manifest.json")}
    shown = {stage.name for experiment in catalogue.experiments().values() for stage in experiment.stages}
    assert made == {*catalogue.SHARED} - {"explore"} | {"spectrum", "frobenius", "spectral_density", *shown}


def test_every_file_of_the_study_is_an_output_that_a_manifest_records(finished):
    recorded = {}
    for path in finished.root.glob("results/smoke/**/*.manifest.json"):
        for output in read_manifest(path).outputs:
            recorded[output.path] = output.sha256
    found = {
        str(path.relative_to(finished.root)): sha256_of(path)
        for path in finished.root.glob("results/smoke/**/*")
        if path.is_file() and not path.name.endswith(".manifest.json")
    }
    assert found == recorded


def test_figures_carry_the_id_of_their_manifest(finished):
    figures = finished.root / "results/smoke/figures"
    names = [
        name.replace("volumes", "volume") for name in catalogue.experiments() if name not in ("polish", "bad_minima")
    ]
    for name in names:
        maker = "volume_figure.volume" if name == "volume" else f"{name}_figure"
        identity = read_manifest(figures / f"{maker}.manifest.json").id
        for suffix in ("pdf", "svg", "png"):
            assert identity.encode() in (figures / f"{name}.{suffix}").read_bytes(), suffix


def test_every_manifest_pins_the_makers_of_its_inputs(finished):
    manifests = [read_manifest(path) for path in finished.root.glob("results/smoke/**/*.manifest.json")]
    known = {manifest.id for manifest in manifests}
    makers = {read.maker for manifest in manifests for read in manifest.inputs if manifest.stage != "fetch"}
    assert makers
    assert makers <= known


def test_a_run_its_curvature_and_a_figure_have_the_same_bytes_elsewhere(finished, tmp_path):
    again = copied_project(tmp_path)
    point = "results/smoke/runs/digits/mlenet/he/adam/none/matched"
    again.finish(f"{point}/spectrum.npz", f"{point}/frobenius.csv", "results/smoke/figures/convex.pdf")
    made = [path for path in again.root.glob("results/smoke/**/*") if path.is_file()]
    stages = {path.name.partition(".")[0] for path in made if path.name.endswith(".manifest.json")}
    assert stages > {"fetch", "split", "train", "polish", "evaluate", "spectrum", "frobenius", "convex_figure"}
    for path in made:
        if not path.name.endswith(".manifest.json"):
            assert path.read_bytes() == (finished.root / path.relative_to(again.root)).read_bytes(), path
