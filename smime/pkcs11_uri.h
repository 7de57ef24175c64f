#pragma once

#include "base/bytes.h"
#include "base/result.h"

#include <memory>
#include <string>
#include <string_view>

struct p11_kit_uri;

namespace signet::smime {

// What a token says of itself, without the blanks that Cryptoki pads with.
struct TokenDescription {
    std::string label;
    std::string manufacturer;
    std::string model;
    std::string serial;
};

enum class ObjectKind : std::uint8_t { private_key, public_key, certificate };

// A PKCS#11 URI (RFC 7512) that names tokens, keys or certificates.
class Pkcs11Uri {
  public:
    static bool looks_like(std::string_view text) { return text.starts_with("pkcs11:"); }

    // invalid_parameter: not a URI, or one with a PIN in it, which does not belong on a command line.
    static Result<Pkcs11Uri> parse(const std::string& text);

    // The attributes of the URI that this program does not know match nothing.
    [[nodiscard]] bool matches(const TokenDescription& token) const;
    // The attributes that describe an object; those of its token are not looked at.
    [[nodiscard]] bool matches(ObjectKind kind, const std::string& label, const Bytes& id) const;

  private:
    explicit Pkcs11Uri(std::shared_ptr<p11_kit_uri> uri) : m_uri(std::move(uri)) {}

    std::shared_ptr<p11_kit_uri> m_uri;
};

}  // namespace signet::smime
