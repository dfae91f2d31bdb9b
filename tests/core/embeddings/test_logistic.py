from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression

from core.embeddings.logistic import Problems, Solution, solve
from core.errors import Cancelled
from core.progress import CancelToken, Progress

N, F, K = 240, 12, 3


@pytest.fixture(scope="module")
def data() -> tuple[torch.Tensor, torch.Tensor]:
    """Features (N, F) and labels (N,), not separable."""
    generator = torch.Generator().manual_seed(3)
    features = torch.randn(N, F, generator=generator)
    noise = torch.randn(N, K, generator=generator)
    return features, (features @ torch.randn(F, K, generator=generator) + 2 * noise).argmax(1)


def problems(data: tuple[torch.Tensor, torch.Tensor], weights: torch.Tensor, l2: list[float]) -> Problems:
    features, y = data
    targets = torch.nn.functional.one_hot(y, K).float()
    return Problems(features, targets, weights / weights.sum(1, keepdim=True), torch.tensor(l2))


def probabilities(solution: Solution, features: torch.Tensor, problem: int = 0) -> torch.Tensor:
    return (features @ solution.weight[problem].T + solution.bias[problem]).softmax(1)


@pytest.mark.parametrize("l2", [1e-3, 1e-2, 1.0])
def test_the_minimum_is_the_one_scikit_learn_finds(data, l2: float) -> None:
    features, y = data
    solution = solve(problems(data, torch.ones(1, N), [l2]), Progress(), tolerance=1e-6)
    reference = LogisticRegression(C=1 / (l2 * N), tol=1e-8, max_iter=2000).fit(features.numpy(), y.numpy())
    expected = reference.predict_proba(features.numpy())
    np.testing.assert_allclose(probabilities(solution, features).numpy(), expected, atol=2e-4)
    assert float(solution.gradient.max()) <= 1e-6


def test_solving_many_problems_at_once_changes_none_of_them(data) -> None:
    weights = torch.ones(4, N)
    weights[1, :100] = 0
    weights[2, 100:] = 0
    weights[3] = torch.arange(N) % 5 + 1
    l2 = [1e-3, 1e-2, 1e-1, 1.0]
    together = solve(problems(data, weights, l2), Progress())
    for i in range(4):
        alone = solve(problems(data, weights[i : i + 1], l2[i : i + 1]), Progress())
        torch.testing.assert_close(together.weight[i], alone.weight[0], rtol=1e-3, atol=2e-3)


def test_a_sample_that_weighs_nothing_is_not_seen(data) -> None:
    features, y = data
    weights = torch.ones(1, N)
    weights[0, 50:] = 0
    masked = solve(problems(data, weights, [1e-2]), Progress())
    cut = solve(problems((features[:50], y[:50]), torch.ones(1, 50), [1e-2]), Progress())
    torch.testing.assert_close(masked.weight, cut.weight, rtol=1e-3, atol=1e-3)


def test_the_same_problem_has_the_same_solution_to_the_bit(data) -> None:
    first, again = (solve(problems(data, torch.ones(1, N), [1e-3]), Progress()) for _ in range(2))
    assert torch.equal(first.weight, again.weight)
    assert first.iterations == again.iterations


def test_a_separable_problem_converges_too() -> None:
    features = torch.cat([torch.full((20, 2), -1.0), torch.full((20, 2), 1.0)])
    y = torch.arange(40) // 20
    solution = solve(problems((features, y), torch.ones(1, 40), [1e-4]), Progress())
    assert float(solution.gradient.max()) <= 1e-5
    assert torch.equal(probabilities(solution, features).argmax(1), y)


def test_features_that_are_all_zero_leave_the_label_shares() -> None:
    y = torch.tensor([0, 0, 0, 1])
    solution = solve(problems((torch.zeros(4, 5), y), torch.ones(1, 4), [1e-2]), Progress())
    expected = torch.tensor([0.75, 0.25, 0.0])
    torch.testing.assert_close(probabilities(solution, torch.zeros(1, 5))[0], expected, rtol=0, atol=1e-3)


def test_it_ends_after_the_given_number_of_passes(data) -> None:
    solution = solve(problems(data, torch.ones(1, N), [1e-6]), Progress(), tolerance=0, max_iterations=3)
    assert solution.iterations == 3
    assert float(solution.gradient.max()) > 0


def test_it_can_be_stopped(data) -> None:
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        solve(problems(data, torch.ones(1, N), [1e-3]), Progress(token=token))


def test_labels_that_may_hold_together_are_each_fitted_one_against_the_rest(data) -> None:
    features, y = data
    targets = torch.stack([y == 0, y > 0, y == 2], dim=1).float()
    weights = torch.full((1, N), 1 / N)
    solution = solve(Problems(features, targets, weights, torch.tensor([1e-2]), independent=True), Progress())
    for label in range(3):
        reference = LogisticRegression(C=1 / (1e-2 * N), tol=1e-8, max_iter=2000)
        reference.fit(features.numpy(), targets[:, label].numpy())
        expected = reference.predict_proba(features.numpy())[:, 1]
        found = torch.sigmoid(features @ solution.weight[0, label] + solution.bias[0, label])
        np.testing.assert_allclose(found.numpy(), expected, atol=1e-3)


def test_beginning_near_the_minimum_saves_passes_and_leads_to_it_all_the_same(data) -> None:
    features, y = data
    cold = solve(problems(data, torch.ones(1, N), [1e-2]), Progress())
    fewer = solve(problems((features[5:], y[5:]), torch.ones(1, N - 5), [1e-2]), Progress())
    start = torch.cat([fewer.weight, fewer.bias[..., None]], dim=2)
    warm = solve(problems(data, torch.ones(1, N), [1e-2]), Progress(), start=start)
    assert warm.iterations < cold.iterations
    np.testing.assert_allclose(probabilities(warm, features).numpy(), probabilities(cold, features).numpy(), atol=1e-3)
