#include "cli/json.h"
#include "cli/messages.h"
#include "cli/output.h"
#include "cli/token_command.h"

#include <unistd.h>

#include <cstdio>
#include <iostream>

namespace signet::cli {
namespace {

using ipc::AdminMethod;

// SP 800-73 objects stay far below; what a card refuses, it refuses itself.
constexpr std::size_t max_object_size = std::size_t{64} << 10;

struct ObjectOptions : TokenOptions {
    std::string tag;
    std::string file = "-";
};

struct ResetOptions : TokenOptions {
    bool yes = false;
};

Result<ExitStatus> get_object(const ObjectOptions& options) {
    SIGNET_TRY(auto token, AdministeredToken::open(options));
    SIGNET_CHECK(token.take_secrets(options, {{"--pin-fd", ipc::AdminSecret::pin}}));
    SIGNET_TRY(const auto reply, token.call({.method = AdminMethod::get_object, .object = options.tag}));
    const Bytes& content = std::get<ipc::ObjectContent>(reply).content;
    std::string text(as_text(content));
    if (options.json) {
        ipc::Writer writer;
        writer.text("token", token.token().id);
        writer.text("object", options.tag);
        writer.octets("content", content);
        text = writer.finish() + "\n";
    }
    SIGNET_CHECK(write_output(options.file, text));
    return ExitStatus::good;
}

Result<ExitStatus> put_object(const ObjectOptions& options) {
    SIGNET_TRY(const auto content, read_file(options.file, max_object_size));
    SIGNET_TRY(auto token, AdministeredToken::open(options));
    SIGNET_CHECK(token.take_authorization(options));
    const ByteView octets = as_bytes(content);
    SIGNET_CHECK(token.call({.method = AdminMethod::put_object,
                             .object = options.tag,
                             .content = Bytes(octets.begin(), octets.end())}));
    return report_change(
        options, token,
        "object " + options.tag + " of " + token.name() + (content.empty() ? " was deleted" : " was written"),
        {{"object", options.tag}});
}

Result<ExitStatus> personalize(const TokenOptions& options) {
    SIGNET_TRY(auto token, AdministeredToken::open(options));
    SIGNET_CHECK(token.take_authorization(options));
    SIGNET_CHECK(token.call({.method = AdminMethod::personalize}));
    return report_change(options, token, token.name() + " has the objects of a PIV card");
}

// By the serial number, which nobody types by mistake.
Result<void> ask_for_consent(const AdministeredToken& token, const ipc::TokenDetails& details) {
    const std::string word = details.serial.empty() ? details.id : details.serial;
    if (isatty(STDIN_FILENO) != 1) {
        return failure(ErrorCode::invalid_parameter, "--yes",
                       "everything on " + token.name() + " would be lost: say --yes to mean it");
    }
    std::fprintf(stderr,
                 "Every key on %s will be lost. Type %s to go on: ", printable_utf8(token.name()).c_str(),
                 printable_utf8(word).c_str());
    std::string typed;
    std::getline(std::cin, typed);
    if (typed != word) {
        return failure(ErrorCode::cancelled, administration, "nothing was changed");
    }
    return {};
}

Result<ExitStatus> reset(const ResetOptions& options) {
    SIGNET_TRY(auto token, AdministeredToken::open(options));
    if (!options.yes) {
        SIGNET_TRY(const auto details, token.details());
        SIGNET_CHECK(ask_for_consent(token, details));
    }
    SIGNET_CHECK(token.call({.method = AdminMethod::reset}));
    return report_change(options, token, token.name() + " is empty");
}

// A data object of SP 800-73 (part 1 table 3), or one of a vendor's beside them.
bool is_tag(const std::string& text) {
    const auto octets = from_hex(text);
    return octets && ((octets->size() == 3 && octets->front() == 0x5f) || *octets == Bytes{0x7e} ||
                      *octets == Bytes{0x7f, 0x61});
}

void add_tag(CLI::App& command, std::string& tag) {
    command.add_option("tag", tag, "The object, such as 5fc102")
        ->type_name("TAG")
        ->required()
        ->check([](const std::string& text) {
            return is_tag(text)
                       ? std::string()
                       : "no data object: " + text + "; tags are 5f and four more digits, 7e and 7f61";
        });
}

void declare_object(CLI::App& token, Action& chosen) {
    CLI::App* object = token.add_subcommand("object", "Read or write a data object of a PIV card");
    object->require_subcommand(1);

    auto [getting, get_options] =
        declare<ObjectOptions>(*object, "get", "Write the content of an object", chosen, get_object);
    add_tag(getting, get_options.tag);
    add_token_options(getting, get_options);
    add_secret_option(getting, get_options, "--pin-fd", "the PIN, for an object that is behind it");
    getting.add_option("--out", get_options.file, "Write to FILE instead of standard output")
        ->type_name("FILE")
        ->default_str("");

    auto [putting, put_options] =
        declare<ObjectOptions>(*object, "put", "Replace the content of an object", chosen, put_object);
    add_tag(putting, put_options.tag);
    putting.add_option("file", put_options.file, "The new content; an empty one deletes the object")
        ->type_name("FILE")
        ->required();
    add_token_options(putting, put_options);
    add_authorization_options(putting, put_options);
}

}  // namespace

void declare_token_objects(CLI::App& token, Action& chosen) {
    declare_object(token, chosen);

    auto [personalizing, personalize_options] = declare<TokenOptions>(
        token, "personalize", "Write the objects that make an empty card a PIV card", chosen, personalize);
    add_token_options(personalizing, personalize_options);
    add_authorization_options(personalizing, personalize_options);

    auto [resetting, reset_options] =
        declare<ResetOptions>(token, "reset", "Delete everything on a token", chosen, reset);
    add_token_options(resetting, reset_options);
    resetting.add_flag("--yes", reset_options.yes, "Do not ask");
}

}  // namespace signet::cli
