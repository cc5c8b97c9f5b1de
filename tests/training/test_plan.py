from dataclasses import replace

import torch

from benchmarks.gpu_steps.pretended import MEMORY
from lossbasins.data.tensors import Part
from lossbasins.models import fnn, mlenet, resnet32
from lossbasins.specs.entries import OptimizerSpec
from lossbasins.training.plan import STACKED, plan_training, replicas_at_once
from tests.pretend import pretend_gpu
from tests.training.problems import problem

SGD = OptimizerSpec(method="sgd", learning_rate=0.1, epochs=1)
MEGABYTES = 3 * 10**6


def on_gpu():
    data = problem()
    return replace(data, train=Part(data.train.inputs.to("cuda"), data.train.labels.to("cuda")))


def test_on_a_cpu_replicas_train_one_after_another():
    plan = plan_training(fnn.build(1, 4, 4, 3), 3, problem(), SGD)
    assert plan.blocks == [[0], [1], [2]]
    assert plan.route == "single"


def test_on_a_gpu_as_many_as_fit_its_free_memory_are_stacked():
    model = fnn.build(1, 4, 4, 3)
    images = 48
    size = replicas_at_once(model, torch.zeros(1, 4, 4), images, MEGABYTES)
    with pretend_gpu(free=MEGABYTES):
        plan = plan_training(model, 2 * size + 1, on_gpu(), SGD)
    assert plan.route == STACKED
    assert [len(block) for block in plan.blocks] == [size, size, 1]
    assert [replica for block in plan.blocks for replica in block] == list(range(2 * size + 1))
    assert replicas_at_once(model, torch.zeros(1, 4, 4), images, MEMORY) > 2 * size + 1


def test_batch_norm_and_methods_that_see_all_parameters_are_not_stacked():
    lbfgs = OptimizerSpec(method="lbfgs", learning_rate=1, epochs=1, batch="full")
    with pretend_gpu():
        assert plan_training(resnet32.build(1, 4, 4, 3), 3, on_gpu(), SGD).route == "single"
        assert plan_training(fnn.build(1, 4, 4, 3), 3, on_gpu(), lbfgs).route == "single"


def test_memory_of_a_replica_by_hand():
    # A mLeNet's values for one image: input, each layer's, and the whole network's once more.
    values = 784 + 6 * 24**2 + 2 * 6 * 12**2 + 15 * 8**2 + 2 * 15 * 4**2 + 10 * 2**2 + 10 + 10 + 10
    each = 4 * (4 * 64 * values + 4 * 3781)
    assert replicas_at_once(mlenet.build(1, 28, 28, 10), torch.zeros(1, 28, 28), 64, 10 * each) == 8
    assert replicas_at_once(mlenet.build(1, 28, 28, 10), torch.zeros(1, 28, 28), 64, 1) == 1
