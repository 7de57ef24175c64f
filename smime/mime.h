#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "smime/header.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The grammar of header values: the plain forms are read here, all others by GMime. Nothing keeps GMime
// objects.
namespace signet::smime {

struct ContentType {
    std::string type;  // "multipart/signed", lower case
    std::string boundary;
    std::string protocol;    // lower case
    std::string smime_type;  // lower case
    std::string name;
    std::string hp;  // header protection (RFC 9788); lower case
};
// Of the Content-Type field; text/plain without one (RFC 2045 section 5.2). More than one field is malformed,
// and so is a multipart whose boundary, protocol or micalg is given more than once.
Result<ContentType> content_type_of(const Header& header);
bool is_multipart(const ContentType& type);
// Whether programs agree on the boundary in the Content-Type field.
bool has_plain_boundary(const Header& header);
// Any other parameter of the Content-Type field; empty when it is not there.
std::string content_type_parameter(const Header& header, const char* name);
// Content-Disposition says that the part is to be kept, not shown.
bool is_attachment(const Header& header);
// A field's value for people: unfolded, with encoded words decoded (RFC 2047).
std::string decoded_text(std::string_view value);
// The file name of Content-Disposition, else the name of Content-Type.
std::string file_name_of(const Header& header, const ContentType& type);

// The bare addresses of all fields of that name, groups opened. Nothing when a field is there that names no
// address, cannot be read, or comes twice.
struct Addresses {
    bool present = false;
    bool readable = true;
    bool complete = true;  // each address that is written there is one of the mailboxes
    std::vector<std::string> mailboxes;
    // Whatever a person would take for an address, in names and comments too: shown_addresses.h.
    std::vector<std::string> shown;
};
Addresses addresses_of(const Header& header, std::string_view field_name);

struct DateField {
    bool readable = true;                 // or not there
    std::optional<std::int64_t> seconds;  // since 1970; of a field that is there once
};
DateField date_of(const Header& header);

enum class TransferEncoding { identity, binary, quoted_printable, base64, unknown };
TransferEncoding transfer_encoding_of(const Header& header);

}  // namespace signet::smime
