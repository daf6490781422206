"""Names of tensor types with shapes, as in ``Float[Tensor, "batch length size"]``.

Annotations are not evaluated when the package is used: the tests alone check them on every call. A name of an axis
stands for one size within a call; ``...`` for any number of axes. A blank leads where an axis stands alone, which
keeps linters from taking it for the name of a type.
"""

from __future__ import annotations

from torch import Tensor

try:
    from jaxtyping import Bool, Float, Int, Shaped
except ImportError:
    # These modules are saved beside published weights, and also run where only the transformers library is installed.
    Bool = Float = Int = Shaped = Tensor  # type: ignore[assignment]

__all__ = ["Bool", "Float", "Int", "Shaped"]
