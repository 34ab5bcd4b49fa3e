# SPDX-License-Identifier: BSD-3-Clause
"""Writes tests/fuzz/corpus/{pickle,onnx,shards}: small files that are read, and hostile ones that are refused, whose
names begin with bad_. A Python with torch, numpy and onnx: `python tests/golden/models/corpus.py`."""
import collections
import io
import os
import pathlib
import pickle
import struct
import zipfile

import numpy as np
import torch
from onnx import TensorProto, helper, numpy_helper

corpus = pathlib.Path(__file__).parent / "../../fuzz/corpus"


def write(kind, name, data):
    folder = corpus / kind
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(data.encode() if isinstance(data, str) else data)


def saved(value, **options):
    buffer = io.BytesIO()
    torch.save(value, buffer, **options)
    return buffer.getvalue()


def pickle_of(archive):
    with zipfile.ZipFile(io.BytesIO(archive)) as file:
        return file.read(next(name for name in file.namelist() if name.endswith("/data.pkl")))


def rezipped(archive, change=None, drop="", method=zipfile.ZIP_STORED):
    """The archive with its pickle changed, an entry dropped, or all of it compressed."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(buffer, "w", method) as new:
        for name in old.namelist():
            if drop and name.endswith(drop):
                continue
            data = old.read(name)
            new.writestr(name, change(data) if change and name.endswith("data.pkl") else data)
    return buffer.getvalue()


class Calls:
    def __init__(self, function, *arguments):
        self.what = (function, arguments)

    def __reduce__(self):
        return self.what


def write_pickles():
    w = torch.arange(6.0).reshape(2, 3)
    nested = {"model": collections.OrderedDict(w=w, t=w.t()), "list": [w, (1, 2.5, None, True, "x")], "big": 2**80}
    write("pickle", "state", pickle_of(saved(nested)))
    write("pickle", "tensor", pickle_of(saved(w)))
    write("pickle", "parameter", pickle_of(saved(torch.nn.Parameter(w))))
    write("pickle", "module_state", pickle_of(saved(torch.nn.Linear(2, 2).half().state_dict())))
    write("pickle", "float8", pickle_of(saved(w.to(torch.float8_e4m3fn))))
    write("pickle", "protocol4", pickle_of(saved(nested, pickle_protocol=4)))
    write("pickle", "protocol5", pickle.dumps({"a": [1, 2**40, -3, "\u00e9", b"bytes"], 7: (1.5,), None: ()}, 5))
    write("pickle", "archive", saved({"w": w, "b": w[:, 1].bfloat16()}))
    write("pickle", "archive_rezipped", rezipped(saved({"w": w})))
    write("pickle", "expanded", saved({"w": torch.ones(1).expand(3, 4)}))

    write("pickle", "bad_system", pickle.dumps({"w": Calls(os.system, "true")}, 2))
    write("pickle", "bad_eval", pickle.dumps({"w": Calls(eval, "1")}, 4))
    write("pickle", "bad_getattr", pickle.dumps(Calls(getattr, "x", "upper"), 2))
    write("pickle", "bad_module", pickle_of(saved(torch.nn.Linear(2, 2))))
    write("pickle", "bad_storage_called", b"\x80\x02ctorch\nFloatStorage\n)R.")
    write("pickle", "bad_dict_argument", b"\x80\x02ccollections\nOrderedDict\n]\x85R.")
    write("pickle", "bad_build", b"\x80\x02]}b.")
    write("pickle", "bad_text_code", b"\x80\x02I1\n.")
    write("pickle", "bad_set", b"\x80\x04\x8f.")
    write("pickle", "bad_protocol", b"\x80\x09N.")
    write("pickle", "bad_empty_stack", b"\x80\x02.")
    write("pickle", "bad_no_mark", b"\x80\x02t.")
    write("pickle", "bad_memo", b"\x80\x02h\x05.")
    write("pickle", "bad_long_text", b"\x80\x02X\xff\xff\xff\xffab.")
    write("pickle", "bad_longer_text", b"\x80\x04\x8d\xff\xff\xff\xff\xff\xff\xff\xffab.")
    write("pickle", "bad_long_number", b"\x80\x02\x8b\xff\xff\xff\x7f\x01.")
    write("pickle", "bad_odd_items", b"\x80\x02}(Nu.")
    write("pickle", "bad_itself", b"\x80\x02]q\x00h\x00a.")
    write("pickle", "bad_bomb", b"\x80\x02]q\x00" + b"".join(
        b"]q" + bytes([i + 1]) + b"(" + b"h" + bytes([i]) + b"h" + bytes([i]) + b"e" for i in range(60)) + b".")
    write("pickle", "bad_deep", b"\x80\x02" + b"]" * 2000 + b"a" * 1999 + b".")
    write("pickle", "bad_truncated", pickle_of(saved(nested))[:90])

    archive = saved({"w": w})

    def patched(*pairs):
        def change(data):
            for old, new in zip(pairs[::2], pairs[1::2]):
                assert old in data
                data = data.replace(old, new, 1)
            return data
        return rezipped(archive, change)

    write("pickle", "bad_offset", patched(b"QK\x00", b"QK\x01"))
    write("pickle", "bad_negative", patched(b"QK\x00", b"QJ\xff\xff\xff\xff"))
    write("pickle", "bad_stride", patched(b"K\x03K\x01\x86", b"J\xff\xff\xff\x7fK\x01\x86"))
    write("pickle", "bad_strides", patched(b"K\x03K\x01\x86", b"K\x03K\x01\x85"))
    write("pickle", "bad_count", patched(b"K\x06tq", b"K\x07tq"))
    write("pickle", "bad_huge_count", patched(b"K\x06tq", b"\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7ftq"))
    huge = b"J\xff\xff\xff\x7f"
    write("pickle", "repeated", patched(b"K\x02K\x03\x86", huge + huge + b"\x86", b"K\x03K\x01\x86", b"K\x00K\x00\x86"))
    write("pickle", "bad_missing", rezipped(archive, drop="data/0"))
    write("pickle", "bad_compressed", rezipped(archive, method=zipfile.ZIP_DEFLATED))
    write("pickle", "bad_archive_truncated", archive[:-100])


def model(*initializers):
    graph = helper.make_graph([], "g", [], [], initializer=list(initializers))
    return helper.make_model(graph).SerializeToString()


def write_onnx():
    w = np.arange(6, dtype=np.float32).reshape(2, 3)
    raw = numpy_helper.from_array(w, "w")
    write("onnx", "raw", model(raw))
    write("onnx", "floats", model(helper.make_tensor("w", TensorProto.FLOAT, [2, 3], range(6))))
    write("onnx", "doubles", model(helper.make_tensor("w", TensorProto.DOUBLE, [2], [1, 2])))
    for kind in ("INT8", "INT64", "UINT64", "UINT32", "BOOL", "FLOAT16", "BFLOAT16", "INT16"):
        write("onnx", kind.lower(), model(helper.make_tensor("w", getattr(TensorProto, kind), [2], [0, 1])))
    write("onnx", "negative", model(helper.make_tensor("w", TensorProto.INT8, [2], [-128, 127])))
    write("onnx", "strings", model(helper.make_tensor("w", TensorProto.STRING, [1], [b"text"])))
    write("onnx", "complex", model(helper.make_tensor("w", TensorProto.COMPLEX64, [1], [1 + 2j])))
    write("onnx", "no_initialisers", model())
    external = TensorProto(name="w", data_type=1, dims=[2, 3], data_location=TensorProto.EXTERNAL)
    for key, value in (("location", "w.bin"), ("offset", "0"), ("length", "24")):
        external.external_data.add(key=key, value=value)
    write("onnx", "external", model(external))

    def changed(**fields):
        tensor = TensorProto(name="w", data_type=1, dims=[2, 3], raw_data=raw.raw_data)
        for key, value in fields.items():
            tensor.ClearField(key)
            getattr(tensor, key).extend(value) if key == "dims" else setattr(tensor, key, value)
        return model(tensor)

    unpacked = b"\x08\x02\x10\x01\x42\x01w" + b"".join(b"\x25" + struct.pack("<f", i) for i in range(2))
    graph = b"\x2a" + bytes([len(unpacked)]) + unpacked
    write("onnx", "unpacked", b"\x3a" + bytes([len(graph)]) + graph)
    write("onnx", "many_axes", changed(dims=[1] * 7 + [2, 3]))
    write("onnx", "unknown_type", changed(data_type=99))
    write("onnx", "negative_type", changed(data_type=-1))
    write("onnx", "bad_size", changed(raw_data=raw.raw_data[:-1]))
    write("onnx", "bad_negative_size", changed(dims=[-2, 3]))
    write("onnx", "bad_huge", changed(dims=[2**62, 2**62]))
    write("onnx", "bad_count", model(TensorProto(name="w", data_type=1, dims=[7], float_data=range(6))))
    write("onnx", "bad_range", model(TensorProto(name="w", data_type=3, dims=[1], int32_data=[70000])))
    write("onnx", "bad_field", model(TensorProto(name="w", data_type=1, dims=[1], int32_data=[7])))
    write("onnx", "bad_truncated", model(raw)[:-5])
    write("onnx", "bad_empty", b"")
    write("onnx", "bad_text", b"this is no protocol buffer")
    external.external_data[2].value = "23"
    write("onnx", "bad_external_length", model(external))


def write_shards():
    write("shards", "two", '{"metadata":{"total_size":8},"weight_map":{"a":"1.safetensors","b":"2.safetensors"}}')
    write("shards", "one", '{"weight_map":{"w":"model.safetensors"}}')
    write("shards", "none", '{"weight_map":{}}')
    write("shards", "same_keys_elsewhere", '{"metadata":{"a":1},"weight_map":{"a":"x"}}')
    write("shards", "escapes", '{"weight_map":{"\\u00e9\\n":"x"}}')
    write("shards", "bad_empty", "")
    write("shards", "bad_list", "[]")
    write("shards", "bad_no_map", '{"metadata":{}}')
    write("shards", "bad_map", '{"weight_map":["a"]}')
    write("shards", "bad_file", '{"weight_map":{"w":1}}')
    write("shards", "bad_twice", '{"weight_map":{"w":"a","w":"b"}}')
    write("shards", "bad_truncated", '{"weight_map":{"w":"a"')
    write("shards", "bad_deep", "[" * 5000)
    write("shards", "bad_utf8", b'{"weight_map":{"\xff":"a"}}')


if __name__ == "__main__":
    write_pickles()
    write_onnx()
    write_shards()
