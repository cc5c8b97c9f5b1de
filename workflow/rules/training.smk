rule train:
    """All replicas of one run, trained on L_S + gamma L_A (section 5.1)."""
    input:
        split=paths.SPLIT,
    output:
        solutions=paths.TRAINED_SOLUTIONS,
        history=paths.TRAINED_HISTORY,
        manifest=paths.manifest("train"),
    log:
        paths.log("train"),
    conda:
        ENVIRONMENT
    params:
        job=jobs.of("train"),
        files=files,
    shell:
        run_stage("train")


rule polish:
    """All replicas of one run, brought to a stated L_S or |grad L_S| by descending L_S alone."""
    input:
        split=paths.SPLIT,
        solutions=paths.TRAINED_SOLUTIONS,
    output:
        solutions=paths.SOLUTIONS,
        history=paths.HISTORY,
        polish=paths.POLISH,
        manifest=paths.manifest("polish"),
    log:
        paths.log("polish"),
    wildcard_constraints:
        point=study.polished_points,
    conda:
        ENVIRONMENT
    params:
        job=jobs.of("polish"),
        files=files,
    shell:
        run_stage("polish")


rule evaluate:
    """Losses, accuracies and norms of every replica."""
    input:
        split=paths.SPLIT,
        solutions=paths.SOLUTIONS,
        history=paths.HISTORY,
    output:
        evaluation=paths.EVALUATION,
        manifest=paths.manifest("evaluate"),
    log:
        paths.log("evaluate"),
    conda:
        ENVIRONMENT
    params:
        job=jobs.of("evaluate"),
        files=files,
    shell:
        run_stage("evaluate")
