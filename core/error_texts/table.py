"""Every `UserError` code with its sentence: what is wrong, where, and what to do; those of each room have a file.

The English text is also the key under which translations are found. A code that has shipped is not renamed.
"""

from __future__ import annotations

from typing import Final

from core.error_texts.export import EXPORT_TEXTS
from core.error_texts.images import IMAGES_TEXTS
from core.error_texts.ingest import INGEST_TEXTS
from core.error_texts.project import PROJECT_TEXTS
from core.error_texts.readers import READERS_TEXTS
from core.error_texts.training import TRAINING_TEXTS

ERROR_TEXTS: Final[dict[str, str]] = {
    **PROJECT_TEXTS,
    **READERS_TEXTS,
    **TRAINING_TEXTS,
    **IMAGES_TEXTS,
    **EXPORT_TEXTS,
    **INGEST_TEXTS,
}
