"""Train a small Flax network with a found rule and with SGD, each at its best learning rate.

Write the rule beside this file first, then run the file:

    stepsmith export RUN:1 --to optax --out examples/rule_optax.py
    python examples/train_flax.py
"""

import jax
import jax.numpy as jnp
import optax
from flax import linen as nn
from flax.training.train_state import TrainState
from rule_optax import rule_optax
from sklearn.datasets import load_digits

STEPS, BATCH = 150, 64
RATES = 2.0 ** jnp.arange(-12, 5)
TUNING_SEEDS, FRESH_SEEDS = jnp.array([0, 1]), jnp.array([10, 11, 12, 13])

digits = load_digits()
inputs, labels = jnp.array(digits.data / 16, jnp.float32), jnp.array(digits.target)
model = nn.Sequential([nn.Dense(32), nn.relu, nn.Dense(10)])


def loss_of(params, inputs, labels):
    logits = model.apply(params, inputs)
    return optax.softmax_cross_entropy_with_integer_labels(logits, labels).mean()


def found(learning_rate):
    return rule_optax(learning_rate)


def train(make_optimizer, rate, seed):
    """Trains a network and returns its loss over the whole training set; infinite if not finite."""
    init_key, batch_key = jax.random.split(jax.random.key(seed))
    learning_rate = optax.cosine_decay_schedule(rate, STEPS)
    state = TrainState.create(
        apply_fn=model.apply, params=model.init(init_key, inputs), tx=make_optimizer(learning_rate)
    )

    def step(state, key):
        batch = jax.random.randint(key, (BATCH,), 0, len(inputs))
        grads = jax.grad(loss_of)(state.params, inputs[batch], labels[batch])
        return state.apply_gradients(grads=grads), None

    state, _ = jax.lax.scan(step, state, jax.random.split(batch_key, STEPS))
    loss = loss_of(state.params, inputs, labels)
    return jnp.where(jnp.isfinite(loss), loss, jnp.inf)


def main():
    print(f"{'rule':8}{'learning rate':>16}{'training loss':>16}")
    for name, make_optimizer in (("sgd", optax.sgd), ("found", found)):
        run = jax.jit(train, static_argnums=0)  # compiled once for all rates and seeds

        def mean_loss(rate, seeds, run=run, make_optimizer=make_optimizer):
            return sum(float(run(make_optimizer, rate, seed)) for seed in seeds) / len(seeds)

        rate = min(RATES, key=lambda rate: mean_loss(rate, TUNING_SEEDS))
        loss = mean_loss(rate, FRESH_SEEDS)
        print(f"{name:8}{rate:>16.4g}{loss:>16.4g}")
        if rate in (RATES[0], RATES[-1]):
            print(f"The best learning rate of {name} is at an end of RATES: make it wider.")


if __name__ == "__main__":
    main()
