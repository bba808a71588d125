"""Coqui's loop, so that a killed run goes on with the step it was in, and several processes learn one network."""

import time
from pathlib import Path
from typing import Any

import torch
from trainer import Trainer, TrainerArgs, TrainerConfig

from training.voices.history import note
from training.voices.prepared import Prepared
from training.voices.runs import BEST, STATE, load, save
from training.voices.vits.batches import held_out_batches, training_batches
from training.voices.vits.distributed import Place, average_gradients
from training.voices.vits.network import Shape, Voice, config_of, learn_from
from training.voices.vits.settings import Settings
from training.voices.vits.watching import Progress, sentences_of, speak, tensorboard, write_samples

_LOSSES = {
    "loss_1": "total",
    "loss_mel": "mel",
    "loss_kl": "prior",
    "loss_duration": "duration",
    "loss_feat": "features",
    "loss_gen": "deception",
    "loss_disc": "discriminator",
}
"""Coqui's names, and those of a history's columns."""
_PRIMES = (1_000_003, 8_191)


class Learning(Trainer):
    """One process's part of a run.

    What a step draws at random depends on its number alone, so a run that was killed ends with the same weights as one
    that was not (on a CPU, where sums are always made in the same order).
    """

    def __init__(
        self, run: Path, prepared: Prepared, settings: Settings, place: Place, base: Path | None = None
    ) -> None:
        """Load the state of a stopped run, or the weights of `base`. Raises InvalidInput for one that does not fit."""
        self._run, self._prepared, self._settings, self._place = run, prepared, settings, place
        self.shape = Shape(settings.size, prepared.symbols, prepared.styles, prepared.sample_rate_hz, prepared.language)
        state = load(run / STATE) if (run / STATE).exists() else None
        torch.manual_seed(settings.seed)
        voice = Voice(_config(self.shape, settings))
        if base and not state:
            learn_from(voice, self.shape, load(base / BEST))
        step = state["step"] if state else 0
        loader, self._batches = training_batches(prepared, settings, place)
        held_out = held_out_batches(prepared, settings)
        voice.config.run_eval = held_out is not None
        self.progress = Progress(settings, step, place.is_first)
        super().__init__(
            TrainerArgs(continue_path=str(run), rank=place.rank, use_ddp=place.processes > 1),
            voice.config,
            model=voice,
            train_loader=loader,
            eval_loader=held_out,
            parse_command_line_args=False,
            c_logger=self.progress,
            dashboard_logger=tensorboard(run, step) if place.is_first else None,
            gpu=0 if torch.cuda.is_available() else None,
        )
        if not self.scaler:
            for optimiser in self.optimizer:
                optimiser.register_step_pre_hook(lambda each, *_: average_gradients(self.master_params(each)))
        self.best_loss = state["best"] if state else float("inf")
        self._saved = time.monotonic()
        if state:
            self._restore(state)

    @staticmethod
    def init_training(_: TrainerArgs, __: list[str], config: TrainerConfig) -> tuple[TrainerConfig, dict[str, str]]:
        """Leave out how Coqui finds its own checkpoints."""
        return config, {}

    def save_training_script(self) -> None:
        """Leave out Coqui's copy of the file that was started."""

    def _setup_logger_config(self, log_file: str) -> None:
        """Leave out Coqui's file of all that it says."""

    def _restore_best_loss(self) -> None:
        """Leave out what Coqui would look for in its own checkpoints."""

    @property
    def use_pt_ddp(self) -> bool:
        """Say no: Coqui calls the network around torch's wrapper, which then averages no gradients; ours does."""
        return False

    def learn(self) -> None:
        """Do what is left of the epochs. On an error Coqui's `fit` would remove the folder; this one does not."""
        self._fit()
        self.dashboard_logger.finish()

    def train_epoch(self) -> None:
        """Do what is left of an epoch."""
        self._batches.step = self.total_steps_done
        super().train_epoch()

    def train_step(self, *given: Any) -> Any:
        """Do a step, and keep the run if it was not kept for long."""
        self._seed(self.total_steps_done, self._place.rank)
        outcome = super().train_step(*given)
        is_within_epoch = self.total_steps_done % self._settings.steps
        if is_within_epoch and time.monotonic() - self._saved > 60 * self._settings.save_minutes:
            self._save()
        return outcome

    def _grad_clipping(self, grad_clip: float, optimizer: torch.optim.Optimizer, scaler: Any) -> torch.Tensor:
        """Average before the scaler looks for what is infinite, so that all processes leave out the same steps."""
        average_gradients(self.master_params(optimizer))
        return super()._grad_clipping(grad_clip, optimizer, scaler)

    def eval_epoch(self) -> None:
        """Judge what is held out, by the same random numbers each time."""
        self._seed(0)
        super().eval_epoch()

    def test_run(self) -> None:
        """Let it be heard."""
        self.model.eval()
        said = speak(self.model, sentences_of(self._prepared), self.shape.styles, self._settings.seed)
        self.model.test_log(said, self.dashboard_logger, self.total_steps_done)
        write_samples(self._run, self.epochs_done + 1, said["audios"], self.shape.sample_rate_hz)

    def save_best_model(self) -> None:
        """Keep the run at the end of an epoch, and the network where none was as close to what is held out."""
        row = self._row()
        judged = row.get("mel", row["training_mel"])
        is_best = judged <= self.best_loss
        self.best_loss = min(judged, self.best_loss)
        note(self._run, row)
        if is_best:
            save(self._described(), self._run / BEST)
        self._save()
        figures = [f"mel {row['training_mel']:.2f}", *([f"held out {row['mel']:.2f}"] if "mel" in row else [])]
        self.progress.say(self.total_steps_done, "  ".join([f"epoch {row['epoch']}", *figures]))

    def _row(self) -> dict[str, float]:
        sides = {"training_": self.keep_avg_train, "": self.keep_avg_eval}
        return {
            "epoch": self.epochs_done + 1,
            "steps": self.total_steps_done,
            **{
                f"{side}{ours}": float(means[f"avg_{theirs}"])
                for side, means in sides.items()
                if means is not None
                for theirs, ours in _LOSSES.items()
            },
        }

    def _described(self) -> dict[str, Any]:
        return {"shape": list(self.shape), "step": self.total_steps_done, "network": self.model.state_dict()}

    def _save(self) -> None:
        self._saved = time.monotonic()
        if not self._place.is_first:
            return
        optimisers = [each.state_dict() for each in self.optimizer]
        schedulers = [each.state_dict() for each in self.scheduler]
        scaler = self.scaler.state_dict() if self.scaler else None
        rest = {"optimisers": optimisers, "schedulers": schedulers, "scaler": scaler, "best": self.best_loss}
        save(self._described() | rest, self._run / STATE)

    def _restore(self, state: dict[str, Any]) -> None:
        self.model.load_state_dict(state["network"])
        for name, parts in (("optimisers", self.optimizer), ("schedulers", self.scheduler)):
            for part, known in zip(parts, state[name], strict=True):
                part.load_state_dict(known)
        if self.scaler and state["scaler"]:
            self.scaler.load_state_dict(state["scaler"])
        self.total_steps_done = state["step"]
        self.epochs_done = state["step"] // self._settings.steps

    def _seed(self, step: int, rank: int = 0) -> None:
        torch.manual_seed((self._settings.seed * _PRIMES[0] + step) * _PRIMES[1] + rank)


def _config(shape: Shape, settings: Settings) -> Any:
    return config_of(
        shape,
        batch_size=settings.batch,
        epochs=settings.epochs,
        lr_gen=settings.rate,
        lr_disc=settings.rate,
        training_seed=settings.seed,
        mixed_precision=settings.precision != "fp32" and torch.cuda.is_available(),
        precision="bf16" if settings.precision == "bf16" else "fp16",
        print_step=1,
        plot_step=10,
        log_model_step=settings.steps,
        save_checkpoints=False,
    )
