#include "setup/client.h"

#include <utility>

namespace signet::setup {
namespace {

std::vector<std::string> program_names(ClientName client) {
    switch (client) {
        case ClientName::thunderbird:
            return {"thunderbird"};
        case ClientName::firefox:
            return {"firefox-esr", "firefox"};
        case ClientName::chromium:
            return {"chromium"};
        case ClientName::evolution:
            return {"evolution"};
        case ClientName::gpgsm:
            return {"gpgsm"};
        case ClientName::git:
            return {"git"};
        case ClientName::mutt:
            return {"mutt", "neomutt"};
        case ClientName::ssh:
            return {"ssh"};
        case ClientName::openssl:
            return {"openssl"};
        case ClientName::p11_kit:
            return {"p11-kit", "p11tool"};
    }
    return {};
}

}  // namespace

std::string command_for(const Choice& choice) {
    return "signet setup " + std::string(name_of(choice.client)) + (choice.system ? " --system" : "");
}

std::string undo_command_for(const Choice& choice) {
    return command_for(choice) + " --undo";
}

MarkedBlock block_for(ClientName client, std::string lines) {
    return {.lines = std::move(lines), .undo = undo_command_for({.client = client})};
}

std::string record_name(const Choice& choice) {
    return std::string(name_of(choice.client)) + (choice.system ? "-system" : "");
}

bool has_system_choice(ClientName client) {
    return client == ClientName::thunderbird || client == ClientName::firefox;
}

std::optional<std::filesystem::path> installed_program(ClientName client, const Surroundings& surroundings) {
    for (const auto& name : program_names(client)) {
        if (auto program = surroundings.program(name)) {
            return program;
        }
    }
    return std::nullopt;
}

Result<Client> describe(const Choice& choice, const Surroundings& surroundings) {
    switch (choice.client) {
        case ClientName::thunderbird:
        case ClientName::firefox:
            return describe_mozilla(choice, surroundings);
        case ClientName::chromium:
            return describe_chromium(surroundings);
        case ClientName::evolution:
            return describe_evolution(surroundings);
        case ClientName::gpgsm:
            return describe_gpgsm(surroundings);
        case ClientName::git:
            return describe_git(surroundings);
        case ClientName::mutt:
            return describe_mutt(surroundings);
        case ClientName::ssh:
            return describe_ssh(surroundings);
        case ClientName::openssl:
            return describe_openssl(surroundings);
        case ClientName::p11_kit:
            return describe_p11_kit(surroundings);
    }
    return failure(ErrorCode::invalid_parameter, "setup", "an unknown program");
}

}  // namespace signet::setup
