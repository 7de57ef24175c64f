#include "ssh/public_key.h"

#include "base/der.h"

#include <nettle/sha2.h>

#include <algorithm>
#include <array>

namespace signet::ssh {
namespace {

constexpr std::string_view rsa_format = "ssh-rsa";
constexpr std::string_view ed25519_format = "ssh-ed25519";
constexpr std::size_t ed25519_size = 32;
constexpr std::uint8_t uncompressed = 0x04;

struct CurveRow {
    Curve curve;
    std::string_view name;
    std::string_view format;
    std::string_view object_identifier;  // its content, DER
    HashAlgorithm hash;
    std::size_t field_size;
};

constexpr std::array<CurveRow, 3> curves{{
    {Curve::nistp256, "nistp256", "ecdsa-sha2-nistp256", "\x2a\x86\x48\xce\x3d\x03\x01\x07",
     HashAlgorithm::sha256, 32},
    {Curve::nistp384, "nistp384", "ecdsa-sha2-nistp384", std::string_view("\x2b\x81\x04\x00\x22", 5),
     HashAlgorithm::sha384, 48},
    {Curve::nistp521, "nistp521", "ecdsa-sha2-nistp521", std::string_view("\x2b\x81\x04\x00\x23", 5),
     HashAlgorithm::sha512, 66},
}};

// Algorithms of SubjectPublicKeyInfo: the contents of their object identifiers.
constexpr std::string_view rsa_encryption = "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01";
constexpr std::string_view ec_public_key = "\x2a\x86\x48\xce\x3d\x02\x01";
constexpr std::string_view id_ed25519 = "\x2b\x65\x70";

const CurveRow& row_of(Curve curve) {
    return curves[static_cast<std::size_t>(curve)];
}

bool is_point(ByteView point, const CurveRow& row) {
    return point.size() == 1 + 2 * row.field_size && point[0] == uncompressed;
}

Failure unsupported(std::string_view what) {
    return failure(ErrorCode::unsupported, "public key", std::string(what));
}

Failure malformed(std::string_view what) {
    return failure(ErrorCode::malformed, "public key", std::string(what));
}

// The fields behind the format, and in certificates behind the nonce, which are the same.
Result<void> read_fields(WireReader& reader, PublicKey& key) {
    if (key.format == rsa_format) {
        key.type = KeyType::rsa;
        key.exponent = reader.positive_integer();
        key.modulus = reader.positive_integer();
        const bool fits = key.modulus.size() <= max_rsa_bits / 8 && key.exponent.size() <= key.modulus.size();
        return fits ? Result<void>() : malformed("RSA key");
    }
    if (key.format == ed25519_format) {
        key.type = KeyType::ed25519;
        key.point = reader.string();
        return key.point.size() == ed25519_size ? Result<void>() : malformed("Ed25519 key");
    }
    const auto row = std::find_if(curves.begin(), curves.end(),
                                  [&key](const CurveRow& entry) { return entry.format == key.format; });
    if (row == curves.end()) {
        return unsupported(printable_utf8(key.format));
    }
    key.type = KeyType::ec;
    key.curve = row->curve;
    const std::string_view name = reader.text();
    key.point = reader.string();
    return name == row->name && is_point(key.point, *row) ? Result<void>() : malformed("ECDSA key");
}

Result<Bytes> rsa_blob(ByteView key) {
    const auto rsa = parse_rsa_public_key(key);
    if (!rsa || rsa->modulus.size() > max_rsa_bits / 8) {
        return malformed("RSA key");
    }
    return encode(PublicKey{
        .format = rsa_format, .type = KeyType::rsa, .exponent = rsa->exponent, .modulus = rsa->modulus});
}

Result<Bytes> ec_blob(ByteView parameters, ByteView point) {
    DerReader reader(parameters);
    const auto identifier = reader.next(object_identifier_tag);
    const auto row = std::find_if(curves.begin(), curves.end(), [&identifier](const CurveRow& entry) {
        return identifier && as_text(identifier->content) == entry.object_identifier;
    });
    if (row == curves.end() || !is_point(point, *row)) {
        return unsupported("EC key");
    }
    return encode(PublicKey{.format = row->format, .type = KeyType::ec, .curve = row->curve, .point = point});
}

}  // namespace

std::string_view name_of(Curve curve) {
    return row_of(curve).name;
}

HashAlgorithm hash_of(Curve curve) {
    return row_of(curve).hash;
}

std::size_t field_size(Curve curve) {
    return row_of(curve).field_size;
}

Result<PublicKey> parse_public_key(ByteView blob) {
    WireReader reader(blob);
    PublicKey key;
    key.format = reader.text();
    const bool certified = key.format.ends_with(certificate_suffix);
    if (certified) {
        key.format.remove_suffix(certificate_suffix.size());
        reader.string();  // nonce
    }
    SIGNET_CHECK(read_fields(reader, key));
    // What a certificate says besides is for those who trust its authority.
    if (certified ? reader.failed() : !reader.complete()) {
        return malformed(key.format);
    }
    return key;
}

Bytes encode(const PublicKey& key) {
    WireWriter writer;
    writer.string(key.format);
    switch (key.type) {
        case KeyType::rsa:
            writer.positive_integer(key.exponent);
            writer.positive_integer(key.modulus);
            break;
        case KeyType::ec:
            writer.string(name_of(key.curve));
            writer.string(key.point);
            break;
        default:
            writer.string(key.point);
            break;
    }
    return writer.take();
}

bool same_key(const PublicKey& a, const PublicKey& b) {
    return encode(a) == encode(b);
}

Result<Bytes> public_key_blob(ByteView public_key_info) {
    const auto info = parse_public_key_info(public_key_info);
    if (!info) {
        return malformed("SubjectPublicKeyInfo");
    }
    const std::string_view algorithm = as_text(info->algorithm);
    if (algorithm == rsa_encryption) {
        return rsa_blob(info->key);
    }
    if (algorithm == ec_public_key) {
        return ec_blob(info->parameters, info->key);
    }
    if (algorithm == id_ed25519 && info->key.size() == ed25519_size) {
        return encode(PublicKey{.format = ed25519_format, .type = KeyType::ed25519, .point = info->key});
    }
    return unsupported("key algorithm");
}

std::string fingerprint(ByteView blob) {
    sha256_ctx context;
    sha256_init(&context);
    sha256_update(&context, blob.size(), blob.data());
    Bytes digest(SHA256_DIGEST_SIZE);
    sha256_digest(&context, digest.size(), digest.data());
    std::string text = to_base64(digest);
    text.erase(text.find_last_not_of('=') + 1);
    return "SHA256:" + text;
}

}  // namespace signet::ssh
