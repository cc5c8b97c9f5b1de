"""Measures of every fitted replica at any point (section 5.2): heavy ones have a job each, cheap ones share one."""


use rule stage as measure with:
    """A number for each solution, such as the Frobenius norm of its Hessian."""
    input:
        split=paths.SPLIT,
        solutions=paths.SOLUTIONS,
        evaluation=paths.EVALUATION,
        arrays=lambda wildcards: study.arrays_read([wildcards.measure], wildcards),
    output:
        values=paths.VALUES,
        manifest=paths.manifest(paths.POINT, "{measure}"),
    log:
        paths.log(paths.POINT, "{measure}"),
    wildcard_constraints:
        measure=patterns.heavy_measures(study),
    resources:
        gpu=lambda wildcards: gpus(study.measures[wildcards.measure].gpu),
        mem_mb=lambda wildcards, attempt: attempt * study.measures[wildcards.measure].mem_mb,
        runtime=lambda wildcards, attempt: attempt * study.measures[wildcards.measure].runtime,


use rule measure as measure_arrays with:
    """Arrays for each solution, such as all eigenvalues of its Hessian."""
    output:
        arrays=paths.ARRAYS,
        manifest=paths.manifest(paths.POINT, "{measure}"),
    wildcard_constraints:
        measure=patterns.array_measures(study),


use rule stage as cheap_measures with:
    """All cheap measures that some experiment reads, a number each for each solution."""
    input:
        split=paths.SPLIT,
        solutions=paths.SOLUTIONS,
        evaluation=paths.EVALUATION,
        arrays=lambda wildcards: study.arrays_read(study.cheap_measures, wildcards),
    output:
        values=paths.CHEAP,
        manifest=paths.manifest(paths.POINT, "cheap_measures"),
    log:
        paths.log(paths.POINT, "cheap_measures"),
