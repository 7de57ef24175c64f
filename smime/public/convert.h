#pragma once

#include "smime/public/signet/smime.h"
#include "smime/stream.h"
#include "x509/certificate.h"

#include <vector>

// Between the types of the public header and our own.
namespace signet::mail {

Status status_of(const Error& error);
template <class T>
Status status_of(const Result<T>& result) {
    return result ? Status() : status_of(result.error());
}
Error error_of(const Status& status);
Result<void> result_of(const Status& status);

// invalid_parameter where one is null.
Result<std::vector<x509::Certificate>> certificates(const std::vector<X509*>& certificates);

// The caller's streams, which are borrowed.
class InputSource final : public smime::Source {
  public:
    explicit InputSource(const Input& input) : m_input(input) {}
    [[nodiscard]] std::uint64_t size() const override { return m_input.size(); }
    [[nodiscard]] Result<std::size_t> read(std::uint64_t offset, std::span<char> buffer) const override;

  private:
    const Input& m_input;
};

class OutputSink final : public smime::Sink {
  public:
    explicit OutputSink(Output& output) : m_output(output) {}
    Result<void> write(std::string_view octets) override;

  private:
    Output& m_output;
};

class WithheldOutputSink final : public smime::WithheldSink {
  public:
    explicit WithheldOutputSink(WithheldOutput& output) : m_output(output) {}
    Result<void> write(std::string_view octets) override;
    Result<void> restart() override;

  private:
    WithheldOutput& m_output;
};

}  // namespace signet::mail
