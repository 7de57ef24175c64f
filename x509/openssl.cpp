#include "x509/openssl.h"

#include <openssl/err.h>

#include <array>
#include <utility>

namespace signet::x509 {

Error openssl_error(std::string operation, ErrorCode code) {
    Error error{.code = code, .operation = std::move(operation), .detail = {}};
    while (const unsigned long entry = ERR_get_error()) {
        std::array<char, 256> text{};
        ERR_error_string_n(entry, text.data(), text.size());
        if (!error.detail.empty()) {
            error.detail += "; ";
        }
        error.detail += text.data();
        error.native_code = static_cast<std::int64_t>(entry);
    }
    if (error.detail.empty()) {
        error.detail = "OpenSSL gave no reason";
    }
    return error;
}

BioPointer memory_reader(ByteView octets) {
    BioPointer bio(BIO_new_mem_buf(octets.data(), static_cast<int>(octets.size())));
    if (bio) {
        BIO_set_mem_eof_return(bio.get(), 0);
    }
    return bio;
}

ByteView memory_content(BIO* bio) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    return {reinterpret_cast<const std::uint8_t*>(data), size > 0 ? static_cast<std::size_t>(size) : 0};
}

}  // namespace signet::x509
