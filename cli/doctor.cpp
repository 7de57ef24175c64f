#include "setup/doctor.h"

#include "cli/declaration.h"
#include "cli/json.h"
#include "cli/output.h"
#include "cli/sendmail/settings.h"
#include "cli/setup_surroundings.h"
#include "cli/terminal.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace signet::cli {
namespace {

using setup::Finding;
using setup::Verdict;

struct DoctorArguments {
    bool json = false;
};

std::string json_of(const Finding& finding) {
    ipc::Writer writer;
    writer.text("check", finding.check);
    writer.plain("verdict", name_of(finding.verdict));
    writer.text("cause", printable_utf8(finding.cause));
    writer.text("remedy", printable_utf8(finding.remedy));
    return writer.finish();
}

std::string coloured(const Style& style, Verdict verdict) {
    const std::string name = std::string(name_of(verdict)) + std::string(8 - name_of(verdict).size(), ' ');
    switch (verdict) {
        case Verdict::ok:
            return style.good(name);
        case Verdict::broken:
            return style.bad(name);
        case Verdict::note:
            return style.strong(name);
        case Verdict::skipped:
            break;
    }
    return name;
}

std::string text_of(const setup::Findings& findings) {
    const Style style = style_for(STDOUT_FILENO);
    std::string text;
    for (const auto& finding : findings) {
        text += coloured(style, finding.verdict) + " " + style.strong(finding.check) + ": " +
                printable_utf8(finding.cause) + "\n";
        if (!finding.remedy.empty()) {
            text += "         " + printable_utf8(finding.remedy) + "\n";
        }
    }
    return text;
}

// Why the mail of some sender cannot go out by these settings; empty: nothing is known.
std::string missing_for(const sendmail::Settings& settings, const setup::Surroundings& surroundings) {
    std::vector<std::string> programs;
    std::vector<std::string> files = settings.certificates;
    for (const auto& account : settings.accounts) {
        programs.push_back(account.transport.empty() ? settings.transport.front()
                                                     : account.transport.front());
        if (!account.chain.empty()) {
            files.push_back(account.chain);
        }
    }
    for (const auto& name : programs) {
        const bool is_path = name.find('/') != std::string::npos;
        if (is_path ? access(name.c_str(), X_OK) != 0 : !surroundings.program(name)) {
            return "the transport " + name + " cannot be run";
        }
    }
    for (const auto& path : files) {
        if (access(path.c_str(), R_OK) != 0) {
            return path + " cannot be read";
        }
    }
    return {};
}

// mail.toml is read by this program itself. Who sends no mail through it has none.
void look_at_mail_settings(const setup::Surroundings& surroundings, setup::Observation& observation) {
    const auto settings = sendmail::load_settings();
    if (!settings) {
        if (settings.error().native_code != ENOENT) {
            observation.wrong_settings.emplace("mail.toml", settings.error().detail);
        }
    } else if (const auto missing = missing_for(*settings, surroundings); !missing.empty()) {
        observation.wrong_settings.emplace("mail.toml", "mail.toml: " + missing);
    }
}

Result<ExitStatus> examine(const DoctorArguments& options) {
    SIGNET_TRY(const auto surroundings, own_surroundings());
    auto observation = setup::observe(surroundings);
    look_at_mail_settings(surroundings, observation);
    const auto findings = setup::diagnose(surroundings, observation);
    const auto broken = std::count_if(findings.begin(), findings.end(),
                                      [](const auto& finding) { return finding.verdict == Verdict::broken; });
    const auto checks = json_array(findings, [](const auto& finding) { return json_of(finding); });
    SIGNET_CHECK(write_output(
        "-", options.json ? "{\"checks\":" + checks + ",\"broken\":" + std::to_string(broken) + "}\n"
                          : text_of(findings)));
    return broken == 0 ? ExitStatus::good : ExitStatus::no;
}

}  // namespace

void declare_doctor(CLI::App& program, Action& chosen) {
    auto [command, options] = declare<DoctorArguments>(
        program, "doctor", "Find out what is wrong between cards, the agent and programs", chosen, examine);
    command.add_flag("--json", options.json, "Print JSON");
}

}  // namespace signet::cli
