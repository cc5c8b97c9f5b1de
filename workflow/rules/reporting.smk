rule spectrum_table:
    """E5: the spectra of three solutions of good, middling and bad test accuracy."""
    input:
        evaluation=study.run_files(paths.EVALUATION, "spectrum"),
        spectrum=study.run_files(paths.SPECTRUM, "spectrum"),
    output:
        eigenvalues=paths.table("spectrum_eigenvalues", "csv"),
        csv=shown_table("spectrum", caption="spectrum_table"),
        md=paths.table("spectrum", "md"),
        tex=paths.table("spectrum", "tex"),
        manifest=paths.manifest("spectrum_table"),
    log:
        paths.log("spectrum_table"),
    conda:
        ENVIRONMENT
    params:
        job=jobs.of("spectrum_table"),
        files=files,
    shell:
        run_stage("spectrum_table")


rule volume_table:
    """E6: basin volume and Frobenius norm against test accuracy, under each protocol."""
    input:
        unpack(lambda wildcards: study.volume_files(wildcards.comparison)),
    output:
        points=paths.table("{comparison}_points", "csv"),
        csv=shown_table("{comparison}", caption="volume_table"),
        md=paths.table("{comparison}", "md"),
        tex=paths.table("{comparison}", "tex"),
        manifest=paths.manifest("volume_table.{comparison}"),
    log:
        paths.log("volume_table.{comparison}"),
    conda:
        ENVIRONMENT
    params:
        job=jobs.of("volume_table"),
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
        csv=shown_table("polish", caption="polish_table"),
        md=paths.table("polish", "md"),
        tex=paths.table("polish", "tex"),
        manifest=paths.manifest("polish_table"),
    log:
        paths.log("polish_table"),
    conda:
        ENVIRONMENT
    params:
        job=jobs.of("polish_table"),
        files=files,
    shell:
        run_stage("polish_table")


rule batch_size_table:
    """E2, the table of section 3.1: full against mini batches, and against bad solutions."""
    input:
        evaluation=study.run_files(paths.EVALUATION, "batch_size"),
    output:
        points=paths.table("batch_size_points", "csv"),
        csv=shown_table("batch_size", caption="batch_size_table"),
        md=paths.table("batch_size", "md"),
        tex=paths.table("batch_size", "tex"),
        manifest=paths.manifest("batch_size_table"),
    log:
        paths.log("batch_size_table"),
    conda:
        ENVIRONMENT
    params:
        job=jobs.of("batch_size_table"),
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
        csv=shown_table("initialization", caption="initialization_table"),
        md=paths.table("initialization", "md"),
        tex=paths.table("initialization", "tex"),
        manifest=paths.manifest("initialization_table"),
    log:
        paths.log("initialization_table"),
    conda:
        ENVIRONMENT
    params:
        job=jobs.of("initialization_table"),
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
        svg=shown_figure("spectrum", caption="spectrum_figure"),
        png=paths.figure("spectrum", "png"),
        manifest=paths.manifest("spectrum_figure"),
    log:
        paths.log("spectrum_figure"),
    conda:
        ENVIRONMENT
    params:
        job=jobs.of("spectrum_figure"),
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
        svg=shown_figure("{comparison}", caption="volume_figure"),
        png=paths.figure("{comparison}", "png"),
        manifest=paths.manifest("volume_figure.{comparison}"),
    log:
        paths.log("volume_figure.{comparison}"),
    conda:
        ENVIRONMENT
    params:
        job=jobs.of("volume_figure"),
        files=files,
    shell:
        run_stage("volume_figure")


rule basin_ratio_table:
    """E8: volumes of bad basins relative to good ones."""
    input:
        **study.basin_ratio_files(),
    output:
        csv=shown_table("basin_ratio", caption="basin_ratio_table"),
        md=paths.table("basin_ratio", "md"),
        tex=paths.table("basin_ratio", "tex"),
        manifest=paths.manifest("basin_ratio_table"),
    log:
        paths.log("basin_ratio_table"),
    conda:
        ENVIRONMENT
    params:
        job=jobs.of("basin_ratio_table"),
        files=files,
    shell:
        run_stage("basin_ratio_table")


rule starts_table:
    """E8: how often a random start ends in a bad minimum."""
    input:
        evaluation=study.start_files(paths.EVALUATION),
    output:
        starts=paths.table("starts_points", "csv"),
        csv=shown_table("starts", caption="starts_table"),
        md=paths.table("starts", "md"),
        tex=paths.table("starts", "tex"),
        manifest=paths.manifest("starts_table"),
    log:
        paths.log("starts_table"),
    conda:
        ENVIRONMENT
    params:
        job=jobs.of("starts_table"),
        files=files,
    shell:
        run_stage("starts_table")


rule basin_ratio_figure:
    """Relative volumes of bad basins, and where random starts end."""
    input:
        ratio=paths.table("basin_ratio", "csv"),
        starts=paths.table("starts_points", "csv"),
        shares=paths.table("starts", "csv"),
    output:
        pdf=paths.figure("basin_ratio", "pdf"),
        svg=shown_figure("basin_ratio", caption="basin_ratio_figure"),
        png=paths.figure("basin_ratio", "png"),
        manifest=paths.manifest("basin_ratio_figure"),
    log:
        paths.log("basin_ratio_figure"),
    conda:
        ENVIRONMENT
    params:
        job=jobs.of("basin_ratio_figure"),
        files=files,
    shell:
        run_stage("basin_ratio_figure")


rule claims:
    """Each of the paper's claims, what was measured of it, and the verdict."""
    input:
        **study.claim_files(),
    output:
        csv=shown_table("claims", caption="claims"),
        md=paths.table("claims", "md"),
        tex=paths.table("claims", "tex"),
        manifest=paths.manifest("claims"),
    log:
        paths.log("claims"),
    conda:
        ENVIRONMENT
    params:
        job=jobs.of("claims"),
        files=files,
    shell:
        run_stage("claims")


rule batch_size_figure:
    """Test accuracies behind the table of section 3.1."""
    input:
        points=paths.table("batch_size_points", "csv"),
        table=paths.table("batch_size", "csv"),
    output:
        pdf=paths.figure("batch_size", "pdf"),
        svg=shown_figure("batch_size", caption="batch_size_figure"),
        png=paths.figure("batch_size", "png"),
        manifest=paths.manifest("batch_size_figure"),
    log:
        paths.log("batch_size_figure"),
    conda:
        ENVIRONMENT
    params:
        job=jobs.of("batch_size_figure"),
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
        svg=shown_figure("initialization", caption="initialization_figure"),
        png=paths.figure("initialization", "png"),
        manifest=paths.manifest("initialization_figure"),
    log:
        paths.log("initialization_figure"),
    conda:
        ENVIRONMENT
    params:
        job=jobs.of("initialization_figure"),
        files=files,
    shell:
        run_stage("initialization_figure")


rule summary:
    """What the figures say, in a few lines."""
    input:
        claims=paths.table("claims", "csv"),
        points=expand(paths.table("{comparison}_points", "csv"), comparison=study.comparisons, allow_missing=True),
    output:
        summary=paths.SUMMARY,
        manifest=paths.manifest("summary"),
    log:
        paths.log("summary"),
    conda:
        ENVIRONMENT
    params:
        job=jobs.of("summary"),
        files=files,
    shell:
        run_stage("summary")
