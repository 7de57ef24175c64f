#pragma once

#include "base/result.h"
#include "smime/verify.h"

#include <string>
#include <string_view>
#include <vector>

// The lines that GnuPG's programs write for programs (GnuPG's doc/DETAILS; gpgsm's part of it).
namespace signet::gpgsm {

// Where they go: the descriptor of --status-fd, or nowhere.
class StatusOutput {
  public:
    StatusOutput() = default;
    explicit StatusOutput(int descriptor) : m_descriptor(descriptor) {}
    // "[GNUPG:] ", the line, LF. input_output.
    [[nodiscard]] Result<void> line(std::string_view text) const;

  private:
    int m_descriptor = -1;
};

// Control characters and % as %XX: a name from a certificate cannot begin a line of its own.
std::string escaped(std::string_view text);

// RFC 4880 numbers, as gpgsm has them; 0 for what has none.
int public_key_number(const x509::Certificate& certificate);
int digest_number(std::string_view name);

// SHA-256 of the certificate in capitals: what KEY takes, and `signet keys` shows.
std::string fingerprint_of(const x509::Certificate& certificate);

// What is said of one signature: one line for what it is worth, and one for how far its certificate is
// trusted.
std::vector<std::string> status_of(const smime::SignerReport& signer);
// The same in place of a signature that cannot be read.
std::vector<std::string> status_of_nothing();

}  // namespace signet::gpgsm
