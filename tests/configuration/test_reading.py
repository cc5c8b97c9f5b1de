import pytest

from lossbasins.configuration.files import configurations
from lossbasins.configuration.reading import ConfigurationError, read_configuration
from lossbasins.study import Study
from tests.configurations import BAD, ROOT, RUN, changed, default


def test_the_default_configuration_is_valid():
    assert read_configuration(default()).study == "digits"


@pytest.mark.parametrize(("key", "value", "path", "allowed"), BAD)
def test_a_wrong_value_is_one_line_with_its_path_and_what_is_allowed(key, value, path, allowed):
    with pytest.raises(ConfigurationError) as caught:
        read_configuration(changed(key, value))
    (line,) = str(caught.value).splitlines()
    assert line.startswith(f"{path}: ")
    assert allowed in line
    assert len(line) < 350


def test_every_wrong_key_gets_its_line():
    configuration = changed("replicas", 0) | {"seed": "x"}
    with pytest.raises(ConfigurationError) as caught:
        read_configuration(configuration)
    assert [line.partition(":")[0] for line in str(caught.value).splitlines()] == ["replicas", "seed"]


@pytest.mark.parametrize("overlay", sorted((ROOT / "studies").glob("*.yaml")), ids=lambda path: path.stem)
def test_every_overlay_is_valid(overlay):
    assert read_configuration(configurations(ROOT)[overlay]).study == overlay.stem


MODEL = """
def build(channels, height, width, classes, *, units: int = 16):
    pass
"""
MEASURE = """
PRECISION = "float32"

def measure(solution, *, rounds: int = 5):
    pass
"""
STAGES = 'stages = (table_stage(__package__, "toy", Spec, NoFiles),)'
EXPERIMENT = f"""
from lossbasins.experiments.experiment import Claim, Experiment, Job, table_stage
from lossbasins.experiments.named import Grids
from lossbasins.specs.base import Spec
from lossbasins.specs.files import NoFiles


class Toy(Experiment):
    number = "own"
    {STAGES}
    claims = (Claim("toy", "it is", "how much", "toy", "toy"),)
    runs: Grids

    def jobs(self, name, study):
        return {{"toy_table": Job()}}
"""


def write_experiment(own, **changes):
    files = {"choices": EXPERIMENT, "table": "def run(): pass", "evidence": "def toy(): pass"}
    for name, text in (files | changes).items():
        if text is not None:
            own(f"mine.experiments.toy.{name}", text)


def test_what_is_ones_own_is_named_as_if_it_were_ours(own):
    own("mine.models.deep", MODEL)
    own("mine.measures.rounded", MEASURE)
    write_experiment(own)
    configuration = changed("own", "mine")
    configuration["models"]["deep"] = {"architecture": "deep", "options": {"units": 3}}
    configuration["curvature"]["rounded"] = {"rounds": 7}
    configuration["experiments"]["toy"] = {"runs": [{**RUN, "model": "deep"}]}
    configuration["claims"]["rules"]["toy"] = {"below": 0}
    found = read_configuration(configuration)
    assert found.models["deep"].architecture == "mine.models.deep"
    assert found.measure("rounded").modules() == {"mine.measures.rounded"}
    assert found.measure("rounded").options == {"rounds": 7}
    assert [(key, name) for key, name, _ in found.experiments.named()][-1] == ("toy", "toy")
    assert found.claims.rules["toy"].below == 0


@pytest.mark.parametrize(
    ("key", "value", "path", "allowed"),
    [
        ("models.mlenet.architecture", "depp", "models.mlenet.architecture", "resnet32, snin, deep"),
        ("models.mlenet", {"architecture": "deep", "options": {"unit": 3}}, "models.mlenet.options", "units"),
        ("curvature.rounded", {"round": 7}, "curvature.rounded.round", "rounds, precision"),
        ("experiments.toy", {"runs": [{**RUN, "model": "fnn"}]}, "experiments.toy.runs.0.model", "mlenet"),
        ("experiments.toys", {}, "experiments.toys", "toy"),
    ],
)
def test_what_is_ones_own_is_checked_as_ours_is(own, key, value, path, allowed):
    own("mine.models.deep", MODEL)
    own("mine.measures.rounded", MEASURE)
    write_experiment(own)
    with pytest.raises(ConfigurationError) as caught:
        read_configuration(changed(key, value) | {"own": "mine"})
    (line,) = str(caught.value).splitlines()
    assert line.startswith(f"{path}: ")
    assert allowed in line


def test_a_file_of_ones_own_without_its_function_is_named(own):
    own("mine.models.deep", MODEL.replace("def build", "def built"))
    with pytest.raises(ConfigurationError) as caught:
        read_configuration(changed("models.deep", {"architecture": "deep"}) | {"own": "mine"})
    (line,) = str(caught.value).splitlines()
    assert line.startswith(
        "models.deep.architecture: given 'deep'; mine/models/deep.py has no function build; allowed: "
    )


