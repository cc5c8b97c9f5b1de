"""Measures of a solution: one file each, found by its name.

A measure has a function `measure` of a `Solution`; what comes after the `*` are its options in the configuration.
Beside it stand constants, read without importing the file:

- `PRECISION`: arithmetic if the configuration does not say, `float32` or `float64`.
- `RESOURCES`: what a job of it asks a cluster for: `gpu`, `mem_mb`, `runtime` in minutes.
- `NEEDS`: {(option, value): (option, value)}, where one option asks for another; may be left out.
- `ARRAYS`: the names of the arrays that `measure` returns in place of one number; may be left out.
- `READS`: measures with arrays, of the same solution, that it starts from; may be left out.
- `CHEAP`: True where a solution takes seconds: all such measures share one job; may be left out.
- `INITIAL`: True where it asks for the parameters that training began with; may be left out.
- `SHARPER`: "larger" or "smaller": where values of sharper, worse basins are expected; may be left out.
- `UNITS`: of the value; may be left out.
- `INVARIANT_UNDER`: what can be done to the parameters that changes the network's function as little as the value; may
  be left out.

A measure that takes minutes goes on from where it was killed: it hands its state to `solution.progress`.
"""
