"""Search for settings within a stated budget: `python -m training.speaker.search PREPARED OUT --trials 20 --epochs 6`.

Each trial is a short run of its own, judged by the speakers of validation alone; Optuna's tree of Parzen estimators
(Bergstra et al. 2011) proposes the next. Called again it goes on: what is done stands in OUT/trials.sqlite. The best
settings so far are OUT/best.json.
"""

import argparse
import json
import sys
from dataclasses import asdict, replace
from pathlib import Path

import keras
import numpy as np
import optuna
import tensorflow

from services.speaker.calibration import GenderCalibration
from training.speaker.age import told_years
from training.speaker.evaluate import calibrate, heard_of, rows_of
from training.speaker.export import trained
from training.speaker.gender import female_scores
from training.speaker.runs import MODEL, Run, Settings, open_run
from training.speaker.targets import is_female
from training.speaker.train import TASKS, train

BEST, TRIALS = "best.json", "trials.sqlite"
_SMALLEST = 1e-4


def search(prepared: Path, out: Path, base: Settings, trials: int) -> optuna.Study:
    """Do what is left of so many trials; return all. Raises ValueError where there is nothing to learn from."""
    out.mkdir(parents=True, exist_ok=True)
    study = optuna.create_study(
        storage=f"sqlite:///{(out / TRIALS).absolute()}",
        study_name=base.task,
        sampler=optuna.samplers.TPESampler(seed=base.seed),
        load_if_exists=True,
    )
    done = sum(trial.state.is_finished() for trial in study.trials)
    study.optimize(lambda trial: _tried(trial, prepared, out, base), n_trials=max(0, trials - done))
    best = {"error": study.best_value, "trial": study.best_trial.number, **study.best_params}
    (out / BEST).write_text(json.dumps(best, indent=1) + "\n")
    return study


def validation_error(run: Run) -> float:
    """Return what is to be small: for gender the mean surprise at the truth, for age the mean error in years."""
    network = trained(keras.saving.load_model(run.folder / MODEL), run.settings.task)
    calibration = calibrate(run, network)
    rows = rows_of(run, "validation")
    heard = heard_of(run, network, rows)
    if isinstance(calibration, GenderCalibration):
        truth = is_female(run.prepared, rows)
        of_truth = np.abs(truth - 1 + np.nan_to_num(female_scores(heard, calibration), nan=0.5))
        return float(-np.log(np.maximum(of_truth, _SMALLEST)).mean())
    spoken = np.array([each.speech_seconds > 0 for each in heard])
    years, _, _ = told_years([each for each in heard if each.speech_seconds], calibration)
    return float(np.abs(years - run.prepared.age_years[rows[spoken]]).mean())


def proposed(trial: optuna.Trial, base: Settings) -> Settings:
    """Return the settings that a trial is to try."""
    mixture = replace(
        base.mixture,
        pitch_bins=trial.suggest_int("pitch_bins", 0, 4),
        masked_bins=trial.suggest_int("masked_bins", 4, 16),
    )
    return replace(
        base,
        rate=trial.suggest_float("rate", 1e-3, 1e-2, log=True),
        weight_decay=trial.suggest_float("weight_decay", 1e-3, 1e-1, log=True),
        smoothing=trial.suggest_float("smoothing", 0.0, 0.1),
        width=trial.suggest_categorical("width", (48, 64, 80)),
        mixture=mixture,
    )


def _tried(trial: optuna.Trial, prepared: Path, out: Path, base: Settings) -> float:
    run = open_run(out / f"trial-{trial.number:03d}", prepared, proposed(trial, base))
    train(run)
    return validation_error(run)


def main() -> None:
    """Read the command line, search, and print the trials, the best first."""
    own = Settings()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("prepared", type=Path, help="folder that prepare.py wrote")
    parser.add_argument("out", type=Path, help="folder of the search")
    parser.add_argument("--task", choices=TASKS, default=own.task)
    parser.add_argument("--trials", type=int, default=20, help="the budget; those of earlier calls count")
    parser.add_argument("--epochs", type=int, default=6, help="of each trial")
    parser.add_argument("--steps", type=int, default=own.steps)
    parser.add_argument("--seed", type=int, default=own.seed)
    parser.add_argument("--data-sets", type=lambda text: tuple(text.split(",")), default=(), help="separated by commas")
    parser.add_argument("--threads", type=int, default=2)
    told = parser.parse_args()
    tensorflow.config.threading.set_intra_op_parallelism_threads(told.threads)
    base = Settings(
        seed=told.seed, task=told.task, epochs=told.epochs, steps=told.steps, data_sets=tuple(told.data_sets)
    )
    try:
        study = search(told.prepared, told.out, base, told.trials)
    except (OSError, ValueError) as error:
        parser.error(str(error))
    finished = [trial for trial in study.trials if trial.value is not None]
    for trial in sorted(finished, key=lambda trial: trial.value or 0.0):
        sys.stdout.write(f"{trial.value:.4f}  trial {trial.number}  {json.dumps(trial.params)}\n")
    sys.stdout.write(f"{json.dumps(asdict(proposed(study.best_trial, base)))}\n")


if __name__ == "__main__":
    main()
