#include "cli/sendmail/settings.h"

#include "base/directories.h"
#include "base/file_descriptor.h"
#include "base/toml_values.h"
#include "cli/key_selection.h"
#include "cli/sender.h"
#include "cli/sendmail/mailbox.h"
#include "x509/certificate.h"

#include <algorithm>
#include <filesystem>

namespace signet::sendmail {
namespace {

constexpr const char* file_name = "mail.toml";
constexpr const char* any_address = "*";

struct Place {
    const std::string& file;
    const std::string& folder;

    [[nodiscard]] std::string path(const std::string& text) const {
        return (std::filesystem::path(folder) / text).string();
    }
};

// A pattern would be taken for one that fits nobody.
Result<std::string> address_setting(const toml::node& node, const std::string& file) {
    SIGNET_TRY(auto text, text_setting(node, file));
    if (text == any_address) {
        return text;
    }
    const auto mailbox = bare_mailbox(text);
    if (!mailbox) {
        return wrong_setting(file, node, mailbox.error().detail);
    }
    if (mailbox->find('*') != std::string::npos) {
        return wrong_setting(file, node, text + " is no address, and \"*\" stands alone");
    }
    return *mailbox;
}

Result<std::string> key_setting(const toml::node& node, const std::string& file) {
    SIGNET_TRY(auto text, text_setting(node, file));
    if (const auto selector = cli::KeySelector::parse(text); !selector) {
        return wrong_setting(file, node, selector.error().detail);
    }
    return text;
}

Result<void> apply_account_key(Account& account, std::string_view key, const toml::node& node,
                               const Place& place) {
    const std::string& file = place.file;
    if (key == "address") {
        SIGNET_TRY(account.address, address_setting(node, file));
    } else if (key == "sign") {
        SIGNET_TRY(account.sign, boolean_setting(node, file));
    } else if (key == "encrypt") {
        SIGNET_TRY(account.encrypt, boolean_setting(node, file));
    } else if (key == "protect_headers") {
        SIGNET_TRY(account.protect_headers, boolean_setting(node, file));
    } else if (key == "key") {
        SIGNET_TRY(account.key, key_setting(node, file));
    } else if (key == "certificate_chain") {
        SIGNET_TRY(const auto path, text_setting(node, file));
        account.chain = place.path(path);
    } else if (key == "transport") {
        SIGNET_TRY(account.transport, command_setting(node, file));
    } else {
        return wrong_setting(file, node, "unknown key account." + std::string(key));
    }
    return {};
}

Result<Account> read_account(const toml::node& node, const Place& place) {
    const toml::table* table = node.as_table();
    if (table == nullptr) {
        return wrong_setting(place.file, node, "write accounts as [[account]] entries");
    }
    Account account;
    for (const auto& [key, value] : *table) {
        SIGNET_CHECK(apply_account_key(account, key.str(), value, place));
    }
    if (account.address.empty()) {
        return wrong_setting(place.file, node, "an [[account]] entry needs an address");
    }
    if (!table->contains("sign") || !table->contains("encrypt")) {
        return wrong_setting(place.file, node, "an [[account]] entry must say sign and encrypt");
    }
    if (account.protects() && cli::is_local_name(account.address)) {
        return wrong_setting(place.file, node,
                             "an account that signs or encrypts needs a whole address, as " +
                                 account.address + "@example.org");
    }
    if (account.protect_headers && !account.protects()) {
        return wrong_setting(place.file, node, "protect_headers needs sign or encrypt");
    }
    return account;
}

Result<void> apply_accounts(Settings& settings, const toml::node& node, const Place& place) {
    const toml::array* entries = node.as_array();
    if (entries == nullptr) {
        return wrong_setting(place.file, node, "write accounts as [[account]] entries");
    }
    for (const toml::node& entry : *entries) {
        SIGNET_TRY(auto account, read_account(entry, place));
        const bool known = std::any_of(
            settings.accounts.begin(), settings.accounts.end(),
            [&account](const Account& other) { return x509::same_address(other.address, account.address); });
        if (known) {
            return wrong_setting(place.file, entry, "a second account for " + account.address);
        }
        settings.accounts.push_back(std::move(account));
    }
    return {};
}

Result<void> apply(Settings& settings, std::string_view key, const toml::node& node, const Place& place) {
    if (key == "transport") {
        SIGNET_TRY(settings.transport, command_setting(node, place.file));
    } else if (key == "certificates") {
        SIGNET_TRY(settings.certificates, list_setting(node, place.file));
        for (auto& path : settings.certificates) {
            path = place.path(path);
        }
    } else if (key == "account") {
        return apply_accounts(settings, node, place);
    } else {
        return wrong_setting(place.file, node, "unknown key " + std::string(key));
    }
    return {};
}

bool is_ascii(const std::string& text) {
    return std::all_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x80; });
}

const Account* account_of(const Settings& settings, const std::string& address) {
    const auto found =
        std::find_if(settings.accounts.begin(), settings.accounts.end(),
                     [&](const Account& account) { return x509::same_address(account.address, address); });
    return found != settings.accounts.end() ? &*found : nullptr;
}

// A transport adds a domain to a name of this machine.
bool may_become(const std::string& name, const Account& account) {
    const auto local_part = account.address.substr(0, account.address.rfind('@'));
    return account.protects() && x509::same_address(local_part, name);
}

Result<void> check_local_name(const std::string& name, const Account& account, const Settings& settings) {
    if (account.protects()) {
        return failure(ErrorCode::not_found, "From",
                       "the mail is from " + name +
                           " of this machine: to be signed or encrypted, it needs an address in From");
    }
    const auto other = std::find_if(settings.accounts.begin(), settings.accounts.end(),
                                    [&name](const Account& one) { return may_become(name, one); });
    if (account.address == any_address && other != settings.accounts.end()) {
        return failure(ErrorCode::not_found, "From",
                       "the mail is from " + name + ", who may be " + other->address +
                           ": it needs an address in From, or mail.toml an [[account]] for " + name);
    }
    return {};
}

}  // namespace

Result<Settings> parse_settings(std::string_view text, const std::string& file, const std::string& folder) {
    SIGNET_TRY(const auto root, parse_toml(text, file));
    Settings settings;
    for (const auto& [key, node] : root) {
        SIGNET_CHECK(apply(settings, key.str(), node, {file, folder}));
    }
    return settings;
}

Result<Settings> load_settings() {
    SIGNET_TRY(const auto folder, config_directory());
    const auto path = (folder / file_name).string();
    const auto text = read_file(path, max_settings_size);
    if (!text) {
        return failure(ErrorCode::configuration, "configuration",
                       text.error().detail + "; signet-mail.toml(5) says what belongs there",
                       text.error().native_code);
    }
    return parse_settings(*text, path, folder.string());
}

Result<Account> account_for(const Settings& settings, const std::string& author) {
    const auto* found = account_of(settings, author);
    if (found == nullptr && !is_ascii(author)) {
        return failure(
            ErrorCode::configuration, "account",
            "mail.toml has no [[account]] for " + author + "; \"*\" is not for addresses outside ASCII");
    }
    if (found == nullptr) {
        found = account_of(settings, any_address);
    }
    if (found == nullptr) {
        return failure(ErrorCode::configuration, "account",
                       "mail.toml has no [[account]] for " + author + ", and none for \"*\"");
    }
    if (cli::is_local_name(author)) {
        SIGNET_CHECK(check_local_name(author, *found, settings));
    }
    Account account = *found;
    if (account.transport.empty()) {
        account.transport = settings.transport;
    }
    return account;
}

}  // namespace signet::sendmail
