"""Looking at what the Images page did: at the samples in the project, and at the rows of the label panel."""

from core.domain.edits import describe
from core.store.ledger import next_undo
from core.store.samples import samples_by_id


def sample(controller, index):
    return samples_by_id(controller.context.project, [int(controller.grid.ids[index])])[0]


def labels_of(controller, index):
    return {controller.labels_by_id[i].name for i in sample(controller, index).label_ids}


def last_edit(controller):
    return describe(next_undo(controller.context.project))


def shown(panel):
    return [f"{'.' * row.look.depth}{row.name}" for row in panel.rows()]


def row_of(panel, name):
    return next(row for row in panel.rows() if row.name == name)
