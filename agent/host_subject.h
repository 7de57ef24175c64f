#pragma once

#include "agent/config.h"
#include "ipc/readers.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace signet::agent {

// What one helper process is for. Two that are equal are the same: a process need not be replaced.
struct HostSubject {
    std::string module;                  // Token::module
    std::string title;                   // "module softhsm", in messages
    std::vector<std::string> arguments;  // of the program
    unsigned sessions = 1;               // calls at the same time; with none it only reports changes
    // One card from insertion to removal, of which the reader watch tells. A host that finds no token on it
    // has nothing to do and ends.
    bool is_card = false;
    std::uint32_t insertion = 0;  // of the card; another number: another card
    std::string program = "signet-token";

    bool operator==(const HostSubject&) const = default;
};

// "module softhsm: detail"; some details begin with the title themselves.
std::string with_title(const HostSubject& subject, const std::string& detail);

HostSubject module_subject(const ModuleConfig& module, const std::filesystem::path& state_directory);
HostSubject card_subject(const ipc::Reader& reader, const PivConfig& config,
                         const std::filesystem::path& state_directory);
HostSubject readers_subject();
HostSubject desktop_subject();

}  // namespace signet::agent
