#pragma once

#include "base/result.h"
#include "smime/public/convert.h"
#include "smime/stream.h"
#include "x509/certificate.h"

#include <vector>

// What this program has, as the library's public header wants it.
namespace signet::cli {

// Borrows the source.
class LibraryInput final : public mail::Input {
  public:
    explicit LibraryInput(const smime::Source& source) : m_source(source) {}
    [[nodiscard]] std::uint64_t size() const override { return m_source.size(); }
    mail::Status read(std::uint64_t offset, char* buffer, std::size_t capacity,
                      std::size_t& count) const override;

  private:
    const smime::Source& m_source;
};

// Borrows the sink.
class LibraryOutput final : public mail::Output {
  public:
    explicit LibraryOutput(smime::Sink& sink) : m_sink(sink) {}
    mail::Status write(std::string_view octets) override;

  private:
    smime::Sink& m_sink;
};

// Borrows the sink.
class LibraryWithheldOutput final : public mail::WithheldOutput {
  public:
    explicit LibraryWithheldOutput(smime::WithheldSink& sink) : m_sink(sink) {}
    mail::Status write(std::string_view octets) override;
    mail::Status restart() override;

  private:
    smime::WithheldSink& m_sink;
};

// Good as long as the certificates are.
std::vector<X509*> borrowed(const std::vector<x509::Certificate>& certificates);

}  // namespace signet::cli
