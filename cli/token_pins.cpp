#include "cli/messages.h"
#include "cli/token_command.h"

namespace signet::cli {
namespace {

using ipc::AdminMethod;
using ipc::AdminSecret;

struct ManagementKeyOptions : TokenOptions {
    std::optional<ManagementAlgorithm> algorithm;
    bool touch = false;
    bool protect = false;
};

struct RetriesOptions : TokenOptions {
    std::uint32_t pin_tries = 0;
    std::uint32_t puk_tries = 0;
};

// Nothing on the screen asks for what is typed at a reader with a pin pad.
Result<void> tell_of_pin_pad(const TokenOptions& options, AdministeredToken& token, const std::string& what) {
    if (!token.token().pin_pad || !options.secret_descriptors.empty()) {
        return {};
    }
    SIGNET_TRY(const auto details, token.details());
    if (details.pin_pad) {
        print_note("type at the reader: " + what + ", then the new value twice");
    }
    return {};
}

// A refused or blocked PIN is the PUK here.
Result<void> call_by_puk(AdministeredToken& token, ipc::AdminCall call) {
    auto reply = token.call(std::move(call));
    if (!reply) {
        reply.error().operation = "PUK";
        return Failure(std::move(reply).error());
    }
    return {};
}

Result<ExitStatus> change_pin(const TokenOptions& options) {
    SIGNET_TRY(auto token, AdministeredToken::open(options));
    SIGNET_CHECK(token.take_secrets(
        options, {{"--pin-fd", AdminSecret::old_pin}, {"--new-pin-fd", AdminSecret::new_pin}}));
    SIGNET_CHECK(tell_of_pin_pad(options, token, "the PIN"));
    SIGNET_CHECK(token.call({.method = AdminMethod::change_pin, .kind = PinKind::user}));
    return report_change(options, token, "the PIN of " + token.name() + " was changed");
}

Result<ExitStatus> change_puk(const TokenOptions& options) {
    SIGNET_TRY(auto token, AdministeredToken::open(options));
    SIGNET_CHECK(token.take_secrets(
        options, {{"--puk-fd", AdminSecret::old_pin}, {"--new-puk-fd", AdminSecret::new_pin}}));
    SIGNET_CHECK(tell_of_pin_pad(options, token, "the PUK"));
    SIGNET_CHECK(call_by_puk(token, {.method = AdminMethod::change_pin, .kind = PinKind::unblocking}));
    return report_change(options, token, "the PUK of " + token.name() + " was changed");
}

Result<ExitStatus> unblock(const TokenOptions& options) {
    SIGNET_TRY(auto token, AdministeredToken::open(options));
    SIGNET_CHECK(token.take_secrets(
        options, {{"--puk-fd", AdminSecret::unblocking}, {"--new-pin-fd", AdminSecret::new_pin}}));
    SIGNET_CHECK(tell_of_pin_pad(options, token, "the PUK"));
    SIGNET_CHECK(call_by_puk(token, {.method = AdminMethod::unblock_pin}));
    return report_change(options, token, token.name() + " has a new PIN");
}

Result<ExitStatus> set_management_key(const ManagementKeyOptions& options) {
    SIGNET_TRY(auto token, AdministeredToken::open(options));
    SIGNET_TRY(const auto details, token.details());
    const auto algorithm = options.algorithm ? options.algorithm : details.management_algorithm;
    if (!algorithm) {
        return failure(ErrorCode::invalid_parameter, "--algorithm",
                       token.name() + " does not tell what kind of key it has: name one with --algorithm");
    }
    if (!options.protect && options.secret_descriptors.contains("--management-key-fd") &&
        options.secret_descriptors.contains("--pin-fd")) {
        return failure(ErrorCode::invalid_parameter, "--pin-fd",
                       "--pin-fd would not be read beside --management-key-fd, unless with --protect");
    }
    // Where the card keeps its key behind the PIN, the PIN is asked for as the authorization.
    SIGNET_CHECK(token.take_secrets(
        options, {{"--management-key-fd", AdminSecret::authorization, true},
                  {"--new-management-key-fd", AdminSecret::new_key, true},
                  {"--pin-fd", options.protect ? AdminSecret::pin : AdminSecret::authorization}}));
    SIGNET_CHECK(token.call(
        {.method = options.protect ? AdminMethod::protect_management_key : AdminMethod::set_management_key,
         .management_algorithm = algorithm,
         .touch = options.touch}));
    return report_change(options, token,
                         options.protect ? token.name() + " keeps a new management key behind its PIN"
                                         : "the management key of " + token.name() + " was changed");
}

Result<ExitStatus> set_retries(const RetriesOptions& options) {
    SIGNET_TRY(auto token, AdministeredToken::open(options));
    SIGNET_CHECK(token.take_secrets(options, {{"--management-key-fd", AdminSecret::authorization, true},
                                              {"--pin-fd", AdminSecret::pin}}));
    SIGNET_CHECK(token.call({.method = AdminMethod::set_retries,
                             .pin_tries = options.pin_tries,
                             .unblocking_tries = options.puk_tries}));
    return report_change(options, token,
                         token.name() + " has new numbers of tries; PIN and PUK are those it came with");
}

void add_tries(CLI::App& command, const std::string& name, std::uint32_t& value, const std::string& what) {
    constexpr std::uint32_t most = 255;
    command.add_option(name, value, "How many wrong tries block the " + what)
        ->type_name("N")
        ->default_str("")
        ->required()
        ->check(CLI::Range(std::uint32_t{1}, most).description(""));
}

void declare_changes(CLI::App& token, Action& chosen) {
    auto [pin, pin_options] = declare<TokenOptions>(token, "pin", "Change the PIN", chosen, change_pin);
    add_token_options(pin, pin_options);
    add_secret_option(pin, pin_options, "--pin-fd", "the present PIN");
    add_secret_option(pin, pin_options, "--new-pin-fd", "the new PIN");

    auto [puk, puk_options] = declare<TokenOptions>(
        token, "puk", "Change the PUK, or the security officer's PIN", chosen, change_puk);
    add_token_options(puk, puk_options);
    add_secret_option(puk, puk_options, "--puk-fd", "the present PUK");
    add_secret_option(puk, puk_options, "--new-puk-fd", "the new PUK");

    auto [unblocking, unblock_options] =
        declare<TokenOptions>(token, "unblock", "Set a new PIN by the PUK", chosen, unblock);
    add_token_options(unblocking, unblock_options);
    add_secret_option(unblocking, unblock_options, "--puk-fd", "the PUK");
    add_secret_option(unblocking, unblock_options, "--new-pin-fd", "the new PIN");
}

void declare_settings(CLI::App& token, Action& chosen) {
    auto [key, key_options] = declare<ManagementKeyOptions>(
        token, "management-key", "Set a new management key", chosen, set_management_key);
    add_token_options(key, key_options);
    add_choice(key, "--algorithm", key_options.algorithm, "tdes, aes128, aes192 or aes256",
               ManagementAlgorithm::aes256);
    key.add_flag("--touch", key_options.touch, "The new key wants a finger on the token");
    auto* protecting =
        key.add_flag("--protect", key_options.protect,
                     "Have the card keep a random key behind its PIN: nobody needs to know it");
    add_secret_option(key, key_options, "--management-key-fd", "the present key in hexadecimal digits");
    add_secret_option(key, key_options, "--new-management-key-fd", "the new key in hexadecimal digits");
    key.get_option("--new-management-key-fd")->excludes(protecting);
    add_secret_option(key, key_options, "--pin-fd", "the PIN, where the card keeps its key behind it");

    auto [retries, retries_options] = declare<RetriesOptions>(
        token, "retries", "Set how many tries PIN and PUK have, and both to their first values", chosen,
        set_retries);
    add_token_options(retries, retries_options);
    add_tries(retries, "--pin-tries", retries_options.pin_tries, "PIN");
    add_tries(retries, "--puk-tries", retries_options.puk_tries, "PUK");
    add_secret_option(retries, retries_options, "--management-key-fd",
                      "the management key in hexadecimal digits");
    add_secret_option(retries, retries_options, "--pin-fd", "the PIN");
}

}  // namespace

void declare_token_pins(CLI::App& token, Action& chosen) {
    declare_changes(token, chosen);
    declare_settings(token, chosen);
}

}  // namespace signet::cli
