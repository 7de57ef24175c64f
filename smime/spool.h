#pragma once

#include "base/file_descriptor.h"
#include "base/secret.h"
#include "smime/stream.h"
#include "x509/openssl.h"

#include <openssl/evp.h>

#include <string>

namespace signet::smime {

// Keeps octets that must be read again, or withheld until they are known to be good: first written, then
// read. Up to memory_size stay in memory; beyond that all of them are in an unlinked file on a real disk,
// encrypted with AES-256-CTR under a key that exists only here.
class Spool final : public WithheldSink, public Source {
  public:
    static constexpr std::size_t memory_size = std::size_t{1} << 20;

    Spool() = default;
    Spool(const Spool&) = delete;
    Spool& operator=(const Spool&) = delete;

    // input_output when no folder on a disk takes the file: $TMPDIR, /var/tmp and the working folder are
    // tried, and those in memory (tmpfs) passed over.
    Result<void> write(std::string_view octets) override;
    Result<void> restart() override;

    [[nodiscard]] std::uint64_t size() const override { return m_size; }
    [[nodiscard]] Result<std::size_t> read(std::uint64_t offset, std::span<char> buffer) const override;

  private:
    Result<void> move_to_file();
    Result<void> append(std::string_view octets);

    std::string m_memory;
    FileDescriptor m_file;
    Secret m_key;
    std::uint64_t m_size = 0;
};

}  // namespace signet::smime
