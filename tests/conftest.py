"""One thread for each worker, set before any numerical library is imported: workers share the cores."""

import os

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"
