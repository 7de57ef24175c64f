#pragma once

#include "smime/openssl_stream.h"
#include "smime/stream.h"
#include "x509/openssl.h"

#include <optional>
#include <string>

namespace signet::smime {

// Completes a CMS structure while its content passes by: digests, and signs at the end, or encrypts.
class CmsWriter final : public Sink {
  public:
    // Writes the structure to `out`: in BER with indefinite lengths, or in DER where there is no content.
    // Borrows both.
    CmsWriter(CMS_ContentInfo* cms, Sink& out) : m_cms(cms), m_out(&out) {}
    // Only fills the structure, which does not hold the content. Borrows it.
    explicit CmsWriter(CMS_ContentInfo* cms) : m_cms(cms) {}

    CmsWriter(const CmsWriter&) = delete;
    CmsWriter& operator=(const CmsWriter&) = delete;

    Result<void> write(std::string_view octets) override;
    // Once, at the end.
    Result<void> finish();

  private:
    Result<void> begin();
    Result<void> write_block(std::string_view octets);
    Result<void> write_empty();
    Failure cause(std::string operation);

    // Pieces of the content become octet strings of their own.
    class Blocks final : public Sink {
      public:
        explicit Blocks(CmsWriter& writer) : m_writer(writer) {}
        Result<void> write(std::string_view octets) override { return m_writer.write_block(octets); }

      private:
        CmsWriter& m_writer;
    };

    CMS_ContentInfo* m_cms;
    Sink* m_out = nullptr;  // or null: nothing is written
    std::optional<Error> m_error;
    x509::BioPointer m_chain;  // from the first block on
    Blocks m_blocks{*this};
    BlockSink m_collected{m_blocks};
};

}  // namespace signet::smime
