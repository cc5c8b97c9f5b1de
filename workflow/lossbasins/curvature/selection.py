"""Which of a model's parameters an objective is a function of."""

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import TypeAlias

from torch import Tensor, nn

Wanted: TypeAlias = str | nn.Parameter
"""A parameter's name, a pattern of names as of files, or the parameter itself."""

SHOWN = 8
"""Names that an error lists."""


def chosen_names(model: nn.Module, wanted: Iterable[Wanted] | Wanted | None) -> list[str]:
    """Names of the parameters that are wanted, each once, in the order of `model.named_parameters()`.

    Args:
        model: whose parameters they are. One that several modules share may be called by any of its names.
        wanted: names, patterns and parameters; None for all that require gradients.

    Raises:
        ValueError: nothing is wanted, or what the model does not have.
        TypeError: something else is given.
    """
    parameters = dict(model.named_parameters())
    if not parameters:
        raise ValueError("the model has no parameters")
    if wanted is None:
        names = [name for name, parameter in parameters.items() if parameter.requires_grad]
        if not names:
            raise ValueError("no parameter of the model requires gradients: say with parameters= which are meant")
        return names
    if not isinstance(wanted, Iterable):
        raise TypeError(f"parameters is a {type(wanted).__name__}: give a list of names, patterns or parameters")
    everywhere = dict(model.named_parameters(remove_duplicate=False))
    chosen: set[int] = set()
    for one in [wanted] if isinstance(wanted, str | nn.Parameter) else wanted:
        found = _found(everywhere, one)
        if not found:
            what = (
                f"{one!r} is no name or pattern" if isinstance(one, str) else f"one of shape {tuple(one.shape)} is not"
            )
            raise ValueError(f"parameters: {what} of the model's, which are {_listed(list(parameters))}")
        chosen |= found
    if not chosen:
        raise ValueError("parameters is empty: name some, or leave it out for all that require gradients")
    return [name for name, parameter in parameters.items() if id(parameter) in chosen]


def _found(everywhere: dict[str, nn.Parameter], one: Wanted) -> set[int]:
    """Of the parameters that a name, a pattern or a parameter means, the `id`."""
    if isinstance(one, str):
        return {id(p) for name, p in everywhere.items() if name == one or fnmatchcase(name, one)}
    if isinstance(one, Tensor):
        return {id(p) for p in everywhere.values() if p is one}
    raise TypeError(f"parameters has a {type(one).__name__}: give names, patterns or parameters of the model")


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
