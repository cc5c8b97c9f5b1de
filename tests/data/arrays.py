"""Small raw images to split and to store."""

import numpy as np
from hypothesis import strategies as st

from lossbasins.data.raw import raw_images


def pictures(count, height=4, width=4, channels=1, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (count, height, width, channels), dtype=np.uint8)


def arrays(train=12, test=6, classes=3):
    """Arrays of a good archive, with a test part."""
    return {
        "train_images": pictures(train),
        "train_labels": np.arange(train) % classes,
        "test_images": pictures(test, seed=1),
        "test_labels": np.arange(test) % classes,
    }


@st.composite
def sources(draw, test_part=None):
    """Raw images of 2 to 5 classes in any order, equally frequent or not."""
    classes = draw(st.integers(2, 5))
    frequencies = st.integers(1, 15)
    counts = draw(st.lists(frequencies, min_size=classes, max_size=classes))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    labels = rng.permutation(np.repeat(np.arange(classes), counts))
    if not (draw(st.booleans()) if test_part is None else test_part):
        return raw_images("here", pictures(len(labels)), labels)
    test_labels = rng.integers(0, classes, draw(st.integers(1, 30)))
    return raw_images("here", pictures(len(labels)), labels, pictures(len(test_labels), seed=1), test_labels)
