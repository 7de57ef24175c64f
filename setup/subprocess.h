#pragma once

#include "base/result.h"

#include <chrono>
#include <string>
#include <vector>

namespace signet::setup {

struct ProgramResult {
    int status = 0;           // exit status; 128 and the signal's number where one ended it
    std::string output;       // standard output
    std::string diagnostics;  // standard error
};

// Runs a program of the person to its end, with nothing on its standard input. Each of its outputs has a bound,
// and after the time limit it is killed: both are errors. `changes` are variables ("NAME=value") that it gets
// besides this process's own.
Result<ProgramResult> run_program(const std::vector<std::string>& command,
                                  const std::vector<std::string>& changes = {},
                                  std::chrono::milliseconds limit = std::chrono::seconds(10));

}  // namespace signet::setup
