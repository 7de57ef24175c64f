#include "agent/host_subject.h"

namespace signet::agent {

std::string with_title(const HostSubject& subject, const std::string& detail) {
    return detail.starts_with(subject.title) ? detail : subject.title + ": " + detail;
}

HostSubject module_subject(const ModuleConfig& module, const std::filesystem::path& state_directory) {
    return {.module = module.name,
            .title = "module " + module.name,
            .arguments = {"--module", module.module.string(), "--sessions", std::to_string(module.sessions),
                          "--state", state_directory.string()},
            .sessions = module.sessions};
}

HostSubject card_subject(const ipc::Reader& reader, const PivConfig& config,
                         const std::filesystem::path& state_directory) {
    HostSubject subject{
        .module = std::string(piv_module),
        .title = "the card in " + reader.name,
        .arguments = {"--reader", reader.name, "--state", state_directory.string()},
        .is_card = true,
        .insertion = reader.event_count,
    };
    if (!config.deauthenticate) {
        subject.arguments.emplace_back("--keep-verified");
    }
    return subject;
}

HostSubject readers_subject() {
    return {.module = {}, .title = "the watch of readers", .arguments = {"--watch-readers"}, .sessions = 0};
}

HostSubject desktop_subject() {
    return {
        .module = {}, .title = "the desktop", .arguments = {}, .sessions = 1, .program = "signet-desktop"};
}

}  // namespace signet::agent
