#pragma once

#include "smime/mime.h"
#include "smime/stream.h"

#include <memory>

namespace signet::smime {

// Decodes while reading. Lenient as decode_transfer() is. Borrows `encoded`.
class TransferReader final : public Reader {
  public:
    TransferReader(Reader& encoded, TransferEncoding encoding);
    ~TransferReader() override;
    TransferReader(const TransferReader&) = delete;
    TransferReader& operator=(const TransferReader&) = delete;
    Result<std::size_t> read(std::span<char> buffer) override;

  private:
    class Decoder;
    Reader& m_encoded;
    std::unique_ptr<Decoder> m_decoder;  // null where nothing is encoded
    std::string m_input;
    std::string m_decoded;
    std::string_view m_rest;  // of m_decoded
};

}  // namespace signet::smime
