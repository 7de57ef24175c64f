#include "setup/card_modules.h"
#include "setup/doctor.h"
#include "setup/processes.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <system_error>

// From the device to the reader with its card.
namespace signet::setup {
namespace {

namespace fs = std::filesystem;

constexpr std::array rule_folders = {"/etc/udev/rules.d", "/run/udev/rules.d", "/usr/local/lib/udev/rules.d",
                                     "/usr/lib/udev/rules.d", "/lib/udev/rules.d"};
constexpr const char* rules = "70-signet.rules";

// Programs that keep cards for themselves, as /proc names them, and what ends them.
struct KnownHolder {
    const char* name;
    const char* remedy;
};
constexpr std::array known_holders = {
    KnownHolder{"scdaemon",
                "end it with: gpgconf --kill scdaemon; for good, have GnuPG use cards through signet: "
                "signet setup gpgsm, or write pcsc-shared into ~/.gnupg/scdaemon.conf"},
    KnownHolder{"yubikey-agent", "stop it: systemctl --user disable --now yubikey-agent"},
    KnownHolder{"piv-agent", "stop it: systemctl --user disable --now piv-agent.socket piv-agent.service"},
    KnownHolder{"SACSrv",
                "the card maker's own daemon: stop it, or have signet use the maker's module ([[pkcs11]] in "
                "signet.toml)"},
    KnownHolder{"pcsc-relay", "stop it while the card is used here"},
};

bool is_there(const fs::path& path) {
    std::error_code ignored;
    return fs::exists(path, ignored);
}

bool is_ours(const std::string& process) {
    return process.starts_with("signet");
}

// How a process has to do with cards; empty: it has not.
std::string use_of_cards(const Surroundings& surroundings, const CardModules& card_modules,
                         const Process& process) {
    for (const auto& file : open_files(surroundings, process.pid)) {
        if (file.starts_with("/dev/bus/usb/")) {
            return "has the device " + file + " open, which pcscd cannot use then";
        }
    }
    const auto mapped = mapped_files(surroundings, process.pid);
    for (const auto& file : mapped) {
        if (card_modules.has(file)) {
            return "uses cards itself, by " + file;
        }
    }
    const bool uses_pcscd = std::any_of(mapped.begin(), mapped.end(), [](const std::string& file) {
        return fs::path(file).filename().string().starts_with("libpcsclite.so");
    });
    return uses_pcscd ? "uses cards itself, by pcscd" : "";
}

const KnownHolder* known_holder(const std::string& name) {
    const auto* const found = std::find_if(known_holders.begin(), known_holders.end(),
                                           [&name](const auto& holder) { return name == holder.name; });
    return found == known_holders.end() ? nullptr : found;
}

// Tokens that are no cards do not need it, and nobody knows what there is without the agent.
bool needs_pcscd(const Surroundings& surroundings, const Observation& observation) {
    const auto& tokens = observation.agent.inventory.tokens;
    return observation.agent.failure.empty() && (!tokens || tokens->empty()) &&
           drives_piv_cards(surroundings);
}

}  // namespace

Findings check_udev(const Surroundings& surroundings) {
    for (const char* folder : rule_folders) {
        if (is_there(surroundings.on_machine(folder) / rules)) {
            return {{.check = "udev",
                     .verdict = Verdict::ok,
                     .cause = "the agent starts when a reader is plugged in"}};
        }
    }
    return {{.check = "udev",
             .verdict = Verdict::note,
             .cause = "no " + std::string(rules) + ": plugging in a reader does not start the agent",
             .remedy =
                 "install signet's udev rules below /usr or /usr/local; without them the socket starts it"}};
}

fs::path pcscd_socket(const Surroundings& surroundings) {
    if (const auto named = surroundings.variable("PCSCLITE_CSOCK_NAME")) {
        return *named;
    }
    return surroundings.on_machine("/run/pcscd/pcscd.comm");
}

Findings check_pcscd(const Surroundings& surroundings, const Observation& observation) {
    const fs::path socket = pcscd_socket(surroundings);
    const auto finding = [](Verdict verdict, const std::string& cause, const std::string& remedy) {
        return Findings{{.check = "pcscd", .verdict = verdict, .cause = cause, .remedy = remedy}};
    };
    const Verdict otherwise = needs_pcscd(surroundings, observation) ? Verdict::broken : Verdict::note;
    if (!is_there(socket)) {
        return finding(otherwise, "pcscd does not run: " + socket.string() + " is not there",
                       "install the package pcscd, and: sudo systemctl enable --now pcscd.socket");
    }
    if (access(socket.c_str(), W_OK) != 0) {
        return finding(otherwise, socket.string() + " is closed to you",
                       "polkit and the mode of the socket decide who may use readers: pkaction --verbose "
                       "--action-id org.debian.pcsc-lite.access_pcsc");
    }
    if (observation.readers && observation.readers->failure) {
        return finding(
            otherwise, "pcscd does not answer: " + *observation.readers->failure,
            "look at: systemctl status pcscd; where access is denied, polkit refuses it to sessions that are "
            "not at the seat");
    }
    return finding(Verdict::ok,
                   observation.pcscd_started ? "answers; this check started it" : "runs and answers", "");
}

std::vector<std::string> unknown_cards(const Observation& observation) {
    std::vector<std::string> unknown;
    if (!observation.readers || !observation.agent.inventory.tokens) {
        return unknown;
    }
    const auto& tokens = *observation.agent.inventory.tokens;
    for (const auto& reader : observation.readers->readers) {
        const bool known = std::any_of(tokens.begin(), tokens.end(),
                                       [&reader](const auto& token) { return token.reader == reader.name; });
        if (reader.card_present && !known) {
            unknown.push_back(reader.name);
        }
    }
    return unknown;
}

Findings check_readers(const Observation& observation) {
    if (!observation.readers || observation.readers->failure) {
        return {{.check = "reader", .verdict = Verdict::skipped, .cause = "pcscd does not tell"}};
    }
    Findings findings;
    for (const auto& reader : observation.readers->readers) {
        findings.push_back({.check = "reader",
                            .verdict = Verdict::ok,
                            .cause = reader.name + (reader.card_present ? ": holds a card" : ": is empty")});
    }
    for (const auto& reader : unknown_cards(observation)) {
        findings.push_back(
            {.check = "card",
             .verdict = Verdict::note,
             .cause = "the agent does not know the card in " + reader +
                      ": it is no PIV card, or another program holds it",
             .remedy = "a card that is not PIV needs its maker's module or OpenSC's, in [[pkcs11]] of "
                       "signet.toml; see below for who holds cards"});
    }
    if (findings.empty()) {
        findings.push_back(
            {.check = "reader",
             .verdict = Verdict::note,
             .cause = "pcscd knows no reader",
             .remedy = "plug one in; one that is there may want a driver, as in the package libccid"});
    }
    return findings;
}

Findings check_holders(const Surroundings& surroundings, const Observation& observation) {
    const bool in_the_way = !unknown_cards(observation).empty();
    const auto card_modules = CardModules::of(surroundings);
    Findings findings;
    for (const auto& process : own_processes(surroundings)) {
        const std::string use =
            is_ours(process.name) ? "" : use_of_cards(surroundings, card_modules, process);
        if (use.empty()) {
            continue;
        }
        const auto* known = known_holder(process.name);
        findings.push_back(
            {.check = "holder",
             .verdict = in_the_way || use.find("/dev/bus/usb/") != std::string::npos ? Verdict::broken
                                                                                     : Verdict::note,
             .cause = process.name + " (process " + std::to_string(process.pid) + ") " + use,
             .remedy = known != nullptr ? known->remedy : "close it, or give it signet-pkcs11.so instead"});
    }
    if (findings.empty()) {
        findings.push_back(
            {.check = "holder", .verdict = Verdict::ok, .cause = "no other program of yours uses cards"});
    }
    return findings;
}

}  // namespace signet::setup
