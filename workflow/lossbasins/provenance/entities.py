"""A finished study as the entities of a Workflow Run RO-Crate, and how they hang together.

It follows Provenance Run Crate 0.5 (https://w3id.org/ro/wfrun/provenance/0.5): the Snakefile is the main workflow, each
stage a tool and a step of it, and each manifest an action with what it read and wrote. Files lie as they do in the
project, so that the paths in manifests hold in the unpacked crate, and the study can be audited or go on there.
"""

import ast
import mimetypes
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rocrate.model.computerlanguage import get_lang
from rocrate.model.contextentity import ContextEntity
from rocrate.model.entity import Entity
from rocrate.rocrate import ROCrate

from lossbasins import catalogue, paths
from lossbasins.provenance import repository
from lossbasins.provenance.fingerprint import canonical_json
from lossbasins.provenance.finished import Finished
from lossbasins.provenance.manifest import SUFFIX, Manifest, Read, sha256_of
from lossbasins.specs.modules import PACKAGE, path_of

PROJECT = Path(__file__).parents[3]
WORKFLOW_CRATE = "https://w3id.org/workflowhub/workflow-ro-crate/1.0"
BIOSCHEMAS = "https://bioschemas.org/profiles/ComputationalWorkflow/1.0-RELEASE"
PROFILES = {
    "https://w3id.org/ro/wfrun/process/0.5": "Process Run Crate",
    "https://w3id.org/ro/wfrun/workflow/0.5": "Workflow Run Crate",
    "https://w3id.org/ro/wfrun/provenance/0.5": "Provenance Run Crate",
    WORKFLOW_CRATE: "Workflow RO-Crate",
}
TERMS = {term: f"https://w3id.org/ro/terms/workflow-run#{term}" for term in ("resourceUsage", "sha256")}
"""What is used beyond the context of RO-Crate 1.1, which the profiles build on."""
LICENSE = "https://spdx.org/licenses/MIT"
PAPER = "https://arxiv.org/abs/1706.10239"
PYTHON = "https://www.python.org/"
ENGINE = "https://snakemake.github.io/"
ONE, SECOND = "C62", "SEC"
"""Units, as UN/CEFACT codes them."""
COMPLETED = "http://schema.org/CompletedActionStatus"
MAIN = "Snakefile"
NEEDED = (MAIN, "config.yaml", "requirements.lock", "README.md")
"""Files that a crate cannot do without, of those that git must name."""


