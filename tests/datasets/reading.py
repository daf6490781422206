"""What is in a data set file, and what an attack makes of it."""

from charrobust.datasets.attack_file import attack_file
from charrobust.perturb import Attack
from tests.tasks.data import task_of


def records_of(source):
    """Return the records of a format."""
    return [record for block in source.blocks() for record in source.parse(block).records]


def attacked(source, folder, task="classification", recipe="charbert", **columns):
    """Attack a data set and return the bytes of the output."""
    if task == "classification":
        columns = {"texts": ("text",), **columns}
    output = folder / f"out.{source.path.name}"
    attack_file(source, task_of(task, columns), Attack.load(recipe), output=output, sink=source)
    return output.read_bytes()
