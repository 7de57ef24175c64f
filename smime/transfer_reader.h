#pragma once

#include "smime/base64.h"
#include "smime/mime.h"
#include "smime/stream.h"

#include <memory>
#include <optional>

namespace signet::smime {

// Decodes while reading. Lenient: characters that do not belong there are passed over, as every mail program
// does. Borrows `encoded`.
class TransferReader final : public Reader {
  public:
    TransferReader(Reader& encoded, TransferEncoding encoding);
    ~TransferReader() override;
    TransferReader(const TransferReader&) = delete;
    TransferReader& operator=(const TransferReader&) = delete;
    Result<std::size_t> read(std::span<char> buffer) override;

  private:
    class QuotedPrintable;
    Result<std::size_t> read_base64(std::span<char> buffer);
    Result<std::size_t> decode_base64(std::span<char> buffer);
    Result<std::size_t> read_quoted(std::span<char> buffer);
    std::size_t take(std::span<char> buffer);

    Reader& m_encoded;
    std::optional<Base64Decoder> m_base64;
    std::unique_ptr<QuotedPrintable> m_quoted;
    Block m_input;
    std::string m_decoded;
    std::string_view m_rest;  // of m_decoded
};

}  // namespace signet::smime
