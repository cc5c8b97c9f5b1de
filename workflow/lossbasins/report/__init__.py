"""What `snakemake --report` shows beyond what Snakemake brings: tables, findings and the flow, as HTML."""
