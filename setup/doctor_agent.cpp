#include "base/bytes.h"
#include "setup/doctor.h"

#include <algorithm>

// The agent and what it knows of tokens.
namespace signet::setup {
namespace {

constexpr std::size_t date_length = 10;
constexpr const char* request_command = "signet token request --slot SLOT --subject NAME";

const std::vector<ipc::Token>& tokens_of(const Observation& observation) {
    static const std::vector<ipc::Token> none;
    return observation.agent.inventory.tokens ? *observation.agent.inventory.tokens : none;
}

std::string tries_text(const Observation& observation, const ipc::Token& token) {
    const auto found = observation.agent.tries_left.find(token.id);
    if (found == observation.agent.tries_left.end()) {
        return token.pin == ipc::PinState::final_try ? "one try" : "few tries";
    }
    return std::to_string(found->second) + (found->second == 1 ? " try" : " tries");
}

// Times in RFC 3339 and UTC compare as texts.
bool is_over(const ipc::Certificate& certificate, const Observation& observation) {
    return certificate.not_after < observation.today;
}

std::string validity_text(const ipc::Certificate& certificate, const char* verb) {
    const std::string name = certificate.subject.empty() ? certificate.label : certificate.subject;
    return "the certificate " + printable_utf8(name) + " " + verb + " on " +
           certificate.not_after.substr(0, date_length);
}

std::string start_remedy(const Surroundings& surroundings) {
    const std::string program = (surroundings.installed.programs / "signet-agent").string();
    const auto named = surroundings.variables.find("SIGNET_SOCKET");
    if (named == surroundings.variables.end()) {
        return "start it with: systemctl --user enable --now signet-agent.socket, or: " + program;
    }
    if (named->second.empty()) {
        return "SIGNET_SOCKET is set to nothing, which means no agent: unset SIGNET_SOCKET";
    }
    return "SIGNET_SOCKET names another socket than the usual one: unset it, or start an agent there: " +
           program + " --socket " + named->second;
}

// A command for this token: with several the command wants to know which.
std::string for_token(const std::string& command, const ipc::Token& token, const Observation& observation) {
    return tokens_of(observation).size() == 1 ? command
                                              : command + " --token '" + printable_utf8(token.id) + "'";
}

// "piv" is no module of the settings: the driver of PIV cards is built in.
Finding finding_of(const ipc::ModuleFailure& failed) {
    const bool is_card = failed.module == "piv";
    return {.check = "module",
            .verdict = Verdict::broken,
            .cause = (is_card ? std::string("a PIV card cannot be used: ")
                              : "the module " + printable_utf8(failed.module) + " fails: ") +
                     printable_utf8(failed.detail),
            .remedy = is_card ? "end the program that holds it, or take it out and insert it again"
                              : "correct or remove it in [[pkcs11]] of signet.toml"};
}

// What keeps programs from using it comes first.
Finding finding_of(const ipc::Token& token, const Observation& observation) {
    Finding finding{.check = "token",
                    .verdict = Verdict::note,
                    .cause = display_name(token) + ": " + std::to_string(token.keys.size()) +
                             (token.keys.size() == 1 ? " key" : " keys")};
    if (!token.slot) {
        finding.cause += "; programs do not see it, all slots are taken";
        finding.remedy = "remove a token that you do not need, or its module from [[pkcs11]] of signet.toml";
    } else if (token.certificates.empty() && !token.keys.empty()) {
        finding.cause += ", and no certificate";
        finding.remedy = "mail programs want a certificate for each key: " +
                         for_token(request_command, token, observation);
    } else {
        finding.verdict = Verdict::ok;
    }
    return finding;
}

}  // namespace

std::string display_name(const ipc::Token& token) {
    return printable_utf8(token.label.empty() ? token.id : token.label);
}

Findings check_agent(const Surroundings& surroundings, const Observation& observation) {
    Findings findings;
    const auto add = [&findings](const char* check, Verdict verdict, const std::string& cause,
                                 const std::string& remedy) {
        findings.push_back({.check = check, .verdict = verdict, .cause = cause, .remedy = remedy});
    };
    if (!observation.configuration_failure.empty()) {
        add("configuration", Verdict::broken, observation.configuration_failure,
            "correct the file: signet.toml(5); then: systemctl --user reload-or-restart "
            "signet-agent.service");
    } else {
        add("configuration", Verdict::ok, "signet.toml is understood", "");
    }
    if (!observation.agent.failure.empty()) {
        add("agent", Verdict::broken, "the agent does not answer: " + observation.agent.failure,
            start_remedy(surroundings));
        return findings;
    }
    if (observation.agent.version != SIGNET_VERSION) {
        add("agent", Verdict::broken,
            "the agent that runs is version " + printable_utf8(observation.agent.version) +
                ", this is " SIGNET_VERSION,
            "restart it: systemctl --user restart signet-agent.service; one that you started yourself: "
            "end it, and start it anew");
        return findings;
    }
    add("agent", Verdict::ok,
        std::string("answers, version " SIGNET_VERSION) +
            (observation.agent.started ? "; it did not run, and this check had systemd start it" : ""),
        "");
    return findings;
}

Findings check_settings(const Observation& observation) {
    Findings findings;
    for (const auto& [file, failure] : observation.wrong_settings) {
        findings.push_back({.check = "configuration",
                            .verdict = Verdict::broken,
                            .cause = failure,
                            .remedy = "correct the file: signet-" + file + "(5)"});
    }
    return findings;
}

Findings check_tokens(const Observation& observation) {
    if (!observation.agent.failure.empty()) {
        return {{.check = "token", .verdict = Verdict::skipped, .cause = "the agent does not answer"}};
    }
    Findings findings;
    for (const auto& failed : observation.agent.inventory.failures) {
        findings.push_back(finding_of(failed));
    }
    for (const auto& token : tokens_of(observation)) {
        findings.push_back(finding_of(token, observation));
    }
    if (tokens_of(observation).empty()) {
        findings.push_back({.check = "token",
                            .verdict = Verdict::note,
                            .cause = "the agent knows no token",
                            .remedy = "insert one, or name its module in [[pkcs11]] of signet.toml"});
    }
    return findings;
}

Findings check_pins(const Observation& observation) {
    Findings findings;
    for (const auto& token : tokens_of(observation)) {
        const std::string name = display_name(token);
        switch (token.pin) {
            case ipc::PinState::ok:
                break;
            case ipc::PinState::low:
            case ipc::PinState::final_try:
                findings.push_back({.check = "PIN",
                                    .verdict = Verdict::note,
                                    .cause = name + ": " + tries_text(observation, token) + " left",
                                    .remedy = "the right PIN brings all tries back: " +
                                              for_token("signet unlock", token, observation)});
                break;
            case ipc::PinState::blocked:
                findings.push_back({.check = "PIN",
                                    .verdict = Verdict::broken,
                                    .cause = name + ": the PIN is blocked",
                                    .remedy = "set a new one by the PUK: " +
                                              for_token("signet token unblock", token, observation)});
                break;
            case ipc::PinState::not_set:
                findings.push_back({.check = "PIN",
                                    .verdict = Verdict::note,
                                    .cause = name + ": no PIN is set",
                                    .remedy = "set one by the security officer's PIN: " +
                                              for_token("signet token unblock", token, observation)});
                break;
        }
    }
    if (findings.empty() && !tokens_of(observation).empty()) {
        findings.push_back({.check = "PIN", .verdict = Verdict::ok, .cause = "all tries are left"});
    }
    return findings;
}

// A certificate that is over matters where no other is left: retired keys have their old ones for ever.
Findings check_certificates(const Observation& observation) {
    Findings findings;
    bool any = false;
    for (const auto& token : tokens_of(observation)) {
        const std::string remedy = "have a new one issued: " + for_token(request_command, token, observation);
        const auto over = [&observation](const auto& certificate) {
            return is_over(certificate, observation);
        };
        const bool all_over = std::all_of(token.certificates.begin(), token.certificates.end(), over);
        for (const auto& certificate : token.certificates) {
            any = true;
            if (over(certificate)) {
                findings.push_back({.check = "certificate",
                                    .verdict = all_over ? Verdict::broken : Verdict::note,
                                    .cause = display_name(token) + ": " + validity_text(certificate, "ended"),
                                    .remedy = all_over ? remedy : ""});
            } else if (certificate.not_after < observation.in_a_month) {
                findings.push_back({.check = "certificate",
                                    .verdict = Verdict::note,
                                    .cause = display_name(token) + ": " + validity_text(certificate, "ends"),
                                    .remedy = remedy});
            }
        }
    }
    if (findings.empty() && any) {
        findings.push_back(
            {.check = "certificate", .verdict = Verdict::ok, .cause = "all are good for a month or more"});
    }
    return findings;
}

}  // namespace signet::setup
