// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/app/program.hpp>

int main(int count, char** arguments) { return sigmagrad::app::run_program({arguments + 1, arguments + count}); }
