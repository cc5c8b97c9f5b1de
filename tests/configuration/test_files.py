from pathlib import Path

import pytest

from lossbasins.configuration.files import configurations, only_named, read, study_name, with_overlay
from lossbasins.configuration.reading import ConfigurationError
from tests.configurations import ROOT

MISREAD = [
    ("replicas: 2\nseed: 5\nreplicas: 4", "line 3: replicas was given in line 1 already; keep one of the two"),
    ("a: {b: 1, c: 2, b: 1}", "line 1: a.b was given in line 1 already"),
    ("a:\n- {b: 1}\n- {b: 1,\n   b: 2}", "line 4: a.1.b was given in line 3 already"),
    ("seed: 0123", "line 1: seed is 0123, which YAML reads as 83; write it without leading zeros"),
    ("a:\n  b: [1, -017]", "line 2: a.b.1 is -017, which YAML reads as -15"),
    ("epochs: 1:30", "epochs is 1:30, which YAML reads as 90"),
    ("epochs: 1:30.5", "epochs is 1:30.5, which YAML reads as 90.5"),
]


@pytest.mark.parametrize(("text", "said"), MISREAD)
def test_what_yaml_takes_for_something_else_is_an_error_with_its_key_and_line(tmp_path, text, said):
    path = tmp_path / "odd.yaml"
    path.write_text(text)
    with pytest.raises(ConfigurationError) as caught:
        read(path)
    assert str(caught.value).startswith(f"{path}, line ")
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_means_what_it_says_is_read(tmp_path):
    path = tmp_path / "plain.yaml"
    path.write_text("""{seed: 123, "quoted": "0123", zero: 0, half: 0.5, hex: 0x10, small: 1.0e-08, time: "1:30",
        runs: &runs [{a: 1}, {a: 2}], again: *runs, below: {<<: {x: 1, y: 2}, x: 3}}""")
    found = read(path)
    assert (found["seed"], found["quoted"], found["zero"], found["half"], found["hex"]) == (123, "0123", 0, 0.5, 16)
    assert (found["again"], found["below"]) == (found["runs"], {"x": 3, "y": 2})
    path.write_text("a: [1")
    with pytest.raises(ConfigurationError, match=r"plain.yaml is no YAML: .*line"):
        read(path)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read: No such file or directory; studies/ has those of this project"),
        (b"replicas: 2\nmodels: [1", "is no YAML: while parsing a flow sequence .*line 2"),
        (b"replicas: 2\nreplicas: 3", "line 2: replicas was given in line 1 already"),
        (b"- replicas", "has no keys; write some of config.yaml, such as replicas: 2"),
        (b"", "has no keys"),
        (b"study: gr\xf6\xdfe", "is no text in UTF-8"),
        (
            b"study: mine\nnote: 2024-13-45",
            "line 2: note is 2024-13-45, which YAML cannot read as timestamp; mend or quote",
        ),
        (b"a: {replicas: 0b_}", "line 1: a.replicas is 0b_, which YAML cannot read as int"),
        (b"a: [!!int abc]", "line 1: a.0 is abc, which YAML cannot read as int"),
        (b"a: !!bool abc", "line 1: a is abc, which YAML cannot read as bool"),
        (b"a: !!timestamp abc", "line 1: a is abc, which YAML cannot read as timestamp"),
        (b"a: !mine abc", "line 1: a is abc, which YAML cannot read as !mine"),
        (b"experiments: {on: 5}", "line 1: the key experiments.on is no text to YAML, but bool; write it in quotes"),
        (b"datasets: {2024-01-01: {}}", "line 1: the key datasets.2024-01-01 is no text to YAML, but timestamp"),
        (b"replicas: &a [*a]", "line 1: replicas.0 holds itself; write it out"),
        (b"a: " + b"[" * 3000, "is nested too deeply"),
    ],
)
def test_an_overlay_that_cannot_be_taken_is_one_line(tmp_path, content, said):
    path = tmp_path / "mine.yaml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=f"^{path}.* ?{said}") as caught:
        with_overlay(ROOT, path)
    assert "\n" not in str(caught.value)


