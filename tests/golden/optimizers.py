#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Writes optimizers.json: what the programs of PyTorch and of papers make of a small network in 50 steps.

Needs torch, adabelief-pytorch (with tabulate and colorama) and pytorch-optimizer; the tests need the file alone.
"""

import contextlib
import io
import json
from importlib.metadata import version
from pathlib import Path

import torch
from adabelief_pytorch import AdaBelief
from pytorch_optimizer import SAM, Lookahead
from pytorch_optimizer.optimizer import sam as sam_module
from torch.optim import SGD, Adagrad, Adam, AdamW, LBFGS, NAdam, RAdam, RMSprop, lr_scheduler
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

torch.set_default_dtype(torch.float64)
STEPS, KEPT = 50, (1, 2, 5, 10, 20, 50)


def squared_norm(groups, weight_adaptive):
    """What SAM takes the root of, which the package computes in single precision."""
    return sum(((p.grad * p if g["adaptive"] else p.grad) ** 2).sum() for g in groups for p in g["params"]).reshape(1)


sam_module.get_global_gradient_norm = squared_norm


def wave(rows, cols, phase):
    return torch.sin(phase + 1.7 * torch.arange(rows * cols, dtype=torch.float64)).reshape(rows, cols)


X, Y, W1, W2 = wave(6, 3, 0.2), wave(6, 2, 1.1), wave(4, 3, 2.3), wave(2, 4, 0.7)


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = torch.nn.Parameter(W1.clone()), torch.nn.Parameter(W2.clone())

    def loss(self, decay):
        squares = (self.first ** 2).sum() + (self.second ** 2).sum()
        return 0.5 * ((torch.tanh(X @ self.first.T) @ self.second.T - Y) ** 2).sum() + decay * squares


def run(name, make, options, *, groups=None, wrap=None, wrap_options=None, average=None, decay=0.0):
    """Steps with a closure, which every optimiser here takes or can do without."""
    net = Net()
    params = list(net.parameters())
    if groups:
        params = [{"params": [p], **g} for p, g in zip(params, groups)]
    if wrap is SAM:
        optimizer = SAM(params, make, **wrap_options, **options)
    else:
        optimizer = make(params, **options)
        if wrap is Lookahead:
            optimizer = Lookahead(optimizer, **wrap_options)
    averaged = average and average(net)
    losses, kept = [], {}

    def closure():
        optimizer.zero_grad()
        loss = net.loss(decay)
        loss.backward()
        return loss

    for step in range(1, STEPS + 1):
        loss = closure()
        losses.append(loss.item())
        optimizer.step(closure) if make is LBFGS or wrap is SAM else optimizer.step()
        if averaged:
            averaged.update_parameters(net)
        if step in KEPT:
            source = averaged.module if averaged else net
            kept[step] = {"first": source.first.tolist(), "second": source.second.tolist()}
    result = {"optimizer": name, "options": options, "decay": decay, "loss": losses, "after": kept}
    if groups:
        result["groups"] = groups
    if wrap_options:
        result[wrap.__name__] = wrap_options
    return result


def scheduled(make, options, base=0.1, metrics=None, steps=40):
    optimizer = SGD([torch.nn.Parameter(torch.ones(1))], lr=base, momentum=0.9)
    schedule = make(optimizer, **options)
    rates = []
    for k in range(steps):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step(metrics[k]) if metrics else schedule.step()
    options = {key: value for key, value in options.items() if key != "cycle_momentum"}
    result = {"scheduler": make.__name__, "options": options, "base_lr": base, "lr": rates}
    return result | ({"metrics": metrics} if metrics else {})


def optimizers():
    fast = {"lr": 0.02, "betas": [0.8, 0.95]}
    for options in ({}, fast, {**fast, "weight_decay": 0.1, "momentum_decay": 0.02},
                    {**fast, "weight_decay": 0.1, "decoupled_weight_decay": True}):
        yield run("NAdam", NAdam, options)
    for options in ({}, fast, {**fast, "weight_decay": 0.1, "eps": 1e-6},
                    {**fast, "weight_decay": 0.1, "decoupled_weight_decay": True}):
        yield run("RAdam", RAdam, options)
    for options in ({}, fast, {**fast, "weight_decay": 0.1}, {**fast, "rectify": False, "eps": 1e-8},
                    {**fast, "weight_decay": 0.1, "weight_decouple": False}):
        yield run("AdaBelief", AdaBelief, options)
    search = {"line_search_fn": "strong_wolfe"}
    # Where PyTorch's own steps change by less than 1e-11 if the start changes by its rounding.
    for decay, options in ((0.0, {"lr": 0.1, "max_iter": 1, "history_size": 5}), (0.05, {"lr": 0.1}),
                           (0.0, {**search, "lr": 1e-3, "max_iter": 1, "history_size": 4}), (0.05, search),
                           (0.05, {**search, "lr": 20.0, "max_iter": 2}), (0.3, {**search, "max_iter": 2}),
                           (0.3, {**search, "max_iter": 1, "max_eval": 3, "history_size": 3})):
        yield run("LBFGS", LBFGS, options, decay=decay)


def grouped():
    yield run("SGD", SGD, {"lr": 0.05, "momentum": 0.9, "weight_decay": 0.1},
              groups=[{"nesterov": True}, {"weight_decay": 0.0, "momentum": 0.5, "dampening": 0.2, "lr": 0.1}])
    own = {"lr": 0.05, "betas": [0.7, 0.9], "eps": 1e-6, "weight_decay": 0.0, "amsgrad": True}
    yield run("Adam", Adam, {"lr": 0.02, "weight_decay": 0.1}, groups=[{}, own])
    yield run("AdamW", AdamW, {"lr": 0.02, "weight_decay": 0.1}, groups=[own, {"weight_decay": 0.3}])
    yield run("RMSprop", RMSprop, {"lr": 0.02}, groups=[
        {"alpha": 0.9, "eps": 1e-6}, {"momentum": 0.5, "centered": True, "weight_decay": 0.1}])
    yield run("Adagrad", Adagrad, {"lr": 0.1}, groups=[
        {"lr_decay": 0.1}, {"weight_decay": 0.1, "eps": 1e-6}])
    own = {key: value for key, value in own.items() if key != "amsgrad"}
    yield run("NAdam", NAdam, {}, groups=[{"momentum_decay": 0.1}, {**own, "decoupled_weight_decay": True}])
    yield run("RAdam", RAdam, {"weight_decay": 0.1}, groups=[own, {"decoupled_weight_decay": True}])
    yield run("AdaBelief", AdaBelief, {"weight_decay": 0.1}, groups=[own, {"lr": 0.01}])


def wrapped():
    momentum, adam = {"lr": 0.05, "momentum": 0.9}, {"lr": 0.02}
    for options in ({"rho": 0.05}, {"rho": 0.5}, {"rho": 0.5, "adaptive": True}):
        yield run("SGD", SGD, momentum, wrap=SAM, wrap_options=options)
    yield run("Adam", Adam, adam, wrap=SAM, wrap_options={"rho": 0.1})
    for options in ({"k": 5, "alpha": 0.5}, {"k": 3, "alpha": 0.8}):
        yield run("SGD", SGD, momentum, wrap=Lookahead, wrap_options=options)
        yield run("Adam", Adam, adam, wrap=Lookahead, wrap_options=options)
    average = run("SGD", SGD, momentum, average=lambda net: AveragedModel(net, multi_avg_fn=get_ema_multi_avg_fn(0.9)))
    yield {**average, "average": "EMA"}
    yield {**run("SGD", SGD, momentum, average=AveragedModel), "average": "SWA"}


def schedules():
    one = {"max_lr": 0.4, "total_steps": 40, "cycle_momentum": False}
    for options in ({}, {"anneal_strategy": "linear", "pct_start": 0.25}, {"three_phase": True},
                    {"div_factor": 10.0, "final_div_factor": 50.0, "pct_start": 0.5}):
        yield scheduled(lr_scheduler.OneCycleLR, {**one, **options})
    for options in ({"T_0": 7}, {"T_0": 3, "T_mult": 2, "eta_min": 0.01}):
        yield scheduled(lr_scheduler.CosineAnnealingWarmRestarts, options)
    for options in ({}, {"total_iters": 17, "power": 2.5}):
        yield scheduled(lr_scheduler.PolynomialLR, options)
    metrics = [1.0, 0.9, 0.95, 0.92, 0.91, 0.8999, 0.95, 0.85, 0.851, 0.852] + [0.85 - 1e-5 * k for k in range(30)]
    for options in ({"patience": 2}, {"patience": 1, "cooldown": 3, "factor": 0.5, "min_lr": 0.02},
                    {"patience": 1, "threshold_mode": "abs", "threshold": 0.02, "factor": 0.7},
                    {"mode": "max", "patience": 3, "factor": 0.9}, {"patience": 0, "eps": 0.01},
                    {"mode": "max", "threshold_mode": "abs", "threshold": 0.01, "patience": 2}):
        yield scheduled(lr_scheduler.ReduceLROnPlateau, options, metrics=metrics)


def main():
    with contextlib.redirect_stdout(io.StringIO()):  # AdaBelief prints
        data = {"source": " ".join(f"{p} {version(p)}" for p in ("torch", "adabelief-pytorch", "pytorch-optimizer")),
                "problem": "loss = 0.5 sum((tanh(X first') second' - Y)^2) + decay (sum(first^2) + sum(second^2))",
                "X": X.tolist(), "Y": Y.tolist(), "first": W1.tolist(), "second": W2.tolist(),
                "runs": [*optimizers(), *grouped(), *wrapped()], "schedules": [*schedules()]}
    Path(__file__).with_suffix(".json").write_text(json.dumps(data, separators=(",", ":")) + "\n")


main()