@pytest.mark.parametrize("folder", ["../mine", "/tmp", "mine/", "my studies", 3])
def test_a_folder_that_is_not_one_of_ones_own_is_one_line(own, folder):
    own("mine.models.deep", MODEL)
    with pytest.raises(
        ConfigurationError, match=r"own: given .*; allowed: a folder below this one, .* as studies/mine"
    ):
        read_configuration(changed("own", folder))


@pytest.mark.parametrize(
    ("name", "text", "complaint"),
    [
        ("mine.models.fnn", MODEL, "own: mine has fnn, which lossbasins has too; give it another name"),
        ("mine.measures.spectrum", MEASURE, "own: mine has spectrum, which lossbasins has too; give it another name"),
        ("mine.experiments.convex.choices", EXPERIMENT, "own: mine cannot be read: .* convex too; give it another"),
        (
            "mine.models.deep",
            f"import nothing_of_that_name\n{MODEL}",
            "nothing_of_that_name, which is not installed in",
        ),
        ("mine.experiments.toy.choices", "import nothing_of_that_name", "own: mine cannot be read: .*nothing_of_that"),
        ("mine.experiments.toy.choices", "", "own: mine cannot be read: .* defines 0 experiments; allowed: one"),
        ("mine.models.deep", "def build(:", "own: mine cannot be read: .*mine/models/deep.py, line 1: invalid syntax"),
        ("mine.measures.rounded", "CHEAP: bool = True\nARRAYS = ('a',)\n" + MEASURE, "leave out CHEAP or ARRAYS"),
        ("mine.measures.rounded", "RESOURCES = {'memory': 5}\n" + MEASURE, "allowed: numbers of gpu, mem_mb, runtime"),
        (
            "mine.measures.rounded",
            "READS = ('rounded',)\n" + MEASURE,
            "READS rounded; with arrays there are spectral_density, spectrum",
        ),
        ("mine.measures.rounded", MEASURE.replace("rounds: int", "rounds"), "option rounds of measure: allowed: an "),
        ("mine.measures.rounded", MEASURE.replace("int", "Path"), "option rounds of measure: allowed: an annotation"),
        ("mine.measures.rounded", MEASURE.replace("rounds", "precision"), "precision: no name for an option"),
        ("mine.measures.rounded", MEASURE.replace("PRECISION", "PRECISE"), "own: mine cannot be read: .*PRECISION"),
    ],
)
def test_what_cannot_be_ones_own_is_one_line(own, name, text, complaint):
    own(name, text)
    with pytest.raises(ConfigurationError, match=complaint) as caught:
        read_configuration(changed("own", "mine"))
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"table": "def run(:"}, "toy/table.py, line 1: invalid syntax"),
        ({"table": None}, "toy/table.py: no such file; it needs a function run"),
        ({"evidence": "def toys(): pass"}, "toy/evidence.py: toy: missing; define a function of that name"),
        ({"choices": "1 / 0"}, "ZeroDivisionError"),
        ({"choices": EXPERIMENT.replace(STAGES, "stages = ()")}, "stages: missing; give at least one table or"),
        ({"choices": EXPERIMENT.replace("def jobs", "def job")}, "jobs: missing; say what each stage is given"),
        ({"choices": EXPERIMENT.replace('Claim("toy"', 'Claim("volume"')}, "two experiments have a claim volume;"),
        ({"choices": EXPERIMENT.replace('"toy", Spec', '"starts", Spec')}, "two experiments have a stage starts_table"),
    ],
)
def test_an_experiment_that_lacks_a_part_is_one_line(own, changes, complaint):
    write_experiment(own, **changes)
    with pytest.raises(ConfigurationError, match=complaint) as caught:
        read_configuration(changed("own", "mine"))
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ("{}", "experiments.toy: its jobs lack toy_table"),
        ("{'toy_table': 1 / 0}", "experiments.toy: its jobs cannot be planned: ZeroDivisionError"),
        ("{'toy_table': Job(Spec(), {'x': study.measured('volum', [])})}", "no measure 'volum'; there are"),
    ],
)
def test_an_experiment_that_cannot_be_planned_is_one_line(own, given, complaint):
    write_experiment(own, choices=EXPERIMENT.replace('{"toy_table": Job()}', given))
    configuration = changed("own", "mine")
    configuration["experiments"]["toy"] = {"runs": [{**RUN, "optimizer": "adam"}]}
    with pytest.raises(ConfigurationError, match=complaint) as caught:
        Study.from_mapping(configuration)
    assert len(str(caught.value).splitlines()) == 1
