#include "cli/declaration.h"
#include "cli/json.h"
#include "cli/messages.h"
#include "cli/output.h"
#include "cli/setup_surroundings.h"
#include "cli/terminal.h"
#include "setup/plan.h"
#include "setup/state.h"
#include "setup/subprocess.h"

#include <unistd.h>

#include <cstdio>
#include <iostream>

namespace signet::cli {
namespace {

using setup::ClientName;

struct SetupOptions {
    setup::Choice choice;
    bool undo = false;
    bool dry_run = false;
    bool yes = false;
    bool restart = false;
    bool json = false;
};

struct ListOptions {
    bool json = false;
};

std::string_view action_of(const setup::Change& change) {
    if (!change.before) {
        return "create";
    }
    return change.after ? "change" : "remove";
}

std::string json_of(const setup::Change& change) {
    ipc::Writer writer;
    writer.text("path", printable_utf8(change.path.string()));
    writer.plain("action", action_of(change));
    std::vector<std::string> lines;
    for (const auto& line : setup::difference(change.before, change.after)) {
        lines.push_back(printable_utf8(line));
    }
    writer.raw("lines", json_texts(lines));
    return writer.finish();
}

std::string json_of(const SetupOptions& options, const setup::Plan& plan, bool done) {
    ipc::Writer writer;
    writer.plain("client", name_of(options.choice.client));
    writer.boolean("undo", options.undo);
    writer.raw("changes", json_array(plan.changes, [](const auto& change) { return json_of(change); }));
    writer.raw("notes", json_texts(plan.notes));
    writer.boolean("done", done);
    return writer.finish() + "\n";
}

std::string coloured(const Style& style, const std::string& line) {
    const std::string text = "  " + printable_utf8(line);
    return line.starts_with("+") ? style.good(text) : style.bad(text);
}

std::string text_of(const setup::Plan& plan) {
    const Style style = style_for(STDOUT_FILENO);
    std::string text;
    for (const auto& change : plan.changes) {
        text +=
            std::string(action_of(change)) + " " + style.strong(printable_utf8(change.path.string())) + "\n";
        for (const auto& line : setup::difference(change.before, change.after)) {
            text += coloured(style, line) + "\n";
        }
    }
    for (const auto& note : plan.notes) {
        text += "note: " + printable_utf8(note) + "\n";
    }
    return text;
}

// Cancelled where the person says anything but yes.
Result<void> ask_for_consent() {
    if (isatty(STDIN_FILENO) != 1) {
        return failure(ErrorCode::invalid_parameter, "--yes",
                       "nothing was changed: say --yes to have it done");
    }
    std::fputs("Do it? [y/N] ", stderr);
    std::string answer;
    std::getline(std::cin, answer);
    if (answer != "y" && answer != "Y" && answer != "yes") {
        return failure(ErrorCode::cancelled, administration, "nothing was changed");
    }
    return {};
}

// What is to be done, and why it cannot be done now.
struct Work {
    setup::Plan plan;
    std::string in_use;
    bool interrupted = false;  // there is something to do although no file has to change
};

Result<Work> undoing(const setup::Choice& choice, const setup::Surroundings& surroundings) {
    SIGNET_TRY(const auto journal, setup::read_journal(surroundings.state_home(), record_name(choice)));
    const auto client = describe(choice, surroundings);
    Work work{.in_use = client ? client->in_use : std::string(), .interrupted = journal.has_value()};
    if (journal) {
        SIGNET_TRY(work.plan, setup::plan_undo(*journal));
    } else if (client) {
        SIGNET_TRY(work.plan, setup::plan_removal(*client));
    }
    return work;
}

Result<Work> setting_up(const setup::Choice& choice, const setup::Surroundings& surroundings) {
    SIGNET_TRY(const auto journal, setup::read_journal(surroundings.state_home(), record_name(choice)));
    SIGNET_TRY(const auto client, describe(choice, surroundings));
    SIGNET_TRY(auto plan, plan_setup(client));
    return Work{
        .plan = std::move(plan), .in_use = client.in_use, .interrupted = journal && !journal->finished};
}

Result<void> carry_out(const SetupOptions& options, const setup::Plan& plan,
                       const setup::Surroundings& surroundings) {
    const std::string name = record_name(options.choice);
    SIGNET_TRY(const auto journals, setup::JournalFolder::open(surroundings.state_home()));
    return options.undo ? carry_out_undo(plan, journals, name) : carry_out_setup(plan, journals, name);
}

Result<void> restart_gnupg() {
    SIGNET_TRY(const auto result, setup::run_program({"gpgconf", "--kill", "all"}));
    if (result.status != 0) {
        return failure(ErrorCode::input_output, "run", "gpgconf --kill all: " + result.diagnostics);
    }
    return {};
}

std::string nothing_to_do(const SetupOptions& options) {
    const std::string name(name_of(options.choice.client));
    if (!options.undo) {
        return name + " is set up already\n";
    }
    return name + " was not set up by this command; nothing to undo\n";
}

std::string done_text(const SetupOptions& options) {
    const std::string name(name_of(options.choice.client));
    return options.undo ? "what signet set up for " + name + " is undone\n"
                        : name + " is set up; to undo it: " + undo_command_for(options.choice) + "\n";
}

Result<ExitStatus> set_up(const SetupOptions& options) {
    SIGNET_TRY(const auto surroundings, own_surroundings());
    SIGNET_TRY(const auto work, options.undo ? undoing(options.choice, surroundings)
                                             : setting_up(options.choice, surroundings));
    const bool idle = work.plan.changes.empty() && !work.interrupted;
    if (idle || options.dry_run) {
        SIGNET_CHECK(write_output("-", options.json
                                           ? json_of(options, work.plan, false)
                                           : text_of(work.plan) + (idle ? nothing_to_do(options) : "")));
        return ExitStatus::good;
    }
    if (!options.json) {
        SIGNET_CHECK(write_output("-", text_of(work.plan)));
    }
    if (!work.in_use.empty()) {
        return failure(ErrorCode::not_allowed, "setup", work.in_use);
    }
    SIGNET_CHECK(check_writable(work.plan));
    if (!options.yes) {
        SIGNET_CHECK(ask_for_consent());
    }
    SIGNET_CHECK(carry_out(options, work.plan, surroundings));
    if (options.restart) {
        SIGNET_CHECK(restart_gnupg());
    }
    SIGNET_CHECK(write_output("-", options.json ? json_of(options, work.plan, true) : done_text(options)));
    return ExitStatus::good;
}

std::string json_of(const setup::ClientState& state) {
    ipc::Writer writer;
    writer.plain("client", name_of(state.choice.client));
    writer.boolean("system", state.choice.system);
    writer.boolean("installed", state.installed);
    writer.plain("state", name_of(state.progress));
    writer.text("detail", printable_utf8(state.detail));
    return writer.finish();
}

Result<ExitStatus> list_clients(const ListOptions& options) {
    SIGNET_TRY(const auto surroundings, own_surroundings());
    const auto states = client_states(surroundings);
    if (options.json) {
        const auto list = json_array(states, [](const auto& state) { return json_of(state); });
        SIGNET_CHECK(write_output("-", "{\"clients\":" + list + "}\n"));
        return ExitStatus::good;
    }
    std::vector<std::vector<std::string>> rows;
    for (const auto& state : states) {
        rows.push_back({std::string(name_of(state.choice.client)) + (state.choice.system ? " --system" : ""),
                        state.installed ? "installed" : "not installed", std::string(text_of(state.progress)),
                        printable_utf8(state.detail)});
    }
    SIGNET_CHECK(write_output("-", aligned(rows)));
    return ExitStatus::good;
}

constexpr const char* description_of(ClientName client) {
    switch (client) {
        case ClientName::thunderbird:
            return "Thunderbird, by its profiles or, for everybody, by a policy";
        case ClientName::firefox:
            return "Firefox, by its profiles or, for everybody, by a policy";
        case ClientName::chromium:
            return "Chromium, by its certificate database";
        case ClientName::evolution:
            return "Evolution, by its certificate database";
        case ClientName::gpgsm:
            return "gpgsm and all of GPGME (Claws Mail, Kleopatra, KMail), by gnupg-pkcs11-scd";
        case ClientName::git:
            return "git, which signs with signet-gpgsm then";
        case ClientName::mutt:
            return "mutt and neomutt, by smime.rc";
        case ClientName::ssh:
            return "ssh, by PKCS11Provider";
        case ClientName::openssl:
            return "openssl, by a configuration of its own for the engine";
        case ClientName::p11_kit:
            return "programs that ask p11-kit for modules; cards are seen once then";
    }
    return "";
}

void declare_client(CLI::App& setup_command, ClientName client, Action& chosen) {
    auto [command, options] = declare<SetupOptions>(setup_command, std::string(name_of(client)),
                                                    description_of(client), chosen, set_up);
    options.choice.client = client;
    command.add_flag("--undo", options.undo, "Bring back what was there before");
    auto* dry_run =
        command.add_flag("--dry-run", options.dry_run, "Show what would change, and change nothing");
    command.add_flag("--yes", options.yes, "Do not ask")->excludes(dry_run);
    command.add_flag("--json", options.json, "Print JSON");
    if (has_system_choice(client)) {
        command.add_flag("--system", options.choice.system, "For everybody on this machine; root may");
    }
    if (client == ClientName::gpgsm) {
        command.add_flag("--restart", options.restart, "End GnuPG's daemons; they start anew when needed")
            ->excludes(dry_run);
    }
}

}  // namespace

void declare_setup(CLI::App& program, Action& chosen) {
    auto options = std::make_shared<ListOptions>();
    CLI::App* command =
        program.add_subcommand("setup", "Set up another program to use the agent's keys, or undo that");
    command->require_subcommand(0, 1);
    command->add_flag("--json", options->json, "Print JSON");
    command->callback([command, options, &chosen] {
        // Runs also behind the callback of the chosen subcommand.
        if (command->get_subcommands().empty()) {
            chosen = [options] { return list_clients(*options); };
        }
    });
    for (const ClientName client : setup::all_clients) {
        declare_client(*command, client, chosen);
    }
}

}  // namespace signet::cli