class Graph:
    """All entities of a crate.

    Args:
        record: the study.
        agent: name of the person who ran it, which manifests do not know.

    Raises:
        ValueError: there is no git to say which files are the code, or it does not name one that is needed; one line.
    """

    def __init__(self, record: Finished, agent: str | None) -> None:
        self.crate = ROCrate(version="1.1")
        self.sources: dict[str, Path] = {}
        """Each file of the crate, by its path there."""
        self.crate.metadata.extra_terms.update(TERMS)
        self._record = record
        self._stages = list(dict.fromkeys(manifest.stage for manifest in record.manifests.values()))
        self._by = {"agent": self._add("#agent", "Person", name=agent)} if agent else {}
        self._describe()
        self._files = dict(self._results()) | dict(self._code())
        self._parameters: dict[str, Entity] = {}
        self._roles: defaultdict[str, dict[str, Entity]] = defaultdict(dict)
        jobs = [self._job(path, manifest) for path, manifest in record.manifests.items()]
        for identifier, parameters in self._roles.items():
            self.crate.dereference(identifier)["exampleOfWork"] = list(parameters.values())
        run = self._run(self._workflow())
        self._organize(run, jobs)
        self.crate.root_dataset["mentions"] = [run, *jobs]
        self._files["README.md"]["about"] = self.crate.root_dataset
        self._compact()

    def _describe(self) -> None:
        self.crate.metadata.append_to("conformsTo", {"@id": WORKFLOW_CRATE})
        root = self.crate.root_dataset
        root["name"] = f"lossbasins: the study {self._record.study}"
        root["description"] = (
            "Loss-landscape basins and generalisation, a study of arXiv 1706.10239: figures, tables, all results that "
            "they come from, a manifest for each job, and the code. The licence is that of code and results; images of "
            "data sets stay under the terms of their sources."
        )
        root["license"] = self._add(LICENSE, "CreativeWork", name="MIT License", url=LICENSE)
        root["conformsTo"] = [
            self._add(url, "CreativeWork", name=name, version=url.rpartition("/")[2]) for url, name in PROFILES.items()
        ]
        if self._by:
            root["author"] = self._by["agent"]

    def _results(self) -> Iterator[tuple[str, Entity]]:
        for path, digest in self._record.digests.items():
            yield path, self._file(Path(path), path, digest)

    def _code(self) -> Iterator[tuple[str, Entity]]:
        tools = {_module(stage) for stage in self._stages}
        sources = repository.source_files(PROJECT)
        if sources is None:
            raise ValueError(f"{PROJECT}: no git repository, which says what the code is; export from a checkout")
        own = {
            path_of(module).as_posix()
            for manifest in self._record.manifests.values()
            for module in manifest.modules
            if not module.startswith(f"{PACKAGE}.")
        }
        for path in (*NEEDED, *sorted(tools | own)):
            if path not in sources:
                raise ValueError(f"{path}: not tracked, so that the crate would lack it; git add it")
        for path in sources:
            if path in self._record.digests:
                continue
            kinds = ["File", "SoftwareSourceCode"] if path in tools else ["File"]
            if path == MAIN:
                kinds = ["File", "SoftwareSourceCode", "ComputationalWorkflow", "HowTo"]
            yield path, self._file(PROJECT / path, path, sha256_of(PROJECT / path), kinds)

    def _file(self, source: Path, path: str, digest: str, kinds: Sequence[str] = ("File",)) -> Entity:
        properties = {
            "@type": list(kinds) if len(kinds) > 1 else kinds[0],
            "name": path,
            "sha256": digest,
            "contentSize": str(source.stat().st_size),
            "encodingFormat": mimetypes.guess_type(path)[0] or "application/octet-stream",
        }
        self.sources[path] = source
        return self.crate.add_file(source, path, properties=properties)

    def _job(self, path: str, manifest: Manifest) -> Entity:
        """The action that a manifest records."""
        name, stage = path.removesuffix(SUFFIX), manifest.stage
        settings = self._add(f"#{name}/settings", "PropertyValue", name="settings", value=canonical_json(manifest.spec))
        settings["exampleOfWork"] = self._parameter(stage, "input", "settings", "PropertyValue")
        read = [self._as(self._parameter(stage, "input", f.name, "File"), self._read(f)) for f in manifest.inputs]
        written = [
            self._as(self._parameter(stage, "output", f.name, "File"), self._files[f.path]) for f in manifest.outputs
        ]
        usage = (("threads", manifest.threads, ONE), ("time", manifest.seconds, SECOND))
        return self._add(
            f"#{name}",
            "CreateAction",
            name=name,
            description=f"{_purpose(stage)} On {manifest.host}, {manifest.device}.",
            identifier=manifest.id,
            instrument=self._files[_module(stage)],
            object=[settings, *read],
            result=written,
            startTime=_time(manifest.started),
            endTime=_time(_end(manifest)),
            actionStatus=COMPLETED,
            resourceUsage=[
                self._add(
                    f"#{name}/{what}", "PropertyValue", name=what, propertyID=what, value=str(value), unitCode=unit
                )
                for what, value, unit in usage
            ],
            subjectOf=self._files[path],
            **self._by,
        )

    def _as(self, parameter: Entity, entity: Entity) -> Entity:
        """The entity, of which is now known that it stood for a parameter."""
        self._roles[entity.id][parameter.id] = parameter
        return entity

    def _read(self, file: Read) -> Entity:
        """What a job read: a file of the crate, or a raw one, of which the crate knows the digest alone."""
        if file.maker:
            return self._files[file.path]
        return self._add(f"#raw/{file.sha256}", "CreativeWork", name=Path(file.path).name, sha256=file.sha256)

    def _parameter(self, stage: str, way: str, name: str, kind: str) -> Entity:
        return self._parameters.setdefault(
            f"{stage}/{way}/{name}",
            self._add(f"#{stage}/{way}/{name}", "FormalParameter", name=name, additionalType=kind),
        )

    def _workflow(self) -> Entity:
        """The Snakefile, with a tool and a step for each stage."""
        workflow = self.crate.mainEntity = self._files[MAIN]
        workflow["programmingLanguage"] = self.crate.add(get_lang(self.crate, "snakemake"))
        workflow["conformsTo"] = self._add(BIOSCHEMAS, "CreativeWork", name="Bioschemas ComputationalWorkflow 1.0")
        python = self._add(PYTHON, "ComputerLanguage", name="Python", url=PYTHON)
        for position, stage in enumerate(self._stages, start=1):
            tool = self._files[_module(stage)]
            tool["description"], tool["programmingLanguage"] = _purpose(stage), python
            for way in ("input", "output"):
                tool[way] = [entity for key, entity in self._parameters.items() if key.startswith(f"{stage}/{way}/")]
            step = self._add(f"#step/{stage}", "HowToStep", name=stage, position=str(position), workExample=tool)
            workflow.append_to("hasPart", tool)
            workflow.append_to("step", step)
        for software in (workflow, *workflow["hasPart"]):
            software["version"], software["url"] = _version(), PAPER
        return workflow

    def _run(self, workflow: Entity) -> Entity:
        """The run of the whole: from raw files to tables, figures and what they say."""
        manifests = self._record.manifests.values()
        raw = {file.sha256: self._read(file) for m in manifests for file in m.inputs if not file.maker}
        folders = {folder.format(study=self._record.study) for folder in (paths.TABLES, paths.FIGURES, paths.STUDY)}
        ends = [file.path for m in manifests for file in m.outputs if Path(file.path).parent.as_posix() in folders]
        return self._add(
            "#run",
            "CreateAction",
            name=f"The study {self._record.study}",
            description="All jobs of the study, as Snakemake ran them, maybe at several times.",
            instrument=workflow,
            object=list(raw.values()),
            result=[self._files[path] for path in ends],
            **self._times(),
        )

    def _organize(self, run: Entity, jobs: Sequence[Entity]) -> None:
        """Snakemake, which made each job from a step."""
        controls = [
            self._add(
                f"#control/{job['name']}",
                "ControlAction",
                name=f"Start of {job['name']}",
                instrument=self.crate.dereference(f"#step/{manifest.stage}"),
                object=job,
                actionStatus=COMPLETED,
            )
            for job, manifest in zip(jobs, self._record.manifests.values(), strict=True)
        ]
        self._add(
            "#organization",
            "OrganizeAction",
            name=f"Snakemake's run of the study {self._record.study}",
            instrument=self._add(
                ENGINE, "SoftwareApplication", name="Snakemake", url=ENGINE, softwareVersion=version("snakemake")
            ),
            object=controls,
            result=run,
            **self._times(),
        )

    def _times(self) -> dict[str, Any]:
        """What holds of all jobs together."""
        manifests = self._record.manifests.values()
        return {
            "startTime": _time(min(manifest.started for manifest in manifests)),
            "endTime": _time(max(map(_end, manifests))),
            "actionStatus": COMPLETED,
            **self._by,
        }

    def _compact(self) -> None:
        """Lists of one become that one, as the format recommends."""
        for entity in self.crate.get_entities():
            for key, value in entity.properties().items():
                if isinstance(value, list) and len(value) == 1:
                    entity[key] = value[0]

    def _add(self, identifier: str, kind: str, /, **properties: object) -> Entity:
        return self.crate.add(ContextEntity(self.crate, identifier, {"@type": kind, **properties}))


def _module(stage: str) -> str:
    """The file of the module that says what a stage does, as the project has it."""
    path = _about(stage)
    return (path.relative_to(PROJECT) if path.is_absolute() else path).as_posix()


def _purpose(stage: str) -> str:
    """First line of what that module says."""
    return str(ast.get_docstring(ast.parse(_about(stage).read_text(encoding="utf-8")))).partition("\n")[0]


def _about(stage: str) -> Path:
    found = catalogue.stage(stage)
    return path_of(found.about or found.module)


def _version() -> str:
    """Of the package, with the commit that its code is exported from."""
    commit, changed = repository.commit(), " with changes" if repository.is_dirty() else ""
    return f"{version('lossbasins')} (commit {commit}{changed})"


def _time(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")


def _end(manifest: Manifest) -> datetime:
    return manifest.started + timedelta(seconds=manifest.seconds)
