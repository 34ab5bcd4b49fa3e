// SPDX-License-Identifier: BSD-3-Clause
// Who trains a small ReLU classifier best?
#include <sigmagrad/experiments/compare/candidates.hpp>
#include <sigmagrad/experiments/compare/images.hpp>

namespace sigmagrad::experiments::compare {
namespace {

const Int width{.name = "width", .help = "hidden units", .quick = {32}, .paper = {128}, .minimum = 1};

Training make(Trial& t) {
  const auto images = images_of(t);
  const auto inputs = images.channels() * images.side() * images.side();
  const nn::Sequential net{nn::Flatten(), nn::Linear(inputs, t[width], {.dtype = f32}), nn::ReLU(),
                           nn::Linear(t[width], 10, {.dtype = f32})};
  return classifier(net, images, t.generator(1), 32);
}

const Problem network{.name = "classifier",
                      .parameters = {data, examples, width},
                      .make = make,
                      .steps = {.quick = 200, .paper = 3000},
                      .target = 0.23};

const Register comparison{lab::compare(
    "compare/classifier", {network}, optimizers(seldom_roots),
    {.title = "Optimisers on a ReLU classifier",
     .question = "Who trains a small ReLU classifier best?",
     .observe = "The cross-entropy of images that are not trained on, after as many batches of 32 for all. On the "
                "mixture Muon ends lowest (4e-9), AdamW at 3e-5 and SGD at 1e-3. Adam's rate is chosen differently "
                "from trial to trial, and often too large: the median is 0.1.",
     .trials = {.quick = 12, .paper = 20},
     .seconds = {.quick = 8, .paper = 3600},
     .claims = {{.claim = "Adam trains a ReLU classifier to a lower loss than SGD without momentum",
                 .source = "a common belief",
                 .says = "better",
                 .holds = loss_ratio("adam", "sgd") < 1.0,
                 .why = "Validation losses on the same seeds after the same steps, each at its own best rate."}},
     .quick = quick_optimizers()})};

}  // namespace
}  // namespace sigmagrad::experiments::compare
