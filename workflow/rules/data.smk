rule fetch:
    """Raw images of a source in one format; the only rule that may download."""
    input:
        raw=lambda wildcards: study.raw_files(wildcards.dataset),
    output:
        images=paths.IMAGES,
        manifest=paths.manifest("fetch"),
    log:
        paths.log("fetch"),
    conda:
        ENVIRONMENT
    params:
        job=jobs.of("fetch"),
        files=files,
    shell:
        run_stage("fetch")


rule split:
    """Training, attack and test sets."""
    input:
        images=paths.IMAGES,
    output:
        split=paths.SPLIT,
        manifest=paths.manifest("split"),
    log:
        paths.log("split"),
    conda:
        ENVIRONMENT
    params:
        job=jobs.of("split"),
        files=files,
    shell:
        run_stage("split")
