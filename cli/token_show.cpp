#include "cli/json.h"
#include "cli/output.h"
#include "cli/terminal.h"
#include "cli/token_command.h"
#include "x509/certificate.h"

namespace signet::cli {
namespace {

using Rows = std::vector<std::vector<std::string>>;

std::optional<x509::Certificate> certificate_of(const ipc::SlotDetails& slot) {
    auto certificate = x509::Certificate::from_der(slot.certificate);
    return certificate ? std::optional(std::move(*certificate)) : std::nullopt;
}

template <class Enum>
void write_name(ipc::Writer& writer, std::string_view name, const std::optional<Enum>& value) {
    if (value) {
        writer.plain(name, name_of(*value));
    } else {
        writer.raw(name, "null");
    }
}

void write_flag(ipc::Writer& writer, std::string_view name, const std::optional<bool>& value) {
    if (value) {
        writer.boolean(name, *value);
    } else {
        writer.raw(name, "null");
    }
}

void write_count(ipc::Writer& writer, std::string_view name, const std::optional<std::uint32_t>& value) {
    if (value) {
        writer.number(name, *value);
    } else {
        writer.raw(name, "null");
    }
}

std::string json_of(const ipc::PinDetails& pin) {
    ipc::Writer writer;
    write_count(writer, "tries_left", pin.tries_left);
    write_count(writer, "tries_total", pin.tries_total);
    write_flag(writer, "is_default", pin.is_default);
    return writer.finish();
}

std::string json_of(const ipc::SlotDetails& slot) {
    const bool known = !slot.public_key_info.empty();
    const auto certificate = certificate_of(slot);
    ipc::Writer writer;
    writer.text("slot", slot.slot);
    write_name(writer, "algorithm", slot.algorithm);
    writer.raw("key", known ? json_text(x509::key_identifier(slot.public_key_info)) : "null");
    writer.raw("public_key_info", known ? json_text(to_base64(slot.public_key_info)) : "null");
    write_name(writer, "pin_policy", slot.pin_policy);
    write_name(writer, "touch_policy", slot.touch_policy);
    write_name(writer, "origin", slot.origin);
    writer.raw("certificate", certificate ? json_of_certificate(*certificate) : "null");
    return writer.finish();
}

std::string json_of(const ipc::TokenDetails& details, const ipc::Token& token) {
    ipc::Writer writer;
    writer.text("token", details.id);
    writer.text("label", token.label);
    writer.text("model", details.model);
    writer.text("serial", details.serial);
    writer.text("firmware", details.firmware);
    writer.text("application", details.application);
    writer.text("reader", details.reader);
    writer.text("guid", details.guid);
    writer.text("expiration_date", details.expiration_date);
    writer.plain("authorization", name_of(details.authorization));
    write_name(writer, "management_algorithm", details.management_algorithm);
    write_flag(writer, "management_key_is_default", details.management_key_is_default);
    writer.raw("pin", json_of(details.pin));
    writer.raw("unblocking", json_of(details.unblocking));
    writer.raw("slots", json_array(details.slots, [](const auto& slot) { return json_of(slot); }));
    return writer.finish() + "\n";
}

std::string default_text(const std::optional<bool>& is_default) {
    return is_default.value_or(false) ? "the one it was delivered with: change it" : "";
}

std::string pin_text(const ipc::PinDetails& pin) {
    std::string text = "tries not told";
    if (pin.tries_left) {
        const std::string left = std::to_string(*pin.tries_left) +
                                 (pin.tries_total ? " of " + std::to_string(*pin.tries_total) : "");
        text = *pin.tries_left == 0 ? "blocked" : left + " tries left";
    }
    const std::string is_default = default_text(pin.is_default);
    return is_default.empty() ? text : text + "; " + is_default;
}

std::string authorization_text(const ipc::TokenDetails& details) {
    if (details.authorization == Authorization::pin) {
        return details.management_algorithm ? "by the PIN, behind which the card keeps its management key (" +
                                                  std::string(name_of(*details.management_algorithm)) + ")"
                                            : "by the PIN";
    }
    std::string text = "by the management key";
    if (details.management_algorithm) {
        text += " (" + std::string(name_of(*details.management_algorithm)) + ")";
    }
    const std::string is_default = default_text(details.management_key_is_default);
    return is_default.empty() ? text : text + "; " + is_default;
}

Rows token_rows(const ipc::TokenDetails& details, const ipc::Token& token) {
    const bool pkcs11 = details.application == "PKCS#11";
    Rows rows = {{"token", details.id}};
    const auto add = [&rows](const char* name, const std::string& value) {
        if (!value.empty()) {
            rows.push_back({name, printable_utf8(value)});
        }
    };
    add("label", token.label);
    add("application", details.application);
    add("model", details.model);
    add("serial", details.serial);
    add("firmware", details.firmware);
    add("reader", details.reader);
    add("GUID", details.guid);
    add("expires", details.expiration_date);
    add("PIN", pin_text(details.pin));
    add(pkcs11 ? "SO PIN" : "PUK", pin_text(details.unblocking));
    add("changed", authorization_text(details));
    return rows;
}

std::string policies_text(const ipc::SlotDetails& slot) {
    std::vector<std::string> words;
    if (slot.origin) {
        words.emplace_back(name_of(*slot.origin));
    }
    if (slot.pin_policy) {
        words.push_back("PIN " + std::string(name_of(*slot.pin_policy)));
    }
    if (slot.touch_policy && *slot.touch_policy != KeyTouchPolicy::never) {
        words.push_back("touch " + std::string(name_of(*slot.touch_policy)));
    }
    return words.empty() ? "-" : joined(words, ",");
}

std::vector<std::string> slot_row(const ipc::SlotDetails& slot) {
    constexpr std::size_t date_length = 10;
    const auto certificate = certificate_of(slot);
    const std::string key = slot.public_key_info.empty() ? "-" : x509::key_identifier(slot.public_key_info);
    std::string subject = "-";
    std::string validity = "-";
    std::string emails = "-";
    if (certificate) {
        subject = certificate->subject();
        validity = certificate->not_before().substr(0, date_length) + ".." +
                   certificate->not_after().substr(0, date_length);
        emails = certificate->emails().empty() ? "-" : joined(certificate->emails(), ",");
    } else if (!slot.certificate.empty()) {
        subject = "(not readable)";
    }
    return {slot.slot,
            slot.algorithm ? std::string(name_of(*slot.algorithm)) : "-",
            key.substr(0, shown_digits),
            policies_text(slot),
            validity,
            printable_utf8(emails),
            printable_utf8(subject)};
}

std::string text_of(const ipc::TokenDetails& details, const ipc::Token& token) {
    std::string text = aligned(token_rows(details, token));
    if (details.slots.empty()) {
        return text + "\nno key and no certificate\n";
    }
    Rows rows = {{"SLOT", "ALGORITHM", "KEY", "POLICY", "VALID", "ADDRESS", "SUBJECT"}};
    for (const auto& slot : details.slots) {
        rows.push_back(slot_row(slot));
    }
    return text + "\n" + aligned(rows);
}

Result<ExitStatus> show(const TokenOptions& options) {
    SIGNET_TRY(auto token, AdministeredToken::open(options));
    SIGNET_TRY(const auto details, token.details());
    SIGNET_CHECK(
        write_output("-", options.json ? json_of(details, token.token()) : text_of(details, token.token())));
    return ExitStatus::good;
}

}  // namespace

void declare_token_show(CLI::App& token, Action& chosen) {
    auto [command, options] =
        declare<TokenOptions>(token, "show", "Show everything about a token", chosen, show);
    add_token_options(command, options);
}

}  // namespace signet::cli
