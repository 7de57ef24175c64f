#pragma once

#include "smime/decrypt.h"
#include "smime/finding.h"
#include "smime/header_protection.h"
#include "smime/scan.h"
#include "smime/verify.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

// The truth about a whole mail: its parts, what protects each, and who signed it.
namespace signet::smime {

struct ReadOptions {
    VerifyOptions trust;
    std::vector<DecryptionKey> keys;  // without one that fits, encrypted parts stay closed
};

enum class LayerKind : std::uint8_t { signature, encryption, compression, certificates, unknown };
// The enumerator's name.
std::string_view name_of(LayerKind kind);

// What a part does to the parts in it.
struct Layer {
    LayerKind kind = LayerKind::unknown;
    std::string form;       // "multipart/signed", or as smime-type has it: "enveloped-data"
    std::string algorithm;  // of encryption or compression
    bool opened = false;    // the first part in this one is what it protects
    bool good = false;      // of a signature: every signer is
    // Of encryption: GCM and the like, or a good signature or such a layer right inside.
    bool authenticated = false;
    std::vector<SignerReport> signers;
};

struct Part {
    std::string path;  // "1", "1.2"; what a layer protects has a path below it
    std::string type;
    std::string file_name;
    std::uint64_t size = 0;  // of the body, as it is encoded
    bool attachment = false;
    std::optional<Layer> layer;
    std::vector<std::string> layers;  // paths of the parts whose layers are around this one, outermost first
    bool not_authenticated =
        false;  // came out of encryption that shows no change: do not load remote content
    // It begins with a copy of header fields for programs that do not know RFC 9788; write_content() leaves
    // it out.
    bool legacy_display = false;
    std::vector<std::unique_ptr<Part>> parts;

    // Where it lies: in the mail, or in what a layer held. Decrypted text and text from outside are never in
    // the same source. Both live as long as the report, `source` of the mail as long as the caller's.
    const Source* source = nullptr;
    const MimePart* entity = nullptr;
};

// Octets that the mail holds, taken apart.
struct MailContent {
    std::unique_ptr<Source> spool;  // null for the mail itself
    MimePartPointer root;
};

struct Report {
    std::unique_ptr<Part> root;
    // All of the mail is signed, by each of these, and nothing speaks against it. Else empty.
    std::vector<SignerReport> signed_by;
    bool encrypted = false;          // the whole mail
    bool not_authenticated = false;  // any part of it
    std::optional<InnerHeader> header_protection;
    bool header_is_signed = false;  // the protected header is under the signature of signed_by
    std::vector<ComparedField> header_fields;
    std::vector<Finding> findings;

    std::vector<MailContent> contents;
};

// Layers, detached signatures among them, are opened down to a depth of eight, 64 in all; beyond, and where
// more comes out than the limits allow, parts stay closed and a finding says so. Errors are those of the
// source, and malformed or too_large for what is no mail at all: what is wrong with a part is a finding. A
// person who cancels the PIN prompt ends the reading (cancelled).
Result<Report> read(const Source& mail, const ReadOptions& options);

// Null when there is no such part.
const Part* find_part(const Report& report, std::string_view path);
// The part's body with its transfer encoding, and a legacy display element, taken off.
Result<void> write_content(const Part& part, Sink& out);

}  // namespace signet::smime
