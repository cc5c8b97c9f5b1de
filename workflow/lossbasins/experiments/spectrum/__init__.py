"""E5: eigenvalues of Hessians."""
