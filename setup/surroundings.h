#pragma once

#include "base/result.h"

#include <filesystem>
#include <map>
#include <optional>
#include <string>

namespace signet::setup {

// What of signet other programs are told to use.
struct Installation {
    std::filesystem::path programs;       // folder of signet, signet-agent and signet-gpgsm
    std::filesystem::path module;         // signet-pkcs11.so
    std::filesystem::path token_host;     // signet-token
    std::filesystem::path mutt_settings;  // smime.rc
};

// The person and the machine that are set up and looked at. Tests give both of their own.
struct Surroundings {
    std::filesystem::path root = "/";              // of the file system
    std::filesystem::path home;                    // absolute, with `root` in front already
    std::map<std::string, std::string> variables;  // of the environment
    Installation installed;

    // Of the process that calls. The module is the caller's to find.
    static Result<Surroundings> of_this_process(std::filesystem::path module);

    // Nothing where the variable is not set, or empty.
    [[nodiscard]] std::optional<std::string> variable(const std::string& name) const;
    // A file of the machine, such as "/etc/pkcs11/pkcs11.conf".
    [[nodiscard]] std::filesystem::path on_machine(const std::filesystem::path& path) const;
    // A folder that a variable names absolutely, else the one at this place below the home.
    [[nodiscard]] std::filesystem::path folder(const std::string& variable,
                                               const std::string& below_home) const;
    [[nodiscard]] std::filesystem::path config_home() const { return folder("XDG_CONFIG_HOME", ".config"); }
    [[nodiscard]] std::filesystem::path data_home() const { return folder("XDG_DATA_HOME", ".local/share"); }
    [[nodiscard]] std::filesystem::path state_home() const {
        return folder("XDG_STATE_HOME", ".local/state");
    }
    // Where $PATH finds it: the path as programs of that machine would write it.
    [[nodiscard]] std::optional<std::filesystem::path> program(const std::string& name) const;
};

}  // namespace signet::setup
