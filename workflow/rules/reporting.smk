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
        job=study.job("spectrum_table"),
        files=files,
    shell:
        run_stage("spectrum_table")


rule volume_table:
    """E6: basin volume and Frobenius norm against test accuracy."""
    input:
        evaluation=study.run_files(paths.EVALUATION, "volume"),
        spectrum=study.run_files(paths.SPECTRUM, "volume"),
        frobenius=study.run_files(paths.FROBENIUS, "volume"),
    output:
        points=paths.table("volume_points", "csv"),
        csv=shown_table("volume", caption="volume_table"),
        md=paths.table("volume", "md"),
        tex=paths.table("volume", "tex"),
        manifest=paths.manifest("volume_table"),
    log:
        paths.log("volume_table"),
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
        csv=shown_table("polish", caption="polish_table"),
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
        job=study.job("spectrum_figure"),
        files=files,
    shell:
        run_stage("spectrum_figure")


rule volume_figure:
    """The paper's Fig. 3."""
    input:
        points=paths.table("volume_points", "csv"),
        table=paths.table("volume", "csv"),
    output:
        pdf=paths.figure("volume", "pdf"),
        svg=shown_figure("volume", caption="volume_figure"),
        png=paths.figure("volume", "png"),
        manifest=paths.manifest("volume_figure"),
    log:
        paths.log("volume_figure"),
    conda:
        ENVIRONMENT
    params:
        job=study.job("volume_figure"),
        files=files,
    shell:
        run_stage("volume_figure")


rule summary:
    """What the figures say, in five lines."""
    input:
        spectrum=paths.table("spectrum", "csv"),
        points=paths.table("volume_points", "csv"),
        correlation=paths.table("volume", "csv"),
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
