#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Writes nn.json: what torch computes for losses and layers. `python tests/golden/nn.py`, with torch installed."""

import json
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

torch.set_default_dtype(torch.float64)
torch.manual_seed(7)
STEPS, SHOWN = 50, (1, 2, 10, 50)


def packed(x):
    return {"shape": list(x.shape), "data": x.detach().reshape(-1).tolist()}


def each(loss):
    """A loss by PyTorch's names of reductions."""
    return {r: (lambda *x, r=r: loss(*x, reduction=r)) for r in ("mean", "sum", "none")}


def classes_last(loss):
    """torch wants the classes on axis 1; ours are last, behind any leading axes."""
    def moved(x, y, **options):
        rows, none = x.reshape(-1, x.shape[-1]), options["reduction"] == "none"
        y = y.reshape(rows.shape) if y.shape == x.shape else y.expand(x.shape[:-1]).reshape(-1)
        result = loss(rows, y, **options)
        return result.reshape(x.shape[:-1]) if none else result
    return moved


def losses():
    a, b = torch.randn(2, 4, 3), torch.randn(2, 4, 3)
    p, weight = torch.softmax(torch.randn(2, 4, 3), -1), torch.rand(3) + 0.5
    labels, shared = torch.randint(3, (2, 4)), torch.randint(3, (4,))
    log_q = torch.log_softmax(a, -1)
    ce, nll = classes_last(F.cross_entropy), classes_last(F.nll_loss)
    rows = [("mse_loss", each(F.mse_loss), a, b, {}),
            ("l1_loss", each(F.l1_loss), a, b, {}),
            ("smooth_l1_loss", each(F.smooth_l1_loss), a, b, {}),
            ("smooth_l1_loss", each(lambda *x, **o: F.smooth_l1_loss(*x, beta=0.4, **o)), a, b, {"beta": 0.4}),
            ("huber_loss", each(F.huber_loss), a, b, {}),
            ("huber_loss", each(lambda *x, **o: F.huber_loss(*x, delta=0.4, **o)), a, b, {"delta": 0.4}),
            ("bce_with_logits", each(F.binary_cross_entropy_with_logits), a, p, {}),
            ("kl_div", each(F.kl_div), log_q, p, {}),
            ("nll_loss", each(nll), log_q, labels, {}),
            ("nll_loss", each(nll), log_q, shared, {}),
            ("cross_entropy", each(ce), a, labels, {}),
            ("cross_entropy", each(ce), a, shared, {}),
            ("cross_entropy", each(ce), a, p, {})]
    for target in (labels, p):
        for w in (None, weight):
            for e in (0.0, 0.3):
                options = {"label_smoothing": e} | ({} if w is None else {"weight": w})
                rows.append(("cross_entropy", each(lambda *x, o=options, **r: ce(*x, **o, **r)), a, target, options))
    return rows


def with_gradients(loss, x, y):
    x = x.clone().requires_grad_()
    soft = y.is_floating_point()
    y = y.clone().requires_grad_() if soft else y
    value = loss(x, y)
    along = torch.cos(torch.arange(value.numel(), dtype=torch.float64)).reshape(value.shape)
    grads = torch.autograd.grad((along * value).sum(), [x, y] if soft else [x])
    return packed(value), [packed(g) for g in grads]


def loss_values():
    result = []
    for name, reductions, x, y, options in losses():
        for reduction, loss in reductions.items():
            value, grads = with_gradients(loss, x, y)
            shown = {k: packed(v) if torch.is_tensor(v) else v for k, v in options.items()}
            result.append({"loss": name, "reduction": reduction, "options": shown, "x": packed(x),
                           "y": packed(y.double()), "value": value, "gradients": grads})
    return result


def trajectory(model, loss, lr=0.1):
    """State and loss after some of 50 steps of SGD."""
    start = {name: packed(v.double()) for name, v in model.state_dict().items()}
    optimizer, shown = torch.optim.SGD(model.parameters(), lr=lr), {}
    for step in range(1, STEPS + 1):
        optimizer.zero_grad()
        value = loss(model)
        value.backward()
        optimizer.step()
        if step in SHOWN:
            state = {name: packed(v.double()) for name, v in model.state_dict().items()}
            shown[str(step)] = {"loss": value.item(), "state": state}
    return {"lr": lr, "start": start, "steps": shown}


