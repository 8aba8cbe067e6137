#!/usr/bin/env python3
"""The double well in JAX: one trajectory is a scan over its steps, vmap makes lanes of it, jit
compiles it; with JAX's default generator (threefry) and with the one of the hardware (rbg)."""
import os

import double_well as well

try:
    import jax
    import jax.numpy as jnp
except ImportError:
    well.left_out("JAX is not here")


def walker(generator):
    def trajectory(key, steps):
        def step(carry, _):
            x, key = carry
            key, fresh = jax.random.split(key)
            xi = jax.random.normal(fresh, dtype=jnp.float32)
            return (x - well.LR * (x * x * x - x + xi), key), None

        (x, _), _ = jax.lax.scan(step, (jnp.float32(well.START), key), length=steps)
        return x

    @jax.jit(static_argnums=(1, 2))
    def lanes_of(seed, lanes, steps):
        keys = jax.random.split(jax.random.key(seed, impl=generator), lanes)
        return jax.vmap(lambda key: trajectory(key, steps))(keys)

    return lambda lanes, steps, seed: lanes_of(seed, lanes, steps).block_until_ready()


def array_walker(generator):
    """The same with the steps outside: each draws the noise of all lanes at once."""

    @jax.jit(static_argnums=(1, 2))
    def lanes_of(seed, lanes, steps):
        def step(x, key):
            xi = jax.random.normal(key, (lanes,), dtype=jnp.float32)
            return x - well.LR * (x * x * x - x + xi), None

        keys = jax.random.split(jax.random.key(seed, impl=generator), steps)
        return jax.lax.scan(step, jnp.full(lanes, well.START, jnp.float32), keys)[0]

    return lambda lanes, steps, seed: lanes_of(seed, lanes, steps).block_until_ready()


def main():
    device = jax.devices()[0]
    on_cpu = device.platform == "cpu"  # where it takes all cores
    name = f"{os.cpu_count()} cores" if on_cpu else device.device_kind
    choices = (1 << 12, 1 << 16) if on_cpu else (1 << 18, 1 << 21)
    well.show(
        [
            well.measure("jax", f"{shape}, {generator}", jax.__version__, name,
                         make(generator), choices, 500)
            for shape, make in (("vmap and scan", walker), ("scan over arrays", array_walker))
            for generator in ("threefry2x32", "rbg")
        ]
    )


if __name__ == "__main__":
    main()