def test_an_overlay_of_a_default_without_a_name_is_called_as_its_file(tmp_path):
    (tmp_path / "config.yaml").write_text("seed: 1")
    (tmp_path / "mine.yaml").write_text("replicas: 2")
    assert with_overlay(tmp_path, tmp_path / "mine.yaml") == {"study": "mine", "seed": 1, "replicas": 2}


@pytest.mark.parametrize("experiments", [["volumes"], "volumes", 5])
def test_experiments_that_are_no_mapping_are_left_to_be_told_of(experiments):
    assert only_named({"experiments": experiments}, {"only": True, "experiments": experiments}) == {
        "experiments": experiments,
        "datasets": {},
    }


@pytest.mark.parametrize(
    ("settings", "overlays", "name"),
    [
        ({}, [], "digits"),
        ({"device": "cpu"}, [], "digits"),
        ({"replicas": 2, "study": "digits"}, [], "digits"),
        ({"replicas": 2}, ["studies/a.yaml", "studies/b.yaml"], "b"),
        ({"replicas": 2, "study": "mine"}, ["studies/b.yaml"], "mine"),
    ],
)
def test_a_study_is_called_as_it_says_or_as_its_overlay(settings, overlays, name):
    assert study_name("digits", settings, list(map(Path, overlays))) == name


@pytest.mark.parametrize(("overlays", "by"), [([], "--config replicas"), (["else/digits.yaml"], "else/digits.yaml")])
def test_other_settings_do_not_take_the_default_study_s_name_unasked(overlays, by):
    with pytest.raises(ConfigurationError, match=f"^study: {by}.* would write over the study 'digits'; give a name"):
        study_name("digits", {"replicas": 2, "device": "cpu"}, list(map(Path, overlays)))


def test_overlays_are_merged_and_called_as_their_file_where_they_give_no_name(tmp_path):
    (tmp_path / "studies").mkdir()
    (tmp_path / "config.yaml").write_text("{study: digits, seed: 1, a: {b: 1, c: [1, 2]}}")
    (tmp_path / "studies/named.yaml").write_text("{study: other, a: {c: [3]}}")
    (tmp_path / "more.yaml").write_text("{seed: 2}")
    found = configurations(tmp_path, [tmp_path / "more.yaml"])
    assert list(found.values()) == [
        {"study": "more", "seed": 2, "a": {"b": 1, "c": [1, 2]}},
        {"study": "other", "seed": 1, "a": {"b": 1, "c": [3]}},
        {"study": "digits", "seed": 1, "a": {"b": 1, "c": [1, 2]}},
    ]


def test_an_overlay_may_keep_the_data_and_experiments_that_it_names_and_no_others(tmp_path):
    (tmp_path / "config.yaml").write_text(
        "{only: false, datasets: {a: 1, b: 2}, models: {m: 1},"
        "experiments: {x: {k: 1, l: 2}, y: 3, volumes: {volume: 1}}}"
    )
    (tmp_path / "own.yaml").write_text(
        "{study: s, only: true, datasets: {c: 4}, experiments: {x: {k: 5}, volumes: {volume-c: 2}}}"
    )
    (tmp_path / "none.yaml").write_text("{study: s, only: true, experiments: null}")
    own, none, _ = configurations(tmp_path, [tmp_path / "own.yaml", tmp_path / "none.yaml"]).values()
    assert own == {
        **{"study": "s", "only": True, "models": {"m": 1}},
        **{"datasets": {"c": 4}, "experiments": {"x": {"k": 5, "l": 2}, "volumes": {"volume-c": 2}}},
    }
    assert (none["datasets"], none["experiments"]) == ({}, {})
