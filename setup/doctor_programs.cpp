#include "setup/card_modules.h"
#include "setup/doctor.h"
#include "setup/nss_rivals.h"
#include "setup/p11_kit.h"
#include "setup/state.h"

#include <algorithm>

// From the module to the programs that load it.
namespace signet::setup {
namespace {

namespace fs = std::filesystem;

Finding finding_of(const ClientState& state, const Observation& observation) {
    const std::string name =
        std::string(name_of(state.choice.client)) + (state.choice.system ? " --system" : "");
    Finding finding{.check = name, .verdict = Verdict::ok, .cause = std::string(text_of(state.progress))};
    switch (state.progress) {
        case Progress::set_up:
            if (const auto other = observation.other_uses.find(state.choice.client);
                other != observation.other_uses.end()) {
                finding = {.check = name,
                           .verdict = other->second.verdict,
                           .cause = "set up, but " + other->second.cause,
                           .remedy = other->second.remedy};
            }
            break;
        case Progress::not_set_up:
            finding.verdict = Verdict::skipped;
            finding.remedy = state.detail.empty() ? command_for(state.choice) : state.detail;
            break;
        case Progress::outdated:
        case Progress::interrupted:
            finding.verdict = Verdict::broken;
            finding.remedy = command_for(state.choice) + ", or the same with --undo";
            break;
        case Progress::unknown:
            finding.verdict = Verdict::broken;
            finding.cause = state.detail;
            break;
    }
    return finding;
}

}  // namespace

Findings check_module(const Surroundings& surroundings, const Observation& observation) {
    const std::string module = surroundings.installed.module.string();
    if (!observation.module_failure.empty()) {
        return {{.check = "PKCS#11 module",
                 .verdict = Verdict::broken,
                 .cause = "programs cannot load " + module + ": " + observation.module_failure,
                 .remedy = "install signet again"}};
    }
    return {{.check = "PKCS#11 module", .verdict = Verdict::ok, .cause = module + " can be loaded"}};
}

Findings check_p11_kit(const Surroundings& surroundings) {
    const auto registrations = p11_kit_registrations(surroundings);
    const auto ours = [](const auto& registration) {
        return registration.module.filename() == "signet-pkcs11.so" && registration.enabled;
    };
    if (std::none_of(registrations.begin(), registrations.end(), ours)) {
        const auto read = user_config(surroundings);
        if (read.value == UserConfig::none && fs::exists(p11_kit_folder(surroundings) / "signet.module")) {
            return {{.check = "p11-kit",
                     .verdict = Verdict::broken,
                     .cause = "set up, but p11-kit reads none of your files, by user-config in " +
                              read.file.string(),
                     .remedy = "remove user-config from that file"}};
        }
        return {{.check = "p11-kit",
                 .verdict = Verdict::skipped,
                 .cause = "signet-pkcs11.so is not registered",
                 .remedy = "signet setup p11-kit"}};
    }
    const auto card_modules = CardModules::of(surroundings);
    Findings findings;
    for (const auto& registration : registrations) {
        if (ours(registration) && !is_there(registration, surroundings)) {
            findings.push_back({.check = "p11-kit",
                                .verdict = Verdict::broken,
                                .cause = registration.file.string() + " registers " +
                                         registration.module.string() + ", which is not there",
                                .remedy = "remove that file, and: signet setup p11-kit"});
        }
        if (registration.enabled && card_modules.has(registration.module)) {
            findings.push_back({.check = "p11-kit",
                                .verdict = Verdict::broken,
                                .cause = "programs see a card twice: " + registration.file.string() +
                                         " registers " + registration.module.filename().string() +
                                         " beside signet-pkcs11.so",
                                .remedy = "signet setup p11-kit turns it off for you"});
        }
    }
    if (findings.empty()) {
        findings.push_back(
            {.check = "p11-kit", .verdict = Verdict::ok, .cause = "signet-pkcs11.so is registered"});
    }
    return findings;
}

Findings check_clients(const Surroundings& surroundings, const Observation& observation) {
    Findings findings;
    for (const auto& state : client_states(surroundings)) {
        if (!state.installed || state.choice.client == ClientName::p11_kit) {
            continue;
        }
        findings.push_back(finding_of(state, observation));
        const auto rivals = find_rivals(state, surroundings);
        findings.insert(findings.end(), rivals.begin(), rivals.end());
    }
    return findings;
}

}  // namespace signet::setup