def trained_losses():
    """A linear layer trained by each loss."""
    result = []
    for name, reductions, _, y, options in losses():
        x, target = torch.randn(2, 4, 5), y
        model = nn.Linear(5, 3)
        activity = torch.log_softmax if name in ("kl_div", "nll_loss") else (lambda h, axis: h)
        shown = {k: packed(v) if torch.is_tensor(v) else v for k, v in options.items()}
        run = trajectory(model, lambda m: reductions["mean"](activity(m(x), -1), target))
        result.append({"loss": name, "options": shown, "x": packed(x), "y": packed(target.double())} | run)
    return result


class ManyLinear(nn.Module):
    """Models side by side."""

    def __init__(self, models, inputs, outputs):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(models, outputs, inputs))
        self.bias = nn.Parameter(torch.randn(models, outputs))

    def forward(self, x):
        return torch.matmul(x, self.weight.mT) + self.bias.unsqueeze(-2)


def many():
    return nn.Sequential(ManyLinear(3, 4, 6), nn.Tanh(), ManyLinear(3, 6, 2))


def trained_layers():
    models = {
        "layer_norm": (nn.Sequential(nn.Linear(4, 6), nn.LayerNorm(6), nn.Tanh(), nn.Linear(6, 2)), (8, 4)),
        "layer_norm_plain": (nn.Sequential(nn.Linear(4, 6), nn.LayerNorm(6, eps=1e-3, elementwise_affine=False),
                                           nn.Tanh(), nn.Linear(6, 2)), (8, 4)),
        "layer_norm_axes": (nn.Sequential(nn.LayerNorm([2, 4]), nn.Flatten(), nn.Linear(8, 2)), (8, 2, 4)),
        "batch_norm": (nn.Sequential(nn.Linear(4, 6), nn.BatchNorm1d(6), nn.Tanh(), nn.Linear(6, 2)), (8, 4)),
        "batch_norm_options": (nn.Sequential(nn.Linear(4, 6), nn.BatchNorm1d(6, eps=1e-2, momentum=None, affine=False),
                                             nn.Tanh(), nn.Linear(6, 2)), (8, 4)),
        "batch_norm_length": (nn.Sequential(nn.BatchNorm1d(2, momentum=0.3), nn.Flatten(), nn.Linear(8, 2)), (8, 2, 4)),
        "many_linear": (many(), (8, 4)),
    }
    return list(trained(models))


class Residual(nn.Module):
    """The sum of two ways."""

    def __init__(self, branch, shortcut=None):
        super().__init__()
        self.branch = branch
        if shortcut is not None:
            self.shortcut = nn.Sequential(shortcut)

    def forward(self, x):
        return self.branch(x) + (self.shortcut(x) if hasattr(self, "shortcut") else x)


def image_layers():
    models = {
        "images": nn.Sequential(nn.Conv2d(2, 4, 3, padding=1), nn.BatchNorm2d(4), nn.Tanh(), nn.MaxPool2d(2),
                                nn.Conv2d(4, 6, 3, stride=2, padding=1, groups=2), nn.Tanh(), nn.AdaptiveAvgPool2d(1),
                                nn.Flatten(), nn.Linear(6, 3)),
        "images_dilated": nn.Sequential(nn.Conv2d(2, 3, (3, 2), dilation=(2, 1), padding=(1, 0), bias=False), nn.Tanh(),
                                        nn.AvgPool2d(3, stride=2, padding=1, count_include_pad=False), nn.Flatten(),
                                        nn.Linear(18, 2)),
        "images_residual": nn.Sequential(
            Residual(nn.Sequential(nn.Conv2d(2, 2, 3, padding=1, bias=False), nn.BatchNorm2d(2, momentum=None))),
            Residual(nn.Sequential(nn.Tanh(), nn.Conv2d(2, 3, 3, stride=2, padding=1)), nn.Conv2d(2, 3, 1, stride=2)),
            nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, 2)),
    }
    shapes = {"images": (6, 2, 6, 5), "images_dilated": (5, 2, 6, 6), "images_residual": (12, 2, 5, 5)}
    return list(trained({name: (model, shapes[name]) for name, model in models.items()}))


def trained(models):
    for name, (model, shape) in models.items():
        x = 0.5 + 2.0 * torch.randn(shape)
        y = torch.randn(model(x).shape)
        for module in model.modules():
            if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
                module.reset_running_stats()
        run = trajectory(model, lambda m: F.mse_loss(m(x), y), lr=0.03)
        model.eval()
        yield {"model": name, "x": packed(x), "y": packed(y), "evaluated": packed(model(x))} | run


def main():
    data = {"source": f"torch {torch.__version__}", "losses": loss_values(), "trained_losses": trained_losses(),
            "trained_layers": trained_layers() + image_layers()}
    Path(__file__).with_suffix(".json").write_text(json.dumps(data) + "\n")


main()
