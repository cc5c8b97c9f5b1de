import pytest

from lossbasins.risks import at_risk
from lossbasins.study import Study
from tests.configurations import changed

RUN = "runs/digits/lenet/he/adam/w1-n100/trained/evaluation.csv"


def earlier(results, study, statuses, run=RUN):
    file = results / study / run
    file.parent.mkdir(parents=True)
    file.write_text("replica,status\n" + "".join(f"{n},{status}\n" for n, status in enumerate(statuses)))


@pytest.fixture
def study():
    return Study.from_mapping(changed("claims.rules.batch_size.fitted_at_least", 3))


@pytest.mark.parametrize("folder", ["small", "published/mnist"])
def test_a_run_that_fitted_too_rarely_before_is_named_before_it_runs(study, tmp_path, folder):
    earlier(tmp_path, folder, ["ok", "not_fitted", "not_fitted", "ok"])
    (line,) = at_risk(study, tmp_path)
    assert line == (
        f"at risk: digits, lenet, he, adam, w1-n100: 2 of 4 replicas fitted in {tmp_path / folder}; "
        "batch_size asks for 3 of 3"
    )


def test_enough_that_fitted_are_no_risk(study, tmp_path):
    earlier(tmp_path, "small", ["ok"])
    earlier(tmp_path, "other", ["not_fitted"], RUN.replace("lenet", "resnet32"))
    assert at_risk(study, tmp_path) == []


def test_a_rule_that_asks_for_none_names_none(tmp_path):
    earlier(tmp_path, "small", ["not_fitted"])
    assert at_risk(Study.from_mapping(changed("claims.rules.batch_size.fitted_at_least", None)), tmp_path) == []
