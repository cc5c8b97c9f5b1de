"""The training that ours is compared with: the loop one would write oneself, data on the GPU, channels last."""

import time

import torch
from torch.nn.functional import cross_entropy


def plain_epochs(model, descent, problem, batch, *, mixed_precision=False):
    """Trains for ever; yields after each epoch.

    Args:
        model: on the device of the data, channels last.
        descent: an optimizer of its parameters.
        problem: training set and, maybe, attack set.
        batch: images of each per step.
        mixed_precision: whether products are taken in bfloat16.
    """
    device = problem.train.inputs.device
    inputs, labels = problem.images.inputs, problem.images.labels
    while True:
        total = torch.zeros((), device=device)
        order = torch.randperm(problem.trained, device=device)
        for chosen in order.split(batch):
            trained = len(chosen)
            if problem.attack:
                attacking = torch.randint(problem.attacked, (batch,), device=device) + problem.trained
                chosen = torch.cat([chosen, attacking])
            descent.zero_grad()
            with torch.autocast(device.type, torch.bfloat16, enabled=mixed_precision):
                logits = model(inputs[chosen])
                loss = cross_entropy(logits[:trained], labels[chosen[:trained]])
                if problem.attack:
                    attack_loss = cross_entropy(logits[trained:], labels[chosen[trained:]])
                    loss = loss + problem.attack_weight * attack_loss
            loss.backward()
            descent.step()
            total += loss.detach()
        yield float(total)


def our_epochs(training):
    """Advances a training of ours; yields after each epoch."""
    while training.live:
        training.advance()
        yield training.history[-1].train_loss


def seconds_an_epoch(epochs, seconds):
    """Mean seconds of an epoch, over at least one and so many seconds, after one that does not count.

    Args:
        epochs: an iterator that trains for an epoch in each turn.
        seconds: to measure for.
    """
    next(epochs)
    torch.cuda.synchronize()
    started, done = time.perf_counter(), 0
    while not done or time.perf_counter() - started < seconds:
        next(epochs)
        torch.cuda.synchronize()
        done += 1
    return (time.perf_counter() - started) / done
