"""Which program shows the notebook, as far as the course needs to know."""

import sys
from enum import Enum


class FrontEnd(Enum):
    """The programs that differ in what they do with an output."""

    JUPYTER = "JupyterLab, Notebook 7, or another that follows links between notebooks"
    VS_CODE = "VS Code: a link in an output leads nowhere"
    COLAB = "Google Colab: a link in an output leads nowhere, and widgets have to be allowed"

    @property
    def follows_links(self) -> bool:
        """Whether a link in an output can open another notebook."""
        return self is FrontEnd.JUPYTER


def front_end() -> FrontEnd:
    """The program that shows this notebook: JUPYTER unless another one has left its mark."""
    if "google.colab" in sys.modules:
        return FrontEnd.COLAB
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if "__vsc_ipynb_file__" in getattr(shell, "user_ns", {}):
        return FrontEnd.VS_CODE
    return FrontEnd.JUPYTER
