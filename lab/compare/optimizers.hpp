// SPDX-License-Identifier: BSD-3-Clause
// The library's optimisers as candidates. Options are those given, the rate aside, which is tuned; the name says what
// differs from the defaults: "sgd", "sgd momentum=0.9".
#pragma once

#include <sigmagrad/lab/compare/candidate.hpp>
#include <sigmagrad/optim/adabelief.hpp>
#include <sigmagrad/optim/adagrad.hpp>
#include <sigmagrad/optim/adam.hpp>
#include <sigmagrad/optim/adamw.hpp>
#include <sigmagrad/optim/group_rmsprop.hpp>
#include <sigmagrad/optim/lbfgs.hpp>
#include <sigmagrad/optim/lookahead.hpp>
#include <sigmagrad/optim/muon.hpp>
#include <sigmagrad/optim/nadam.hpp>
#include <sigmagrad/optim/radam.hpp>
#include <sigmagrad/optim/rmsprop.hpp>
#include <sigmagrad/optim/sam.hpp>
#include <sigmagrad/optim/sgd.hpp>
#include <sigmagrad/optim/shampoo.hpp>

namespace sigmagrad::lab {

Candidate sgd(const optim::SGDOptions& options = {}, const Tuning& tuning = {});
Candidate adam(const optim::AdamOptions& options = {}, const Tuning& tuning = {});
Candidate adamw(const optim::AdamWOptions& options = {}, const Tuning& tuning = {});
Candidate nadam(const optim::NAdamOptions& options = {}, const Tuning& tuning = {});
Candidate radam(const optim::RAdamOptions& options = {}, const Tuning& tuning = {});
Candidate adabelief(const optim::AdaBeliefOptions& options = {}, const Tuning& tuning = {});
Candidate rmsprop(const optim::RMSpropOptions& options = {}, const Tuning& tuning = {});
Candidate adagrad(const optim::AdagradOptions& options = {}, const Tuning& tuning = {});
Candidate group_rmsprop(const optim::GroupRMSpropOptions& options = {}, const Tuning& tuning = {});
/// Muon of the matrices [m, n]; other parameters (biases, kernels) go to Adam at the same rate.
Candidate muon(const optim::MuonOptions& options = {}, const Tuning& tuning = {});
Candidate shampoo(const optim::ShampooOptions& options = {}, const Tuning& tuning = {});
/// An iteration a step, so that a step sees one gradient as everybody's does. If the loss draws a batch, the curvature
/// that it estimates is that of a difference between batches.
Candidate lbfgs(const optim::LBFGSOptions& options = {.max_iter = 1}, const Tuning& tuning = {});
/// SAM around SGD with momentum: two gradients a step.
Candidate sam(const optim::SAMOptions& options = {}, const Tuning& tuning = {});
/// Lookahead around Adam.
Candidate lookahead(const optim::LookaheadOptions& options = {}, const Tuning& tuning = {});

}  // namespace sigmagrad::lab
