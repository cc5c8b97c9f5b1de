"""Training replicas until each fits, diverges, is stuck, or has used up its epochs."""

import importlib
import math
from collections.abc import Mapping
from dataclasses import astuple, dataclass
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor, nn

from lossbasins.models.initialisation import initialise
from lossbasins.specs.entries import InitSpec, OptimizerSpec
from lossbasins.specs.modules import METHOD, module_name
from lossbasins.training.evaluation import chunks
from lossbasins.training.networks import Networks, SingleNetwork, StackedNetworks
from lossbasins.training.objective import Problem
from lossbasins.training.order import StepOrder, generator_of, step_sizes
from lossbasins.training.schedules import learning_rate

Stop = Literal["fitted", "limit", "diverged", "stuck"]

LEAST_GAIN = 1e-3
"""Share by which the objective must fall below its lowest value to count as progress."""


@dataclass(frozen=True)
class Epoch:
    """Mean losses and shares of images classified right, over the batches of an epoch, each before its step."""

    replica: int
    epoch: int
    """From 1."""
    train_loss: float
    train_accuracy: float
    attack_loss: float
    """NaN without attack."""
    attack_accuracy: float
    learning_rate: float
    """Of that epoch."""
    stop: Stop | None
    """Why it is the replica's last one."""


@dataclass
class Standing:
    """What the rules for stopping remember of a replica."""

    fitted: int = 0
    """Epochs on end that fit."""
    lowest: float = math.inf
    """The lowest objective so far, over an epoch."""
    lowest_epoch: int = 0


