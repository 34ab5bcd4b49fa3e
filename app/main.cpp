// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/program/program.hpp>

int main(int count, char** arguments) { return sigmagrad::lab::run_program({arguments + 1, arguments + count}); }
