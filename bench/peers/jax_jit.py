# SPDX-License-Identifier: BSD-3-Clause
"""JAX with the whole loop compiled: a block of steps is one call."""

import workloads  # first: it sets the number of threads

import jax
import jax.numpy as jnp

jax.config.update("jax_enable_x64", True)


class Ops:
    relu = staticmethod(jax.nn.relu)
    log = staticmethod(jnp.log)

    @staticmethod
    def svdvals(w):
        return jnp.linalg.svd(w, compute_uv=False)

    @staticmethod
    def cross_entropy(logits, labels):
        chosen = jnp.take_along_axis(jax.nn.log_softmax(logits), labels[:, None], axis=1)
        return -chosen.mean()


def update(kind, rate, parameters, gradients, state, i):
    """The parameters and the state after step i = 0, 1, ..."""
    if kind == "sgd":
        return [p - rate * g for p, g in zip(parameters, gradients)], state
    if kind == "sgdm":
        state = [0.9 * b + g for b, g in zip(state, gradients)]
        return [p - jnp.asarray(rate, p.dtype) * b for p, b in zip(parameters, state)], state
    m = [0.9 * old + 0.1 * g for old, g in zip(state[0], gradients)]
    v = [0.999 * old + 0.001 * g * g for old, g in zip(state[1], gradients)]
    size, root = rate / (1 - 0.9 ** (i + 1.0)), jnp.sqrt(1 - 0.999 ** (i + 1.0))
    return [p - size * a / (jnp.sqrt(b) / root + 1e-8) for p, a, b in zip(parameters, m, v)], (m, v)


def make_run(workload):
    data = {name: jnp.asarray(value) for name, value in workload.data.items()}
    value_and_grad = jax.value_and_grad(lambda parameters: workload.loss(Ops, parameters, data))

    def step(i, carry):
        parameters, state, _, previous = carry
        if workload.optimizer is None:
            # A step that updates nothing would be taken out of the loop: let it depend on the one before.
            value, gradient = value_and_grad([p + 1e-300 * q for p, q in zip(parameters, previous)])
            return parameters, state, value, gradient
        value, gradient = value_and_grad(parameters)
        parameters, state = update(*workload.optimizer, parameters, gradient, state, i)
        return parameters, state, value, previous

    @jax.jit
    def loop(count, carry):
        return jax.lax.fori_loop(0, count, step, carry)

    parameters = [jnp.asarray(value) for value in workload.parameters]
    zeros = [jnp.zeros_like(p) for p in parameters]
    state = (zeros, zeros) if workload.optimizer and workload.optimizer[0] == "adam" else zeros
    carry = [(parameters, state, jnp.zeros((), parameters[0].dtype), zeros if workload.optimizer is None else [])]

    def run(count):
        carry[0] = jax.block_until_ready(loop(count, carry[0]))

    return run


workloads.main({"JAX": jax.__version__}, make_run)
