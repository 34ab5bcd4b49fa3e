# SPDX-License-Identifier: BSD-3-Clause
"""Writes the small files of models beside it, and expected.safetensors with what is in them: a Python with torch,
numpy, safetensors, onnx and ml_dtypes, `python tests/golden/models/make.py`.

A tensor of expected.safetensors is named after its file and its name there, such as "torch.pt/model.0.weight", and
holds the entries as F32 (F64, and for whole numbers F64)."""
import pathlib
import sys

import ml_dtypes
import numpy as np
import onnx
import safetensors.torch
import torch
from onnx import TensorProto, helper, numpy_helper

here = pathlib.Path(__file__).parent
expected = {}


def wide(value):
    """As the reader gives it: floats of at most 32 bits as F32, others as F64."""
    value = value.detach()
    narrow = value.is_floating_point() and value.dtype != torch.float64
    return value.to(torch.float32 if narrow else torch.float64).contiguous().clone()


def expect(file, name, value):
    expected[f"{file}/{name}"] = wide(value)


def every_dtype():
    torch.manual_seed(17)
    w = torch.randn(3, 4, dtype=torch.float64)
    special = torch.tensor([[0.0, -0.0, 1e-45], [float("inf"), -float("inf"), 65504.0]])
    return {
        "f64": w, "f32": w.float(), "f16": w.half(), "bf16": w.bfloat16(),
        "f8_e4m3": torch.arange(256).to(torch.uint8).view(torch.float8_e4m3fn).reshape(16, 16),
        "f8_e5m2": torch.arange(256).to(torch.uint8).view(torch.float8_e5m2).reshape(16, 16),
        "f16_special": special.half(), "bf16_special": special.bfloat16(),
        "i64": torch.tensor([[-(2**53), 2**53]]), "i32": torch.tensor([-(2**31), 7], dtype=torch.int32),
        "i16": torch.tensor([-32768, 7], dtype=torch.int16), "i8": torch.tensor([-128, 127], dtype=torch.int8),
        "u8": torch.tensor([0, 255], dtype=torch.uint8), "u16": torch.tensor([0, 65535], dtype=torch.uint16),
        "u32": torch.tensor([0, 2**32 - 1], dtype=torch.uint32), "u64": torch.tensor([0, 2**63], dtype=torch.uint64),
        "bool": torch.tensor([True, False]), "none": torch.zeros(0, 5), "scalar": torch.tensor(2.5),
        "kernel": torch.randn(2, 3, 2, 2),
    }


def write_safetensors():
    tensors = every_dtype()
    safetensors.torch.save_file(tensors, here / "every.safetensors")
    for name, value in tensors.items():
        expect("every.safetensors", name, value)


def write_torch():
    tensors = every_dtype()
    torch.save(tensors, here / "every.pt")
    for name, value in tensors.items():
        expect("every.pt", name, value)

    torch.manual_seed(18)
    model = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.ReLU(), torch.nn.Linear(4, 2)).bfloat16()
    adam = torch.optim.AdamW(model.parameters())
    model(torch.randn(5, 3).bfloat16()).square().sum().backward()
    adam.step()
    base = torch.arange(24.0).reshape(4, 6)
    checkpoint = {
        "model": model.state_dict(), "optimizer": adam.state_dict(), "epoch": 3, "seed": 2**100, "note": "a text",
        "best": None, "rates": [1e-3, (2, base[1])],
        "views": {"whole": base, "transposed": base.t(), "rows": base[1:3], "columns": base[:, 1::2],
                  "expanded": base[0, :1].expand(3, 4), "tied": base, "block": base[1:3, 2:5].t()},
        "parameter": torch.nn.Parameter(base[:2].clone()),
    }
    torch.save(checkpoint, here / "checkpoint.pt")

    def walk(value, name):
        if isinstance(value, torch.Tensor):
            expect("checkpoint.pt", name[1:], value)
        elif isinstance(value, dict):
            for key, item in value.items():
                walk(item, f"{name}.{key}")
        elif isinstance(value, (list, tuple)):
            for i, item in enumerate(value):
                walk(item, f"{name}.{i}")

    walk(checkpoint, "")
    torch.save(base, here / "tensor.pth")
    expect("tensor.pth", "array", base)
    torch.save({"w": base}, here / "protocol4.bin", pickle_protocol=4)
    expect("protocol4.bin", "w", base)
    torch.save({"w": base}, here / "bad_legacy.pt", _use_new_zipfile_serialization=False)
    torch.save(torch.nn.Linear(2, 2), here / "bad_module.pt")
    torch.save({"z": torch.zeros(2, 2, dtype=torch.complex64), "w": torch.ones(2)}, here / "complex.pt")
    expect("complex.pt", "w", torch.ones(2))