def start_training(
    replicas: Mapping[int, tuple[nn.Module, int]],
    problem: Problem,
    init: InitSpec,
    optimizer: OptimizerSpec,
    *,
    stacked: bool,
) -> "Training":
    """Initialises replicas and makes their training ready, on the device of the data.

    Args:
        replicas: one only, unless stacked. A model, of any initialisation and on the CPU, which is changed; and the
            seed from which initialisation and the order of each set draw, in streams of their own.
        problem: the data, in the models' dtype.
        init: how weights are drawn.
        optimizer: method, learning rate, batch, schedule and stop.
        stacked: whether replicas are computed at once with vmap, which is right on a GPU.
    """
    orders = {}
    for replica, (model, seed) in replicas.items():
        initial, train_stream, attack_stream = np.random.SeedSequence(seed).spawn(3)
        initialise(model, init, generator_of(initial))
        orders[replica] = StepOrder(problem, optimizer.batch, train_stream, attack_stream)
        # Channels last in memory: pooling and convolution are quicker so.
        model.to(device=problem.train.inputs.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    models = [model for model, _ in replicas.values()]
    if stacked:
        return Training(StackedNetworks(models), problem, optimizer, orders)
    (model,) = models
    return Training(SingleNetwork(model), problem, optimizer, orders)


class Training:
    """Replicas on their way; `advance` until none is live.

    A replica stops once every training image is classified right and the mean training loss is at most the optimizer's
    target, in `patience` epochs on end and in the network as it then is; when a loss is no longer finite; when the
    objective has not fallen for `stuck` epochs; or at the epoch limit. It then costs the others nothing.

    Args:
        networks: the replicas, initialised.
        problem: the data.
        optimizer: method, learning rate, batch, schedule and stop.
        orders: of the images, by replica, in the order of the networks.
    """

    def __init__(
        self, networks: Networks, problem: Problem, optimizer: OptimizerSpec, orders: Mapping[int, StepOrder]
    ) -> None:
        self.live = list(orders)
        """Replicas that still train, in the order of the networks."""
        self.history: list[Epoch] = []
        self.finished: dict[int, dict[str, Tensor]] = {}
        """Parameters and buffers of the others, on the CPU."""
        self._networks = networks
        self._problem = problem
        self._optimizer = optimizer
        self._orders = dict(orders)
        self._standings = {replica: Standing() for replica in orders}
        self._epoch = 0
        self._method = importlib.import_module(module_name(METHOD, optimizer.method))
        self._descent = self._new_descent()
        self._steps = step_sizes(problem, optimizer.batch)
        self._weights = {sizes: problem.weights(*sizes) for sizes in self._steps}
        of_training = torch.cat([torch.arange(sum(sizes)) < sizes[0] for sizes in self._steps])
        self._of_training = of_training.to(problem.train.inputs.device)

    def advance(self) -> None:
        """One epoch of every live replica."""
        self._epoch += 1
        rate = learning_rate(self._optimizer, self._epoch)
        for group in self._descent.param_groups:
            group["lr"] = rate
        self._networks.train(True)
        chosen = torch.stack([self._orders[replica].epoch() for replica in self.live])
        chosen = chosen.to(self._problem.train.inputs.device)
        pieces = torch.split(chosen, [sum(sizes) for sizes in self._steps], dim=1)
        steps = zip(self._steps, pieces, strict=True)
        losses, logits = (torch.cat(seen, dim=1) for seen in zip(*(self._step(*step) for step in steps), strict=True))
        right = logits.argmax(dim=2) == self._problem.images.labels[chosen]
        train, attack = (
            torch.stack([losses[:, part].double().mean(dim=1), right[:, part].double().mean(dim=1)]).T.tolist()
            for part in (self._of_training, ~self._of_training)
        )
        self._close_epoch([(*t, *a) for t, a in zip(train, attack, strict=True)], rate)

    def result(self) -> dict[str, Any]:
        """What came out once none is live: `history`, an epoch's values each, and `finished` by replica."""
        return {"history": [astuple(epoch) for epoch in self.history], "finished": self.finished}

    def state(self) -> dict[str, Any]:
        """All that `restore` needs to go on, in dicts, lists, plain values and tensors."""
        return {
            "epoch": self._epoch,
            "live": self.live,
            **self.result(),
            "networks": self._networks.state(),
            "descent": self._descent.state_dict()["state"],
            "orders": {replica: self._orders[replica].state() for replica in self.live},
            "standings": {replica: astuple(self._standings[replica]) for replica in self.live},
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Goes on, to the bit, from where another training of the same replicas stood; called before any epoch."""
        self._keep([self.live.index(replica) for replica in state["live"]])
        self._epoch = state["epoch"]
        self.history = [Epoch(*values) for values in state["history"]]
        self.finished = state["finished"]
        self._networks.load(state["networks"])
        groups = self._descent.state_dict()["param_groups"]
        self._descent.load_state_dict({"state": state["descent"], "param_groups": groups})
        for parameter, values in self._descent.state.items():
            # In the memory format of the parameter, in which an uninterrupted training would hold them.
            values.update({k: torch.empty_like(parameter).copy_(v) for k, v in values.items() if _same(v, parameter)})
        for replica in self.live:
            self._orders[replica].restore(state["orders"][replica])
            self._standings[replica] = Standing(*state["standings"][replica])

    def _new_descent(self) -> torch.optim.Optimizer:
        descent: torch.optim.Optimizer = self._method.build(
            self._networks.parameters(), self._optimizer.learning_rate, **self._optimizer.options
        )
        return descent

    def _step(self, sizes: tuple[int, int], chosen: Tensor) -> tuple[Tensor, Tensor]:
        """Changes the parameters; returns losses (R, n) and logits (R, n, classes) from before."""
        images = self._problem.images
        inputs, labels = images.inputs[chosen], images.labels[chosen]
        before: list[tuple[Tensor, Tensor]] = []

        def objective() -> float:
            self._descent.zero_grad()
            with torch.autocast(inputs.device.type, torch.bfloat16, enabled=self._optimizer.mixed_precision):
                logits = self._networks.logits(inputs)
            logits = logits.to(inputs.dtype)
            losses = nn.functional.cross_entropy(logits.flatten(0, 1), labels.flatten(), reduction="none")
            losses = losses.view(labels.shape)
            value = (losses @ self._weights[sizes]).sum()
            value.backward()  # type: ignore[no-untyped-call]
            before.append((losses.detach(), logits.detach()))
            return value  # type: ignore[return-value]

        self._descent.step(objective)
        return before[0]

    def _close_epoch(self, reached: list[tuple[float, float, float, float]], rate: float) -> None:
        """Records an epoch and lets those replicas go that stop."""
        candidates = [self._count(replica, *means) for replica, means in zip(self.live, reached, strict=True)]
        fits = self._fits_now() if any(candidates) else [False] * len(candidates)
        stops: list[Stop | None] = []
        for replica, means, candidate, fit in zip(self.live, reached, candidates, fits, strict=True):
            stop = self._stop(replica, means, candidate and fit)
            stops.append(stop)
            self.history.append(Epoch(replica, self._epoch, *means, rate, stop))
        if any(stops):
            values = self._networks.state()
            for position, (replica, stop) in enumerate(zip(self.live, stops, strict=True)):
                if stop:
                    self.finished[replica] = {name: value[position].cpu() for name, value in values.items()}
            self._keep([position for position, stop in enumerate(stops) if not stop])

    def _count(self, replica: int, train_loss: float, train_accuracy: float, attack_loss: float, _: float) -> bool:
        """Takes an epoch into the replica's standing; whether it may have fitted."""
        standing = self._standings[replica]
        standing.fitted = standing.fitted + 1 if self._fits(train_loss, train_accuracy) else 0
        objective = train_loss + (self._problem.attack_weight * attack_loss if self._problem.attack else 0)
        if objective < (1 - LEAST_GAIN) * standing.lowest:
            standing.lowest, standing.lowest_epoch = objective, self._epoch
        return standing.fitted >= self._optimizer.patience

    def _stop(self, replica: int, means: tuple[float, float, float, float], fitted: bool) -> Stop | None:
        if not math.isfinite(means[0]) or (self._problem.attack and not math.isfinite(means[2])):
            return "diverged"
        if fitted:
            return "fitted"
        if self._epoch == self._optimizer.epochs:
            return "limit"
        idle = self._epoch - self._standings[replica].lowest_epoch
        return "stuck" if self._optimizer.stuck and idle >= self._optimizer.stuck else None

    def _fits(self, train_loss: float, train_accuracy: float) -> bool:
        return train_accuracy == 1 and train_loss <= self._optimizer.target_loss

    def _fits_now(self) -> list[bool]:
        """Whether each live replica, as it is now, fits."""
        self._networks.train(False)
        train = self._problem.train
        losses, right = [], []
        with torch.no_grad():
            for inputs, labels in chunks(train):
                logits = self._networks.logits(inputs.expand(len(self.live), *inputs.shape))
                targets = labels.expand(len(self.live), -1)
                losses.append(
                    nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="none")
                    .view(targets.shape)
                    .sum(dim=1)
                )
                right.append((logits.argmax(dim=2) == targets).sum(dim=1))
        means = torch.stack(losses).double().sum(dim=0) / len(train.labels)
        accuracies = torch.stack(right).sum(dim=0).double() / len(train.labels)
        return [self._fits(*both) for both in zip(means.tolist(), accuracies.tolist(), strict=True)]

    def _keep(self, positions: list[int]) -> None:
        """Goes on with some of the live replicas only."""
        if len(positions) < len(self.live) and positions:
            before = self._networks.parameters()
            values = [self._descent.state[parameter] for parameter in before]
            self._networks.keep(positions)
            self._descent = self._new_descent()
            for old, new, state in zip(before, self._networks.parameters(), values, strict=True):
                if state:
                    self._descent.state[new] = {k: v[positions] if _same(v, old) else v for k, v in state.items()}
        self.live = [self.live[position] for position in positions]


def _same(value: object, parameter: Tensor) -> bool:
    """Whether an optimizer holds this value entry by entry for a parameter."""
    return isinstance(value, Tensor) and value.shape == parameter.shape
