#pragma once

#include "smime/openssl_stream.h"
#include "smime/stream.h"
#include "x509/openssl.h"

#include <memory>
#include <optional>

namespace signet::smime {

// Completes a CMS structure while its content passes by: digests, and signs at the end, or encrypts.
class CmsWriter final : public Sink {
  public:
    // Writes the structure to `out` in BER with indefinite lengths. Borrows both.
    static Result<std::unique_ptr<CmsWriter>> open(CMS_ContentInfo* cms, Sink& out);
    // Only fills the structure, which does not hold the content. Borrows it.
    static Result<std::unique_ptr<CmsWriter>> open_detached(CMS_ContentInfo* cms);

    CmsWriter(const CmsWriter&) = delete;
    CmsWriter& operator=(const CmsWriter&) = delete;

    Result<void> write(std::string_view octets) override;
    // Once, at the end.
    Result<void> finish();

  private:
    explicit CmsWriter(CMS_ContentInfo* cms) : m_cms(cms) {}
    Result<void> write_block(std::string_view octets);
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
    bool m_detached = false;
    std::optional<Error> m_error;
    x509::BioPointer m_chain;
    Blocks m_blocks{*this};
    BlockSink m_collected{m_blocks};
};

}  // namespace signet::smime