def write_onnx():
    """raw_data, fields of numbers, external data."""
    raw, fields = [], []
    for name, value in every_dtype().items():
        if name.startswith("f8"):
            value = value[:4]  # without the NaNs of either kind
        if value.dtype == torch.bfloat16:
            array = value.float().numpy().astype(ml_dtypes.bfloat16)
        elif value.dtype == torch.float8_e4m3fn:
            array = value.view(torch.uint8).numpy().view(ml_dtypes.float8_e4m3fn)
        elif value.dtype == torch.float8_e5m2:
            array = value.view(torch.uint8).numpy().view(ml_dtypes.float8_e5m2)
        else:
            array = value.numpy()
        raw.append(numpy_helper.from_array(array, name))
        kind = raw[-1].data_type
        special = value.is_floating_point() and not torch.isfinite(value.float()).all()
        if not special and not name.startswith("f8"):
            fields.append(helper.make_tensor("field_" + name, kind, array.shape, array.flatten().tolist()))
            expect("every.onnx", "field_" + name, value)
        expect("every.onnx", name, value)
    save_onnx("every.onnx", raw + fields)

    external = numpy_helper.from_array(np.arange(12, dtype=np.float32).reshape(3, 4), "w")
    model = onnx_model([external, numpy_helper.from_array(np.ones((2, 2), np.float32), "b")])
    onnx.external_data_helper.set_external_data(external, "external.data", 0, 48)
    (here / "external.data").write_bytes(external.raw_data)
    model.graph.initializer[0].CopyFrom(external)
    model.graph.initializer[0].ClearField("raw_data")
    model.graph.initializer[0].data_location = TensorProto.EXTERNAL
    (here / "external.onnx").write_bytes(model.SerializeToString())
    expect("external.onnx", "w", torch.arange(12.0).reshape(3, 4))
    expect("external.onnx", "b", torch.ones(2, 2))


def onnx_model(initializers):
    graph = helper.make_graph([], "graph", [], [], initializer=initializers)
    return helper.make_model(graph, producer_name="make.py")


def save_onnx(file, initializers):
    (here / file).write_bytes(onnx_model(initializers).SerializeToString())


def write_numpy():
    np.savez(here / "stored.npz", w=np.arange(6.0).reshape(2, 3), b=np.asfortranarray(np.arange(6.0).reshape(2, 3)))
    np.savez_compressed(here / "deflated.npz", w=np.arange(600, dtype=np.float16).reshape(20, 30))
    expect("stored.npz", "w", torch.arange(6.0, dtype=torch.float64).reshape(2, 3))
    expect("stored.npz", "b", torch.arange(6.0, dtype=torch.float64).reshape(2, 3))
    expect("deflated.npz", "w", torch.arange(600.0).reshape(20, 30).half())


if __name__ == "__main__":
    write_safetensors()
    write_torch()
    write_onnx()
    write_numpy()
    safetensors.torch.save_file(expected, here / "expected.safetensors")
    print(f"{len(expected)} tensors; torch {torch.__version__}, onnx {onnx.__version__}", file=sys.stderr)
