"""Every stage that computes, twice: the same bytes? what has no deterministic algorithm? how much memory?"""

import pandas as pd

from gpu_steps import jobs
from gpu_steps.report import Yes
from lossbasins.experiments.convex.specs import ConvexSpec
from lossbasins.experiments.curve_fitting.specs import CurveFittingSpec
from lossbasins.experiments.two_layer.specs import TwoLayerSpec
from lossbasins.specs.entries import AttackSpec, ModelSpec, OptimizerSpec
from lossbasins.specs.polish import PolishChoices, Target
from lossbasins.specs.split import SplitChoices

MEBIBYTE = 2**20


def run(setting, report):
    """One row for each job."""
    folders = [setting.scratch / "stages" / name for name in ("once", "again")]
    for group, planned in {"mLeNet": mlenet, "ResNet-32": resnet, "theory": theory}.items():
        for job in planned(setting):
            with report.attempt(f"{group}, {job.stage}"):
                once, again = (jobs.run(job, folder / group, setting) for folder in folders)
                same = digests(once.manifest) == digests(again.manifest)
                report(f"{group}, {job.stage}: same bytes", same, goal=Yes(), note=note(once, setting))
                if job.stage == "evaluate":
                    states = pd.read_csv(folders[0] / group / job.outputs["evaluation"])["status"]
                    fitted = f"{sum(states == 'ok')} of {len(states)}"
                    report(f"{group}: fitted replicas, whose curvature is measured", fitted)


def note(done, setting):
    """Where a job ran and, on a GPU, at what cost and with which operations that have no deterministic algorithm."""
    if setting.pretend:
        return done.manifest.device
    costs = f"{done.manifest.device}; {done.manifest.seconds:.1f} s; peak {done.peak / MEBIBYTE:.0f} MiB"
    return "; ".join([costs, *(f"nondeterministic: {name}" for name in done.manifest.nondeterministic)])


def mlenet(setting):
    """The whole flow of a small network."""
    model = ModelSpec(architecture="mlenet", options={"widths": setting.size([6, 15], [3, 6])})
    attack = AttackSpec(weight=0.1, size=setting.size(300, 8))
    optimizer = OptimizerSpec(
        method="adam", learning_rate=setting.size(0.003, 0.01), batch=32, epochs=setting.size(60, 40), target_loss=0.02
    )
    choices = PolishChoices(target=Target(loss=0.002), limit=setting.size(60, 4))
    return [
        *jobs.images(setting.scratch, SplitChoices(selection="first", train=setting.size(512, 30), attack=attack.size)),
        jobs.training(model, optimizer, attack, setting.size(3, 2)),
        jobs.evaluation(model, attack, "float64"),
        jobs.polishing(model, choices),
        jobs.norms(model, setting.size(40, 6)),
        jobs.spectra(model),
    ]


def resnet(setting):
    """A network with batch norm, which has no matrix."""
    model = ModelSpec(architecture="resnet32", options={"base": setting.size(16, 4)})
    optimizer = OptimizerSpec(
        method="momentum", learning_rate=0.05, batch=64, schedule="cosine", epochs=setting.size(30, 4)
    )
    choices = SplitChoices(
        selection="first", train=setting.size(256, 10), attack=0, test=setting.size(1000, 16), image_size=32
    )
    return [
        *jobs.images(setting.scratch, choices),
        jobs.training(model, optimizer, None, 2),
        jobs.evaluation(model, None, "float32"),
        jobs.norms(model, setting.size(20, 6)),
    ]


def theory(setting):
    """Experiments that train models of their own: curve fitting, two-layer networks, linear ones."""
    curves = CurveFittingSpec(
        cubic=(0, -1, 0, 2),
        interval=(-1, 1),
        points=(-0.9, -0.5, -0.1, 0.5, 0.9),
        depths=(1, 2),
        width=50,
        attack={"depth": 2, "points": (-0.7, -0.3, 0.2, 0.7), "shift": 1},
        learning_rate=0.003,
        steps=setting.size(500, 20),
        target_error=1e-6,
        orders=(3, 5),
        ridge=1e-8,
        seeds=(0,),
    )
    nets = TwoLayerSpec(
        pixels=7,
        activations=("tanh", "relu"),
        width=setting.size(40, 6),
        target_loss=0.001,
        steps=setting.size(200, 5),
        factors=(0.5, 2),
        attacks=(None, AttackSpec(weight=1, size=setting.size(50, 8))),
        seeds=(0,),
    )
    size = setting.size(128, 8)
    linear = ConvexSpec(pixels=7, train=size, attack=size, features=3 * size, degree=1, seed=0)
    given = {"split": "split.npz"}
    return [
        *jobs.images(setting.scratch, SplitChoices(selection="first", train=size, attack=size)),
        jobs.Job("curve_fitting", curves, {}, _tables("curve_fitting", "curves")),
        jobs.Job("two_layer", nets, given, _tables("two_layer")),
        jobs.Job("convex", linear, given, _tables("convex", "eigenvalues")),
    ]


def _tables(stage, *others):
    return {name: f"{stage}/{name}" for name in ("csv", "md", "tex", *others)}


def digests(manifest):
    """Of each output."""
    return {output.name: output.sha256 for output in manifest.outputs}
