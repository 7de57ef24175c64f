#include "host/unpack.h"

#include "base/file_descriptor.h"
#include "base/process.h"
#include "base/whole_file.h"
#include "x509/openssl.h"
#include "x509/pkcs12.h"

#include <openssl/provider.h>

#include <array>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <optional>
#include <string_view>

namespace signet::host {
namespace {

using ProviderPointer = x509::Pointer<OSSL_PROVIDER, OSSL_PROVIDER_unload>;

struct Descriptors {
    FileDescriptor file;
    FileDescriptor password;
    FileDescriptor key;
    FileDescriptor certificates;
};

std::optional<Descriptors> parse(std::string_view text) {
    constexpr int first_inherited = 3;
    std::array<int, 4> numbers{};
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        const std::string_view part = text.substr(0, text.find(','));
        const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), numbers.at(i));
        const bool last = i + 1 == numbers.size();
        if (error != std::errc() || end != part.data() + part.size() || numbers.at(i) < first_inherited ||
            last != (part.size() == text.size())) {
            return std::nullopt;
        }
        text.remove_prefix(last ? part.size() : part.size() + 1);
    }
    return Descriptors{.file = FileDescriptor(numbers[0]),
                       .password = FileDescriptor(numbers[1]),
                       .key = FileDescriptor(numbers[2]),
                       .certificates = FileDescriptor(numbers[3])};
}

Result<void> unpack(Descriptors& descriptors) {
    SIGNET_TRY(const Secret password, Secret::read_from(descriptors.password));
    SIGNET_TRY(const std::string file, read_whole(descriptors.file, x509::max_pkcs12_size, "PKCS#12 file"));
    SIGNET_TRY(const auto content, x509::unpack_pkcs12(as_bytes(file), password));
    SIGNET_CHECK(write_all(descriptors.key.get(), as_text(content.private_key.expose()), "private key"));
    descriptors.key.close();
    for (const x509::Certificate& certificate : content.certificates) {
        SIGNET_CHECK(write_all(descriptors.certificates.get(), as_text(certificate.der()), "certificates"));
    }
    return {};
}

}  // namespace

int unpack_pkcs12(int count, char** arguments) {
    auto descriptors = count == 3 ? parse(arguments[2]) : std::nullopt;
    if (!descriptors) {
        std::fprintf(stderr, "signet-token: %s wants four inherited descriptors\n", unpack_option);
        return unpack_usage;
    }
    harden_process();
    std::signal(SIGPIPE, SIG_IGN);
    // Old files are encrypted with RC2 of 40 bits. Loading one provider unloads the usual one unless it is
    // named.
    const ProviderPointer legacy(OSSL_PROVIDER_load(nullptr, "legacy"));
    const ProviderPointer usual(OSSL_PROVIDER_load(nullptr, "default"));
    const auto unpacked = unpack(*descriptors);
    if (unpacked) {
        return 0;
    }
    std::fprintf(stderr, "signet-token: %s\n", unpacked.error().detail.c_str());
    return unpacked.error().code == ErrorCode::not_allowed ? unpack_wrong_password : unpack_failed;
}

}  // namespace signet::host
