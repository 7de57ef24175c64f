#pragma once

#include "base/result.h"
#include "ipc/types.h"

#include <memory>
#include <string>
#include <string_view>

struct p11_kit_uri;

namespace signet::cli {

// A PKCS#11 URI (RFC 7512) that names tokens, keys or certificates.
class Pkcs11Uri {
  public:
    static bool looks_like(std::string_view text) { return text.starts_with("pkcs11:"); }

    // invalid_parameter: not a URI, or one with a PIN in it, which does not belong on a command line.
    static Result<Pkcs11Uri> parse(const std::string& text);

    // The attributes of the URI that this program does not know match nothing.
    [[nodiscard]] bool matches(const ipc::Token& token) const;
    // `certificate` may be null. Object attributes are those of the private or public key, or of the
    // certificate.
    [[nodiscard]] bool matches(const ipc::Token& token, const ipc::Key& key,
                               const ipc::Certificate* certificate) const;

  private:
    explicit Pkcs11Uri(std::shared_ptr<p11_kit_uri> uri) : m_uri(std::move(uri)) {}
    [[nodiscard]] bool matches_object(unsigned long object_class, const std::string& label,
                                      const Bytes& id) const;

    std::shared_ptr<p11_kit_uri> m_uri;
};

}  // namespace signet::cli
