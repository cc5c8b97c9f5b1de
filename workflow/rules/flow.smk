"""What all experiments share: raw images -> fetch -> split -> check -> train [-> polish] -> evaluate; claims -> summary."""


rule stage:
    """What all rules inherit: one command line, which runs one job of one stage."""
    log:
        "logs/stage.log",
    conda:
        ENVIRONMENT
    resources:
        gpu=0,
    params:
        stage=stage_of,
        job=job_of,
        files=files_of,
    shell:
        "python -m lossbasins run {params.stage} --job {params.job:q} {params.files} --threads {threads} --gpus {resources.gpu} 2> {log:q}"


use rule stage as fetch with:
    """Raw images of a source in one format; the only rule that may download."""
    input:
        raw=lambda wildcards: [local(path) for path in study.raw_files(wildcards.dataset)],  # a module's prefix apart
    output:
        images=paths.IMAGES,
        manifest=paths.manifest(paths.DATASET, "fetch"),
    log:
        paths.log(paths.DATASET, "fetch"),
    localrule: True


use rule stage as split with:
    """Training, attack and test sets."""
    input:
        images=paths.IMAGES,
    output:
        split=paths.SPLIT,
        manifest=paths.manifest(paths.DATASET, "split"),
    log:
        paths.log(paths.DATASET, "split"),


use rule stage as check with:
    """Whether a network fits its data: before anything trains."""
    input:
        split=paths.SPLIT,
    output:
        network=paths.NETWORK,
        manifest=paths.manifest(paths.MODEL, "check"),
    log:
        paths.log(paths.MODEL, "check"),
    priority: 1
    localrule: True


use rule stage as train with:
    """All replicas of one run, trained on L_S + gamma L_A (section 5.1)."""
    input:
        split=paths.SPLIT,
        network=paths.NETWORK,
    output:
        solutions=paths.TRAINED_SOLUTIONS,
        history=paths.TRAINED_HISTORY,
        manifest=paths.manifest(paths.TRAINED, "train"),
    log:
        paths.log(paths.TRAINED, "train"),
    wildcard_constraints:
        attack=patterns.LEARNT_AT_ONCE,
    resources:
        gpu=gpus(1),


use rule stage as memorise with:
    """All replicas of one run, trained on random labels first and from there on the true ones."""
    input:
        split=paths.SPLIT,
        network=paths.NETWORK,
    output:
        solutions=paths.TRAINED_SOLUTIONS,
        history=paths.TRAINED_HISTORY,
        manifest=paths.manifest(paths.TRAINED, "memorise"),
    log:
        paths.log(paths.TRAINED, "memorise"),
    wildcard_constraints:
        attack=patterns.RANDOM_FIRST,
    resources:
        gpu=gpus(1),


use rule stage as polish with:
    """All replicas of one run, brought to a stated L_S or |grad L_S| by descending L_S alone."""
    input:
        split=paths.SPLIT,
        solutions=paths.TRAINED_SOLUTIONS,
    output:
        solutions=paths.SOLUTIONS,
        history=paths.HISTORY,
        polish=paths.POLISH,
        manifest=paths.manifest(paths.POINT, "polish"),
    log:
        paths.log(paths.POINT, "polish"),
    wildcard_constraints:
        point=patterns.polished_points(study),
    resources:
        gpu=gpus(1),


use rule stage as evaluate with:
    """Losses, accuracies and norms of every replica."""
    input:
        split=paths.SPLIT,
        solutions=paths.SOLUTIONS,
        history=paths.HISTORY,
    output:
        evaluation=paths.EVALUATION,
        manifest=paths.manifest(paths.POINT, "evaluate"),
    log:
        paths.log(paths.POINT, "evaluate"),


use rule stage as claims with:
    """Each claim, what was measured of it, and the verdict."""
    input:
        tables=jobs.claim_tables(),
    output:
        csv=shown_table("claims", caption="../report/claims.rst"),
        md=paths.table("claims", "md"),
        tex=paths.table("claims", "tex"),
        manifest=paths.manifest(paths.TABLES, "claims"),
    log:
        paths.log(paths.TABLES, "claims"),


use rule stage as summary with:
    """What tables and figures say, in a few lines."""
    input:
        tables=jobs.told_tables(),
        claims=paths.table("claims", "csv"),
    output:
        summary=paths.SUMMARY,
        manifest=paths.manifest(paths.STUDY, "summary"),
    log:
        paths.log(paths.STUDY, "summary"),


use rule stage as explore with:
    """Every solution in one page to look around in, made when it is asked for."""
    input:
        **jobs.explored_files(),
    output:
        page=report(
            paths.EXPLORE, caption="../report/explore.rst", category="Explore", labels={"page": "all solutions"}
        ),
        manifest=paths.manifest(paths.STUDY, "explore"),
    log:
        paths.log(paths.STUDY, "explore"),
