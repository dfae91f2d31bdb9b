"""Multinomial logistic regression by L-BFGS, many problems over the same features at once.

Problems differ in their sample weights (a fold is a problem whose held-out samples weigh nothing) and in their L2.
One pass over the features costs its memory traffic, whatever the number of problems, so that all folds and all
candidates for L2 together cost little more than one fit.

Each problem minimises, over its weight W (K, F) and bias b (K,),

    sum_i w_i · CE(t_i, softmax(W x_i + b)) / sum_i w_i  +  l2 / 2 · |W|²

which is strictly convex in W: there is one minimum, and the start at zero makes the way to it deterministic. Where
the labels are independent (several may hold at once), the sum over the labels of the binary cross entropies of
sigmoid(W x_i + b) takes the place of the softmax's.
Source of the method: Nocedal and Wright, Numerical Optimization, 2nd edition, algorithms 7.4 and 7.5.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from typing import Final

import torch
from torch import Tensor

from core.progress import Progress

TOLERANCE: Final = 1e-5
MAX_ITERATIONS: Final = 500
_MEMORY: Final = 12
_ARMIJO: Final = 1e-4
_MAX_HALVINGS: Final = 30


@dataclass(frozen=True, slots=True)
class Problems:
    """What is to be minimised.

    Attributes
    ----------
    features
        (N, F) float32, of about one scale: the penalty is the same for all.
    targets
        (N, K) float32, rows that sum to 1; each 0 to 1 where the labels are independent.
    sample_weights
        (B, N) float32, one row a problem, each summing to 1.
    l2
        (B,) float32, > 0.
    independent
        Whether every label is judged by itself, one against the rest.
    positive_weight
        (K,) float32, > 0: how much the presence of an independent label counts against its absence; None: the same.
    """

    features: Tensor
    targets: Tensor
    sample_weights: Tensor
    l2: Tensor
    independent: bool = False
    positive_weight: Tensor | None = None

    def take(self, rows: Tensor) -> Problems:
        """Return some of the problems, by a mask (B,)."""
        return replace(self, sample_weights=self.sample_weights[rows], l2=self.l2[rows])


@dataclass(frozen=True, slots=True)
class Solution:
    """The minima.

    Attributes
    ----------
    weight
        (B, K, F).
    bias
        (B, K).
    gradient
        (B,) largest absolute entry of the gradient that is left.
    iterations
        Passes that were needed.
    """

    weight: Tensor
    bias: Tensor
    gradient: Tensor
    iterations: int


def solve(
    problems: Problems,
    progress: Progress,
    *,
    tolerance: float = TOLERANCE,
    max_iterations: int = MAX_ITERATIONS,
    start: Tensor | None = None,
) -> Solution:
    """Minimise every problem until no entry of its gradient exceeds `tolerance`.

    Parameters
    ----------
    start
        (B, K, F + 1) weights and, last, biases to begin at, such as the solution before a few samples came in; None
        begins at zero.

    Raises
    ------
    Cancelled
        The user stopped.
    """
    n_problems, n_features = len(problems.l2), problems.features.shape[1]
    n_labels = problems.targets.shape[1]
    shape = (n_problems, n_labels * (n_features + 1))
    x = problems.features.new_zeros(shape) if start is None else start.reshape(shape).clone()
    loss, gradient = _evaluate(problems, x)
    state = _State(problems, x, loss, gradient)
    iterations = 0
    while iterations < max_iterations and state.active(tolerance):
        progress.checkpoint()
        state.step()
        iterations += 1
    x, left = state.result()
    packed = x.view(n_problems, n_labels, n_features + 1)
    return Solution(packed[..., :-1].contiguous(), packed[..., -1].contiguous(), left, iterations)


class _State:
    """The minimisation of the problems that have not converged, and the results of those that have."""

    def __init__(self, problems: Problems, x: Tensor, loss: Tensor, gradient: Tensor) -> None:
        self._problems, self._x, self._loss, self._gradient = problems, x, loss, gradient
        self._rows = torch.arange(len(x), device=x.device)
        self._stuck = torch.zeros(len(x), dtype=torch.bool, device=x.device)
        self._done_x = x.clone()
        self._done_gradient = torch.zeros(len(x), device=x.device)
        self._pairs: deque[tuple[Tensor, Tensor, Tensor]] = deque(maxlen=_MEMORY)

    def active(self, tolerance: float) -> bool:
        """Put aside what has converged; returns whether anything is left."""
        converged = self._gradient.abs().amax(1) <= tolerance
        self._put_aside(converged | self._stuck)
        return len(self._rows) > 0

    def result(self) -> tuple[Tensor, Tensor]:
        """Return every problem's parameters and the largest gradient entry left."""
        self._put_aside(torch.ones_like(self._stuck))
        return self._done_x, self._done_gradient

    def step(self) -> None:
        """Go one step along every problem's own direction."""
        direction = self._direction()
        slope = _dot(self._gradient, direction)
        # The first direction is the plain gradient, whose length says nothing about how far to go.
        first = 1.0 / self._gradient.abs().sum(1).clamp_min(1.0) if not self._pairs else torch.ones_like(slope)
        x, loss, gradient, moved = self._search(direction, slope, first)
        change, difference = x - self._x, gradient - self._gradient
        self._pairs.append((change, difference, _dot(change, difference)))
        self._x, self._loss, self._gradient = x, loss, gradient
        self._stuck = ~moved

    def _search(self, direction: Tensor, slope: Tensor, length: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        # The loss is a float32 sum: differences below its resolution are noise, not a reason to stop.
        slack = 1e-6 * self._loss.abs()
        for _ in range(_MAX_HALVINGS):
            x = self._x + length[:, None] * direction
            loss, gradient = _evaluate(self._problems, x)
            good = loss <= self._loss + _ARMIJO * length * slope + slack
            if bool(good.all()):
                return x, loss, gradient, good
            length = torch.where(good, length, length / 2)
        keep = good[:, None]
        return (
            torch.where(keep, x, self._x),
            torch.where(good, loss, self._loss),
            torch.where(keep, gradient, self._gradient),
            good,
        )

    def _direction(self) -> Tensor:
        q = self._gradient.clone()
        factors: list[Tensor] = []
        for change, difference, product in reversed(self._pairs):
            factor = _ratio(_dot(change, q), product)
            q -= factor[:, None] * difference
            factors.append(factor)
        if self._pairs:
            change, difference, product = self._pairs[-1]
            scale = _ratio(product, _dot(difference, difference))
            q *= torch.where(scale > 0, scale, 1.0)[:, None]
        for (change, difference, product), factor in zip(self._pairs, reversed(factors), strict=True):
            q += (factor - _ratio(_dot(difference, q), product))[:, None] * change
        return -q

    def _put_aside(self, done: Tensor) -> None:
        if not bool(done.any()):
            return
        rows = self._rows[done]
        self._done_x[rows] = self._x[done]
        self._done_gradient[rows] = self._gradient[done].abs().amax(1)
        keep = ~done
        self._problems = self._problems.take(keep)
        self._rows, self._stuck = self._rows[keep], self._stuck[keep]
        self._x, self._loss, self._gradient = self._x[keep], self._loss[keep], self._gradient[keep]
        pairs = [(change[keep], difference[keep], product[keep]) for change, difference, product in self._pairs]
        self._pairs = deque(pairs, maxlen=_MEMORY)


def _evaluate(problems: Problems, x: Tensor) -> tuple[Tensor, Tensor]:
    """Return each problem's loss (B,) and gradient (B, K·(F+1)) at x (B, K·(F+1))."""
    n_samples, n_features = problems.features.shape
    n_labels = problems.targets.shape[1]
    packed = x.view(len(x), n_labels, n_features + 1)
    weight, bias = packed[..., :-1], packed[..., -1]
    # (N, B·K): one product with the features serves all problems
    logits = problems.features @ weight.reshape(-1, n_features).T + bias.reshape(-1)
    by_sample, error = _errors(logits.view(n_samples, len(x), n_labels), problems)
    loss = (by_sample * problems.sample_weights).sum(1, dtype=torch.float64).float()
    loss = loss + problems.l2 / 2 * weight.square().sum((1, 2))
    residual = error * problems.sample_weights.T[:, :, None]
    gradient = torch.empty_like(packed)
    flat = residual.reshape(n_samples, -1)
    gradient[..., :-1] = (flat.T @ problems.features).view(weight.shape) + problems.l2[:, None, None] * weight
    gradient[..., -1] = residual.sum(0)
    return loss, gradient.view_as(x)


def _errors(logits: Tensor, problems: Problems) -> tuple[Tensor, Tensor]:
    """Return the loss of each sample (B, N), and how far its probabilities are off (N, B, K), at logits (N, B, K)."""
    targets = problems.targets[:, None, :]
    if problems.independent and problems.positive_weight is not None:
        return _weighed_errors(logits, problems, problems.positive_weight)
    if problems.independent:
        # log(1 + exp z) - t z, in the form that never overflows
        loss = torch.nn.functional.softplus(logits) - targets * logits
        return loss.sum(2).T, torch.sigmoid(logits) - targets
    log_p = torch.log_softmax(logits, dim=2)
    loss = -torch.einsum("nbk,nk->bn", log_p, problems.targets)
    return loss, log_p.exp_() - targets


def _weighed_errors(logits: Tensor, problems: Problems, weight: Tensor) -> tuple[Tensor, Tensor]:
    targets = problems.targets[:, None, :]
    # Weighed so that a label's samples count 1 on average: the penalty then means the same for rare labels.
    share = problems.targets.mean(0)
    positive = weight / (1 - share + weight * share)
    yes, no = positive * targets, positive / weight * (1 - targets)
    loss = yes * torch.nn.functional.softplus(-logits) + no * torch.nn.functional.softplus(logits)
    return loss.sum(2).T, (yes + no) * torch.sigmoid(logits) - yes


def _dot(a: Tensor, b: Tensor) -> Tensor:
    return (a * b).sum(1)


def _ratio(a: Tensor, b: Tensor) -> Tensor:
    """Return a / b, and 0 where b is not positive: such a pair carries no curvature."""
    return torch.where(b > 0, a / b.clamp_min(torch.finfo(b.dtype).tiny), 0.0)
