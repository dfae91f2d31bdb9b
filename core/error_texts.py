"""Every `UserError` code with its sentence: what is wrong, where, and what to do.

The English text is also the key under which translations are found. A code that has shipped is not renamed.
"""

from __future__ import annotations

from typing import Final

from core.translation import mark

ERROR_TEXTS: Final[dict[str, str]] = {
    # store
    "project_missing": mark("There is no project at {path}. Check the path, or create one with “coverslip new”."),
    "project_exists": mark("{path} already exists. Choose another name, or open the project that is there."),
    "project_parent_missing": mark("The folder {path} does not exist. Create it first, or choose another place."),
    "project_newer": mark(
        "{path} was made by a newer Coverslip (format {found}; this one reads up to {known}). "
        "Update Coverslip to open it; nothing was changed."
    ),
    "project_damaged": mark(
        "The database of {path} cannot be read ({reason}). Restore project.db from a backup; nothing was changed."
    ),
    "project_in_use": mark("{path} is open in another Coverslip. Close it there, then try again."),
    "project_read_only": mark("{path} cannot be written. Check the permissions of the folder."),
    "disk_full": mark("The disk that holds {path} is full. Free some space and try again; nothing was changed."),
    "label_missing": mark("There is no label named “{name}”. The labels are: {known}."),
    "label_exists": mark("There is already a label named “{name}”. Choose another name."),
    "label_name_invalid": mark("“{name}” cannot be a label name. Use 1 to 80 visible characters on one line."),
    "nothing_to_undo": mark("There is nothing to undo."),
    "nothing_to_redo": mark("There is nothing to redo."),
    "samples_missing": mark("No image has the id {ids}. Refresh and try again; nothing was changed."),
    "query_invalid": mark("“{token}” is not understood in the query. Use for example label:NAME split:val name:*03*."),
    "run_missing": mark("There is no run {run}. The runs are: {known}."),
    "ratios_invalid": mark("“{value}” are not split ratios. Give three numbers such as 70/15/15."),
    # settings
    "language_unknown": mark("There is no language “{name}”. Choose one of: {known}."),
}
