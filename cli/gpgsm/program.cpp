#include "cli/gpgsm/program.h"

#include "cli/gpgsm/list_keys.h"
#include "cli/gpgsm/sign.h"
#include "cli/gpgsm/verify.h"
#include "cli/messages.h"
#include "cli/output.h"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <tuple>

namespace signet::gpgsm {
namespace {

constexpr int good = 0;
constexpr int not_good = 1;
constexpr int failed = 2;

constexpr const char* description =
    "Sign and verify as gpgsm does, with the keys on your tokens: for git's gpg.x509.program.";
constexpr const char* footer =
    "Exit status: 0 done and good, 1 the signature is not good, 2 it could not be done.\n"
    "signet-gpgsm(1) explains the options.";

struct Options {
    SignRequest signing;
    bool sign = false;
    bool verify = false;
    bool list = false;
    bool check = false;
    int status_descriptor = -1;
    std::optional<int> included;
    bool ignored = false;
    std::string ignored_format;
    std::vector<std::string> names;
};

void add_commands(CLI::App& program, Options& options) {
    auto* sign = program.add_flag("--sign,-s", options.sign, "Sign");
    program.add_flag("--detach-sign,-b", options.signing.detached, "Sign, the signature beside the content");
    auto* verify =
        program.add_flag("--verify", options.verify, "Check SIGNATURE, of CONTENT or what it holds");
    program.add_flag("--list-keys,--list-secret-keys,-k,-K", options.list,
                     "List the certificates of keys on tokens");
    program.add_flag("--check", options.check, "Say what is wrong with gpgsm.toml and the files it names");
    verify->excludes(sign)->excludes("--detach-sign");
}

void add_options(CLI::App& program, Options& options) {
    program.add_flag("--armor,-a", options.signing.armour, "Write base64 with a heading");
    program
        .add_option("--local-user,-u", options.signing.key,
                    "Sign with the key of this address, subject, fingerprint or PKCS#11 URI")
        ->type_name("KEY");
    program.add_option("--output,-o", options.signing.output, "Write to FILE instead of standard output")
        ->type_name("FILE")
        ->default_str("");
    program.add_option("--status-fd", options.status_descriptor, "Write status lines to this descriptor")
        ->type_name("N")
        ->default_str("")
        ->check(CLI::NonNegativeNumber.description(""));
    program
        .add_option("--include-certs", options.included,
                    "Certificates in a signature: -2 all but the root, -1 all, or how many")
        ->type_name("N");
    program.add_option("--keyid-format", options.ignored_format, "Accepted and not looked at")
        ->type_name("FORMAT");
    program.add_flag("--batch", options.ignored, "Accepted and not looked at");
    program.add_flag("--no-tty", options.ignored, "Accepted and not looked at");
    program.add_flag("--yes", options.ignored, "Accepted and not looked at");
    program.add_option("files", options.names, "Files, or with --list-keys names of keys");
}

Failure usage(const std::string& reason) {
    return failure(ErrorCode::invalid_parameter, "arguments", reason);
}

Result<int> run_sign(Options& options, const Settings& settings) {
    if (options.signing.key.empty()) {
        return usage("name the key with --local-user");
    }
    if (options.names.size() > 1) {
        return usage("one file can be signed at a time");
    }
    if (!options.names.empty()) {
        options.signing.input = options.names.front();
    }
    SIGNET_CHECK(sign(options.signing, settings, StatusOutput(options.status_descriptor)));
    return good;
}

Result<int> run_verify(const Options& options, const Settings& settings) {
    if (options.names.empty() || options.names.size() > 2) {
        return usage("--verify takes the file of the signature, and that of the content");
    }
    VerifyRequest request{.signature = options.names.front(), .content = std::nullopt};
    if (options.names.size() == 2) {
        request.content = options.names.back();
    }
    SIGNET_TRY(const bool trusted, verify(request, settings, StatusOutput(options.status_descriptor)));
    return trusted ? good : not_good;
}

Result<int> run_chosen(Options& options) {
    SIGNET_TRY(auto settings, load_settings());
    if (options.included) {
        SIGNET_TRY(settings.included, IncludedCertificates::of(*options.included));
    }
    if (options.check) {
        SIGNET_TRY(std::ignore, settings.verify_options());
        return good;
    }
    if (options.verify) {
        return run_verify(options, settings);
    }
    if (options.sign || options.signing.detached) {
        return run_sign(options, settings);
    }
    if (options.list) {
        SIGNET_TRY(const auto text, list_keys(options.names));
        SIGNET_CHECK(cli::write_output("-", text));
        return good;
    }
    return usage("say what to do: --sign, --detach-sign, --verify or --list-keys");
}

int report(const Error& error) {
    const auto message = cli::message_for(error);
    std::string text = "signet-gpgsm: " + cli::printable_lines(message.what) + "\n";
    if (!message.remedy.empty() && error.code != ErrorCode::invalid_parameter) {
        text += "  " + message.remedy + "\n";
    }
    std::fputs(text.c_str(), stderr);
    return failed;
}

}  // namespace

int run(int argument_count, const char* const* arguments) {
    Options options;
    CLI::App program(description, "signet-gpgsm");
    program.set_help_flag("--help,-h", "Show this help");
    program.set_version_flag("--version", "signet-gpgsm " SIGNET_VERSION, "Show the version");
    program.get_formatter()->column_width(32);
    program.footer(footer);
    add_commands(program, options);
    add_options(program, options);
    try {
        program.parse(argument_count, arguments);
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) {
            return program.exit(error);
        }
        return report(Error{ErrorCode::invalid_parameter, "arguments", error.what()});
    }
    const auto status = run_chosen(options);
    return status ? *status : report(status.error());
}

}  // namespace signet::gpgsm
