import pandas as pd

from lossbasins.experiments.polish.sentences import sentences

TABLE = pd.DataFrame(
    {
        "attack": ["none", "w1-n100", "w1-n100", "w1-n100"],
        "polish": ["reached", "reached", "reached", "steps"],
        "test_accuracy_before": [0.97, 0.5, 0.6, 0.1],
        "test_accuracy_after": [0.97, 0.8, 0.9, 0.1],
    }
)


def test_attacked_solutions_that_got_there_are_told():
    ((_, text),) = sentences(TABLE)
    assert text.endswith("2 attacked solutions go from 55.0 to 85.0 % test accuracy in the median")


def test_without_them_nothing_is_told():
    assert sentences(TABLE[:1]) == []
