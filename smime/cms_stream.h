#pragma once

#include "smime/scan.h"
#include "smime/stream.h"
#include "x509/openssl.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

// CMS structures of any size: the structure goes into memory, its content stays where it is and is read when
// it is asked for.
namespace signet::smime {

// Opens the octets of a structure anew, from their beginning. The source behind it must outlive the readers.
using ReaderFactory = std::function<std::unique_ptr<Reader>()>;

enum class CmsType : std::uint8_t {
    data,
    signed_data,
    enveloped_data,
    digested_data,
    encrypted_data,
    authenticated_data,
    compressed_data,
    auth_enveloped_data,
    unknown,
};
// As smime-type has it where there is such a name: "signed-data", "authEnveloped-data".
std::string_view name_of(CmsType type);

// An AlgorithmIdentifier.
struct CmsAlgorithm {
    int nid = 0;             // of OpenSSL; NID_undef where it has no name
    std::string name;        // "aes-128-cbc", "ChaCha20-Poly1305", or the dotted identifier
    std::string identifier;  // dotted
};
CmsAlgorithm algorithm_named(const ASN1_OBJECT* identifier);

// What open_cms() read. Movable; refers to the source that it was read from.
struct OpenedCms {
    CmsType type = CmsType::unknown;
    std::string type_identifier;  // dotted
    // As if the content were detached. Null for types other than signed, enveloped, auth-enveloped and
    // compressed data, which are recognised and not read.
    x509::CmsPointer structure;
    std::string structure_octets;    // from which it was parsed; below the content's parents as they came
    std::string content_type;        // dotted identifier of the content inside
    CmsAlgorithm algorithm;          // of content encryption or compression
    std::string authentication_tag;  // of AuthEnvelopedData

    bool has_content = false;
    std::uint64_t content_size = 0;  // octets, without the lengths in between

    // The content octets: what was signed, the ciphertext, or what is compressed. Only with has_content.
    [[nodiscard]] Result<std::unique_ptr<Reader>> content() const;

    ReaderFactory octets;
    std::uint64_t content_offset = 0;  // of the element that holds the content
    bool content_is_explicit = false;  // [0] EXPLICIT OCTET STRING, else [0] IMPLICIT
};

// What may follow a structure.
enum class Trailer : std::uint8_t {
    filler,    // line breaks, blanks and NULs
    anything,  // in a mail: text that a list appends to base64 is decoded too, and shown by nobody
};

// BER or DER in one pass. malformed, or too_large for a structure of more than 4 MiB without its content.
Result<OpenedCms> open_cms(ReaderFactory octets, Trailer trailer = Trailer::filler);

// Whether a part says that it is CMS: application/pkcs7-mime, also with x-, and application/octet-stream
// whose name ends in .p7m. smime-type is not looked at: senders write anything there.
bool is_pkcs7_mime(const Header& header, const ContentType& type);
// The octets of such a body, its transfer encoding taken off. A body that says it is not encoded and does not
// begin like BER is base64 that lost its field.
Result<ReaderFactory> pkcs7_octets(const Source& mail, Range body, TransferEncoding encoding);
// The octets of an application/pkcs7-signature part.
ReaderFactory decoded_body(const Source& mail, Range body, TransferEncoding encoding);
// Octets that stand alone: BER, PEM of any label, or base64.
Result<ReaderFactory> bare_octets(const Source& source);

// The CMS in an application/pkcs7-mime part; nothing when the part is not of that kind.
Result<std::optional<OpenedCms>> open_cms(const Source& mail, const MimePart& part);

}  // namespace signet::smime
