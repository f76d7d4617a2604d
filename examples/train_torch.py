"""Train a small PyTorch network with a found rule and with SGD, each at its best learning rate.

Write the rule beside this file first, then run the file:

    stepsmith export RUN:1 --to torch --out examples/rule.py
    python examples/train_torch.py
"""

import math

import torch
from rule import Rule
from sklearn.datasets import load_digits
from torch import nn

STEPS, BATCH = 150, 64
RATES = [2.0**power for power in range(-12, 5)]
TUNING_SEEDS, FRESH_SEEDS = (0, 1), (10, 11, 12, 13)

digits = load_digits()
inputs = torch.tensor(digits.data / 16, dtype=torch.float32)
labels = torch.tensor(digits.target)


def found(model, lr):
    return Rule(model.parameters(), lr=lr)


def sgd(model, lr):
    return torch.optim.SGD(model.parameters(), lr=lr)


def train(make_optimizer, lr, seed):
    """Trains a network and returns its loss over the whole training set; infinite if not finite."""
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
    optimizer = make_optimizer(model, lr)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, STEPS)
    for _ in range(STEPS):
        batch = torch.randint(len(inputs), (BATCH,))
        loss = nn.functional.cross_entropy(model(inputs[batch]), labels[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    with torch.no_grad():
        loss = nn.functional.cross_entropy(model(inputs), labels).item()
    return loss if math.isfinite(loss) else math.inf


def mean_loss(make_optimizer, lr, seeds):
    return sum(train(make_optimizer, lr, seed) for seed in seeds) / len(seeds)


def main():
    torch.set_num_threads(1)  # faster for so small a network
    print(f"{'rule':8}{'learning rate':>16}{'training loss':>16}")
    for name, make_optimizer in (("sgd", sgd), ("found", found)):
        lr = min(RATES, key=lambda lr: mean_loss(make_optimizer, lr, TUNING_SEEDS))
        loss = mean_loss(make_optimizer, lr, FRESH_SEEDS)
        print(f"{name:8}{lr:>16.4g}{loss:>16.4g}")
        if lr in (RATES[0], RATES[-1]):
            print(f"The best learning rate of {name} is at an end of RATES: make it wider.")


if __name__ == "__main__":
    main()
