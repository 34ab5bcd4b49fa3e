// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab.hpp>

int main(int argc, char** argv) { return sigmagrad::lab::main(argc, argv); }
