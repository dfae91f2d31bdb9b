"""What a project asks of its images: one label each, or any number of labels."""

from enum import StrEnum


class Task(StrEnum):
    """How many labels an image can have.

    It decides the training loss, how a probability is read, and every number of the evaluation.
    """

    SINGLE = "single"
    """Exactly one label per image: the probabilities of an image sum to 1 (softmax)."""

    MULTI = "multi"
    """Any number of labels per image, none included: each label is a question of its own (sigmoid)."""
