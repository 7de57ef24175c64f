#include "tests/support/rsa_keys.h"

#include "base/whole_file.h"
#include "x509/openssl.h"

#include <filesystem>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>

namespace signet::test {
namespace {

constexpr std::size_t kept_of_each_size = 8;
constexpr std::size_t longest_key = 1 << 16;  // octets of DER

std::shared_ptr<EVP_PKEY> make_key(std::size_t bits) {
    std::shared_ptr<EVP_PKEY> key(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", bits), EVP_PKEY_free);
    if (!key) {
        throw std::runtime_error(x509::openssl_error("EVP_PKEY_Q_keygen").detail);
    }
    return key;
}

std::shared_ptr<EVP_PKEY> kept_key(const std::filesystem::path& path) {
    const auto der = signet::read_file(path, longest_key);
    if (!der) {
        return nullptr;
    }
    const unsigned char* position = as_bytes(*der).data();
    return {d2i_AutoPrivateKey(nullptr, &position, static_cast<long>(der->size())), EVP_PKEY_free};
}

// Another process may make this one too: the last stays, and no process gets both.
void keep_key(EVP_PKEY* key, const std::filesystem::path& path) {
    unsigned char* encoded = nullptr;
    const int size = i2d_PrivateKey(key, &encoded);
    const x509::OpensslOctets owner(encoded);
    if (size <= 0 || !replace_file(path, ByteView(encoded, encoded + size), Durability::may_be_lost)) {
        throw std::runtime_error("cannot keep " + path.string());
    }
}

std::size_t next_of_size(std::size_t bits) {
    static std::mutex mutex;
    static std::map<std::size_t, std::size_t> given;
    const std::lock_guard lock(mutex);
    return given[bits]++;
}

}  // namespace

std::shared_ptr<EVP_PKEY> new_rsa_key(std::size_t bits) {
    const std::size_t number = next_of_size(bits);
    if (number >= kept_of_each_size) {
        return make_key(bits);
    }
    const auto path = std::filesystem::path(SIGNET_TEST_RSA_KEYS) /
                      (std::to_string(bits) + "-" + std::to_string(number) + ".der");
    auto key = kept_key(path);
    if (!key) {
        key = make_key(bits);
        keep_key(key.get(), path);
    }
    return key;
}

}  // namespace signet::test
