#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace signet {

// Every way an operation can end other than well. The first group crosses the wire as Varlink errors
// (ipc/org.signet.agent.varlink says when each is sent); the second stays inside one process.
enum class ErrorCode : std::uint8_t {
    pin_incorrect,      // Error::tries_left says how many tries remain, where the token tells
    pin_blocked,        // the PIN is blocked; no try was made or the last one was just spent
    pin_required,       // the token wants a login first; the agent answers it by prompting
    cancelled,          // the person cancelled, the prompt could not be shown, or the caller went away
    not_allowed,        // policy or permission refused
    token_removed,      // the token was there and is gone
    token_not_found,    // no token of that identity is present
    key_not_found,      // the token holds no such key
    unsupported,        // mechanism, method or option that this key, module or version cannot do
    driver_failed,      // the module or the card answered with an error or with nonsense, or died
    timeout,            // a deadline passed
    invalid_parameter,  // the caller's arguments are wrong; detail names the parameter
    method_not_found,
    interface_not_found,

    agent_unavailable,  // nobody listens on the agent's socket
    protocol,           // the peer broke the framing or sent something that is not the protocol
    too_large,          // a documented size bound was exceeded
    input_output,       // a file or socket operation failed; native_code is errno
    configuration,      // a setting is wrong; detail has file, line and reason
    not_found,          // a file, certificate or identity that was named is not there
    ambiguous,          // a choice fits several candidates; detail lists them
    malformed,          // a mail, CMS structure, certificate or file cannot be parsed
    crypto,             // OpenSSL failed for a reason other than a bad signature; detail has its queue
    bad_signature,      // a signature was checked and is wrong
};

// Name as it is written on the wire and in logs, e.g. "PinIncorrect".
std::string_view error_name(ErrorCode code);

// What went wrong. Never holds a secret. `operation` names what was tried ("C_Sign", "connect"),
// `detail` what to know about it; the sentence a person reads is made at the edge, from these.
struct Error {
    ErrorCode code{};
    std::string operation;
    std::string detail;
    std::int64_t native_code = 0;  // CK_RV, errno, Assuan code: by what `operation` calls
    int tries_left = -1;           // with pin_incorrect: tries left, or -1 when the token does not say
};

// errno as an Error; `native_code` is the errno value.
Error errno_error(std::string operation, std::string detail, int error_number);

}  // namespace signet
