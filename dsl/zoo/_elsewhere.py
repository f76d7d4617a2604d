"""Names that a reader may look for and not find: what goes by another name, and what is left out.

Both tables are printed at the end of the catalogue, and told to whoever asks for such a name.
"""

# Published under one name, here under another; the value is a program or an expression.
KNOWN_AS: dict[str, str] = {
    "a2grad": "a2grad_uni",
    "asgd": "asgd_polyak_averaging",
    "clipped_seg_sgda": "clipped_seg",
    "conditional_transforms": "conditionally_mask(adam)",
    "cosine_wsd_schedules": "wsd_schedule",
    "distributed_muon": "muon",
    "fedadagrad_fedadam_fedyogi": "fedadam",
    "fedavg": "sgd",
    "flash_adamw": "adamw",
    "gcsam": "gradient_centralization | sam(momentum_sgd)",
    "gradient_accumulation": "accumulate(adam)",
    "gradient_noise_add": "noisy_sgd",
    "lomo": "sgd",
    "lr_adaptation_blocks": "lr_adaptation(adam)",
    "muon_adaptive": "muon_optax_adaptive",
    "nadam_const": "nadam_optax",
    "proximal_subgradient": "ista_proximal_gd",
    "racs": "racs_means",
    "saocp_sf_ogd": "adagrad_norm",
    "scale_by_param_block_norm_rms": "scale_by_param_block_rms",
    "schedule_free_wrapper": "schedule_free(sgd)",
    "truncated_model_aprox": "polyak_sgd",
    "weight_decay_to_init_ema": "weight_decay_to_init(sgd)",
    "zero_nans_skip": "apply_if_finite(adam)",
}

_SEVERAL = "it needs the gradients of many losses, and a step is given its own and a second one"
_EXAMPLES = "it needs the gradient of each example, and a step is given their mean"
_MODEL = "it needs to know the model: heads, linked factors or logits"
_TABLE = "it keeps a gradient for every example"
_LAYERS = "it needs what goes into each layer and what comes back through it"
_UNSEEN = "of its paper only the first page was found, without equations, and none of its code"

ABSENT: dict[str, str] = {
    "adadagrad": _EXAMPLES,
    "adagrad_full_matrix": "its matrix is for all parameters as one long vector",
    "adam_8bit": "its state is stored in eight bits, which is a matter of storage",
    "adam_fipso": "it moves a population, and a program moves one model",
    "adaptive_braking": _UNSEEN,
    "adaptive_k": _EXAMPLES,
    "aegd_preconditioned": _UNSEEN,
    "apa_ogd": "it keeps gradients of earlier tasks, and a step is given one task",
    "batch_size_lr_scaling": "it changes the size of the batch, which the task does",
    "bfgs_dense": "its matrix is for all parameters as one long vector",
    "bsvrb": _SEVERAL,
    "cem": "it moves a population, and a program moves one model",
    "cma_es": "it moves a population, and a program moves one model",
    "delay_adaptive_dual_averaging": _UNSEEN,
    "demo": "it sends the largest coefficients of a cosine transform between workers",
    "ekfac": _LAYERS,
    "feedback_alignment": "it changes how gradients are worked out, which the task does",
    "gauss_newton_egn": "it needs the Jacobian of the model's outputs",
    "gradnorm": _SEVERAL,
    "inject_hyperparams": "any number of `lower` may be a schedule or an argument of a jitted step",
    "kfac": _LAYERS,
    "l_greco": "it plans the ranks of a compression on the host",
    "lanczos_lr": "eigenvalues of a tridiagonal matrix are not in the language yet",
    "lanton": _UNSEEN,
    "lms_nlms": "it needs the input of each example",
    "local_sgd_scaled": _UNSEEN,
    "lora_plus_scaled_gd": _MODEL,
    "lora_rite": _MODEL,
    "metagradient_lr": "it differentiates through a whole training run",
    "microadam": "its error is stored in four bits, which is a matter of storage",
    "natural_gradient_diag_fisher": _EXAMPLES,
    "og_plus_lr_separation": _UNSEEN,
    "pcgrad": _SEVERAL,
    "per_example_clip_dp": _EXAMPLES,
    "per_layer_clip_norm": _EXAMPLES,
    "polynomial_preconditioned_gd": _UNSEEN,
    "q_galore": "its state is stored in four and eight bits, which is a matter of storage",
    "ranger25": "it was experimental, and is gone from the library that had it",
    "rls": "it needs the input of each example",
    "rotograd": _SEVERAL,
    "sag": _TABLE,
    "saga": _TABLE,
    "scaffold": "its clients need the control variate of the server",
    "sketched_newton_al": "it needs the Jacobian of the constraints",
    "sl_bamm": "it is for two losses, which a step can be given, but is not written yet",
    "sophia_g": "it draws labels from the model's own predictions",
    "sor": "it solves linear systems that are given as a matrix",
    "split_real_imag": "parameters are real numbers",
    "stochastic_prox_linear": "it needs the Jacobian of the model's outputs",
    "truncated_unroll_hypergradient": "it needs Hessians at points that lie behind",
}
