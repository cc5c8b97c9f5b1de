rule spectrum:
    """All Hessian eigenvalues of every fitted replica (section 5.2)."""
    input:
        split=paths.SPLIT,
        solutions=paths.SOLUTIONS,
        evaluation=paths.EVALUATION,
    output:
        spectrum=paths.SPECTRUM,
        manifest=paths.manifest("spectrum"),
    log:
        paths.log("spectrum"),
    conda:
        ENVIRONMENT
    params:
        job=jobs.of("spectrum"),
        files=files,
    shell:
        run_stage("spectrum")


rule frobenius:
    """The estimated Frobenius norm of the Hessian of every fitted replica (section 5.2)."""
    input:
        split=paths.SPLIT,
        solutions=paths.SOLUTIONS,
        evaluation=paths.EVALUATION,
    output:
        frobenius=paths.FROBENIUS,
        manifest=paths.manifest("frobenius"),
    log:
        paths.log("frobenius"),
    conda:
        ENVIRONMENT
    params:
        job=jobs.of("frobenius"),
        files=files,
    shell:
        run_stage("frobenius")
