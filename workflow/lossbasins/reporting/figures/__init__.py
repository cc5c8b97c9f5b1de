"""One module per figure: frames in, a drawing out."""
