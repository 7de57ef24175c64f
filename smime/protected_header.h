#pragma once

#include "smime/header.h"

#include <cstdint>
#include <string>
#include <vector>

// Header protection as RFC 9788 has it: the writing side.
namespace signet::smime {

enum class HeaderProtection : std::uint8_t {
    none,
    // hp="clear", for a mail that is signed only: the header fields are repeated in what is signed.
    clear,
    // hp="cipher", for a mail that is encrypted: the header fields move into what is encrypted, and outside
    // remains what the baseline confidentiality policy leaves: the Subject is "[...]",
    // Comments and Keywords are gone. `HP-Outer` fields inside say what stands outside.
    cipher,
};

struct ProtectedHeader {
    std::string outer;   // fields that stay outside, CRLF
    std::string inside;  // fields to put before those of the payload, CRLF
};
// `fields` are those that do not describe the body, less MIME-Version. Bcc and what transports add
// (Received, Return-Path) stay outside only.
ProtectedHeader protect_header(const std::vector<Field>& fields, HeaderProtection protection);

// What is never protected: not the author's words, or not for the recipients' eyes.
bool stays_outside_only(const Field& field);

// Whether HeaderProtection::cipher leaves something else of a field outside.
bool is_hidden_by_baseline_policy(const Field& field);

// A Content-Type field with the parameter hp; CRLF.
std::string content_type_with_protection(std::string_view field, HeaderProtection protection);

}  // namespace signet::smime
