#pragma once

#include "smime/scan.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Header fields that are signed or encrypted together with the body (RFC 9788 and what was in use before it).
namespace signet::smime {

enum class HeaderProtectionForm : std::uint8_t {
    clear,      // RFC 9788, hp="clear": a copy of what stands outside
    cipher,     // RFC 9788, hp="cipher": HP-Outer fields say what was put outside
    version_1,  // protected-headers="v1"
    wrapped,    // the mail as message/rfc822 inside, RFC 8551 section 3.1
};
// "hp-clear", "hp-cipher", "protected-headers-v1", "wrapped".
std::string_view name_of(HeaderProtectionForm form);

enum class FieldAgreement : std::uint8_t {
    same,
    hidden,        // encrypted: left out or replaced outside, as the sender wanted
    different,     // outside stands something that the sender did not put there
    outside_only,  // not protected
};
// The enumerator's name.
std::string_view name_of(FieldAgreement agreement);

struct ComparedField {
    std::string name;             // as it is written where it is protected
    std::string value;            // protected; decoded, with single blanks. Empty with outside_only
    std::string outside;          // the same of the outer header; empty when it is not there
    bool stands_outside = false;  // a field of that name
    FieldAgreement agreement = FieldAgreement::same;
};

struct InnerHeader {
    HeaderProtectionForm form = HeaderProtectionForm::clear;
    const Header* header = nullptr;  // the protected one; lives as long as the part
};

// Of the part that all layers around the mail protect; nothing when its header is not the mail's.
std::optional<InnerHeader> header_protection_of(const MimePart& payload);

// Every protected field, and after them those of authors, recipients, subject and date that stand outside
// only. Fields that describe the body or the way of the mail are left out. Fields that come several times
// agree when all of them do, in their order; a second one of those that people are shown agrees with nothing.
std::vector<ComparedField> compare_headers(const InnerHeader& protection, const Header& outside,
                                           bool encrypted);

}  // namespace signet::smime
