#include "cli/messages.h"

#include "base/bytes.h"
#include "cli/terminal.h"

#include <unistd.h>

#include <cstdio>
#include <map>
#include <string_view>

namespace signet::cli {
namespace {

// "what: detail", or "what" alone.
std::string with_detail(const std::string& what, const Error& error) {
    return error.detail.empty() ? what : what + ": " + error.detail;
}

// The same where libp11 reported the error: OpenSSL's queue tells a person nothing that `what` does not.
std::string with_token_detail(std::string what, const Error& error) {
    return error.detail.starts_with("error:") ? what : with_detail(std::move(what), error);
}

std::string tries_left(int tries) {
    if (tries < 0) {
        return {};
    }
    return tries == 1 ? "; one try is left" : "; " + std::to_string(tries) + " tries are left";
}

constexpr const char* start_agent =
    "start it with: systemctl --user start signet-agent.socket, or: signet-agent";
constexpr const char* find_out_why = "to find out why, run: signet doctor";
constexpr const char* restart_agent =
    "the agent may be of another version; restart it with: systemctl --user restart signet-agent.service";
constexpr const char* unlock_again = "to be asked again, run: signet unlock";
constexpr const char* run_again = "to be asked again, run the command again";
constexpr const char* list_tokens = "'signet tokens' lists the tokens that are present";

bool was_connected(const Error& error) {
    return error.operation == "send" || error.operation == "receive";
}

Message agent_message(const Error& error) {
    switch (error.code) {
        case ErrorCode::agent_unavailable:
            return {with_detail("cannot reach the agent", error),
                    was_connected(error) ? find_out_why : start_agent};
        case ErrorCode::protocol:
            return {with_detail("the agent's answer makes no sense", error), restart_agent};
        case ErrorCode::method_not_found:
        case ErrorCode::interface_not_found:
            return {with_detail("the agent does not know this call", error), restart_agent};
        default:
            return {};
    }
}

Message pin_message(const Error& error) {
    const std::string name = error.operation == "PUK" ? "PUK" : "PIN";
    switch (error.code) {
        case ErrorCode::pin_incorrect:
            return {"the " + name + " is wrong" + tries_left(error.tries_left),
                    "no further try was made; run the command again"};
        case ErrorCode::pin_blocked:
            if (name == "PUK") {
                return {"the PUK is blocked: too many wrong tries",
                        "what is on the token stays usable with the PIN; only a reset makes the PUK anew"};
            }
            return {"the PIN is blocked: too many wrong tries",
                    "set a new one by the PUK or the security officer's PIN: signet token unblock"};
        case ErrorCode::pin_required:
            return {with_token_detail("the token wants its PIN first", error), "run: signet unlock"};
        case ErrorCode::cancelled:
            return {with_token_detail("cancelled", error),
                    error.operation == administration ? run_again : unlock_again};
        default:
            return {};
    }
}

Message token_message(const Error& error) {
    switch (error.code) {
        case ErrorCode::token_removed:
            return {with_token_detail("the token was removed", error), "insert it and run the command again"};
        case ErrorCode::token_not_found:
            return {with_token_detail("no such token is present", error), list_tokens};
        case ErrorCode::key_not_found:
            return {with_token_detail("the token has no such key", error), "'signet keys' lists the keys"};
        case ErrorCode::unsupported:
            return {with_token_detail("not supported", error), {}};
        case ErrorCode::driver_failed:
            return {with_token_detail("the token or its module failed", error),
                    "'signet tokens' shows the state of each module; reinserting the token may help"};
        case ErrorCode::timeout:
            return {with_token_detail("no answer in time", error),
                    "check the token and run the command again"};
        case ErrorCode::not_allowed:
            return {with_token_detail("refused", error), {}};
        default:
            return {};
    }
}

std::string remedy_for_missing(const std::string& what) {
    if (what == "recipient") {
        return "give a certificate to encrypt with by --cert";
    }
    if (what == "slot") {
        return "'signet token show' lists what the token has";
    }
    return what == "From" ? "name the key with --from or --key" : "";
}

Message local_message(const Error& error) {
    switch (error.code) {
        case ErrorCode::invalid_parameter:
            return {error.detail,
                    "'signet --help' lists the commands, 'signet COMMAND --help' their options"};
        case ErrorCode::too_large:
            return {with_detail("too large", error), {}};
        case ErrorCode::input_output:
            return {"cannot " + error.operation + " " + error.detail, {}};
        case ErrorCode::configuration:
            return {with_detail("wrong setting", error), {}};
        case ErrorCode::not_found:
            return {error.detail.empty() ? "not found" : error.detail, remedy_for_missing(error.operation)};
        case ErrorCode::ambiguous:
            return {error.operation + " fits several:\n" + error.detail,
                    "name one of them by its fingerprint, its identifier or a PKCS#11 URI"};
        case ErrorCode::malformed:
            return {with_detail("cannot make sense of it", error), {}};
        case ErrorCode::crypto:
            return {with_detail("the cryptographic operation failed", error), {}};
        case ErrorCode::bad_signature:
            return {with_detail("the signature is wrong", error), {}};
        default:
            return {};
    }
}

}  // namespace

std::string parameter_text(const std::string& parameter) {
    static const std::map<std::string_view, std::string_view> texts{
        {"token", "several tokens are present: name one with --token"},
        {"slot", "name a slot that the token has with --slot: 9a, 9c, 9d, 9e, 82 to 95 on a PIV card"},
        {"object", "the token has no objects with such tags"},
        {"certificate", "the token cannot read the certificate"},
        {"pkcs12", "the PKCS#12 file cannot be unpacked; the agent's log says why"},
        {"private_key", "the key of the file is of no kind that tokens take"},
        {"authorization", "the management key or PIN that was passed cannot be read"},
        {"pin", "the PIN that was passed cannot be read, or the token has it typed at its reader"},
        {"old_pin", "the present PIN that was passed cannot be read"},
        {"new_pin", "the new PIN that was passed cannot be read"},
        {"unblocking", "the PUK that was passed cannot be read"},
        {"new_key", "the new management key that was passed cannot be read"},
        {"password", "the password that was passed cannot be read"},
    };
    const auto found = texts.find(parameter);
    return found != texts.end() ? std::string(found->second) : parameter;
}

std::string printable_lines(const std::string& text) {
    std::string result;
    std::size_t begin = 0;
    while (true) {
        const std::size_t end = text.find('\n', begin);
        result += printable_utf8(std::string_view(text).substr(begin, end - begin));
        if (end == std::string::npos) {
            return result;
        }
        result += '\n';
        begin = end + 1;
    }
}

Message message_for(const Error& error) {
    for (const auto make : {agent_message, pin_message, token_message, local_message}) {
        if (Message message = make(error); !message.what.empty()) {
            return message;
        }
    }
    return {with_detail(std::string(error_name(error.code)), error), {}};
}

ExitStatus status_of(ErrorCode code) {
    switch (code) {
        case ErrorCode::bad_signature:
            return ExitStatus::no;
        case ErrorCode::invalid_parameter:
        case ErrorCode::ambiguous:
            return ExitStatus::usage;
        default:
            return ExitStatus::failed;
    }
}

ExitStatus report(const Error& error) {
    const Style style = style_for(STDERR_FILENO);
    const Message message = message_for(error);
    std::string text = style.bad("signet:") + " " + printable_lines(message.what) + "\n";
    if (!message.remedy.empty()) {
        text += "  " + message.remedy + "\n";
    }
    std::fputs(text.c_str(), stderr);
    return status_of(error.code);
}

void print_note(const std::string& note) {
    if (!note.empty()) {
        std::fputs(("signet: " + printable_lines(note) + "\n").c_str(), stderr);
    }
}

}  // namespace signet::cli
