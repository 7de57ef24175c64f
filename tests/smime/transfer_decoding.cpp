#include "tests/smime/transfer_decoding.h"

#include <gmime/gmime.h>

namespace signet::smime::test {

std::string decode_transfer(std::string_view body, TransferEncoding encoding) {
    GMimeEncoding state;
    g_mime_encoding_init_decode(&state, encoding == TransferEncoding::base64
                                            ? GMIME_CONTENT_ENCODING_BASE64
                                            : GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE);
    std::string result(g_mime_encoding_outlen(&state, body.size()), '\0');
    result.resize(g_mime_encoding_step(&state, body.data(), body.size(), result.data()));
    return result;
}

}  // namespace signet::smime::test
