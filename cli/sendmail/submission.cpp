#include "cli/sendmail/submission.h"

#include "cli/input.h"
#include "cli/messages.h"
#include "cli/sendmail/protection.h"
#include "cli/sendmail/transport.h"
#include "cli/terminal.h"

#include <sysexits.h>

#include <cstdio>
#include <cstdlib>

namespace signet::sendmail {
namespace {

void print(const std::string& text) {
    std::fputs(("signet sendmail: " + cli::printable_lines(text) + "\n").c_str(), stderr);
}

std::vector<std::string> command_for(const Account& account, const Arguments& arguments,
                                     const Message& message) {
    std::vector<std::string> command = account.transport;
    command.emplace_back("-i");
    if (arguments.sender) {
        command.insert(command.end(), {"-f", *arguments.sender});
    }
    if (arguments.full_name) {
        command.insert(command.end(), {"-F", *arguments.full_name});
    }
    command.insert(command.end(), arguments.passed_on.begin(), arguments.passed_on.end());
    command.emplace_back("--");
    command.insert(command.end(), message.recipients.begin(), message.recipients.end());
    return command;
}

// One of sysexits.h, whatever a transport ends with.
int known_status(int status) {
    return status >= EX__BASE && status <= EX__MAX ? status : EX_UNAVAILABLE;
}

int status_without_transport(const Error& error) {
    return error.code == ErrorCode::configuration ? EX_CONFIG : EX_TEMPFAIL;
}

// What became of the messages.
struct Outcome {
    std::vector<std::string> done;
    std::vector<std::string> open;
    int status = EX_OK;  // of the first that failed

    void add(const Message& message, const Command& command, const Result<int>& result) {
        if (result && *result == 0) {
            done.insert(done.end(), message.recipients.begin(), message.recipients.end());
            return;
        }
        open.insert(open.end(), message.recipients.begin(), message.recipients.end());
        print(result ? command.front() + " ended with status " + std::to_string(*result)
                     : cli::message_for(result.error()).what);
        if (status == EX_OK) {
            status = result ? known_status(*result) : status_without_transport(result.error());
        }
    }
};

// A program that tries again later would send it twice to those who have it: that some have is no temporary
// failure.
int report(const Outcome& outcome) {
    if (outcome.open.empty()) {
        return EX_OK;
    }
    if (outcome.done.empty()) {
        print("the mail was not handed on");
        return outcome.status;
    }
    print("handed on for " + cli::joined(outcome.done, ", "));
    print("NOT handed on for " + cli::joined(outcome.open, ", ") + "; send it again to them alone");
    return EX_UNAVAILABLE;
}

// What the transport starts inherits it: a transport that leads back here would never end.
constexpr const char* underway = "SIGNET_SENDMAIL";

Result<void> begin() {
    if (std::getenv(underway) != nullptr) {
        return failure(ErrorCode::configuration, "transport",
                       "the transport of mail.toml leads back to signet sendmail");
    }
    setenv(underway, "1", 1);
    return {};
}

Result<int> submit(std::span<const std::string> given) {
    SIGNET_CHECK(begin());
    SIGNET_TRY(const auto arguments, parse_arguments(given));
    SIGNET_TRY(const auto settings, load_settings());
    SIGNET_TRY(const auto mail, cli::open_input("-"));
    SIGNET_TRY(const auto envelope, envelope_of(*mail, arguments));
    SIGNET_TRY(const auto account, account_for(settings, envelope.author.mailbox));
    SIGNET_TRY(const auto messages, protect(*mail, envelope, account, settings));
    Outcome outcome;
    for (const auto& message : messages) {
        const auto command = command_for(account, arguments, message);
        outcome.add(message, command, hand_on(command, *message.mail));
    }
    return report(outcome);
}

}  // namespace

int exit_status_of(const Error& error) {
    switch (error.code) {
        case ErrorCode::invalid_parameter:
            return EX_USAGE;
        case ErrorCode::malformed:
        case ErrorCode::too_large:
            return EX_DATAERR;
        case ErrorCode::configuration:
        case ErrorCode::ambiguous:
            return EX_CONFIG;
        case ErrorCode::not_found:
            if (error.operation == "recipient") {
                return EX_NOUSER;
            }
            // A signing key may be back when its token is.
            return error.operation == "key" ? EX_TEMPFAIL : EX_DATAERR;
        case ErrorCode::not_allowed:
            return EX_NOPERM;
        case ErrorCode::input_output:
            return EX_IOERR;
        case ErrorCode::unsupported:
            return EX_UNAVAILABLE;
        case ErrorCode::crypto:
        case ErrorCode::bad_signature:
        case ErrorCode::protocol:
            return EX_SOFTWARE;
        default:
            // No agent, no PIN, no token: all of that can change.
            return EX_TEMPFAIL;
    }
}

int run(std::span<const std::string> arguments) {
    const auto status = submit(arguments);
    if (status) {
        return *status;
    }
    const auto message = cli::message_for(status.error());
    print(message.what);
    // Other remedies name options of other commands.
    const ErrorCode code = status.error().code;
    if (!message.remedy.empty() && code != ErrorCode::invalid_parameter && code != ErrorCode::not_found) {
        print("  " + message.remedy);
    }
    print("the mail was not handed on");
    return exit_status_of(status.error());
}

}  // namespace signet::sendmail
