#pragma once

#include "base/bytes.h"
#include "smime/stream.h"
#include "x509/openssl.h"

#include <map>
#include <set>

namespace signet::smime {

// Hashes what is written with several algorithms at once, named by OpenSSL's NID. Those that this OpenSSL
// does not have are passed over.
class DigestSink final : public Sink {
  public:
    explicit DigestSink(const std::set<int>& algorithms);
    Result<void> write(std::string_view octets) override;
    // Once, at the end.
    Result<std::map<int, Bytes>> finish();

  private:
    std::map<int, x509::DigestContextPointer> m_contexts;
};

// Passes on with CR LF in place of every LF that stands alone.
class CrlfSink final : public Sink {
  public:
    explicit CrlfSink(Sink& next) : m_next(next) {}
    Result<void> write(std::string_view octets) override;

  private:
    Sink& m_next;
    bool m_after_cr = false;
    std::string m_converted;
};

// Passes on with LF in place of every CR LF. A CR at the very end is held back.
class LfSink final : public Sink {
  public:
    explicit LfSink(Sink& next) : m_next(next) {}
    Result<void> write(std::string_view octets) override;

  private:
    Sink& m_next;
    bool m_after_cr = false;
    std::string m_converted;
};

}  // namespace signet::smime
