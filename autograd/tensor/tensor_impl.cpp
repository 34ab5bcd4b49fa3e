// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/autograd/tensor/tensor_impl.hpp>

#include <cstring>

#include <sigmagrad/autograd/kernels/launch.hpp>
#include <sigmagrad/autograd/kernels/loops.hpp>
#include <sigmagrad/autograd/kernels/transpose.hpp>

namespace sigmagrad::engine {

// Out of line: the many places where a handle ends hold the test of the count alone.
void TensorImpl::destroy(TensorImpl* impl) noexcept {
  impl->~TensorImpl();
  pool_release(impl, sizeof(TensorImpl));
}

void TensorImpl::drop_snapshot() {
  block->drop_snapshot(version);
  if (Block* copy = row_major.exchange(nullptr)) Ref<Block>::adopt(copy);
}

Ref<TensorImpl> TensorImpl::snapshot_of(const TensorImpl& source, const Shape& shape, bool transpose) {
  auto result = make(shape, source.dtype, source.block);
  result->snapshot = true;
  result->version = source.current_version();
  result->transposed = source.transposed != transpose;
  if (capturing) {
    source.in_replay.store(true, std::memory_order_relaxed);
    replay_takes_snapshot(*result);
  }
  result->block->add_snapshot(result->version);
  return result;
}

Ref<TensorImpl> TensorImpl::reshaped_copy(const TensorImpl& transposed, const Shape& shape) {
  auto result = make(shape, transposed.dtype);
  launch([to = result->block->data(), from = transposed.read(), bytes = result->block->bytes()] {
    copy_bytes(to, from, bytes);
  });
  return result;
}

const void* TensorImpl::read_snapshot() const { return transposed ? read_row_major() : block->data_at(version); }

// Several threads may read one tensor: the first copy to be published is kept.
const void* TensorImpl::read_row_major() const {
  if (Block* ready = row_major.load(std::memory_order_acquire)) return ready->data();
  auto copy = Block::make(block->bytes());
  const std::int64_t rows = shape[-2], cols = shape[-1];
  const std::int64_t matrices = rows * cols == 0 ? 0 : shape.numel() / (rows * cols);
  launch([to = copy->data(), from = entries(), matrices, rows, cols, type = dtype] {
    if (type == f64)
      transpose_matrices(static_cast<double*>(to), static_cast<const double*>(from), matrices, rows, cols);
    else
      transpose_matrices(static_cast<float*>(to), static_cast<const float*>(from), matrices, rows, cols);
  });
  Block* expected = nullptr;
  if (!row_major.compare_exchange_strong(expected, copy.get(), std::memory_order_acq_rel)) return expected->data();
  copy->acquire();  // row_major owns this reference
  return copy->data();
}

void TensorImpl::inherit() {
  if (!snapshot || transposed || !block->unique() || block->version() != version) return;
  drop_snapshot();
  snapshot = false;
}

void TensorImpl::take_value(const TensorImpl& value) {
  auto own = Block::make(value.block->bytes(), current_version() + 1);
  std::memcpy(own->data(), value.read(), own->bytes());
  if (snapshot) drop_snapshot();
  snapshot = transposed = false;
  block = std::move(own);
  dtype = value.dtype;
}

void* TensorImpl::write() {
  if (capturing) replay_writes(*this);
  inherit();
  if (snapshot) {  // its memory belongs to another tensor: take a copy first
    auto own = Block::make(block->bytes(), version);
    launch([to = own->data(), from = read(), bytes = block->bytes()] { copy_bytes(to, from, bytes); });
    drop_snapshot();
    block = std::move(own);
    snapshot = transposed = false;
  }
  block->begin_write();
  return block->data();
}

}  // namespace sigmagrad::engine
