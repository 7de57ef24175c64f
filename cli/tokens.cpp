#include "cli/agent.h"
#include "cli/declaration.h"
#include "cli/json.h"
#include "cli/output.h"
#include "cli/terminal.h"

#include <unistd.h>

namespace signet::cli {
namespace {

struct TokensArguments {
    bool json = false;
};

std::string json_of(const ipc::Token& token) {
    ipc::Writer writer;
    writer.text("id", token.id);
    writer.text("label", token.label);
    writer.text("manufacturer", token.manufacturer);
    writer.text("model", token.model);
    writer.text("serial", token.serial);
    writer.text("module", token.module);
    if (token.reader.empty()) {
        writer.raw("reader", "null");
    } else {
        writer.text("reader", token.reader);
    }
    if (token.slot) {
        writer.number("slot", *token.slot);
    } else {
        writer.raw("slot", "null");
    }
    writer.boolean("login_required", token.login_required);
    writer.boolean("pin_pad", token.pin_pad);
    writer.boolean("unlocked", token.unlocked);
    writer.plain("pin", name_of(token.pin));
    writer.number("keys", static_cast<std::int64_t>(token.keys.size()));
    writer.number("certificates", static_cast<std::int64_t>(token.certificates.size()));
    return writer.finish();
}

std::string json_of(const ipc::ModuleFailure& module_failure) {
    ipc::Writer writer;
    writer.text("module", module_failure.module);
    writer.text("detail", module_failure.detail);
    return writer.finish();
}

std::string json_of(const ipc::Inventory& inventory) {
    ipc::Writer writer;
    writer.number("generation", inventory.generation);
    writer.raw("tokens", json_array(*inventory.tokens, [](const auto& token) { return json_of(token); }));
    writer.raw("failures",
               json_array(inventory.failures, [](const auto& module) { return json_of(module); }));
    return writer.finish() + "\n";
}

std::string lock_state(const ipc::Token& token) {
    if (!token.login_required) {
        return "open";
    }
    return token.unlocked ? "unlocked" : "locked";
}

std::string_view pin_text(ipc::PinState state) {
    switch (state) {
        case ipc::PinState::ok:
            return "PIN ok";
        case ipc::PinState::low:
            return "PIN tries low";
        case ipc::PinState::final_try:
            return "last PIN try";
        case ipc::PinState::blocked:
            return "PIN blocked";
        case ipc::PinState::not_set:
            return "no PIN set";
    }
    return "";
}

std::string count_of_keys(std::size_t count) {
    return std::to_string(count) + (count == 1 ? " key" : " keys");
}

std::vector<std::string> row_of(const ipc::Token& token) {
    return {printable_utf8(token.label),
            lock_state(token),
            std::string(pin_text(token.pin)),
            token.reader.empty() ? "module " + printable_utf8(token.module)
                                 : "reader " + printable_utf8(token.reader),
            token.slot ? "slot " + std::to_string(*token.slot) : "no slot",
            count_of_keys(token.keys.size()),
            printable_utf8(token.id)};
}

std::string text_of(const ipc::Inventory& inventory) {
    std::vector<std::vector<std::string>> rows;
    for (const auto& token : *inventory.tokens) {
        rows.push_back(row_of(token));
    }
    std::string text = aligned(rows);
    const Style style = style_for(STDOUT_FILENO);
    for (const auto& module : inventory.failures) {
        text += style.bad("module " + printable_utf8(module.module) +
                          " failed: " + printable_utf8(module.detail)) +
                "\n";
    }
    return text.empty() ? "no token is present\n" : text;
}

Result<ExitStatus> list_tokens(const TokensArguments& options) {
    SIGNET_TRY(auto agent, Agent::connect());
    SIGNET_TRY(const auto inventory, agent.inventory());
    SIGNET_CHECK(write_output("-", options.json ? json_of(inventory) : text_of(inventory)));
    return ExitStatus::good;
}

}  // namespace

void declare_tokens(CLI::App& program, Action& chosen) {
    auto [command, options] =
        declare<TokensArguments>(program, "tokens", "List the tokens and their state", chosen, list_tokens);
    command.add_flag("--json", options.json, "Print JSON");
}

}  // namespace signet::cli
