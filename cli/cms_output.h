#pragma once

#include "smime/stream.h"

#include <string>

namespace signet::cli {

// --cms and --pem: octets in and CMS out, in place of mails.
struct BareCms {
    bool der = false;
    bool pem = false;
    bool crlf = false;  // what is signed or encrypted gets CR LF line ends first

    [[nodiscard]] bool wanted() const { return der || pem; }
    // invalid_parameter: crlf without the others. The lines of mails are taken care of.
    [[nodiscard]] Result<void> check() const;
};

// CMS as the command line wants it: as it is, or as PEM (RFC 7468 section 9). GnuPG and git have another
// label there.
class CmsSink final : public smime::Sink {
  public:
    CmsSink(smime::Sink& next, bool pem, std::string label = "CMS");
    Result<void> write(std::string_view octets) override;
    // Once, at the end.
    Result<void> finish();

  private:
    smime::Sink& m_next;
    bool m_pem;
    std::string m_label;
    bool m_begun = false;
    std::string m_rest;  // less than a line of octets
};

}  // namespace signet::cli
