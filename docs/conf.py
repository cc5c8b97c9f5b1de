"""How `make docs` builds the site: these pages as they are, and the docstrings of what others may import."""

import lossbasins

project = "lossbasins"
author = "The lossbasins authors"
version = release = lossbasins.__version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.mathjax"]
myst_heading_anchors = 3
autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_class_signature = "separated"
html_theme = "furo"
html_title = "lossbasins"
html_copy_source = False
