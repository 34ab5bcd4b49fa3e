// SPDX-License-Identifier: BSD-3-Clause
// What the documents say that no experiment judges: the last part of docs/reproduction.md.
#include <sigmagrad/lab/model/unjudged.hpp>

namespace sigmagrad::experiments {
namespace {

const lab::RegisterUnjudged lines[] = {
    {"paper 000", "section 1", "Language models do not learn the scale of their weight matrices.",
     "It is the finding of a cited work, and no language model is trained here."},
    {"paper 000", "section 4", "Layers of different types may need different corrections.",
     "Judged for structures of the target (spectral/remedies). The layers of a trained network have no known target, "
     "so "
     "that no component of theirs has an error."},
    {"paper 001", "section 5.1",
     "The weights of transformers, of size 4096 and more in more than 32 layers, may have badly distorted spectra.",
     "Judged up to size 2048 (spectral/width) and 32 layers (spectral/layers), one at a time. A trial at 4096 takes "
     "minutes and a gigabyte, and a trained transformer has no known optimum to be compared with."},
    {"paper 001", "section 5.1", "This may explain the instabilities of training language models.",
     "No language model is trained here. What warm-up does for ill-conditioned starts of small networks is judged "
     "(spectral/warmup)."},
    {"paper 001", "section 5.4", "The study has to be repeated on transformers with pre-trained weights.",
     "Pre-trained weights have no known target. Their condition numbers can be looked at with sigmagrad inspect."},
    {"paper 002", "appendix A.1", "What other works prove, and what they leave open.",
     "What they say of completion and can be run is judged (completion/unseen, incremental, embeddings, "
     "ratio-penalty); "
     "what a proof does not cover is a matter of reading it."},
    {"paper 002", "appendix A.2", "Networks that start from a training on half of CIFAR generalise worse.",
     "It is a cited finding, and the images do not come with the program. Judged for a small network on clusters of "
     "points (completion/warm-classifier)."},
    {"paper 002", "appendix A.2", "Plasticity is lost in reinforcement learning and in continual learning, too.",
     "Cited findings of other fields; nothing of the kind is trained here."},
    {"paper 002", "appendix C.1.1, figures 18 to 29", "The accuracies and ranks of 240 trainings on CIFAR.",
     "The images do not come with the program, and the trainings take years on two cores. The claims are there "
     "(networks/resnet, networks/vgg); --set data=FOLDER and --preset paper run them where there are the data and "
     "the "
     "machines, and smaller presets run them on smaller networks and other images."},
    {"paper 003", "section 9.2", "Spectral normalisation makes the training of adversarial networks stable.",
     "No adversarial network is trained here. That one power iteration a step is enough is judged (norms/lipschitz)."},
    {"paper 003", "section 9.6", "Trained attention matrices have a low rank; a latent cache saves memory.",
     "No trained transformer comes with the program. Judged for layers of random weights and for what low rank costs "
     "(norms/attention)."},
    {"paper 003", "sections 9.1 and 9.7", "Fine-tuning of large models by low-rank factors penalises the nuclear norm.",
     "Judged for the identity behind it and for small factorisations (norms/implicit); no large model is tuned here."},
    {"paper 004", "chapter 1", "Why networks that can be interpreted matter.",
     "A motivation, not a statement to test."},
    {"paper 004", "sections 2.3 and 6.2", "Brains learn richly in some areas and lazily in others.",
     "It takes recordings of neurons: no program can judge it."},
    {"paper 004", "section 6.1", "Linear networks are too simple for what is used in practice.",
     "A matter of what one wants. How far the linear solution describes ReLU networks is judged (balanced/relu)."},
    {"paper 004", "section 6.2", "An exact solution of deep unaligned networks with several outputs is still wanted.",
     "None is known, so that trained networks have nothing to be compared with; aligned ones of depth 3 to 6 are "
     "judged (balanced/deep)."},
    {"paper 004", "chapter 5", "The project is free of ethical concerns.", "Not a matter of measurement."},
};

}  // namespace
}  // namespace sigmagrad::experiments
