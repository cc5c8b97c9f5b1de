"""Training replicas until each fits, diverges, is stuck, or has used up its epochs."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from lossbasins.models.initialisation import initialise
from lossbasins.specs.entries import InitSpec, OptimizerSpec
from lossbasins.specs.modules import METHOD, load, module_name
from lossbasins.training.evaluation import chunks
from lossbasins.training.networks import Networks
from lossbasins.training.objective import Problem
from lossbasins.training.order import StepOrders, generator_of, step_sizes
from lossbasins.training.passes import Passed
from lossbasins.training.routes import Route, build_networks, build_pass, is_stacked, memory_format
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


class Replica(NamedTuple):
    """Where a replica starts from."""

    model: nn.Module
    """With its own initialisation and on the CPU; changed by the training."""
    init: InitSpec
    """How those weights are drawn that it covers."""
    seed: int
    """From which initialisation and the order of each set draw, in streams of their own."""


def start_training(
    replicas: Mapping[int, Replica], problem: Problem, optimizer: OptimizerSpec, *, route: Route
) -> "Training":
    """Initialises replicas and makes their training ready, on the device of the data.

    Args:
        replicas: of one architecture; one only, unless the route stacks.
        problem: the data, in the models' dtype.
        optimizer: method, learning rate, batch, schedule and stop.
        route: how they are computed, one of `possible_routes`.
    """
    streams = [_streams(replica.seed) for replica in replicas.values()]
    _, train_streams, attack_streams = zip(*streams, strict=True)
    for replica in replicas.values():
        draw_initial(replica.model, replica.init, replica.seed)
        layout = memory_format(route, optimizer.method, replica.model)
        replica.model.to(device=problem.train.inputs.device, memory_format=layout)  # type: ignore[call-overload]
    networks = build_networks(route, [replica.model for replica in replicas.values()])
    orders = StepOrders(problem, optimizer.batch, train_streams, attack_streams)
    return Training(list(replicas), networks, problem, optimizer, orders, route)


def draw_initial(model: nn.Module, init: InitSpec, seed: int) -> None:
    """Gives a model on the CPU the parameters with which the training of a replica of that seed begins."""
    initialise(model, init, generator_of(_streams(seed)[0]))


def _streams(seed: int) -> list[np.random.SeedSequence]:
    """Of the initialisation, and of the order of each set."""
    return np.random.SeedSequence(seed).spawn(3)


class Training:
    """Replicas on their way; `advance` until none is live.

    A replica stops once every training image is classified right and the mean training loss is at most the optimizer's
    target, in `patience` epochs on end and in the network as it then is; when a loss is no longer finite; when the
    objective has not fallen for `stuck` epochs; or at the epoch limit. It then costs the others nothing.

    Args:
        replicas: their numbers.
        networks: the replicas, initialised.
        problem: the data.
        optimizer: method, learning rate, batch, schedule and stop.
        orders: of the images, in the order of the networks.
        route: how the networks are computed.
    """

    def __init__(
        self,
        replicas: Sequence[int],
        networks: Networks,
        problem: Problem,
        optimizer: OptimizerSpec,
        orders: StepOrders,
        route: Route,
    ) -> None:
        self.live = list(replicas)
        """Replicas that still train, in the order of the networks."""
        self.history: list[Epoch] = []
        self.finished: dict[int, dict[str, Tensor]] = {}
        """Parameters and buffers of the others, on the CPU."""
        self._networks = networks
        self._problem = problem
        self._optimizer = optimizer
        self._orders = orders
        self._route = route
        self._standings = {replica: Standing() for replica in replicas}
        self._epoch = 0
        self._method = load(module_name(METHOD, optimizer.method))
        self._take_up_networks()
        self._steps = step_sizes(problem, optimizer.batch)
        of_training = torch.cat([torch.arange(sum(sizes)) < sizes[0] for sizes in self._steps])
        self._of_training = of_training.to(problem.train.inputs.device)

    def advance(self) -> None:
        """One epoch of every live replica."""
        self._epoch += 1
        rate = learning_rate(self._optimizer, self._epoch)
        for group in self._descent.param_groups:
            group["lr"] = rate
        self._networks.train(True)
        chosen = self._orders.epoch().to(self._problem.train.inputs.device)
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
            "orders": self._orders.state(),
            "standings": {replica: astuple(self._standings[replica]) for replica in self.live},
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Goes on, to the bit, from where another training stood; called before any epoch.

        Args:
            state: of a training of these replicas, or of more: then of these alone.
        """
        mine = set(self.live)
        rows = [row for row, replica in enumerate(state["live"]) if replica in mine]
        self._keep([self.live.index(state["live"][row]) for row in rows])
        self._epoch = state["epoch"]
        self.history = [epoch for epoch in (Epoch(*values) for values in state["history"]) if epoch.replica in mine]
        self.finished = {replica: values for replica, values in state["finished"].items() if replica in mine}
        if not rows:
            return
        self._networks.load({name: values[rows] for name, values in state["networks"].items()})
        self._restore_descent(state["descent"], rows, len(state["live"]))
        self._orders.restore(state["orders"], rows)
        self._standings = {replica: Standing(*state["standings"][replica]) for replica in self.live}

    def _restore_descent(self, state: dict[int, dict[str, Any]], rows: list[int], count: int) -> None:
        """Takes over what the optimizer of `count` replicas remembered of some of them."""
        parameters = self._networks.parameters()
        if is_stacked(self._route):
            shapes = [(count, *parameter.shape[1:]) for parameter in parameters]
            state = {
                place: {k: v[rows] if _is_like(v, shapes[place]) else v for k, v in values.items()}
                for place, values in state.items()
            }
        groups = self._descent.state_dict()["param_groups"]
        self._descent.load_state_dict({"state": state, "param_groups": groups})
        for parameter, values in self._descent.state.items():
            # In the memory format of the parameter, in which an uninterrupted training would hold them.
            like = {k: torch.empty_like(parameter).copy_(v) for k, v in values.items() if _is_like(v, parameter.shape)}
            values.update(like)

    def _take_up_networks(self) -> None:
        """A new optimizer and a new pass, for parameters that are new tensors."""
        self._descent: torch.optim.Optimizer = self._method.build(
            self._networks.parameters(), self._optimizer.learning_rate, **self._optimizer.options
        )
        self._pass = build_pass(
            self._route, self._networks, self._problem, mixed_precision=self._optimizer.mixed_precision
        )

    def _step(self, sizes: tuple[int, int], chosen: Tensor) -> tuple[Tensor, Tensor]:
        """Changes the parameters; returns losses (R, n) and logits (R, n, classes) from before."""
        passes: list[Passed] = []

        def objective() -> float:
            passes.append(self._pass(sizes, chosen))
            return passes[-1].objective  # type: ignore[return-value]

        self._descent.step(objective)
        return passes[0].losses, passes[0].logits

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
            self._orders.keep(positions)
            self._take_up_networks()
            for old, new, state in zip(before, self._networks.parameters(), values, strict=True):
                if state:
                    kept = {k: v[positions] if _is_like(v, old.shape) else v for k, v in state.items()}
                    self._descent.state[new] = kept
        self.live = [self.live[position] for position in positions]


def _is_like(value: object, shape: tuple[int, ...]) -> bool:
    """Whether an optimizer holds this value entry by entry for a parameter of a shape."""
    return isinstance(value, Tensor) and value.shape == shape
