#include "smime/canonical.h"

#include "base/bytes.h"
#include "smime/limits.h"
#include "smime/mime.h"
#include "smime/multipart.h"
#include "smime/transfer_encoding.h"

#include <openssl/rand.h>

#include <algorithm>
#include <array>

namespace signet::smime {
namespace {

Result<std::string> canonical_entity(const Entity& entity, int depth);

std::string header_without(const Entity& entity, std::string_view dropped_name) {
    std::string header;
    for (const Field& field : entity.fields) {
        if (!equal_ignoring_case(field.name, dropped_name)) {
            header += to_crlf(field.raw);
        }
    }
    return header;
}

std::string header_of(const Entity& entity) {
    return header_without(entity, {});
}

// Field block with another transfer encoding, and the empty line.
std::string header_with_encoding(const Entity& entity, std::string_view encoding) {
    return header_without(entity, "Content-Transfer-Encoding")
        .append("Content-Transfer-Encoding: ")
        .append(encoding)
        .append("\r\n\r\n");
}

// 8bit or binary on a multipart would contradict its parts once they are encoded.
std::string multipart_header(const Entity& entity) {
    return header_without(entity, "Content-Transfer-Encoding") + "\r\n";
}

std::string unchanged(const Entity& entity, std::string_view crlf_body) {
    return header_of(entity).append("\r\n").append(crlf_body);
}

std::string encoded_leaf(const Entity& entity, const ContentType& type, std::string_view content) {
    const bool text = type.type.starts_with("text/");
    if (!text || suits_base64(content)) {
        return header_with_encoding(entity, "base64") + encode_base64_lines(content);
    }
    return header_with_encoding(entity, "quoted-printable") + encode_quoted_printable(content);
}

std::string canonical_leaf(const Entity& entity, const ContentType& type) {
    const TransferEncoding encoding = transfer_encoding_of(entity);
    if (encoding == TransferEncoding::binary) {
        const bool text = type.type.starts_with("text/");
        return encoded_leaf(entity, type, text ? to_crlf(entity.body) : std::string(entity.body));
    }
    const std::string body = to_crlf(entity.body);
    if (encoding == TransferEncoding::unknown || !transport_may_damage(body)) {
        return unchanged(entity, body);
    }
    return encoded_leaf(entity, type, decode_transfer(body, encoding));
}

std::string safe_text(std::string_view text) {
    std::string result = to_crlf(text);
    return transport_may_damage(result) ? std::string() : result;
}

Result<std::string> canonical_multipart(const Entity& entity, const ContentType& type, int depth) {
    SIGNET_TRY(const Multipart multipart, scan_multipart(entity.body, type.boundary));
    const std::string delimiter = "--" + type.boundary;
    std::string result = multipart_header(entity);
    if (const std::string preamble = safe_text(multipart.preamble); !preamble.empty()) {
        result += preamble + "\r\n";
    }
    for (const std::string_view part : multipart.parts) {
        SIGNET_TRY(const Entity child, parse_entity(part));
        SIGNET_TRY(const std::string canonical, canonical_entity(child, depth + 1));
        result += delimiter + "\r\n" + canonical + "\r\n";
    }
    return result + delimiter + "--\r\n" + safe_text(multipart.epilogue);
}

Result<std::string> canonical_message(const Entity& entity, int depth) {
    SIGNET_TRY(const Entity message, parse_entity(entity.body));
    SIGNET_TRY(const std::string canonical, canonical_entity(message, depth + 1));
    return multipart_header(entity) + canonical;
}

bool is_sealed(const ContentType& type) {
    return type.type == "multipart/signed" || type.type == "multipart/encrypted";
}

Result<std::string> canonical_entity(const Entity& entity, int depth) {
    if (depth > max_nesting) {
        return failure(ErrorCode::too_large, "read mail", "parts nested too deeply");
    }
    SIGNET_TRY(const ContentType type, content_type_of(entity));
    if (is_sealed(type)) {
        return unchanged(entity, to_crlf(entity.body));
    }
    if (type.type.starts_with("multipart/")) {
        return canonical_multipart(entity, type, depth);
    }
    if (type.type == "message/rfc822" && transport_may_damage(to_crlf(entity.body))) {
        return canonical_message(entity, depth);
    }
    return canonical_leaf(entity, type);
}

bool is_ascii(std::string_view text) {
    return text.find_first_of('\0') == std::string_view::npos &&
           std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// Written out where the mail leaves it to the default, so that the entity says what it is by itself.
std::string_view default_content_type(std::string_view body) {
    return is_ascii(body) ? "Content-Type: text/plain; charset=us-ascii\r\n"
                          : "Content-Type: text/plain; charset=utf-8\r\n";
}

}  // namespace

Result<PreparedMail> prepare_mail(std::string_view mail) {
    SIGNET_TRY(const Entity entity, parse_mail(mail));
    PreparedMail prepared;
    prepared.line_ending = line_ending_of(mail);
    Entity body;
    body.body = entity.body;
    for (const Field& field : entity.fields) {
        if (describes_body(field)) {
            body.fields.push_back(field);
        } else {
            prepared.outer_header += to_crlf(field.raw);
        }
    }
    if (!prepared.outer_header.ends_with('\n') && !prepared.outer_header.empty()) {
        prepared.outer_header += "\r\n";
    }
    if (entity.find("MIME-Version") == nullptr) {
        prepared.outer_header += "MIME-Version: 1.0\r\n";
    }
    if (body.find("Content-Type") == nullptr) {
        const std::string_view type = default_content_type(entity.body);
        body.fields.insert(body.fields.begin(),
                           Field{.raw = type, .name = "Content-Type", .value = type.substr(13)});
    }
    SIGNET_TRY(prepared.entity, canonical_entity(body, 0));
    return prepared;
}

std::string random_boundary() {
    std::array<std::uint8_t, 16> octets{};
    RAND_bytes(octets.data(), static_cast<int>(octets.size()));
    return "signet-" + to_hex(octets);
}

}  // namespace signet::smime
