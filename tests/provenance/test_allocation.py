from lossbasins.provenance.allocation import allocation, promised_gpus

STEP = {
    "SLURM_JOB_ID": "17",
    "SLURMD_NODENAME": "node3",
    "SLURM_JOB_PARTITION": "gpu",
    "SLURM_CPUS_PER_TASK": "4",
    "SLURM_STEP_GPUS": "0,3",
    "SLURM_GPUS_ON_NODE": "2",
}


def test_outside_of_slurm_there_is_none(monkeypatch):
    for variable in STEP:
        monkeypatch.delenv(variable, raising=False)
    assert allocation() is None
    assert promised_gpus() == 0


def test_a_scheduler_that_does_not_answer_costs_the_limits_alone(monkeypatch):
    for variable, text in STEP.items():
        monkeypatch.setenv(variable, text)
    monkeypatch.setenv("PATH", "")
    given = allocation()
    assert given is not None
    assert (given.time_limit, given.memory) == (None, None)
    assert (given.job, given.node, given.partition) == ("17", "node3", "gpu")
    assert (given.cpus, given.gpus) == (4, 2)
    assert 10 < given.peak_memory_mb < 100_000
