"""The version of Coverslip: that of the package's metadata, repeated here so that a frozen build knows it too."""

from __future__ import annotations

from typing import Final

VERSION: Final = "0.1.0"
