"""What goes wrong with a project: its files, labels, edits, queries and settings."""

from __future__ import annotations

from typing import Final

from core.translation import mark

PROJECT_TEXTS: Final[dict[str, str]] = {
    "project_missing": mark("There is no project at {path}. Check the path, or create one with “coverslip new”."),
    "project_exists": mark("{path} already exists. Choose another name, or open the project that is there."),
    "project_name_invalid": mark("“{path}” cannot be a project’s name. Choose a shorter or plainer one."),
    "project_nested": mark("{path} is inside the project {outer}. Choose a folder outside of it."),
    "project_parent_missing": mark("The folder {path} does not exist. Create it first, or choose another place."),
    "project_newer": mark(
        "{path} was made by a newer Coverslip (format {found}; this one reads up to {known}). "
        "Update Coverslip to open it; nothing was changed."
    ),
    "project_damaged": mark(
        "The database of {path} cannot be read ({reason}). Restore project.db from a backup; nothing was changed."
    ),
    "project_in_use": mark("{path} is open in another Coverslip. Close it there, then try again."),
    "project_read_only": mark(
        "{path} cannot be written. Check the permissions of the folder; on a read-only medium, copy it elsewhere."
    ),
    "disk_full": mark("The disk that holds {path} is full. Free some space and try again; nothing was changed."),
    "disk_full_import": mark(
        "The disk that holds {path} is full. {added} images were added and are kept. "
        "Free some space and import again: it goes on from there."
    ),
    "label_missing": mark("There is no label named “{name}”. The labels are: {known}."),
    "edit_missing": mark("There is no edit {edit} in the history. Look at the history for the numbers."),
    "edit_not_done": mark("Edit {edit} was undone already: there is nothing to take back."),
    "edit_not_revertible": mark("Edit {edit} cannot be taken back alone. Undo the edits since, the latest first."),
    "moment_invalid": mark("“{value}” is no moment. Write it like 2024-05-01 or 2024-05-01 14:05."),
    "revert_nothing": mark("Everything that edit {edit} did was changed again since: nothing of it is left."),
    "history_broken": mark("The history of {path} does not hold in {n} places. The first: {first} Keep a copy."),
    "label_cycle": mark("{name} cannot be below {parent}, which is {name} itself or below it. Choose another."),
    "label_in_use": mark("{name} is in use: images have it, or labels are below it. Merge it into another label."),
    "labels_nothing_to_merge": mark("There is nothing to merge into {into}. Name at least one other label."),
    "tag_invalid": mark("“{name}” cannot be a tag or reason: it needs 1 to 80 characters, none of them invisible."),
    "task_has_many": mark(
        "{many} images have several labels and {none} are known to have none. Give each of them one label first."
    ),
    "task_single": mark(
        "This project has one label an image. Allow several in the labels’ menu, or by “coverslip task PROJECT multi”."
    ),
    "label_colour_invalid": mark("“{colour}” is no colour. Write it as #RRGGBB, such as #D55E00."),
    "view_exists": mark("There is a view called “{name}” already. Choose another name."),
    "view_name_invalid": mark("“{name}” cannot name a view: it needs 1 to 80 characters, none of them invisible."),
    "label_exists": mark("There is already a label named “{name}”. Choose another name."),
    "label_name_invalid": mark(
        "“{name}” cannot be a label name. Use 1 to 80 visible characters on one line, and not the word “abstain”."
    ),
    "label_key_reserved": mark("“{key}” cannot be a label’s key. Take one letter, digit or sign."),
    "label_key_used": mark("{key} cannot be a label’s key: in the window it means “{does}”. Take another."),
    "nothing_to_undo": mark("There is nothing to undo."),
    "no_decision_to_undo": mark("There is no decision to undo."),
    "nothing_to_redo": mark("There is nothing to redo."),
    "never_checked": mark("{path} was never checked. Run “coverslip check” without --list-only first."),
    "finding_missing": mark("There is no finding {finding} any more. Look at the list again."),
    "samples_missing": mark("No image has the id {ids}. Refresh and try again; nothing was changed."),
    "query_invalid": mark("“{token}” is not understood in the query. Use for example label:NAME split:val name:*03*."),
    "run_missing": mark("There is no run {run}. The runs are: {known}."),
    "no_usable_run": mark("No run has finished yet. Train one first."),
    "nothing_to_judge": mark("No labelled image of {split} can judge run {run}. Label some, or choose another split."),
    "window_takes_no_options": mark("The window takes no options. Run “coverslip app PROJECT”, or “coverslip” alone."),
    "ratios_invalid": mark("“{value}” are not split ratios. Give three numbers such as 70/15/15."),
    "report_path": mark("No report can be written as {path}. Name a file in a folder that you may write to."),
    "report_ending": mark("{path} would be no report that a program opens. Name a file that ends in .html or .pdf."),
    "output_in_project": mark("{path} is inside a project, which would be damaged. Name a file somewhere else."),
    "output_of_another_kind": mark(
        "{path} is there already and is no file of this kind; it was left as it is. Name another, ending in {endings}."
    ),
    "report_pdf": mark("Without Qt no PDF can be written as {path}. Name a file that ends in .html, and print that."),
    "language_unknown": mark("There is no language “{name}”. Choose one of: {known}."),
}
