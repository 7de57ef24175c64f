#include "cli/agent.h"
#include "cli/declaration.h"
#include "cli/json.h"
#include "cli/key_selection.h"
#include "cli/output.h"
#include "cli/terminal.h"

namespace signet::cli {
namespace {

struct KeysArguments {
    bool json = false;
};

// What mail the key serves now: its own abilities, within what the certificate allows.
std::vector<std::string> usages(const KeyEntry& entry, std::string_view now) {
    std::vector<std::string> result;
    if (reason_against(entry, Purpose::sign, now).empty()) {
        result.emplace_back("sign");
    }
    if (reason_against(entry, Purpose::encrypt, now).empty()) {
        result.emplace_back("encrypt");
    }
    return result;
}

template <class Algorithm>
std::string json_names(const std::vector<Algorithm>& algorithms) {
    return json_array(algorithms, [](Algorithm algorithm) { return json_text(name_of(algorithm)); });
}

std::string json_of(const KeyEntry& entry, std::string_view now) {
    const ipc::Key& key = *entry.key;
    ipc::Writer writer;
    writer.text("key", key.id);
    writer.plain("type", name_of(key.type));
    writer.number("bits", key.bits);
    writer.text("curve", key.curve);
    writer.text("label", key.label);
    writer.text("object_id", to_hex(key.object_id));
    writer.raw("signature_schemes", json_names(key.signature_schemes));
    writer.raw("decryption_schemes", json_names(key.decryption_schemes));
    writer.boolean("derive", key.derive);
    writer.boolean("login_required", key.login_required);
    writer.boolean("always_authenticate", key.always_authenticate);
    writer.boolean("touch", key.touch);
    writer.raw("usage", json_texts(usages(entry, now)));
    writer.text("token", entry.token->id);
    writer.text("token_label", entry.token->label);
    writer.raw("certificate", entry.certificate ? json_of_certificate(*entry.certificate) : "null");
    return writer.finish();
}

std::string json_of(const std::vector<KeyEntry>& entries, std::string_view now) {
    ipc::Writer writer;
    writer.raw("keys", json_array(entries, [now](const KeyEntry& entry) { return json_of(entry, now); }));
    return writer.finish() + "\n";
}

std::string or_dash(const std::string& text) {
    return text.empty() ? "-" : text;
}

std::string type_text(const ipc::Key& key) {
    const bool sized = key.type == KeyType::rsa || key.type == KeyType::ec;
    return std::string(name_of(key.type)) + (sized ? std::to_string(key.bits) : "");
}

std::string validity(const KeyEntry& entry) {
    if (!entry.certificate) {
        return "-";
    }
    constexpr std::size_t date_length = 10;
    return entry.certificate->not_before().substr(0, date_length) + ".." +
           entry.certificate->not_after().substr(0, date_length);
}

std::vector<std::string> row_of(const KeyEntry& entry, std::string_view now) {
    const auto fingerprint = entry.certificate ? entry.certificate->fingerprint() : std::string();
    const auto emails = entry.certificate ? entry.certificate->emails() : std::vector<std::string>();
    return {or_dash(fingerprint.substr(0, shown_digits)),
            entry.key->id.substr(0, shown_digits),
            type_text(*entry.key),
            or_dash(joined(usages(entry, now), ",")),
            or_dash(joined(emails, ",")),
            printable_utf8(entry.token->label),
            validity(entry)};
}

std::string text_of(const std::vector<KeyEntry>& entries, std::string_view now) {
    if (entries.empty()) {
        return "no key is present\n";
    }
    std::vector<std::vector<std::string>> rows = {
        {"CERTIFICATE", "KEY", "TYPE", "FOR", "ADDRESS", "TOKEN", "VALID"}};
    for (const auto& entry : entries) {
        rows.push_back(row_of(entry, now));
    }
    return aligned(rows);
}

Result<ExitStatus> list_keys(const KeysArguments& options) {
    SIGNET_TRY(auto agent, Agent::connect());
    SIGNET_TRY(const auto inventory, agent.inventory());
    const auto entries = key_entries(inventory);
    const auto now = current_time();
    SIGNET_CHECK(write_output("-", options.json ? json_of(entries, now) : text_of(entries, now)));
    return ExitStatus::good;
}

}  // namespace

void declare_keys(CLI::App& program, Action& chosen) {
    auto [command, options] =
        declare<KeysArguments>(program, "keys", "List the keys and their certificates", chosen, list_keys);
    command.add_flag("--json", options.json, "Print JSON, with all that is known about each key");
}

}  // namespace signet::cli
