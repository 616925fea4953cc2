"""The stages of the pipeline, in order. A new stage is a package and one row here; the DAGs follow from these rows.

Nothing heavy is imported: schedulers read this list often. `Stage` itself, with the libraries that it needs, is loaded
when a stage is run.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from etl.engine.stage import Stage


@dataclass(frozen=True)
class PipelineStage:
    """A stage's place in the pipeline.

    `doc` says what it does, in a sentence for the scheduler's page. `after` names the stages whose rows it reads.
    `package` has a module `stage` that defines STAGE.
    """

    name: str
    doc: str
    package: str
    after: tuple[str, ...] = ()

    def load(self) -> Stage:
        """Import the stage."""
        stage: Stage = import_module(f"{self.package}.stage").STAGE
        return stage


PIPELINE = (
    PipelineStage("extract", "Turn pages into articles, or reject them with a reason.", "etl.extract"),
    PipelineStage("annotate", "Find names, and quotes with their speakers, in articles.", "etl.nlp", ("extract",)),
    PipelineStage("stories", "Group copies of one text into a story.", "etl.stories", ("extract",)),
    PipelineStage("match", "Match articles with the topics.", "etl.topics", ("annotate",)),
)


def all_stages() -> tuple[Stage, ...]:
    """Import every stage, in order."""
    return tuple(place.load() for place in PIPELINE)


def stage_named(name: str) -> Stage:
    """Import a stage of the pipeline by its name."""
    return next(place.load() for place in PIPELINE if place.name == name)
