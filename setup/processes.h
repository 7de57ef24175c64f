#pragma once

#include "setup/surroundings.h"

#include <sys/types.h>

#include <string>
#include <vector>

namespace signet::setup {

// A process of this person, as /proc shows it.
struct Process {
    pid_t pid = 0;
    std::string name;  // its first fifteen octets
};

std::vector<Process> own_processes(const Surroundings& surroundings);
// Those of everybody, with this name.
std::vector<Process> processes_named(const Surroundings& surroundings, const std::string& name);
// What the process has open and mapped, as far as the system shows it.
std::vector<std::string> open_files(const Surroundings& surroundings, pid_t pid);
std::vector<std::string> mapped_files(const Surroundings& surroundings, pid_t pid);

}  // namespace signet::setup
