"""One module per rule, of the same name: read inputs, call the library, write outputs."""
