"""What goes wrong in training, and with backbones and their weights."""

from __future__ import annotations

from typing import Final

from core.translation import mark

TRAINING_TEXTS: Final[dict[str, str]] = {
    "config_file_missing": mark("There is no configuration at {path}. Check the path of --config."),
    "config_file_invalid": mark("{path} is not a valid TOML file ({reason}). Correct it and try again."),
    "config_pair_invalid": mark("“{pair}” is not a setting. Write it as key=value, for example epochs=5."),
    "config_key_unknown": mark("There is no setting “{key}”. The settings are: {known}."),
    "config_value_invalid": mark("“{value}” is not a value of {key}. It takes {allowed}."),
    "suggestions_need_labels": mark(
        "Suggestions need at least ten labelled images, of at least two labels; {count} are labelled. "
        "Label more images first."
    ),
    "similarity_needs_images": mark(
        "None of the selected images can be compared: they are excluded, missing, or could not be read. Select others."
    ),
    "training_needs_labels": mark(
        "Training needs at least two labels that have images; there are {count}. Label more images first."
    ),
    "training_label_too_small": mark(
        "“{label}” has only {count} image; training needs at least {needed} of every label. "
        "Label more images with it, or give that one another label."
    ),
    "training_label_not_in_train": mark(
        "No image of “{label}” is in train, so it cannot be learned. Split the images again, or label more of them."
    ),
    "training_needs_val": mark(
        "No labelled image is in val, so training cannot tell which epoch is best. Split the images again."
    ),
    "training_groups_straddle": mark(
        "{count} groups have images in more than one of train, val and test, so the score would not be honest. "
        "Run “coverslip split”, or Split on the Images page, first."
    ),
    "channels_differ": mark(
        "The images have different numbers of channels ({found}), and the network takes one. "
        "Exclude the kind that is fewer, or train on each in a project of its own."
    ),
    "channel_beyond": mark(
        "There is no channel {channel}: the images have {count}, numbered from 0 to {last}. Set channels to others."
    ),
    "channels_no_rgb": mark(
        "The images have {count} channels, which are not RGB. Set channels=auto, or their numbers."
    ),
    "channels_no_grey": mark(
        "The images have {count} channels, and none of them is said to be grey. Set channels to the number of one."
    ),
    "window_count": mark(
        "There are {count} windows for {channels} channels. Give one for all of them, or one for each."
    ),
    "training_image_needed": mark("{reason} Training needs the image {path}."),
    "source_gone": mark(
        "The folder {path} is no longer there. Put it back, or import it from its new place: the images are recognised."
    ),
    "resume_keeps_settings": mark("A resumed run keeps its own settings. Leave out --set, --config and --backbone."),
    "training_out_of_memory": mark(
        "The memory of {device} is too small for this network at {size} pixels. "
        "Choose a smaller size or backbone, or set device=cpu."
    ),
    "training_diverged": mark(
        "The loss is no longer a number after epoch {epoch}. Set a lower learning_rate, now {rate}."
    ),
    "run_not_resumable": mark("Run {run} is {state} and cannot be resumed. Start a new one."),
    "run_not_usable": mark("Run {run} is {state} and has no finished model. Choose one that is done or stopped."),
    "run_damaged": mark("The file {path} of run {run} cannot be read ({reason}). Train again."),
    "backbone_unknown": mark("There is no backbone “{name}”. Choose one of: {known}."),
    "weights_missing": mark(
        "The weights of “{backbone}” are not on this computer. Allow the download, or import the file {file} "
        "(from {source})."
    ),
    "weights_not_allowed": mark(
        "The weights of {backbone} ({size} MB) are not on this computer, and downloads are off. Allow them in "
        "Settings, add the file {file} on the Train page, or choose a backbone with a tick."
    ),
    "weights_file_missing": mark("There is no file {path}. Check the path of the weights file."),
    "weights_unreadable": mark(
        "{path} is damaged or not a weights file. Use a .pth or .safetensors file of tensors; nothing was changed."
    ),
    "weights_wrong": mark(
        "{path} does not hold the weights of “{backbone}”: {reason}. Choose the file made for this backbone."
    ),
    "weights_of_no_backbone": mark("{path} fits none of the backbones. It must be one of: {known}."),
    "download_failed": mark(
        "{url} could not be downloaded ({reason}). Check the connection and try again: it goes on where it stopped."
    ),
    "download_damaged": mark("What was downloaded from {url} is not the expected file; it was deleted. Try again."),
    "download_busy": mark("{url} is already being downloaded by another Coverslip. Wait for it to end."),
    "device_unavailable": mark("The device “{name}” cannot be used here ({reason}). Choose “auto” or “cpu”."),
    "extra_missing": mark(
        "This needs the optional part “{extra}”, which is not installed. Install coverslip[{extra}] with pip."
    ),
}
