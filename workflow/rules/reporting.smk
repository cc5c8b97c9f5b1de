rule spectrum_table:
    """E5: the spectra of three solutions of good, middling and bad test accuracy."""
    input:
        evaluation=study.run_files(paths.EVALUATION, "spectrum"),
        spectrum=study.run_files(paths.SPECTRUM, "spectrum"),
    output:
        eigenvalues=paths.table("spectrum_eigenvalues", "csv"),
        csv=paths.table("spectrum", "csv"),
        md=paths.table("spectrum", "md"),
        tex=paths.table("spectrum", "tex"),
        manifest=paths.manifest("spectrum_table"),
    log:
        paths.log("spectrum_table"),
    conda:
        ENVIRONMENT
    params:
        job=study.job("spectrum_table"),
        files=files,
    shell:
        run_stage("spectrum_table")


rule volume_table:
    """E6: basin volume and Frobenius norm against test accuracy, under each protocol."""
    input:
        unpack(lambda wildcards: study.volume_files(wildcards.comparison)),
    output:
        points=paths.table("{comparison}_points", "csv"),
        csv=paths.table("{comparison}", "csv"),
        md=paths.table("{comparison}", "md"),
        tex=paths.table("{comparison}", "tex"),
        manifest=paths.manifest("volume_table.{comparison}"),
    log:
        paths.log("volume_table.{comparison}"),
    conda:
        ENVIRONMENT
    params:
        job=study.job("volume_table"),
        files=files,
    shell:
        run_stage("volume_table")


rule polish_table:
    """Solutions before and after L_S alone was descended."""
    input:
        before=study.run_files(paths.EVALUATION, "polish"),
        after=study.run_files(paths.EVALUATION, "polish", study.compared_point),
        polish=study.run_files(paths.POLISH, "polish", study.compared_point),
    output:
        csv=paths.table("polish", "csv"),
        md=paths.table("polish", "md"),
        tex=paths.table("polish", "tex"),
        manifest=paths.manifest("polish_table"),
    log:
        paths.log("polish_table"),
    conda:
        ENVIRONMENT
    params:
        job=study.job("polish_table"),
        files=files,
    shell:
        run_stage("polish_table")


rule batch_size_table:
    """E2, the table of section 3.1: full against mini batches, and against bad solutions."""
    input:
        evaluation=study.run_files(paths.EVALUATION, "batch_size"),
    output:
        points=paths.table("batch_size_points", "csv"),
        csv=paths.table("batch_size", "csv"),
        md=paths.table("batch_size", "md"),
        tex=paths.table("batch_size", "tex"),
        manifest=paths.manifest("batch_size_table"),
    log:
        paths.log("batch_size_table"),
    conda:
        ENVIRONMENT
    params:
        job=study.job("batch_size_table"),
        files=files,
    shell:
        run_stage("batch_size_table")


rule initialization_table:
    """E3, the paper's Table 1: accuracies of several initialisations, ours beside the paper's."""
    input:
        evaluation=study.run_files(paths.EVALUATION, "initialization"),
    output:
        points=paths.table("initialization_points", "csv"),
        spread=paths.table("initialization_spread", "csv"),
        csv=paths.table("initialization", "csv"),
        md=paths.table("initialization", "md"),
        tex=paths.table("initialization", "tex"),
        manifest=paths.manifest("initialization_table"),
    log:
        paths.log("initialization_table"),
    conda:
        ENVIRONMENT
    params:
        job=study.job("initialization_table"),
        files=files,
    shell:
        run_stage("initialization_table")


rule spectrum_figure:
    """The paper's Fig. 2."""
    input:
        eigenvalues=paths.table("spectrum_eigenvalues", "csv"),
        table=paths.table("spectrum", "csv"),
    output:
        pdf=paths.figure("spectrum", "pdf"),
        svg=paths.figure("spectrum", "svg"),
        png=paths.figure("spectrum", "png"),
        manifest=paths.manifest("spectrum_figure"),
    log:
        paths.log("spectrum_figure"),
    conda:
        ENVIRONMENT
    params:
        job=study.job("spectrum_figure"),
        files=files,
    shell:
        run_stage("spectrum_figure")


rule volume_figure:
    """The paper's Fig. 3, a row of panels for each protocol."""
    input:
        points=paths.table("{comparison}_points", "csv"),
        table=paths.table("{comparison}", "csv"),
    output:
        pdf=paths.figure("{comparison}", "pdf"),
        svg=paths.figure("{comparison}", "svg"),
        png=paths.figure("{comparison}", "png"),
        manifest=paths.manifest("volume_figure.{comparison}"),
    log:
        paths.log("volume_figure.{comparison}"),
    conda:
        ENVIRONMENT
    params:
        job=study.job("volume_figure"),
        files=files,
    shell:
        run_stage("volume_figure")


rule batch_size_figure:
    """Test accuracies behind the table of section 3.1."""
    input:
        points=paths.table("batch_size_points", "csv"),
        table=paths.table("batch_size", "csv"),
    output:
        pdf=paths.figure("batch_size", "pdf"),
        svg=paths.figure("batch_size", "svg"),
        png=paths.figure("batch_size", "png"),
        manifest=paths.manifest("batch_size_figure"),
    log:
        paths.log("batch_size_figure"),
    conda:
        ENVIRONMENT
    params:
        job=study.job("batch_size_figure"),
        files=files,
    shell:
        run_stage("batch_size_figure")


rule initialization_figure:
    """Test accuracies behind Table 1, ours beside the paper's."""
    input:
        points=paths.table("initialization_points", "csv"),
        table=paths.table("initialization", "csv"),
    output:
        pdf=paths.figure("initialization", "pdf"),
        svg=paths.figure("initialization", "svg"),
        png=paths.figure("initialization", "png"),
        manifest=paths.manifest("initialization_figure"),
    log:
        paths.log("initialization_figure"),
    conda:
        ENVIRONMENT
    params:
        job=study.job("initialization_figure"),
        files=files,
    shell:
        run_stage("initialization_figure")


rule summary:
    """What the figures say, in a few lines."""
    input:
        spectrum=paths.table("spectrum", "csv"),
        points=expand(paths.table("{comparison}_points", "csv"), comparison=study.comparisons, allow_missing=True),
        correlation=expand(paths.table("{comparison}", "csv"), comparison=study.comparisons, allow_missing=True),
    output:
        summary=paths.SUMMARY,
        manifest=paths.manifest("summary"),
    log:
        paths.log("summary"),
    conda:
        ENVIRONMENT
    params:
        job=study.job("summary"),
        files=files,
    shell:
        run_stage("summary")
