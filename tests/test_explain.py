"""Facts about known rules are what the literature says; comparisons find a rule's relatives."""

import pytest

from dsl import load, parse
from search.compare import compare, nearest
from search.explain import explain


def facts(name: str) -> dict:
    return {fact.name: fact.value for fact in explain(load(name))}


def test_sgd_feels_the_scale_of_the_gradient_and_has_no_memory():
    sgd = facts("sgd")
    assert not sgd["invariant_to_gradient_scale"]
    assert sgd["odd"]
    assert sgd["memory_steps"] == 0
    assert sgd["weight_decay"] == "none"
    assert sgd["coupling"] == "none"
    assert sgd["state_bytes_per_parameter"] == 0


def test_adamw_is_bounded_and_decays_apart_from_the_gradient():
    adamw = facts("adamw")
    assert adamw["invariant_to_gradient_scale"]
    assert adamw["bounded"]
    assert adamw["memory_steps"] > 0
    assert adamw["state_bytes_per_parameter"] == 8
    assert adamw["reads_time"] == "t"


def test_lion_keeps_one_state_and_decays():
    lion = facts("lion")
    assert lion["invariant_to_gradient_scale"]
    assert lion["bounded"]
    assert lion["state_bytes_per_parameter"] == 4
    assert lion["weight_decay"] == "decoupled"


@pytest.mark.parametrize("name", ["lars", "lamb", "muon"])
def test_layerwise_rules_couple_the_entries_of_a_tensor(name):
    assert facts(name)["coupling"] == "tensor"


def test_a_renamed_rule_is_itself():
    other = parse(
        """
def renamed(w, g, lr, *, b=0.9, c=0.99, d=0.01):
    avg: Tensor = 0
    direction = sign(lerp(avg, g, 1 - b))
    avg = lerp(avg, g, 1 - c)
    return lr * (direction + d * w)
"""
    )
    found = compare(load("lion"), other)
    assert found.same_program
    assert found.same_behaviour
    assert found.distance < 1e-12
    assert found.relatives["renamed"][0] == "lion"


def test_different_rules_differ():
    found = compare(load("sgd"), load("lion"))
    assert not found.same_structure
    assert not found.same_behaviour
    assert found.distance > 0.01
    assert "+" in found.difference


def test_the_nearest_relative_of_sgd_is_sgd():
    assert nearest(load("sgd"))[0] == "sgd"
